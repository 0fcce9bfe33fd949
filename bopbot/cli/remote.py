"""``bopbot choreograph --server``: have a server make the dance."""

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

LOCAL = ("server", "video", "output", "report", "quiet", "json")
"""Options that are not sent to the server."""
SERVER_NAMES = {"lm": "language_model"}
"""Names in the server's API that differ from the option's."""


def server_options(ctx: typer.Context) -> tuple[DancerOptions, TakeOptions]:
    """Return the options of the command line as a server's; raises BadParameter for one that a server does not have."""
    dancer, take = dict[str, object](), dict[str, object]()
    flags = dict[str, str]()
    for option in ctx.command.params:
        name = str(option.name)
        source = ctx.get_parameter_source(name)
        if name in LOCAL or source is None or source.name != "COMMANDLINE":
            continue
        field = SERVER_NAMES.get(name, name)
        flags[field] = max(option.opts, key=len)
        if field not in {**DancerOptions.model_fields, **TakeOptions.model_fields}:
            raise typer.BadParameter(
                "a server does not have this option; leave it out, or leave --server out", param_hint=flags[field]
            )
        (dancer if field in DancerOptions.model_fields else take)[field] = ctx.params[name]
    try:
        return DancerOptions.model_validate(dancer), TakeOptions.model_validate(take)
    except ValidationError as error:
        wrong = error.errors()[0]
        raise typer.BadParameter(
            f"with --server this {wrong['msg'].lower().removeprefix('input ')}, got {wrong['input']}",
            param_hint=flags[str(wrong["loc"][0])],
        ) from error


def choreograph_at(
    url: str, video: Path, output: Path, dancer: DancerOptions, options: TakeOptions, progress: Progress
) -> Report:
    """Have a server make a new dance, and download it; the job is deleted there in any case.

    Raises
    ------
    BopBotError : the server cannot be reached or refuses, or the dance cannot be made.
    VideoError, OutputError : the video cannot be read, or the dance cannot be written.
    """
    if output.suffix.lower() != ".mp4":
        raise OutputError(
            f"cannot write {output}: with --server only .mp4 can be written; name a .mp4, or leave --server out"
        )
    check_writable(output)
    check_distinct(output, video)
    client = Client(url)
    told = of_stage(progress, "uploading")
    job_id = client.send(video, dancer.model_dump(), options.model_dump(), told=told)["id"]
    with _deleted_at_the_end(client, job_id):
        client.wait(job_id, 1, progress)
        made = _report(client, job_id)
        client.fetch(job_id, 1, "dance.mp4", output)
    dances = tuple(replace(dance, output=str(output)) for dance in made.dances)
    return replace(made, video=str(video), output=str(output), dances=dances)


def _report(client: Client, job_id: str) -> Report:
    try:
        return TypeAdapter(Report).validate_python(client.report(job_id))
    except ValidationError as error:
        raise BopBotError(
            "the server has another version and its report has other fields; upgrade the older one"
        ) from error


@contextmanager
def _deleted_at_the_end(client: Client, job_id: str) -> Iterator[None]:
    try:
        yield
    finally:
        try:
            client.delete(job_id)
        except BopBotError as error:
            complain(f"the video stays on the server until it expires: {error}")
