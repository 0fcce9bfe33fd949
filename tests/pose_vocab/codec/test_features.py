import numpy as np
import pytest
from builders import TORSO_PX, moved, random_walk_px, standing_px

from pose_vocab.codec.features import (
    HEIGHT_WEIGHT,
    HOMING_S,
    VELOCITY_WEIGHT_S,
    FeatureSpace,
    Pose2DFeatures,
    travel,
)
from pose_vocab.codec.features_3d import Pose3DFeatures, facing_rad, turn
from pose_vocab.errors import PoseError
from pose_vocab.normalization import Clip, normalize
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER


def in_space(flat: PoseSequence, yaw_rad: np.ndarray | float = 0.0) -> PoseSequence:
    """A flat dancer stood up in the room (metres), turned about the vertical axis through zero."""
    metres = np.concatenate([flat.keypoints * [0.005, -0.005], np.zeros((len(flat), 16, 1))], axis=2)
    metres -= metres[:, [8, 9]].mean(axis=1, keepdims=True) * [1, 0, 1]
    turned = turn(metres, np.broadcast_to(np.asarray(yaw_rad, float), (len(flat),)))
    return PoseSequence.fully_seen(turned, flat.fps, flat.skeleton)


def test_constant_speed_by_hand() -> None:
    """A tenth of a torso a frame at 20 fps is two torso lengths a second."""
    walking = moved(standing_px(frames=60), np.outer(np.arange(60), [TORSO_PX / 10, 0.0]))
    rows = Pose2DFeatures().transform(normalize(walking))
    assert rows.shape == (60, Pose2DFeatures().size) == (60, 34)
    assert rows[20:40, -2] == pytest.approx(2.0 * VELOCITY_WEIGHT_S, rel=1e-3)
    assert rows[:, -1] == pytest.approx(1.75 * HEIGHT_WEIGHT, abs=1e-4)
    assert rows[0, 2:4] == pytest.approx([0.0, 1.0], abs=1e-5)


def test_a_steady_walk_is_drift_by_hand() -> None:
    """A slope under a Gaussian is itself, but at an end, where it is mirrored, and off by its mean distance."""
    path = travel(np.full(1200, 2.0), 20.0)
    assert path[600] == pytest.approx(0.0, abs=1e-6)
    assert path[[0, -1]] == pytest.approx(2.0 * HOMING_S * np.sqrt(2 / np.pi) * np.array([-1, 1]), rel=1e-3)


@pytest.mark.parametrize(("hertz", "kept"), [(0.4, 1.0), (0.05, 1 - np.exp(-((0.1 * np.pi * HOMING_S) ** 2) / 2))])
def test_travel_goes_to_and_fro_without_delay(hertz: float, kept: float) -> None:
    angle_rad = 2 * np.pi * hertz * np.arange(1200) / 20
    path = travel(2 * np.pi * hertz * np.cos(angle_rad), 20.0)
    assert path[300:-300] == pytest.approx(kept * np.sin(angle_rad)[300:-300], abs=0.01)


@pytest.mark.parametrize(
    ("features", "clip"),
    [
        (Pose2DFeatures(), normalize(random_walk_px(50, seed=3))),
        (Pose3DFeatures(), normalize(in_space(random_walk_px(50, seed=3), 0.3))),
    ],
    ids=["picture", "body"],
)
def test_rows_give_the_poses_and_heights_back(features: FeatureSpace, clip: Clip) -> None:
    rows = features.transform(clip)
    back = features.inverse_transform(rows, clip.poses.fps)
    height = clip.placement.hip_path[:, 1]
    assert np.allclose(back.placement.hip_path[:, 1], height, atol=1e-4)
    turned = turn(clip.poses.keypoints, -facing_rad(clip.poses)) if clip.poses.dims == 3 else clip.poses.keypoints
    came = turn(back.poses.keypoints, -facing_rad(back.poses)) if clip.poses.dims == 3 else back.poses.keypoints
    assert np.allclose(came, turned, atol=1e-4)


def test_a_body_is_the_same_from_every_side() -> None:
    flat = random_walk_px(40, seed=5)
    front = Pose3DFeatures().transform(normalize(in_space(flat)))
    for yaw_rad in (0.7, 2.5, -1.9):
        side = Pose3DFeatures().transform(normalize(in_space(flat, yaw_rad)))
        assert np.allclose(front, side, atol=1e-3)


def test_a_steady_turn_by_hand() -> None:
    """Half a turn a second, for two seconds."""
    yaw = np.arange(40) / 20 * np.pi
    clip = normalize(in_space(standing_px(frames=40), yaw))
    assert np.allclose(facing_rad(clip.poses) - facing_rad(clip.poses)[0], yaw, atol=1e-3)
    rows = Pose3DFeatures().transform(clip)
    back = Pose3DFeatures().inverse_transform(rows, 20.0)
    turned = np.ptp(facing_rad(back.poses))
    assert turned == pytest.approx(yaw[-1], rel=0.05)


def test_a_missing_joint_is_missing_in_its_row_only() -> None:
    poses = random_walk_px(30, seed=2)
    confidence = poses.confidence.copy()
    confidence[7, DANCER.index("left_toe")] = 0
    rows = Pose2DFeatures().transform(normalize(PoseSequence(poses.keypoints, confidence, 20, DANCER)))
    assert np.isnan(rows[7]).sum() == 2
    assert np.isnan(rows).sum() == 2


def test_words_without_toes_have_no_toes() -> None:
    features = Pose2DFeatures(DANCER.joint_names[:14])
    clip = normalize(random_walk_px(30, seed=2))
    back = features.inverse_transform(features.transform(clip), 20.0)
    assert np.isnan(back.poses.joint("left_toe")).all()
    assert np.allclose(back.poses.joint("left_ankle"), clip.poses.joint("left_ankle"), atol=1e-5)


def test_pixels_are_no_metres() -> None:
    flat = normalize(standing_px())
    with pytest.raises(PoseError, match="need 3D clips"):
        Pose3DFeatures().transform(flat)
    with pytest.raises(PoseError, match="need 2D clips"):
        Pose2DFeatures().transform(normalize(in_space(standing_px())))
