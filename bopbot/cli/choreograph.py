"""``bopbot choreograph``: a dance video in, new choreography out."""

from pathlib import Path
from typing import Annotated

import typer

from bopbot.cli.console import say, showing_progress
from bopbot.cli.options import (
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
        Path | None, typer.Option(help="A trained model; without one, the moves are learned from the video.")
    ] = None,
    seconds: Seconds = 15.0,
    seed: Seed = 0,
    temperature: Temperature = 1.0,
    top_k: TopK = 8,
    top_p: TopP = 0.9,
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
        sampling=Sampling(seconds, seed, temperature, top_k or None, top_p),
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
        done = choreography.choreograph(video, output, wish, model, pose_model, progress)
    if report is not None:
        done.save(report)
    if json:
        say(done.to_json())
    elif not quiet:
        say(*done.lines())
