"""``bopbot choreograph --server``: the same dance, made elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import typer
from pydantic import TypeAdapter, ValidationError

from bopbot.choreography.report import Report
from bopbot.cli.console import complain
from bopbot.progress import Progress, of_stage
from bopbot.service.client import Client
from bopbot.service.options import DancerOptions, TakeOptions
from pose_vocab.errors import BopBotError, OutputError
from pose_vocab.files import check_distinct, check_writable

OURS = ("server", "video", "output", "report", "quiet", "json")
"""Options of which a server need not know."""
CALLED = {"lm": "language_model"}
"""Options that have another name there."""


def server_options(ctx: typer.Context) -> tuple[DancerOptions, TakeOptions]:
    """What the options that were given ask of a server; raises BadParameter for one that it does not have."""
    dancer, take = dict[str, object](), dict[str, object]()
    flags = dict[str, str]()
    for option in ctx.command.params:
        name = str(option.name)
        source = ctx.get_parameter_source(name)
        if name in OURS or source is None or source.name != "COMMANDLINE":
            continue
        field = CALLED.get(name, name)
        flags[field] = max(option.opts, key=len)
        if field not in {**DancerOptions.model_fields, **TakeOptions.model_fields}:
            raise typer.BadParameter("a server does not do this; leave it out, or --server", param_hint=flags[field])
        (dancer if field in DancerOptions.model_fields else take)[field] = ctx.params[name]
    try:
        return DancerOptions.model_validate(dancer), TakeOptions.model_validate(take)
    except ValidationError as error:
        wrong = error.errors()[0]
        raise typer.BadParameter(
            f"at a server this {wrong['msg'].lower().removeprefix('input ')}, got {wrong['input']}",
            param_hint=flags[str(wrong["loc"][0])],
        ) from error


def choreograph_at(
    url: str, video: Path, output: Path, dancer: DancerOptions, options: TakeOptions, progress: Progress
) -> Report:
    """Have a server make a new dance, and fetch it. Nothing stays there, however this ends.

    Raises
    ------
    BopBotError : the server cannot be reached, or says no, or the dance cannot be made, in the words of the server.
    VideoError, OutputError : the video cannot be read, or the dance not be written.
    """
    if output.suffix.lower() != ".mp4":
        raise OutputError(f"cannot write {output}: a server makes .mp4; name such a file")
    check_writable(output)
    check_distinct(output, video)
    client = Client(url)
    told = of_stage(progress, "uploading")
    job_id = client.send(video, dancer.model_dump(), options.model_dump(), told=told)["id"]
    with _forgotten_at_the_end(client, job_id):
        client.wait(job_id, 1, progress)
        made = _report(client, job_id)
        client.fetch(job_id, 1, "dance.mp4", output)
    dances = tuple(replace(dance, output=str(output)) for dance in made.dances)
    return replace(made, video=str(video), output=str(output), dances=dances)


def _report(client: Client, job_id: str) -> Report:
    try:
        return TypeAdapter(Report).validate_python(client.report(job_id))
    except ValidationError as error:
        raise BopBotError("the server is of another version, its report has other fields; upgrade the older") from error


@contextmanager
def _forgotten_at_the_end(client: Client, job_id: str) -> Iterator[None]:
    try:
        yield
    finally:
        try:
            client.delete(job_id)
        except BopBotError as error:
            complain(f"the video stays on the server until it expires: {error}")
