"""From landmarks around the hips, in metres, to a dancer who travels: the path of the hips is added."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pose_vocab.extraction.detected_people import People
from pose_vocab.skeletons import MEDIAPIPE

HIPS = [MEDIAPIPE.index("left_hip"), MEDIAPIPE.index("right_hip")]


def world_keypoints(person: People, picture_px: tuple[int, int]) -> NDArray[np.float32]:
    """The landmarks of one person over time in metres, float32 (pictures, 33, 3).

    x is 0 in the middle of the picture and y at its lower edge. MediaPipe's world landmarks are
    centred on the hips; the path of the hips across the picture is added in x and y, and in z they
    stay at 0. A metre has the same number of pixels in the whole clip, so who comes nearer grows no
    taller, but seems to sink.

    Parameters
    ----------
    person : one person in several pictures.
    picture_px : width and height of the picture.
    """
    width, height = picture_px
    hips_px = person.keypoints[:, HIPS].mean(axis=1)  # (pictures, 2)
    hips_m = (hips_px - (width / 2, height)) * (1, -1) / pixels_per_metre(person)
    lifted = person.world.copy()
    lifted[..., :2] += hips_m[:, None].astype(np.float32)
    return lifted


def pixels_per_metre(person: People) -> float:
    """How large a metre is in the picture where the person stands: the median over the pictures.

    In each it is how far the landmarks spread in the picture over how far they spread in the world,
    as seen from the front, both weighted by visibility.
    """
    return float(np.median(_spreads(person.keypoints, person) / _spreads(person.world[..., :2], person)))


def _spreads(points: NDArray[np.float32], person: People) -> NDArray[np.float32]:
    weights = person.visibility[..., None] / person.visibility.sum(axis=1)[:, None, None]
    middle = (weights * points).sum(axis=1, keepdims=True)
    return np.asarray(np.sqrt((weights * (points - middle) ** 2).sum(axis=(1, 2))))
