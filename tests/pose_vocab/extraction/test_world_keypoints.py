import numpy as np
import pytest

from pose_vocab.extraction.detected_people import LANDMARKS, People
from pose_vocab.extraction.world_keypoints import HIPS, pixels_per_metre, world_keypoints

PX_PER_M = 200
PICTURE_PX = (640, 480)


def seen_from_the_front(hips_px: np.ndarray) -> People:
    """One body, with its hips at these places of the picture, (pictures, 2)."""
    world = np.random.default_rng(1).uniform(-1, 1, (LANDMARKS, 3))
    world[HIPS] = [(0.1, 0, 0), (-0.1, 0, 0)]
    in_picture = world[:, :2] * (PX_PER_M, -PX_PER_M) + hips_px[:, None]
    n = len(hips_px)
    return People(
        in_picture.astype(np.float32),
        np.ones((n, LANDMARKS), np.float32),
        np.repeat(world[None], n, axis=0).astype(np.float32),
    )


def test_the_hips_travel_as_they_do_in_the_picture() -> None:
    # In the middle above the lower edge; a metre to the right; half a metre up from there.
    person = seen_from_the_front(np.array([(320, 280), (520, 280), (520, 180)]))
    assert pixels_per_metre(person) == pytest.approx(PX_PER_M)
    lifted = world_keypoints(person, PICTURE_PX)
    assert lifted.dtype == np.float32
    assert lifted[:, HIPS].mean(axis=1) == pytest.approx(np.array([(0, 1, 0), (1, 1, 0), (1, 1.5, 0)]), abs=1e-5)


def test_the_body_keeps_its_shape() -> None:
    person = seen_from_the_front(np.array([(320, 280), (100, 400)]))
    lifted = world_keypoints(person, PICTURE_PX)
    assert lifted - lifted[:, HIPS].mean(axis=1, keepdims=True) == pytest.approx(person.world, abs=1e-5)


def test_a_landmark_that_is_not_visible_does_not_change_the_scale() -> None:
    person = seen_from_the_front(np.array([(320, 280)]))
    person.keypoints[0, 30] += 5000
    person.visibility[0, 30] = 0
    assert pixels_per_metre(person) == pytest.approx(PX_PER_M)
