"""``bopbot generate``: words without a video, as a pose file."""

from pathlib import Path
from typing import Annotated

import typer

from bopbot.cli.console import say, showing_progress
from bopbot.cli.options import Energy, LanguageModel, Quiet, Seconds, Seed, Temperature, TopK, TopP


def generate(
    output: Annotated[Path, typer.Option("-o", "--output", help="The pose file (.npz) to write.")],
    model: Annotated[Path | None, typer.Option(help="A trained model; by default the starter.")] = None,
    lm: LanguageModel = "gpt2",
    seconds: Seconds = 15.0,
    seed: Seed = 0,
    energy: Energy = 1.0,
    temperature: Temperature = 1.0,
    top_k: TopK = None,
    top_p: TopP = None,
    quiet: Quiet = False,
) -> None:
    """Let a model dance from nothing; see the result with: bopbot render."""
    from bopbot.choreography.generation import Sampling, dance_from_scratch
    from bopbot.dance_model import STARTER, DanceModel
    from pose_vocab.sequence import check_pose_path

    check_pose_path(output)
    with showing_progress(quiet) as progress:
        sampling = Sampling(seconds, seed, temperature, top_k, top_p, energy)
        poses = dance_from_scratch(DanceModel.load(model or STARTER), lm, sampling, progress)
    poses.save(output)
    if not quiet:
        say(f"{output} ({poses.duration_s:g} s)")
