"""``bopbot choreograph``: a dance video in, new choreography out."""

from pathlib import Path
from typing import Annotated

import typer

from bopbot.cli.console import say, showing_progress
from bopbot.cli.options import (
    Dancers,
    Json,
    Layout,
    MaxGap,
    MinConfidence,
    PoseModel,
    Quiet,
    Seconds,
    Seed,
    Smoothing,
    Style,
    Temperature,
    TopK,
    TopP,
    cleaning,
)


def choreograph(
    video: Annotated[Path, typer.Argument(help="The dance to continue: a video of a dancer, head to foot.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The .mp4 to write.")],
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
    seconds: Seconds = 15.0,
    seed: Seed = 0,
    temperature: Temperature = 1.0,
    top_k: TopK = None,
    top_p: TopP = None,
    dancer: Annotated[int, typer.Option(min=1, help="Which dancer: 1 is the one most in the picture.")] = 1,
    style: Style = "stick",
    layout: Layout = "dance",
    audio: Annotated[bool, typer.Option("--audio", help="Take the video's sound along.")] = False,
    report: Annotated[Path | None, typer.Option(help="Write what was done, words included, as JSON.")] = None,
    pose_model: PoseModel = None,
    min_confidence: MinConfidence = 0.5,
    max_gap: MaxGap = 0.5,
    smoothing: Smoothing = 6.0,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Watch a dance VIDEO and answer with new choreography."""
    from bopbot import choreography
    from bopbot.generation import Sampling
    from pose_vocab.files import check_apart, check_writable

    wish = choreography.Wish(
        sampling=Sampling(seconds, seed, temperature, top_k, top_p),
        language_model=lm,
        adapt=not no_adapt,
        dancer=dancer,
        style=style,
        layout=layout,
        audio=audio,
        cleaning=cleaning(min_confidence, max_gap, smoothing),
    )
    if report is not None:
        check_writable(report)
        check_apart(report, video, output)
    with showing_progress(quiet or json) as progress:
        done = choreography.choreograph(
            video,
            output,
            wish,
            model,
            adapt_on=adapt_on or (),
            save_model=save_model,
            pose_model=pose_model,
            progress=progress,
        )
    if report is not None:
        done.save(report)
    if json:
        say(done.to_json())
    elif not quiet:
        say(*done.lines())
