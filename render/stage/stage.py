"""The stage: where the dancers are in the picture, and the floor below them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from render.stage.floor import Floor


@dataclass(frozen=True, eq=False)
class StagedClip:
    """One dancer in the coordinates of the picture.

    Parameters
    ----------
    joints : float32 (frames, 16, 2) in pixels, on the dancer skeleton; NaN where missing.
    depth : float32 (frames, 16) in pixels, larger is farther; None where the clip has none.
    body : float32 (frames,), the length of the torso in pixels.
    ground : float32 (frames, 2), the point on the floor below the hips; NaN where unknown.
    fps : frames per second.
    begin_s : time of the first frame.
    person : the dancer's number, from 0; the copies that a formation makes of a dancer share one.
    """

    joints: NDArray[np.float32]
    depth: NDArray[np.float32] | None
    body: NDArray[np.float32]
    ground: NDArray[np.float32]
    fps: float
    begin_s: float = 0.0
    person: int = 0

    def __len__(self) -> int:
        return len(self.joints)

    def __getitem__(self, frames: slice | NDArray[np.intp]) -> StagedClip:
        depth = None if self.depth is None else self.depth[frames]
        return replace(
            self, joints=self.joints[frames], depth=depth, body=self.body[frames], ground=self.ground[frames]
        )


@dataclass(frozen=True, eq=False)
class Stage:
    """The dancers and the floor of one picture.

    Parameters
    ----------
    dancers : all with the same number of frames.
    floor : the floor in perspective; None where no foot is seen.
    camera_moved : (frames, 2), how far the camera has moved over the floor, across the picture and towards the viewer,
        in torso lengths.
    """

    dancers: tuple[StagedClip, ...]
    floor: Floor | None
    camera_moved: NDArray[np.float64]

    @property
    def body(self) -> float:
        """Return the median length of a torso in pixels."""
        return float(np.median([np.median(dancer.body) for dancer in self.dancers]))

    @property
    def back_row(self) -> float | None:
        """Return the highest row of the picture on which a dancer stands; None where no foot is seen."""
        rows = np.concatenate([dancer.ground[:, 1] for dancer in self.dancers])
        rows = rows[np.isfinite(rows)]
        return float(rows.min()) if len(rows) else None
