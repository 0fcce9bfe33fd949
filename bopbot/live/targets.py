"""The targets of a live dance, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from bopbot.live.frames import Frame
from bopbot.live.json_lines import JsonLines
from bopbot.live.osc import Osc
from bopbot.live.osc_flat import OscFlat
from bopbot.live.vmc import Vmc
from bopbot.live.window import Window
from pose_vocab.errors import OutputError


class Target(Protocol):
    """A receiver of live frames."""

    def show(self, frame: Frame) -> bool:
        """Show one frame now; return False when the target has been closed."""
        ...

    def close(self) -> None:
        """Release the target's resources."""
        ...


TARGETS: dict[str, Callable[[str, str], Target]] = {
    "window": Window.open,
    "json": JsonLines.open,
    "osc": Osc.open,
    "osc-flat": OscFlat.open,
    "vmc": Vmc.open,
}
"""Functions that open a target, given the text after its name and a colon, and the drawing style."""
USAGE = "window, json, osc:HOST:PORT, osc-flat:HOST:PORT or vmc:HOST:PORT"


@contextmanager
def open_target(target: str, style: str = "stick") -> Iterator[Target]:
    """Open a target for the duration of a with block.

    Parameters
    ----------
    target : `window`, `json` (lines on the standard output), `osc:HOST:PORT`, `osc-flat:HOST:PORT` or `vmc:HOST`
        with or without `:PORT`.
    style : of a window, a name in `render.styles.STYLES`.

    Raises
    ------
    OutputError : an unknown target, a malformed address, or no display for a window.
    """
    name, _, address = target.partition(":")
    if name not in TARGETS:
        raise OutputError(f"unknown live target {target!r}; choose {USAGE}")
    opened = TARGETS[name](address, style)
    try:
        yield opened
    finally:
        opened.close()
