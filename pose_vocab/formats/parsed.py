"""The content of a pose file as its format states it, before anything is interpreted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.skeletons import Skeleton


class Space(Enum):
    """What the coordinates of a file are.

    The unit, and in 3D the axis that points up, follow from the bodies unless the file states them.
    """

    PIXELS = "pixels"
    """Two coordinates in a picture that are stated to be pixels, x to the right, y down."""
    PICTURE = "picture"
    """Two coordinates in a picture, x to the right: pixels, or fractions of the picture."""
    WORLD = "world"
    """Three coordinates in space."""
    LANDMARKS = "landmarks"
    """Three values, which are either in space, or in the picture with a depth that has no unit."""


@dataclass(frozen=True, eq=False)
class Parsed:
    """The rows of a file, one row per person and frame, in the file's own units, axes and times.

    Parameters
    ----------
    points : (rows, joints, 2|3), NaN where the file has no value. A frame that shows nobody is a row of NaN.
    skeleton : the joints' names; a rig or a set of markers has the names of its file.
    space : what the coordinates are.
    confidence : (rows, joints), or None if the file states none.
    frames : int (rows,), the file's own frame numbers, from any number and in any step.
    times : (rows,), timestamps in ticks, or None. Without `frames` they alone place the rows in time.
    ticks_per_s : ticks of `times` per second; None if the file does not say.
    ids : int (rows,), the file's person ids; None unless every row with somebody has one.
    fps : frames per second that the file states, or None.
    size_px : width and height of the picture that the file states, or None.
    metres_per_unit : the unit if the file states it; None: it follows from the bodies.
    usual_units : units of most files of this format, which need no notice.
    up : the axis that points up (``"y"``, ``"-y"``, ``"z"``, ...) if the file states it; None: it follows
        from the bodies.
    expected_up : the axis that points up in most files of this format, which needs no notice.
    has_missing : whether points at the origin and negative ones are missing; rigs have none missing.
    notices : how the content was understood, one line each.

    Rows without `frames` and `times` are successive frames.
    """

    points: NDArray[np.floating[Any]]
    skeleton: Skeleton
    space: Space
    confidence: NDArray[np.floating[Any]] | None = None
    frames: NDArray[np.intp] | None = None
    times: NDArray[np.float64] | None = None
    ticks_per_s: float | None = None
    ids: NDArray[np.intp] | None = None
    fps: float | None = None
    size_px: tuple[int, int] | None = None
    metres_per_unit: float | None = None
    usual_units: tuple[str, ...] = ("metres",)
    up: str | None = None
    expected_up: str = "y"
    has_missing: bool = True
    notices: tuple[str, ...] = ()
