"""A part of a dance, chosen by its time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pose_vocab.errors import PoseError
from pose_vocab.sequence import PoseSequence


@dataclass(frozen=True)
class Excerpt:
    """Some seconds of a dance; by default all of it.

    Parameters
    ----------
    begin_s : where it begins, in seconds from the first frame.
    seconds : how long it is; None for up to the end.
    """

    begin_s: float = 0.0
    seconds: float | None = None

    def check(self, people: Sequence[PoseSequence], path: Path) -> None:
        """Raise PoseError where the people of a file do not dance for all of these seconds."""
        duration_s = max(poses.duration_s for poses in people)
        end_s = self.begin_s if self.seconds is None else self.begin_s + self.seconds
        if self.begin_s >= duration_s or end_s > duration_s + 0.5 / people[0].fps:
            asked = f"--begin {self.begin_s:g}" + (f" --seconds {self.seconds:g}" if self.seconds is not None else "")
            lasts = f"{path} lasts {math.floor(duration_s * 100) / 100:g} s"
            raise PoseError(f"{lasts}, and {asked} goes beyond its end; choose a part within it")

    def first_frame(self, fps: float) -> int:
        """Return the index of its first frame in a sequence of this frame rate."""
        return round(self.begin_s * fps)

    def of(self, poses: PoseSequence) -> PoseSequence:
        """Return these seconds of a sequence; its time begins at 0. One frame at least, where the sequence has one."""
        first = min(self.first_frame(poses.fps), max(len(poses) - 1, 0))
        stop = len(poses) if self.seconds is None else first + max(round(self.seconds * poses.fps), 1)
        return replace(poses[first:stop], begin_s=0.0)
