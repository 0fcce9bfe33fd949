"""The command line: it parses, calls, and says in one line what went wrong."""

import typer

from bopbot.cli import choreograph, extract, generate, render, train, vocab

app = typer.Typer(
    help="BopBot, the AI dancer: a dance video in, new choreography out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(choreograph.choreograph)
app.command()(extract.extract)
app.command()(train.train)
app.command()(generate.generate)
app.command()(render.render)
app.add_typer(vocab.app, name="vocab")
