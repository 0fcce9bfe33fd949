"""Live dances: words generated as they are needed, shown in a window or sent to other programs."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from bopbot.live.frames import pose_frames
from bopbot.live.playing import play
from bopbot.live.targets import open_target
from pose_vocab.sequence import PoseSequence


def play_live(
    people: Sequence[PoseSequence],
    fps: float,
    target: str,
    style: str = "stick",
    *,
    loop: bool = False,
) -> None:
    """Play poses in real time, until they end, the target is closed, or Ctrl-C is pressed.

    Parameters
    ----------
    people, fps, loop : see `bopbot.live.frames.pose_frames`.
    target, style : see `bopbot.live.targets.open_target`.

    Raises
    ------
    OutputError : an unknown target, or one that cannot be reached.
    NobodyDancingError, PoseError : the poses cannot be normalized together; see `bopbot.live.frames.pose_frames`.
    """
    with suppress(KeyboardInterrupt), open_target(target, style) as opened:
        play(pose_frames(people, fps, loop), opened)
