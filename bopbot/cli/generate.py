"""``bopbot generate``: words without a video, as a pose file."""

from pathlib import Path
from typing import Annotated

import typer

from bopbot.cli.console import say, showing_progress
from bopbot.cli.options import Quiet, Seconds, Seed, Temperature, TopK, TopP


def generate(
    model: Annotated[Path, typer.Option(help="A trained model.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The pose file (.npz) to write.")],
    seconds: Seconds = 15.0,
    seed: Seed = 0,
    temperature: Temperature = 1.0,
    top_k: TopK = 8,
    top_p: TopP = 0.9,
    quiet: Quiet = False,
) -> None:
    """Let a model dance from nothing; see the result with: bopbot render."""
    from bopbot.dance_model import DanceModel
    from bopbot.generation import Sampling, dance_from_scratch
    from pose_vocab.sequence import check_pose_path

    check_pose_path(output)
    with showing_progress(quiet) as progress:
        sampling = Sampling(seconds, seed, temperature, top_k or None, top_p)
        poses = dance_from_scratch(DanceModel.load(model), sampling, progress)
    poses.save(output)
    if not quiet:
        say(f"{output} ({poses.duration_s:g} s)")
