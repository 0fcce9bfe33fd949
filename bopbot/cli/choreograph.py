"""``bopbot choreograph``: read a dance and write new choreography."""

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
    video: Annotated[
        Path,
        typer.Argument(help="The dance to continue: a video that shows a dancer from head to foot, or a pose file."),
    ],
    output: DanceOutput,
    *,
    model: Annotated[
        Path | None, typer.Option(help="The folder of a trained model; by default the included starter.")
    ] = None,
    lm: Dancers = "gpt2",
    no_adapt: Annotated[
        bool, typer.Option("--no-adapt", help="Use the model as it is, without fine-tuning it to this dancer.")
    ] = False,
    adapt_on: Annotated[
        list[Path] | None, typer.Option(help="More dances of the same dancer for fine-tuning: a file or a folder.")
    ] = None,
    save_model: Annotated[
        Path | None, typer.Option(help="Save the fine-tuned model to this folder, for --model.")
    ] = None,
    from_scratch: Annotated[
        bool, typer.Option("--from-scratch", help="Start a new dance instead of continuing where the dancer stops.")
    ] = False,
    keep: Annotated[
        str | None, typer.Option(help="Seconds of the source to keep, for example 0-4,12-16; the rest is generated.")
    ] = None,
    takes: Annotated[
        int,
        typer.Option(
            min=1,
            max=100,
            help="How many dances to make; the best one is OUTPUT, the others are numbered. A .glb holds all of them.",
        ),
    ] = 1,
    sampling: SamplingOptions,
    own: Annotated[
        float,
        typer.Option(
            min=0, max=1, help="How much to use the dancer's own words: 0 none, 0.5 as learned, 1 only these."
        ),
    ] = 0.5,
    mirror: Annotated[bool, typer.Option("--mirror", help="Mirror the new dance.")] = False,
    max_copied: Annotated[
        float, typer.Option(min=0, max=1, help="Generate again if a larger fraction of the seconds is copied.")
    ] = 0.5,
    seconds: Seconds = 15.0,
    dancer: Annotated[int, typer.Option(min=1, help="Which dancer: 1 is the one longest in view.")] = 1,
    style: Style = "stick",
    layout: Layout = "dance",
    audio: Annotated[bool, typer.Option("--audio", help="Include the video's sound.")] = False,
    music: Annotated[
        Path | None, typer.Option(help="Put the dance on the beat of this sound or video file, and include its sound.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Write a report with the words of the dance to this JSON file.")
    ] = None,
    pose_model: PoseModelOptions,
    cleaning: CleaningOptions,
    pose_files: PoseFileOptions,
    server: Annotated[
        str | None,
        typer.Option(help="Use the BopBot server at this URL; it deletes the video and the dance afterwards."),
    ] = None,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Read a dance from a VIDEO or a pose file and write new choreography."""
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
            raise typer.BadParameter(
                "only one sound can be included; leave --audio or --music out", param_hint="--music"
            )
        if music is not None and keep is not None:
            raise typer.BadParameter(
                "kept seconds cannot be put on a beat; leave --keep or --music out", param_hint="--music"
            )
        if keep is not None and (from_scratch or mirror):
            raise typer.BadParameter(
                "kept seconds are not changed; leave --from-scratch and --mirror out", param_hint="--keep"
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
