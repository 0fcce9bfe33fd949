"""The command line: it parses, calls, and says in one line what went wrong."""

import typer

from bopbot.cli import vocab
from bopbot.cli.choreograph import choreograph
from bopbot.cli.convert import convert
from bopbot.cli.evaluate import evaluate
from bopbot.cli.extract import extract
from bopbot.cli.generate import generate
from bopbot.cli.live import live
from bopbot.cli.render import render
from bopbot.cli.serve import serve, worker
from bopbot.cli.train import train

app = typer.Typer(
    help="BopBot, the AI dancer: a dance video in, new choreography out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(choreograph)
app.command()(extract)
app.command()(train)
app.command()(generate)
app.command()(live)
app.command()(render)
app.command()(convert)
app.command()(evaluate)
app.command()(serve)
app.command()(worker)
app.add_typer(vocab.app, name="vocab")
