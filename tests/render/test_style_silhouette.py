from pathlib import Path

import numpy as np
import pytest
from builders import standing_px
from numpy.typing import NDArray

from pose_vocab.formats.bvh.load import load_bvh
from pose_vocab.resampling import resample
from pose_vocab.skeletons import DANCER
from render.shapes import Image
from render.stage.layout import lay_out
from render.stage.stage import StagedClip
from render.styles import STYLES
from render.styles.silhouette import Silhouette
from render.theme import THEMES

JOINTS = standing_px(1).keypoints[0] - np.array([300, 500], np.float32)
HANDS_AND_FEET = ("nose", "left_wrist", "right_wrist", "left_toe", "right_toe")


def covered(joints: NDArray[np.float32], depth: NDArray[np.float32] | None = None, body: float = 100.0) -> Image:
    """How much of each pixel of a transparent picture one figure covers, 0..255; all has the colour of the body."""
    picture = np.zeros((440, 400, 4), np.uint8)
    ground = np.full((1, 2), np.nan, np.float32)
    distance = None if depth is None else depth[None]
    clip = StagedClip(joints[None], distance, np.array([body], np.float32), ground, 20.0)
    (figure,) = Silhouette(THEMES["light"]).figures(clip)
    figure.paint(picture)
    solid = picture[..., 3] == 255
    assert (picture[solid][:, :3] == THEMES["light"].body).all()
    return picture[..., 3]


def width(cover: Image, y: float) -> int:
    """Of the figure in a row."""
    columns = np.flatnonzero(cover[round(y)] > 127)
    return int(columns[-1] - columns[0] + 1)


def test_every_joint_lies_in_the_body() -> None:
    cover = covered(JOINTS)
    for name, (x, y) in zip(DANCER.joint_names, JOINTS, strict=True):
        assert cover[round(float(y)), round(float(x))] == 255, name


def test_hands_reach_beyond_the_wrists() -> None:
    cover = covered(JOINTS)
    x, y = JOINTS[DANCER.index("left_wrist")] + (1, 15)
    assert cover[round(float(y)), round(float(x))] == 255


def test_a_waist_is_narrower_than_chest_and_hips() -> None:
    torso = JOINTS.copy()
    torso[[DANCER.index(f"{side}_{joint}") for side in ("left", "right") for joint in ("elbow", "wrist")]] = np.nan
    cover = covered(torso)
    chest, waist, hips = (width(cover, JOINTS[DANCER.index("neck"), 1] + share * 100) for share in (0.25, 0.58, 0.95))
    assert waist < 0.85 * chest
    assert waist < 0.85 * hips


@pytest.mark.parametrize("towards", [-1, 1])
def test_a_dancer_from_the_side_is_slim_and_shows_nose_and_seat(towards: int) -> None:
    """Shoulders and hips in depth alone; the nose points to one side, the seat to the other."""
    joints = JOINTS.copy()
    joints[:, 0] = 200
    joints[DANCER.index("nose"), 0] += towards * 28
    depth = np.zeros(DANCER.n_joints, np.float32)
    for pair, half in (("shoulder", 33), ("hip", 19)):
        depth[DANCER.index(f"left_{pair}")], depth[DANCER.index(f"right_{pair}")] = half * towards, -half * towards
    cover = covered(joints, depth)
    flat = covered(joints)
    assert np.mean((cover > 127) != (flat > 127)) < 0.002
    neck = JOINTS[DANCER.index("neck"), 1]
    assert width(cover, neck + 27) < 0.6 * width(covered(JOINTS), neck + 27)
    seat = np.flatnonzero(cover[round(float(neck) + 97)] > 127).mean()
    assert towards * (seat - 200) < -0.5
    tip = np.flatnonzero(cover[round(float(joints[DANCER.index("nose"), 1]))] > 127)
    assert max(towards * (tip - 200)) > 26


@pytest.mark.parametrize("joint", HANDS_AND_FEET)
def test_what_a_missing_joint_belongs_to_vanishes_and_nothing_else(joint: str) -> None:
    torn = JOINTS.copy()
    torn[DANCER.index(joint)] = np.nan
    whole, rest = covered(JOINTS), covered(torn)
    differing = np.argwhere(whole != rest)[:, ::-1]
    assert len(differing) > 50
    assert np.linalg.norm(differing - JOINTS[DANCER.index(joint)], axis=1).max() < 95
    assert (rest[whole == 0] > 127).sum() < 100


def test_nobody_is_nothing() -> None:
    assert not covered(np.full_like(JOINTS, np.nan)).any()


@pytest.mark.parametrize("body", [10.0, 1000.0])
def test_any_size(body: float) -> None:
    neck = JOINTS[DANCER.index("neck")]
    cover = covered((JOINTS - neck) * np.float32(body / 100) + neck, body=body)
    x, y = np.rint(neck).astype(int)
    assert cover[y + round(0.3 * body), x] == 255


@pytest.mark.parametrize("yaw_deg", [0.0, 90.0])
@pytest.mark.parametrize("flat", [False, True])
def test_it_is_the_shadow_of_the_mannequin(data: Path, yaw_deg: float, flat: bool) -> None:
    clip = resample(load_bvh(data / "mocap" / "60_12_scaled.bvh"), 20)[:200:8]
    (dancer,) = lay_out([clip], 480, 480, yaw_deg).dancers
    if flat:
        dancer = StagedClip(dancer.joints, None, dancer.body, dancer.ground, dancer.fps)
    shares = []
    for figures in zip(
        Silhouette(THEMES["light"]).figures(dancer), STYLES["mannequin"](THEMES["studio"]).figures(dancer), strict=True
    ):
        masks = []
        for figure in figures:
            picture = np.zeros((480, 480, 4), np.uint8)
            figure.paint(picture)
            masks.append(picture[..., 3] > 127)
        shares.append((masks[0] & masks[1]).sum() / (masks[0] | masks[1]).sum())
    assert np.mean(shares) > 0.88
    assert min(shares) > 0.8
