"""The one scale and shift that put a 2D dance into a picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MARGIN = 0.09
"""Share of the picture's shorter side that stays free on every side of the joints, for head, hands and shoes."""
EXTENT_PERCENTILES = (1, 99)
"""Of the outermost joints over the frames: one false keypoint must not shrink the dancer."""


@dataclass(frozen=True)
class Viewport:
    """The one scale and shift that put a 2D clip into a picture.

    Nothing here looks at a single frame to place it: a crouch stays a crouch and a jump a jump.

    Parameters
    ----------
    scale : picture pixels a clip pixel.
    shift : (x, y) in picture pixels, added after scaling.
    """

    scale: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)

    @classmethod
    def fit(cls, points: NDArray[np.float32], width: int, height: int) -> Viewport:
        """Fit the points of a whole clip, (frames, joints, 2), into a picture; centred, standing low."""
        seen = points[np.isfinite(points).all(axis=2).any(axis=1)]
        if not len(seen):
            return cls()
        low = np.percentile(np.fmin.reduce(seen, axis=1), EXTENT_PERCENTILES[0], axis=0)
        high = np.percentile(np.fmax.reduce(seen, axis=1), EXTENT_PERCENTILES[1], axis=0)
        extent = np.maximum(high - low, 1.0)
        free = MARGIN * min(width, height)
        # The head ends above the nose, which is the highest joint there is.
        available = np.array([width - 2 * free, height - 3 * free])
        scale = float(np.min(available / extent))
        left_over = available - extent * scale
        x = free + left_over[0] / 2 - low[0] * scale
        y = 2 * free + left_over[1] * 0.7 - low[1] * scale
        return cls(scale, (float(x), float(y)))

    def apply(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Points (..., 2) of the clip in the picture."""
        return points * np.float32(self.scale) + np.array(self.shift, np.float32)
