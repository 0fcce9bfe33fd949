import numpy as np
import pytest
from builders import standing_px
from numpy.typing import NDArray

from pose_vocab.skeletons import DANCER
from render.renderer import DanceRenderer
from render.scenery import Scenery
from render.shapes import Image
from render.stage.stage import StagedClip
from render.styles.overlay import MIDDLES, RIM, Overlay
from render.theme import THEMES

JOINTS = standing_px(1).keypoints[0] - np.array([300, 500], np.float32)
GREEN = (40, 160, 60)


def drawn(joints: NDArray[np.float32], theme: str = "transparent", body: float = 100.0) -> Image:
    """One figure on green."""
    picture = np.full((440, 400, 3), GREEN, np.uint8)
    ground = np.full((1, 2), np.nan, np.float32)
    clip = StagedClip(joints[None], None, np.array([body], np.float32), ground, 20.0)
    (figure,) = Overlay(THEMES[theme]).figures(clip)
    figure.paint(picture)
    return picture


def at(picture: Image, point: NDArray[np.floating]) -> tuple[int, ...]:
    x, y = np.rint(point).astype(int)
    return tuple(picture[y, x].tolist())


@pytest.mark.parametrize("theme", ["light", "dark", "transparent"])
@pytest.mark.parametrize("joint", DANCER.joint_names)
def test_a_joint_carries_the_colour_of_its_side(joint: str, theme: str) -> None:
    colours = {"left": THEMES[theme].left, "right": THEMES[theme].right}
    assert at(drawn(JOINTS, theme), JOINTS[DANCER.index(joint)]) == colours.get(joint.split("_")[0], MIDDLES[0])


def test_bones_are_thin_and_have_dark_rims() -> None:
    """The left forearm crosses this row: 5.6 pixels and a rim of 1 pixel on each side."""
    elbow, wrist = (JOINTS[DANCER.index(f"left_{joint}")] for joint in ("elbow", "wrist"))
    x, y = np.rint((elbow + wrist) / 2).astype(int)
    row = drawn(JOINTS)[y, x - 10 : x + 11].astype(int)
    painted = np.flatnonzero((row != GREEN).any(axis=1))
    assert 7 <= len(painted) <= 10
    assert (row[painted] == THEMES["transparent"].left).all(axis=1).sum() >= 4
    assert np.abs(row[painted] - RIM).max(axis=1).min() < 40


def test_the_bone_between_the_hips_is_of_no_side() -> None:
    assert at(drawn(JOINTS), JOINTS[[DANCER.index("left_hip"), DANCER.index("right_hip")]].mean(axis=0)) == MIDDLES[0]


def test_a_missing_joint_takes_its_bones() -> None:
    joints = JOINTS.copy()
    elbow = DANCER.index("left_elbow")
    joints[elbow] = np.nan
    picture = drawn(joints)
    for other in ("left_shoulder", "left_wrist"):
        assert at(picture, (JOINTS[elbow] + JOINTS[DANCER.index(other)]) / 2) == GREEN
        assert at(picture, JOINTS[DANCER.index(other)]) == THEMES["transparent"].left


def test_a_small_dancer_keeps_dots() -> None:
    joints = (JOINTS - [200, 200]) * np.float32(0.1) + [200, 200]
    assert at(drawn(joints.astype(np.float32), body=10.0), joints[DANCER.index("nose")]) == MIDDLES[0]


def test_on_filmed_pictures_joints_stay_where_they_are() -> None:
    clip = standing_px(2)
    filmed = [np.full((1000, 800, 3), GREEN, np.uint8)] * 2
    renderer = DanceRenderer("overlay", 800, 1000, scenery=Scenery(shadow=False))
    for picture in renderer.frames(clip, over=filmed):
        assert picture.shape == (1000, 800, 3)
        assert at(picture, clip.keypoints[0, DANCER.index("left_wrist")]) == THEMES["transparent"].left
        assert at(picture, np.array([10, 10])) == GREEN
    assert (filmed[0] == GREEN).all()
