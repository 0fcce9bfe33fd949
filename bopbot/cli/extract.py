"""``bopbot extract``: extract poses from videos."""

from pathlib import Path
from typing import Annotated

import typer

from bopbot.cli.console import say, say_table, showing_progress
from bopbot.cli.options import Json, PoseModel, Quiet


def extract(
    videos: Annotated[list[Path], typer.Argument(help="Videos of dancers.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder for the pose files.")],
    dancer: Annotated[
        str, typer.Option(help="Which dancer: 1 is the one longest in view; all writes one file for each.")
    ] = "1",
    world: Annotated[
        bool, typer.Option("--world", help="Write 3D poses in metres instead of 2D poses in pixels.")
    ] = False,
    fps: Annotated[float, typer.Option(min=1, max=120, help="Poses a second.")] = 20.0,
    pose_model: PoseModel = None,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Find the dancer in every frame of VIDEOS and write the poses; finished videos are skipped."""
    import json as json_module
    from dataclasses import asdict

    from bopbot.inputs.batch_extraction import Request, extract_many

    if dancer != "all" and not (dancer.isdigit() and int(dancer) > 0):
        raise typer.BadParameter(f"expected 1, 2, ... or all, got {dancer!r}", param_hint="--dancer")
    request = Request(fps, world, None if dancer == "all" else int(dancer), pose_model)
    with showing_progress(quiet or json) as progress:
        outcomes = extract_many(videos, output, request, progress)
    failed = [outcome for outcome in outcomes if outcome.status == "failed"]
    if json:
        say(json_module.dumps([asdict(outcome) for outcome in outcomes], indent=1, default=str))
    elif not quiet:
        for outcome in outcomes:
            if outcome.status != "failed":
                say(f"{outcome.video}: {outcome.status}, {outcome.detail}")
    if failed:
        say_table(f"{len(failed)} of {len(outcomes)} videos failed", [(str(bad.video), bad.detail) for bad in failed])
        raise typer.Exit(1)
