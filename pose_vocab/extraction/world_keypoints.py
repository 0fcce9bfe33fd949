"""World landmarks in metres, with the path of the hips added so that the dancer travels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pose_vocab.extraction.detected_people import People
from pose_vocab.skeletons import MEDIAPIPE

HIPS = [MEDIAPIPE.index("left_hip"), MEDIAPIPE.index("right_hip")]


def world_keypoints(person: People, frame_px: tuple[int, int]) -> NDArray[np.float32]:
    """Return the landmarks of one person over time in metres, float32 (frames, 33, 3).

    x is 0 in the middle of the picture and y at its lower edge. MediaPipe's world landmarks are centred on
    the hips; the path of the hips across the picture is added in x and y, and stays 0 in z. The scale,
    pixels per metre, is constant over the clip, so a dancer who comes closer does not grow but appears to
    sink.

    Parameters
    ----------
    person : one person in several frames.
    frame_px : width and height of a frame in pixels.
    """
    width, height = frame_px
    hips_px = person.keypoints[:, HIPS].mean(axis=1)  # (frames, 2)
    hips_m = (hips_px - (width / 2, height)) * (1, -1) / pixels_per_metre(person)
    keypoints = person.world.copy()
    keypoints[..., :2] += hips_m[:, None].astype(np.float32)
    return keypoints


def pixels_per_metre(person: People) -> float:
    """Return the scale of the picture at the person's distance: the median over the frames.

    In each frame it is the spread of the landmarks in the picture over their spread in the world, seen from
    the front, both weighted by visibility.
    """
    return float(np.median(_spreads(person.keypoints, person) / _spreads(person.world[..., :2], person)))


def _spreads(points: NDArray[np.float32], person: People) -> NDArray[np.float32]:
    """Return the visibility-weighted standard deviation of the points, (frames,)."""
    weights = person.visibility[..., None] / person.visibility.sum(axis=1)[:, None, None]
    middle = (weights * points).sum(axis=1, keepdims=True)
    return np.asarray(np.sqrt((weights * (points - middle) ** 2).sum(axis=(1, 2))))
