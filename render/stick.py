"""The clean style: a pictogram of a dancer, left in orange and right in blue, on a quiet stage."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pose_vocab.skeletons import DANCER
from render.body import HIPS, NECK, NOSE, SHOULDERS, head_centre, paint_order
from render.shapes import Colour, Image, bar, disc, ellipse, fill, rounded_hulls, stage_picture, tapered

# Vermillion and blue of M. Okabe and K. Ito's palette (2008): told apart with any kind of colour vision.
LEFT: Colour = (213, 94, 0)
RIGHT: Colour = (0, 114, 178)
BODY: Colour = (46, 52, 68)
HALO: Colour = (250, 248, 243)
WALL: tuple[Colour, Colour] = ((250, 248, 243), (238, 234, 226))
FLOOR: tuple[Colour, Colour] = ((224, 218, 207), (212, 205, 192))
SHADOW: Colour = (196, 188, 174)

# All sizes are in torso lengths.
HALO_WIDTH = 0.03
HEAD_RADIUS = 0.205
NOSE_RADIUS = 0.06
NOSE_SHARE = 1.1
"""Of the way from the middle of the head to the nose: seen from the side it shows where the dancer looks."""
TORSO_RADIUS = 0.085
NECK_RADIUS = 0.06
FLOOR_BEHIND = 0.3
SHADOW_SIZE = (0.6, 0.095)

_CHAINS = {
    "leg": (("hip", 0.115), ("knee", 0.085), ("ankle", 0.055), ("toe", 0.05)),
    "arm": (("shoulder", 0.095), ("elbow", 0.068), ("wrist", 0.058)),
}
_COLOURS = {f"{side}_{limb}": colour for limb in _CHAINS for side, colour in (("left", LEFT), ("right", RIGHT))}
_BONES = [
    (part, DANCER.index(f"{side}_{start}"), DANCER.index(f"{side}_{end}"), thick, thin)
    for part, (side, limb) in ((part, part.split("_")) for part in _COLOURS)
    for (start, thick), (end, thin) in zip(_CHAINS[limb], _CHAINS[limb][1:], strict=False)
]
_BONES_OF = {part: [i for i, bone in enumerate(_BONES) if bone[0] == part] for part in _COLOURS}
# Every bone twice: its rim, then itself.
_STARTS = np.array([bone[1] for bone in _BONES] * 2)
_ENDS = np.array([bone[2] for bone in _BONES] * 2)
_RIM = np.repeat([HALO_WIDTH, 0.0], len(_BONES))
_START_RADII = np.array([bone[3] for bone in _BONES] * 2) + _RIM
_END_RADII = np.array([bone[4] for bone in _BONES] * 2) + _RIM

_TORSO = [*SHOULDERS, *HIPS]
_SHOULDERS_SHARE, _HIPS_SHARE = 0.74, 0.92
"""The torso ends inside the joints, so that arms beside or behind it stay in sight."""
_INSET = np.array(
    [
        [(1 + _SHOULDERS_SHARE) / 2, (1 - _SHOULDERS_SHARE) / 2, 0, 0],
        [(1 - _SHOULDERS_SHARE) / 2, (1 + _SHOULDERS_SHARE) / 2, 0, 0],
        [0, 0, (1 + _HIPS_SHARE) / 2, (1 - _HIPS_SHARE) / 2],
        [0, 0, (1 - _HIPS_SHARE) / 2, (1 + _HIPS_SHARE) / 2],
    ],
    np.float32,
)


class Stick:
    """Draws a figure of weighted limbs with light rims that keep crossing limbs apart."""

    def backdrop(self, width: int, height: int, floor: float | None, body: float) -> Image:
        """The empty stage: a wall, and a floor that reaches behind the row `floor`; without, a wall alone."""
        edge = height if floor is None else floor - FLOOR_BEHIND * body
        return stage_picture(width, height, WALL, FLOOR, edge)

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
        seen = np.isfinite(joints[:, 0])
        points = np.where(seen[:, None], joints, 0)
        outlines = tapered(points[_STARTS], points[_ENDS], _START_RADII * body, _END_RADII * body)
        drawn = (seen[_STARTS] & seen[_ENDS]).tolist()
        for part in paint_order(joints, body, depth):
            if part == "torso":
                self._torso(image, joints, body)
            elif part == "head":
                self._head(image, joints, body)
            else:
                bones = [bone for bone in _BONES_OF[part] if drawn[bone]]
                for bone in bones:
                    fill(image, outlines[bone], HALO)
                for bone in bones:
                    fill(image, outlines[bone + len(_BONES)], _COLOURS[part])

    def _torso(self, image: Image, joints: NDArray[np.float32], body: float) -> None:
        corners = joints[_TORSO]
        seen = np.isfinite(corners[:, 0])
        if seen.all():
            corners = _INSET @ corners
        elif seen.sum() < 2:
            return
        rim, torso = rounded_hulls(corners[seen], [(TORSO_RADIUS + HALO_WIDTH) * body, TORSO_RADIUS * body])
        fill(image, rim, HALO)
        fill(image, torso, BODY)

    def _head(self, image: Image, joints: NDArray[np.float32], body: float) -> None:
        centre = head_centre(joints, body)
        if not np.isfinite(centre[0]):
            return
        disc(image, centre, (HEAD_RADIUS + HALO_WIDTH) * body, HALO)
        bar(image, joints[NECK], centre, NECK_RADIUS * body, BODY)
        disc(image, centre, HEAD_RADIUS * body, BODY)
        disc(image, centre + (joints[NOSE] - centre) * NOSE_SHARE, NOSE_RADIUS * body, BODY)
