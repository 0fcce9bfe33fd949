"""``bopbot generate``: generate a dance without a source."""

from pathlib import Path
from typing import Annotated

import typer

from bopbot.cli.console import complain, say, showing_progress
from bopbot.cli.option_groups import SamplingOptions, takes_option_groups
from bopbot.cli.options import DanceOutput, LanguageModel, Quiet, Seconds, Style


@takes_option_groups
def generate(
    output: DanceOutput,
    model: Annotated[Path | None, typer.Option(help="The folder of a trained model; by default the starter.")] = None,
    lm: LanguageModel = "gpt2",
    seconds: Seconds = 15.0,
    *,
    sampling: SamplingOptions,
    style: Style = "stick",
    quiet: Quiet = False,
) -> None:
    """Generate a dance with a model alone, without a dance to continue."""
    from bopbot.choreography.generation import dance_from_scratch
    from bopbot.dance_model import STARTER, DanceModel
    from bopbot.drawing.look import Look
    from bopbot.drawing.outputs import DANCES
    from bopbot.drawing.pose_drawing import check_drawing, draw
    from pose_vocab.resampling import resample

    look = Look(style)
    kind, _ = check_drawing(output, look, kinds=DANCES)
    with showing_progress(quiet) as progress:
        poses = dance_from_scratch(DanceModel.load(model or STARTER), lm, sampling.sampling(seconds), progress)
        if kind.is_drawn:
            poses = resample(poses, look.fps)
        notices = draw([poses], output, look, kinds=DANCES, progress=progress)
    if not quiet:
        for line in notices:
            complain(line)
        say(f"{output} ({seconds:g} s)")
