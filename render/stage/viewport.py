"""The scale and shift that fit a 2D dance into a picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MARGIN = 0.09
"""Free space beside and below the joints, for head, hands and shoes, as a share of the picture's shorter side."""
MARGINS_ABOVE = 2
"""Margins above the joints: the nose is the highest joint, and the head ends above it."""
SPACE_ABOVE = 0.7
"""The share of the height left over that is above the dancers, so that they stand low in the picture."""
EXTENT_PERCENTILES = (1, 99)
"""Percentiles over the frames of the outermost joints: one false keypoint must not shrink the dancer."""


@dataclass(frozen=True)
class Viewport:
    """One scale and one shift for all frames of a 2D clip: a crouch stays a crouch and a jump a jump.

    Parameters
    ----------
    scale : picture pixels per clip pixel.
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
        margin = MARGIN * min(width, height)
        available = np.array([width - 2 * margin, height - (MARGINS_ABOVE + 1) * margin])
        scale = float(np.min(available / extent))
        left_over = available - extent * scale
        x = margin + left_over[0] / 2 - low[0] * scale
        y = MARGINS_ABOVE * margin + left_over[1] * SPACE_ABOVE - low[1] * scale
        return cls(scale, (float(x), float(y)))

    def apply(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return points (..., 2) of the clip in picture pixels."""
        return points * np.float32(self.scale) + np.array(self.shift, np.float32)
