import numpy as np
from builders import STANDING
from hypothesis import given
from hypothesis import strategies as st

from pose_vocab.camera import Camera
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER
from render.stage.floor import DISTANCE, EYE_HEIGHT, Floor, grid_lines
from render.theme import THEMES

PICTURE = Floor.of_picture((320.0, 400.0), 100.0)


def seen_by_camera() -> tuple[Camera, Floor]:
    body = np.array([(*STANDING[name], 0.0) for name in DANCER.joint_names]) * 0.5
    camera = Camera.facing(PoseSequence.fully_seen(body[None], 20, DANCER), 0, 640, 480)
    return camera, Floor.of_camera(camera, np.array([0.1, -0.9, 0.2]), np.array([1.0, 0, 0]), 0.5)


def test_the_middle_and_a_step_aside_by_hand() -> None:
    assert np.allclose(PICTURE.project([[0, 0], [1, 0], [-2, 0]]), [[320, 400], [420, 400], [120, 400]])


def test_farther_back_is_smaller_and_nearer_to_the_horizon() -> None:
    # Twice as far from the camera everything is half as large: also the way down from the horizon.
    assert np.isclose(PICTURE.scale(-DISTANCE), 0.5)
    horizon = 400 - EYE_HEIGHT * 100
    assert np.allclose(PICTURE.project([1, -DISTANCE]), [320 + 50, (400 + horizon) / 2])


def test_behind_the_camera_nothing_is_seen() -> None:
    assert np.isnan(PICTURE.project([0, DISTANCE + 1])).all()


@given(st.floats(-8, 8), st.floats(-30, 8))
def test_find_is_the_inverse_of_see(across: float, towards: float) -> None:
    for floor in (PICTURE, seen_by_camera()[1]):
        pixels = floor.project([across, towards])
        if np.isfinite(pixels).all():
            assert np.allclose(floor.unproject(pixels), [across, towards], atol=1e-6)


@given(st.floats(-3, 3), st.floats(-3, 3))
def test_a_camera_sees_the_floor_as_it_sees_points(across: float, towards: float) -> None:
    camera, floor = seen_by_camera()
    point = np.array([0.1 + 0.5 * across, -0.9, 0.2 + 0.5 * towards])
    assert np.allclose(floor.project([across, towards]), camera.see(point), atol=1e-6)


def test_lines_lie_on_the_floor_a_torso_apart() -> None:
    lines = grid_lines(PICTURE, 350.0, 640, 480, THEMES["light"], np.zeros(2))
    starts, ends = PICTURE.unproject(lines[:, 1:3]), PICTURE.unproject(lines[:, 3:5])
    along = np.isclose(starts[:, 0], ends[:, 0], atol=1e-3)
    assert np.allclose(starts[along, 0], np.round(starts[along, 0]), atol=1e-3)
    assert np.allclose(starts[~along, 1], np.round(starts[~along, 1]), atol=1e-3)
    assert along.sum() > 5 < (~along).sum() + 5
    assert lines[:, [2, 4]].min() > 349


def test_lines_move_with_the_camera() -> None:
    still, moved = (grid_lines(PICTURE, 350.0, 640, 480, THEMES["light"], np.array([by, 0.0])) for by in (0.0, 0.25))
    columns = [PICTURE.unproject(lines[:, 1:3])[:, 0] % 1 for lines in (still, moved)]
    assert np.isclose(columns[1], 0.75, atol=1e-3).sum() > 5
    assert not np.isclose(columns[0], 0.75, atol=1e-3).any()
