"""What choreography asks of a motion, whether its frames are joints or pictures."""

from __future__ import annotations

from typing import Any, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Motion(Protocol):
    """Frames at a constant rate that can be cut, joined, moved over a floor and compared.

    `pose_vocab.normalization.Clip` is the motion of joints. Codecs, the motion graph, composition and copy detection
    use these members only.
    """

    @property
    def fps(self) -> float:
        """Frames per second."""
        ...

    @property
    def begin_s(self) -> float:
        """Time of the first frame in the source that the motion was cut from, in seconds."""
        ...

    @property
    def kind(self) -> str:
        """Name what the points are; only motions of one kind can be joined or compared."""
        ...

    @property
    def centred(self) -> Floats:
        """Return the points around the dancer's own centre, (frames, points, dims); NaN where unseen."""
        ...

    @property
    def grounded(self) -> Floats:
        """Return the points with their height above the floor, wherever on the floor they are."""
        ...

    @property
    def placed(self) -> Floats:
        """Return the points with their height and their place on the floor."""
        ...

    @property
    def floor_path(self) -> NDArray[np.float32]:
        """Return the dancer's place on the floor, (frames, axes of the floor)."""
        ...

    @property
    def values(self) -> Floats:
        """Return every number that changes from frame to frame, (frames, numbers); NaN where unseen."""
        ...

    def __len__(self) -> int:
        """Return the number of frames."""
        ...

    def __getitem__(self, frames: slice) -> Self:
        """Return some frames, also backwards in time."""
        ...

    def with_values(self, values: Floats) -> Self:
        """Return the same dancer with other `values`, of any number of frames."""
        ...

    def with_floor_path(self, path: NDArray[np.floating[Any]]) -> Self:
        """Return the same motion along another path on the floor."""
        ...

    def standing_like(self, other: Self) -> Self:
        """Return the same motion with the size and on the ground of `other`."""
        ...

    def mirrored(self) -> Self:
        """Return the motion as a mirror shows it."""
        ...

    def followed_by(self, *others: Self) -> Self:
        """Return this motion and others of its kind, one behind the other, with its own size and ground."""
        ...


M = TypeVar("M", bound=Motion)
"""One kind of motion."""
