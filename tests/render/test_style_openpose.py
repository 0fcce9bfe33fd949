import numpy as np
import pytest
from builders import STANDING
from numpy.typing import NDArray

from pose_vocab.skeletons import DANCER
from render.shapes import Image
from render.stage.stage import StagedClip
from render.styles.openpose import OpenPose
from render.theme import THEMES

BODY_PX = 100.0
WRISTS_AND_ANKLES = {
    "right_wrist": (170, 255, 0), "left_wrist": (0, 255, 85),
    "right_ankle": (0, 170, 255), "left_ankle": (85, 0, 255),
}  # fmt: skip


def facing(turned_px: float = 0.0, *, behind: bool = False) -> NDArray[np.float32]:
    """A dancer's joints in pixels; the nose points so far aside."""
    body = np.array([STANDING[name] for name in DANCER.joint_names], np.float32)
    joints = np.array([200, 220]) + body * [BODY_PX * (-1 if behind else 1), -BODY_PX]
    joints[DANCER.index("nose"), 0] += turned_px
    return joints.astype(np.float32)


def drawn(joints: NDArray[np.float32], body: float = BODY_PX, depth: NDArray[np.float32] | None = None) -> Image:
    """One figure on black."""
    picture = np.zeros((440, 400, 3), np.uint8)
    ground = np.full((1, 2), np.nan, np.float32)
    distance = None if depth is None else depth[None]
    clip = StagedClip(joints[None], distance, np.array([body], np.float32), ground, 20.0)
    (figure,) = OpenPose(THEMES["dark"]).figures(clip)
    figure.paint(picture)
    return picture


def at(picture: Image, point: NDArray[np.floating]) -> tuple[int, ...]:
    x, y = np.rint(point).astype(int)
    return tuple(picture[y, x].tolist())


@pytest.mark.parametrize(("joint", "colour"), WRISTS_AND_ANKLES.items())
def test_a_joint_carries_its_colour(joint: str, colour: tuple[int, int, int]) -> None:
    joints = facing()
    assert at(drawn(joints), joints[DANCER.index(joint)]) == colour


def test_a_limb_is_seen_through() -> None:
    """60 percent of (255, 255, 0) on black."""
    joints = facing()
    middle = (joints[DANCER.index("right_elbow")] + joints[DANCER.index("right_wrist")]) / 2
    assert at(drawn(joints), middle) == (153, 153, 0)


def face(joints: NDArray[np.float32], depth: NDArray[np.float32] | None = None) -> set[tuple[int, ...]]:
    """The colours around the nose."""
    x, y = joints[DANCER.index("nose")].astype(int)
    window = drawn(joints, depth=depth)[y - 30 : y + 5, x - 40 : x + 40]
    return set(map(tuple, window.reshape(-1, 3).tolist()))


EYES_AND_EARS = {
    "right eye": (170, 0, 255),
    "left eye": (255, 0, 255),
    "right ear": (255, 0, 170),
    "left ear": (255, 0, 85),
}


@pytest.mark.parametrize(
    ("joints", "seen"),
    [
        (facing(), {"right eye", "left eye", "right ear", "left ear"}),
        (facing(60.0), {"right eye", "right ear"}),
        (facing(-60.0), {"left eye", "left ear"}),
        (facing(behind=True), set()),
    ],
    ids=["front", "to the right of the picture", "to the left of the picture", "behind"],
)
def test_the_face_turns_with_the_nose(joints: NDArray[np.float32], seen: set[str]) -> None:
    colours = face(joints)
    assert {name for name, colour in EYES_AND_EARS.items() if colour in colours} == seen


@pytest.mark.parametrize(("nose_depth_px", "seen"), [(-30, 4), (30, 0)], ids=["nearer", "farther"])
def test_depth_says_whether_the_face_is_seen(nose_depth_px: float, seen: int) -> None:
    depth = np.zeros(DANCER.n_joints, np.float32)
    depth[DANCER.index("nose")] = nose_depth_px
    colours = face(facing(), depth)
    assert len(colours & set(EYES_AND_EARS.values())) == seen


def test_a_missing_wrist_takes_forearm_and_dot() -> None:
    joints = facing()
    forearm = [joints[DANCER.index(name)].copy() for name in ("right_wrist", "right_elbow")]
    joints[DANCER.index("right_wrist")] = np.nan
    picture = drawn(joints)
    assert at(picture, forearm[0]) == (0, 0, 0)
    assert at(picture, sum(forearm) / 2) == (0, 0, 0)
    assert at(picture, forearm[1]) == (255, 255, 0)


def test_a_limb_towards_the_viewer_is_no_wider_than_others() -> None:
    joints = facing()
    elbow = joints[DANCER.index("right_elbow")]
    pictures = []
    for reach in (0.0, 0.5, 30.0):
        joints[DANCER.index("right_wrist")] = elbow + np.array([reach, 0])
        pictures.append(drawn(joints)[int(elbow[1]), : int(elbow[0]) + 1])
    for picture in pictures:
        assert (picture > 0).any(axis=1).sum() <= 8


@pytest.mark.parametrize("body", [10.0, 1000.0])
def test_any_size(body: float) -> None:
    joints = (facing() - [200, 220]) * np.float32(body / BODY_PX) + [200, 220]
    assert at(drawn(joints.astype(np.float32), body), joints[DANCER.index("right_hip")]) == (0, 255, 170)
