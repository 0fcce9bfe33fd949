"""The clean style: a pictogram of a dancer, left in orange and right in blue, on a quiet stage."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pose_vocab.skeletons import DANCER
from render.body import head_centre, paint_order
from render.shapes import Colour, Image, disc, ellipse, fill, rounded_hull, tapered

# Vermillion and blue of M. Okabe and K. Ito's palette (2008): told apart with any kind of colour vision.
LEFT: Colour = (213, 94, 0)
RIGHT: Colour = (0, 114, 178)
BODY: Colour = (46, 52, 68)
HALO: Colour = (250, 248, 243)
WALL_TOP: Colour = (250, 248, 243)
WALL_BOTTOM: Colour = (236, 232, 223)
FLOOR_BACK: Colour = (224, 218, 207)
FLOOR_FRONT: Colour = (212, 205, 192)
SHADOW: Colour = (196, 188, 174)

# All sizes are in torso lengths.
HALO_WIDTH = 0.03
HEAD_RADIUS = 0.205
NOSE_RADIUS = 0.06
NECK_RADIUS = 0.06
FLOOR_BEHIND = 0.3
SHADOW_SIZE = (0.6, 0.095)

_CHAINS = {
    "leg": (("hip", 0.13), ("knee", 0.085), ("ankle", 0.055), ("toe", 0.05)),
    "arm": (("shoulder", 0.095), ("elbow", 0.068), ("wrist", 0.058)),
}
_PARTS = [(f"{side}_{limb}", colour) for limb in _CHAINS for side, colour in (("left", LEFT), ("right", RIGHT))]
_BONES = [
    (part, DANCER.index(f"{side}_{start}"), DANCER.index(f"{side}_{end}"), thick, thin)
    for part, (side, limb) in ((name, name.split("_")) for name, _ in _PARTS)
    for (start, thick), (end, thin) in zip(_CHAINS[limb], _CHAINS[limb][1:], strict=False)
]
_STARTS = np.array([bone[1] for bone in _BONES])
_ENDS = np.array([bone[2] for bone in _BONES])
_START_RADII = np.array([bone[3] for bone in _BONES])
_END_RADII = np.array([bone[4] for bone in _BONES])
_BONES_OF = {name: [i for i, bone in enumerate(_BONES) if bone[0] == name] for name, _ in _PARTS}
_COLOUR_OF = dict(_PARTS)

_TORSO = np.array([DANCER.index(f"{side}_{part}") for part in ("shoulder", "hip") for side in ("left", "right")])
_TORSO_RADII = np.array([0.065, 0.065, 0.095, 0.095])
_TORSO_WIDTH = 0.78
"""The torso ends inside the joints, so that arms beside or behind it stay in sight."""
_NOSE, _NECK = DANCER.index("nose"), DANCER.index("neck")


class Stick:
    """Draws a figure of weighted limbs with light rims that keep crossing limbs apart."""

    def backdrop(self, width: int, height: int, floor: float | None, body: float) -> Image:
        """The empty stage: a wall, and a floor that the feet touch at the row `floor`; without, a wall alone."""
        rows = np.arange(height)[:, None]
        edge = height if floor is None else floor - FLOOR_BEHIND * body
        wall = _blend(WALL_TOP, WALL_BOTTOM, rows / height)
        ground = _blend(FLOOR_BACK, FLOOR_FRONT, (rows - edge) / max(height - edge, 1))
        column = wall + (ground - wall) * np.clip(rows - edge, 0, 1)
        return np.ascontiguousarray(np.broadcast_to(column[:, None].round().astype(np.uint8), (height, width, 3)))

    def shadow(self, image: Image, ground: NDArray[np.float32], body: float) -> None:
        """Darken the floor around the point `ground`, (2,) in pixels."""
        ellipse(image, ground, SHADOW_SIZE[0] * body, SHADOW_SIZE[1] * body, SHADOW)

    def draw(
        self, image: Image, joints: NDArray[np.float32], body: float, depth: NDArray[np.float32] | None = None
    ) -> None:
        """Draw one figure on `image`, in place; what a missing joint (NaN) belongs to is left out.

        Parameters
        ----------
        joints : (16, 2) in pixels, on the dancer skeleton.
        body : the torso's length in pixels over the whole clip; all sizes follow it.
        depth : (16,), larger is farther; it decides what covers what.
        """
        starts, ends = joints[_STARTS], joints[_ENDS]
        seen = np.isfinite(starts[:, 0] + ends[:, 0])
        starts, ends = np.nan_to_num(starts), np.nan_to_num(ends)
        rims = tapered(starts, ends, (_START_RADII + HALO_WIDTH) * body, (_END_RADII + HALO_WIDTH) * body)
        limbs = tapered(starts, ends, _START_RADII * body, _END_RADII * body)
        for part in paint_order(joints, body, depth):
            if part == "torso":
                self._torso(image, joints, body)
            elif part == "head":
                self._head(image, joints, body)
            else:
                bones = [bone for bone in _BONES_OF[part] if seen[bone]]
                for bone in bones:
                    fill(image, rims[bone], HALO)
                for bone in bones:
                    fill(image, limbs[bone], _COLOUR_OF[part])

    def _torso(self, image: Image, joints: NDArray[np.float32], body: float) -> None:
        centres = joints[_TORSO]
        seen = np.isfinite(centres[:, 0])
        pairs = centres.reshape(2, 2, 2)
        middles = pairs.mean(axis=1, keepdims=True)
        inset = np.where(np.isfinite(middles), middles + (pairs - middles) * _TORSO_WIDTH, pairs).reshape(4, 2)
        if seen.sum() >= 2:
            fill(image, rounded_hull(inset[seen], (_TORSO_RADII[seen] + HALO_WIDTH) * body), HALO)
            fill(image, rounded_hull(inset[seen], _TORSO_RADII[seen] * body), BODY)

    def _head(self, image: Image, joints: NDArray[np.float32], body: float) -> None:
        centre = head_centre(joints, body)
        if np.isfinite(centre).all():
            neck, nose = joints[_NECK], joints[_NOSE]
            disc(image, centre, (HEAD_RADIUS + HALO_WIDTH) * body, HALO)
            fill(image, rounded_hull(np.stack([neck, centre]), np.array([NECK_RADIUS, NECK_RADIUS]) * body), BODY)
            disc(image, centre, HEAD_RADIUS * body, BODY)
            disc(image, centre + (nose - centre) * 1.1, NOSE_RADIUS * body, BODY)


def _blend(first: Colour, second: Colour, share: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array(first) + (np.array(second) - np.array(first)) * np.clip(share, 0, 1)
