import numpy as np
import pytest
from builders import STANDING, standing_px
from hypothesis import given, settings
from hypothesis import strategies as st

from pose_vocab.camera import Camera
from pose_vocab.errors import PoseError
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER, Skeleton

POINT = Skeleton("point", ("point",), (), ())
FRONT = Camera(position=(0, 1, 5), target=(0, 1, 0), focal_px=100, width=200, height=160)


def points(*xyz: tuple[float, float, float]) -> PoseSequence:
    return PoseSequence.fully_seen(np.array(xyz)[:, None], 20, POINT)


def standing_m(frames: int = 3, turn_deg: float = 0.0) -> PoseSequence:
    """A dancer in metres who faces +z, or is turned from there towards +x."""
    body = np.array([(*STANDING[name], 0.0) for name in DANCER.joint_names])
    sin, cos = np.sin(np.radians(turn_deg)), np.cos(np.radians(turn_deg))
    body = body @ np.array([[cos, 0, -sin], [0, 1, 0], [sin, 0, cos]])
    return PoseSequence.fully_seen(np.repeat(0.5 * body[None], frames, axis=0), 20, DANCER)


def test_a_pinhole_by_hand() -> None:
    # 5 m away a metre is 100 / 5 pixels, 4 m away 100 / 4; y points down in the picture.
    seen = FRONT.project(points((0, 1, 0), (1, 1, 0), (0, 2, 0), (1, 2, 1)))
    assert seen.keypoints[:, 0].tolist() == [[100, 80], [120, 80], [100, 60], [125, 55]]
    assert FRONT.depth(points((0, 1, 0), (1, 2, 1)))[:, 0].tolist() == [5, 4]


def test_what_is_behind_the_camera_is_missing() -> None:
    seen = FRONT.project(points((0, 1, 6), (0, 1, 5), (0, 1, 4)))
    assert seen.seen[:, 0].tolist() == [False, False, True]


def test_a_missing_joint_stays_missing() -> None:
    seen = FRONT.project(points((np.nan, 1, 0), (0, 1, 0)))
    assert seen.seen[:, 0].tolist() == [False, True]


def test_a_camera_must_stand_beside_its_target() -> None:
    for position in ((0, 1, 0), (0, 5, 0)):
        with pytest.raises(PoseError, match="move it to the side"):
            Camera(position, (0, 1, 0), 100, 200, 160)


def test_pixels_are_refused() -> None:
    with pytest.raises(PoseError, match="2D"):
        FRONT.project(standing_px())
    with pytest.raises(PoseError, match="2D"):
        Camera.facing(standing_px(), 0, 640, 480)


@pytest.mark.parametrize("turn_deg", [0, 70, 180, 250])
def test_yaw_counts_from_where_the_dancer_faces(turn_deg: float) -> None:
    poses = standing_m(turn_deg=turn_deg)

    def left_of_right(yaw_deg: float) -> float:
        seen = Camera.facing(poses, yaw_deg, 640, 480).project(poses)
        return float((seen.joint("left_shoulder") - seen.joint("right_shoulder"))[0, 0])

    # A dancer who faces us has the left shoulder on our right.
    assert left_of_right(0) > 50
    assert left_of_right(180) < -50
    assert abs(left_of_right(90)) < 1


def test_at_yaw_90_the_dancers_left_is_nearer() -> None:
    poses = standing_m()
    depth = Camera.facing(poses, 90, 640, 480).depth(poses)[0]
    assert depth[DANCER.index("left_shoulder")] < depth[DANCER.index("right_shoulder")] - 0.2


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(*[st.floats(-20, 20)] * 3), min_size=1, max_size=12),
    st.floats(-360, 360),
    st.sampled_from([(640, 480), (576, 1024), (100, 1000), (1000, 100)]),
)
def test_the_whole_path_stays_in_the_picture(
    path: list[tuple[float, float, float]], yaw_deg: float, size: tuple[int, int]
) -> None:
    poses = points(*path)
    seen = Camera.facing(poses, yaw_deg, *size).project(poses)
    assert seen.seen.all()
    margin = 0.05 * np.array(size)
    assert (seen.keypoints > margin).all()
    assert (seen.keypoints < np.array(size) - margin).all()


def test_a_clip_with_nobody_can_be_looked_at() -> None:
    nobody = PoseSequence.fully_seen(np.full((4, DANCER.n_joints, 3), np.nan), 20, DANCER)
    assert not Camera.facing(nobody, 0, 640, 480).project(nobody).seen.any()
