"""``bopbot live``: generate an endless dance for a window or other programs."""

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from bopbot.cli.option_groups import SamplingOptions, takes_option_groups
from bopbot.cli.options import LanguageModel, Style


@takes_option_groups
def live(
    to: Annotated[
        str,
        typer.Option(
            help="Where to show it: window, json (lines on stdout), osc:HOST:PORT, osc-flat:HOST:PORT or vmc:HOST:PORT."
        ),
    ] = "window",
    model: Annotated[Path | None, typer.Option(help="The folder of a trained model; by default the starter.")] = None,
    lm: LanguageModel = "gpt2",
    seconds: Annotated[
        float | None, typer.Option(min=0, help="Stop after this many seconds; by default never.")
    ] = None,
    *,
    sampling: SamplingOptions,
    fps: Annotated[int, typer.Option(min=1, max=240, help="Frames a second.")] = 30,
    style: Style = "stick",
) -> None:
    """Generate and show a dance in real time, until Ctrl-C."""
    from bopbot.live.playing import play
    from bopbot.live.targets import open_target

    with suppress(KeyboardInterrupt), open_target(to, style) as target:
        from bopbot.dance_model import STARTER, DanceModel
        from bopbot.live.dancing import endless_dance

        play(endless_dance(DanceModel.load(model or STARTER), lm, sampling.sampling(), fps), target, seconds)
