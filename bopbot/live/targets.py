"""Where a live dance goes: the table of targets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from bopbot.live.frames import Frame
from bopbot.live.json_lines import JsonLines
from bopbot.live.osc import Osc
from bopbot.live.window import Window
from pose_vocab.errors import OutputError


class Target(Protocol):
    """Somebody or something that looks on."""

    def show(self, frame: Frame) -> bool:
        """Show one frame now; False when nobody looks any more."""
        ...

    def close(self) -> None:
        """Let go of what the target holds."""
        ...


TARGETS: dict[str, Callable[[str, str], Target]] = {"window": Window.open, "json": JsonLines.open, "osc": Osc.open}
"""How each target is opened: with what stands behind its name and a colon, and the style that dancers are drawn in."""
USAGE = "window, json or osc:HOST:PORT"


@contextmanager
def open_target(wanted: str, style: str = "stick") -> Iterator[Target]:
    """The target of that name, until the block ends.

    Parameters
    ----------
    wanted : `window`, `json` (lines on the standard output) or `osc:HOST:PORT`.
    style : of a window, a name in `render.styles.STYLES`.

    Raises
    ------
    OutputError : an unknown target, an address that is none, or a window where nothing can show one.
    """
    name, _, address = wanted.partition(":")
    if name not in TARGETS:
        raise OutputError(f"there is no live target {wanted!r}; there are {USAGE}")
    target = TARGETS[name](address, style)
    try:
        yield target
    finally:
        target.close()
