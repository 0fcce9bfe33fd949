"""The mannequin: shaded limbs with clothes, a head with a face in front and hair behind.

Pose estimators recognize it: a dance drawn in this style is a test video with known joints.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pose_vocab.skeletons import DANCER
from render.body_solids import RoundCone, Vector, head_axes, lift_to_3d, part_axes, unit
from render.clothes import banded, palette, patterned, patterns, plain
from render.shapes import Image
from render.stage.stage import StagedClip
from render.theme import Theme

MIDDLE_OF_PIXEL = np.array([0.5, 0.5, 0.0])
"""Offset from the coordinates of shapes to those of rays, whose pixel centres are at 0.5."""

# All sizes are in torso lengths.
_LIMBS = (
    # start, end, radius at both; colour from the start on, share of the way, colour from there
    ("hip", "knee", 0.152, 0.1, "trousers", 1.0, "trousers"),
    ("knee", "ankle", 0.1, 0.062, "trousers", 0.93, "skin"),
    ("shoulder", "elbow", 0.105, 0.072, "shirt", 0.55, "skin"),
    ("elbow", "wrist", 0.072, 0.05, "skin", 1.0, "skin"),
)


class Mannequin:
    """Shaded round parts; clothes are the same in every theme, and the person's number chooses the shirt's colour."""

    default_theme = "studio"
    headroom = 0.0

    def __init__(self, theme: Theme) -> None:
        self._palette = palette(theme.person)

    def figures(self, dancer: StagedClip) -> Iterator[Solid]:
        """Yield one figure per frame; parts with missing joints are left out."""
        for k, joints in enumerate(dancer.joints):
            depth = None if dancer.depth is None else dancer.depth[k]
            yield Solid(joints, float(dancer.body[k]), depth, self._palette)


@dataclass(frozen=True, eq=False)
class Solid:
    """A figure made of round cones.

    Parameters
    ----------
    joints : (16, 2) in pixels, on the dancer skeleton.
    body : the torso's length in pixels; all sizes are proportional to it.
    depth : (16,) in pixels, larger is farther; None to estimate it from foreshortening.
    palette : float32 (colours, 3), of skin and clothes.
    """

    joints: NDArray[np.float32]
    body: float
    depth: NDArray[np.float32] | None
    palette: NDArray[np.float32]

    def paint(self, image: Image) -> None:
        """Draw the figure on `image`, in place."""
        from render.raycast import cast  # import late: it compiles, or loads machine code from the cache

        joints, body = lift_to_3d(self.joints, self.body, self.depth) + MIDDLE_OF_PIXEL, self.body
        at = dict(zip(DANCER.joint_names, joints, strict=True))
        parts = [*_torso(at, body), *_head(at, body)]
        for side in ("left", "right"):
            parts += _limbs(at, body, side) + _hand(at, body, side) + _foot(at, body, side)
        cast(image, parts, self.palette, patterns())


def _limbs(at: dict[str, Vector], body: float, side: str) -> list[RoundCone]:
    return [
        RoundCone(at[f"{side}_{start}"], at[f"{side}_{end}"], thick * body, thin * body, banded(first, share, second))
        for start, end, thick, thin, first, share, second in _LIMBS
    ]


def _hand(at: dict[str, Vector], body: float, side: str) -> list[RoundCone]:
    wrist = at[f"{side}_wrist"]
    ahead = unit(wrist - at[f"{side}_elbow"])
    inward = unit(at["neck"] - at[f"{side}_shoulder"])
    thumb = unit(inward - (inward @ ahead) * ahead)
    skin = plain("skin")
    knuckles = wrist + 0.1 * body * ahead
    return [
        RoundCone(wrist, knuckles, 0.048 * body, 0.058 * body, skin),
        RoundCone(knuckles, knuckles + 0.1 * body * ahead, 0.052 * body, 0.03 * body, skin),
        RoundCone(
            wrist + 0.03 * body * ahead, wrist + (0.1 * ahead + 0.07 * thumb) * body, 0.03 * body, 0.022 * body, skin
        ),
    ]


def _foot(at: dict[str, Vector], body: float, side: str) -> list[RoundCone]:
    ankle, toe = at[f"{side}_ankle"], at[f"{side}_toe"]
    forward, down = unit(toe - ankle), unit(ankle - at[f"{side}_knee"])
    heel = ankle + (0.1 * down - 0.06 * forward) * body
    return [
        RoundCone(ankle, heel, 0.06 * body, 0.065 * body, plain("shoe")),
        RoundCone(
            heel,
            toe + (0.02 * down - 0.03 * forward) * body,
            0.068 * body,
            0.055 * body,
            patterned("shoe", part_axes(forward, -down)),
        ),
    ]


def _torso(at: dict[str, Vector], body: float) -> list[RoundCone]:
    left, right = at["left_shoulder"], at["right_shoulder"]
    left_hip, right_hip = at["left_hip"], at["right_hip"]
    neck, hips = (left + right) / 2, (left_hip + right_hip) / 2
    if np.isnan(neck).any():
        return []
    shirt, trousers = plain("shirt"), plain("trousers")
    if np.isnan(hips).any():
        return [RoundCone(left, right, 0.1 * body, 0.1 * body, shirt)]
    chest, pelvis = part_axes(left - right, neck - hips), part_axes(left_hip - right_hip, neck - hips)
    up = chest[1] * np.linalg.norm(neck - hips)
    yoke = neck + 0.01 * up - 0.02 * body * chest[2]
    return [
        RoundCone(yoke, left, 0.12 * body, 0.1 * body, shirt),
        RoundCone(yoke, right, 0.12 * body, 0.1 * body, shirt),
        RoundCone(
            neck - 0.27 * up,
            neck - 0.62 * up,
            0.31 * body,
            0.22 * body,
            patterned("shirt front", chest),
            _flat(chest[2], 0.5),
        ),
        RoundCone(
            neck - 0.6 * up,
            hips + 0.08 * up,
            0.22 * body,
            0.3 * body,
            banded("shirt", 0.66, "trousers"),
            _flat(pelvis[2], 0.55),
        ),
        RoundCone(left_hip, right_hip, 0.15 * body, 0.15 * body, trousers),
        *(
            RoundCone(seat, seat - 0.06 * up, 0.15 * body, 0.14 * body, patterned("pocket", pelvis))
            for seat in (hip - 0.1 * body * pelvis[2] + 0.25 * (hips - hip) for hip in (left_hip, right_hip))
        ),
    ]


def _head(at: dict[str, Vector], body: float) -> list[RoundCone]:
    nose = at["nose"]
    axes = head_axes(at, body)
    left, up, forward = axes
    centre = nose + (0.02 * up - 0.215 * forward) * body
    skull = np.eye(3)
    skull = skull + _stretch(left, 0.225 / 0.155) + _stretch(forward, 0.225 / 0.195)
    throat = centre - (0.16 * up + 0.06 * forward) * body
    skin = plain("skin")
    return [
        RoundCone(centre, centre, 0.225 * body, 0.225 * body, patterned("face", axes), skull),
        RoundCone(
            nose + (-0.02 * forward - 0.03 * up) * body,
            nose + (-0.035 * forward + 0.02 * up) * body,
            0.035 * body,
            0.035 * body,
            skin,
        ),
        *(
            RoundCone(ear, ear, 0.045 * body, 0.045 * body, skin)
            for ear in (centre + 0.15 * body * left, centre - 0.15 * body * left)
        ),
        RoundCone(at["neck"], throat, 0.1 * body, 0.09 * body, skin),
    ]


def _flat(direction: Vector, share: float) -> NDArray[np.float64]:
    return np.eye(3) + _stretch(direction, 1 / share)


def _stretch(direction: Vector, factor: float) -> NDArray[np.float64]:
    return np.asarray((factor - 1) * np.outer(direction, direction))
