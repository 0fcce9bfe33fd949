"""``bopbot choreograph``: a dance video in, new choreography out."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bopbot.cli.console import say, showing_progress
from bopbot.cli.option_groups import (
    CleaningOptions,
    PoseFileOptions,
    PoseModelOptions,
    SamplingOptions,
    takes_option_groups,
)
from bopbot.cli.options import DanceOutput, Dancers, Json, Layout, Quiet, Seconds, Style

if TYPE_CHECKING:
    from bopbot.choreography.report import Report


@takes_option_groups
def choreograph(
    ctx: typer.Context,
    video: Annotated[Path, typer.Argument(help="The dance to continue: a video of a dancer, head to foot, or poses.")],
    output: DanceOutput,
    *,
    model: Annotated[
        Path | None, typer.Option(help="A trained model to begin with; by default the starter that comes along.")
    ] = None,
    lm: Dancers = "gpt2",
    no_adapt: Annotated[
        bool, typer.Option("--no-adapt", help="Dance as the model does, without learning from this dancer.")
    ] = False,
    adapt_on: Annotated[
        list[Path] | None, typer.Option(help="More clips of the same dancer to learn from: a file or a folder.")
    ] = None,
    save_model: Annotated[
        Path | None, typer.Option(help="Keep what was learned from this dancer, as a folder for --model.")
    ] = None,
    from_scratch: Annotated[
        bool, typer.Option("--from-scratch", help="Open anew, instead of going on where the dancer stops.")
    ] = False,
    keep: Annotated[
        str | None, typer.Option(help="Seconds of the video to keep, like 0-4,12-16; the rest becomes new.")
    ] = None,
    takes: Annotated[int, typer.Option(min=1, max=100, help="Make so many, and sort them: the best is OUTPUT.")] = 1,
    sampling: SamplingOptions,
    own: Annotated[
        float,
        typer.Option(min=0, max=1, help="From 0, others' words, over 0.5, as learned, to 1, only the dancer's own."),
    ] = 0.5,
    mirror: Annotated[bool, typer.Option("--mirror", help="Show the new dance as in a mirror.")] = False,
    max_copied: Annotated[
        float, typer.Option(min=0, max=1, help="Draw again while a larger share of the seconds is copied.")
    ] = 0.5,
    seconds: Seconds = 15.0,
    dancer: Annotated[int, typer.Option(min=1, help="Which dancer: 1 is the one most in the picture.")] = 1,
    style: Style = "stick",
    layout: Layout = "dance",
    audio: Annotated[bool, typer.Option("--audio", help="Take the video's sound along.")] = False,
    music: Annotated[
        Path | None, typer.Option(help="Dance on the beat of this sound or video file, and take its sound along.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Write what was done, words included, as JSON.")] = None,
    pose_model: PoseModelOptions,
    cleaning: CleaningOptions,
    pose_files: PoseFileOptions,
    server: Annotated[
        str | None, typer.Option(help="Have it made by the BopBot server at this URL, where nothing stays of it.")
    ] = None,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Watch a dance, in a VIDEO or in poses, and answer with new choreography."""
    from pose_vocab.files import check_distinct, check_writable

    make: Callable[..., Report]
    if server is not None:
        from bopbot.cli.remote import choreograph_at, server_options

        make = partial(choreograph_at, server, video, output, *server_options(ctx))
    else:
        from bopbot.choreography import pipeline
        from bopbot.choreography.inbetweening import parse_spans
        from bopbot.choreography.options import ChoreographyOptions, CompositionOptions

        if music is not None and audio:
            raise typer.BadParameter("only one sound can go along; leave --audio or --music out", param_hint="--music")
        if music is not None and keep is not None:
            raise typer.BadParameter(
                "kept seconds have their own time; leave --keep or --music out", param_hint="--music"
            )
        if keep is not None and (from_scratch or mirror):
            raise typer.BadParameter(
                "kept seconds stay as they are; leave --from-scratch and --mirror out", param_hint="--keep"
            )
        wish = ChoreographyOptions(
            sampling=sampling.sampling(seconds, own),
            composition=CompositionOptions(from_scratch, () if keep is None else parse_spans(keep), mirror, max_copied),
            takes=takes,
            language_model=lm,
            adapt=not no_adapt,
            dancer=dancer,
            style=style,
            layout=layout,
            audio=audio,
            music=music,
            cleaning=cleaning.cleaning(),
        )
        make = partial(
            pipeline.choreograph,
            video,
            output,
            wish,
            model,
            adapt_on=adapt_on or (),
            save_model=save_model,
            pose_input=pose_files.pose_input(pose_model.pose_model),
        )
    if report is not None:
        check_writable(report)
        check_distinct(report, video, output, *([] if music is None else [music]))
    with showing_progress(quiet or json) as progress:
        done = make(progress=progress)
    if report is not None:
        done.save(report)
    if json:
        say(done.to_json())
    elif not quiet:
        say(*done.lines())
