from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from builders import GROUND_PX, TORSO_PX, moved, random_walk_px, standing_px
from numpy.typing import NDArray
from rigid_dancer import dancing_m

from pose_vocab.camera import Camera
from pose_vocab.formats import read_people
from pose_vocab.formats.bvh.bvh_writer import save_bvh
from pose_vocab.formats.bvh.load import load_bvh
from pose_vocab.joint_mapping import to_dancer
from pose_vocab.lift_2d import TORSO_M, facing, lift_to_3d
from pose_vocab.normalization import normalize
from pose_vocab.resampling import resample
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER

FOREARM_M = 0.5 * TORSO_M


def posed(**joints_px: tuple[float, float]) -> PoseSequence:
    """The standing dancer, some joints of whom are elsewhere: (x to the right, y up) from the middle of the hips."""
    poses = standing_px()
    keypoints = poses.keypoints.copy()
    hips = (poses.joint("left_hip") + poses.joint("right_hip")) / 2
    for name, (x, y) in joints_px.items():
        keypoints[:, DANCER.index(name)] = hips + np.array([x, -y], np.float32)
    return poses.with_keypoints(keypoints)


def z_m(poses: PoseSequence, name: str) -> float:
    return float(lift_to_3d(poses).joint(name)[len(poses) // 2, 2])


def mirrored(poses: PoseSequence) -> PoseSequence:
    """The same outline from behind: left and right change places."""
    return replace(poses, keypoints=poses.keypoints[:, DANCER.mirror_order])


def test_across_and_up_joints_stay_where_they_are_seen() -> None:
    poses = moved(random_walk_px(60, seed=0), np.linspace([0, 0], [200, 0], 60))
    lifted = lift_to_3d(poses)
    scale, ground = TORSO_M / normalize(poses).placement.scale, normalize(poses).placement.ground
    middle = ((poses.joint("left_hip") + poses.joint("right_hip")) / 2)[:, 0].mean()
    assert lifted.keypoints[..., 0] == pytest.approx((poses.keypoints[..., 0] - middle) * scale, abs=1e-5)
    assert lifted.keypoints[..., 1] == pytest.approx((ground - poses.keypoints[..., 1]) * scale, abs=1e-5)
    assert (lifted.dims, lifted.fps, len(lifted)) == (3, 20, 60)


def test_what_looks_as_long_as_it_is_lies_in_the_picture() -> None:
    lifted = lift_to_3d(standing_px())
    assert np.abs(lifted.joint("left_knee")[:, 2]).max() < 0.01
    assert np.abs(lifted.joint("neck")[:, 2]).max() < 0.01
    assert lifted.joint("neck")[:, :2] == pytest.approx(np.tile([0, 2.75 * TORSO_M], (40, 1)), abs=1e-4)


@pytest.mark.parametrize("turned", [False, True])
def test_a_forearm_that_is_not_seen_points_ahead_and_a_hidden_shin_back(turned: bool) -> None:
    """To the viewer from somebody who faces them, away from them else."""
    away = -1 if turned else 1
    elbow, knee = (45.0, 45.0), (20.0, -85.0)
    poses = posed(left_wrist=elbow, left_ankle=knee, left_toe=(20.0, -100.0))
    if turned:
        poses = mirrored(poses)
        side = "right"
    else:
        side = "left"
    forearm = z_m(poses, f"{side}_wrist") - z_m(poses, f"{side}_elbow")
    assert away * forearm == pytest.approx(FOREARM_M, rel=0.2)
    shin = z_m(poses, f"{side}_ankle") - z_m(poses, f"{side}_knee")
    assert away * shin == pytest.approx(-0.88 * TORSO_M, rel=0.2)


@pytest.mark.parametrize("right", [1, -1])
def test_from_the_side_the_nose_tells_which_shoulder_is_behind(right: int) -> None:
    """Who looks to the right of the picture has the left shoulder and hip behind."""
    flat = {f"{side}_{joint}": (0.0, y) for side in ("left", "right") for joint, y in (("shoulder", 100), ("hip", 0))}
    poses = posed(nose=(right * 30.0, 130.0), **flat)
    assert right * (z_m(poses, "left_shoulder") - z_m(poses, "right_shoulder")) == pytest.approx(
        -0.66 * TORSO_M, rel=0.2
    )
    assert right * (z_m(poses, "left_hip") - z_m(poses, "right_hip")) == pytest.approx(-0.38 * TORSO_M, rel=0.2)
    side, ahead = facing(normalize(poses).poses)
    assert right * side == pytest.approx(np.ones(40), abs=0.01)
    assert ahead == pytest.approx(np.zeros(40), abs=0.1)


def test_a_deep_bow_leans_forward_and_a_little_foreshortening_does_not() -> None:
    def bowing(share: float) -> PoseSequence:
        """Bent for a fifth of the time: what a torso looks like most of the time is its length."""
        poses = standing_px(100)
        keypoints = poses.keypoints.copy()
        upper = [i for i, name in enumerate(DANCER.joint_names) if not name.endswith(("hip", "knee", "ankle", "toe"))]
        hips = GROUND_PX - 1.75 * TORSO_PX
        keypoints[45:60, upper, 1] = hips - share * (hips - keypoints[45:60, upper, 1])
        return poses.with_keypoints(keypoints)

    assert z_m(bowing(0.5), "neck") > 0.2
    assert abs(z_m(bowing(0.9), "neck")) < 0.02


def test_joints_that_are_never_seen_stay_missing() -> None:
    poses = random_walk_px(40, seed=1)
    confidence = poses.confidence.copy()
    missing = [DANCER.index(name) for name in ("nose", "left_toe", "right_toe")]
    confidence[:, missing] = 0
    lifted = lift_to_3d(replace(poses, confidence=confidence))
    assert not lifted.seen[:, missing].any()
    assert lifted.seen.mean() == pytest.approx(13 / 16)


def seen_from(dance: PoseSequence, yaw_deg: float) -> tuple[PoseSequence, NDArray[np.floating]]:
    """A dance in a picture, and how far towards the viewer of the hips each joint is, in torso lengths."""
    camera = Camera.facing(dance, yaw_deg, 720, 1280)
    towards = -camera.depth(dance)
    hips = [DANCER.index("left_hip"), DANCER.index("right_hip")]
    torso = np.median(np.linalg.norm(dance.joint("neck") - dance.keypoints[:, hips].mean(axis=1), axis=1))
    return camera.project(dance), (towards - towards[:, hips].mean(axis=1, keepdims=True)) / torso


def test_depth_does_not_flicker() -> None:
    """A sign that flips is a jump by most of a metre from frame to frame; here it moves no faster than the dancer."""
    dance = dancing_m(300, turns=3)
    picture, depth = seen_from(dance, 0.0)
    lifted = lift_to_3d(picture).keypoints[..., 2] / TORSO_M
    assert np.abs(np.diff(lifted, axis=0)).max() < 1.5 * np.abs(np.diff(depth, axis=0)).max()


@pytest.mark.parametrize("yaw_deg", [0.0, 45.0, 90.0])
def test_real_motion_seen_by_a_camera(yaw_deg: float, data: Path, tmp_path: Path) -> None:
    """Four takes to which no direction was fitted, from four sides: off by 0.17 torso lengths, no depth by 0.25."""
    dance = resample(to_dancer(load_bvh(data / "mocap" / "61_14_scaled.bvh")), 30)
    picture, depth = seen_from(dance, yaw_deg)
    lifted = lift_to_3d(picture)
    error = np.abs(lifted.keypoints[..., 2] / TORSO_M - depth).mean()
    assert error < 0.21
    assert error < 0.85 * np.abs(depth).mean()
    # And its rig is seen where the dancer is: there a median of 0.4 cm, 95 % 4.3 cm.
    save_bvh(picture, tmp_path / "a.bvh")
    off = np.linalg.norm((to_dancer(load_bvh(tmp_path / "a.bvh")).keypoints - lifted.keypoints)[..., :2], axis=2)
    assert np.median(off) < 0.01
    assert np.percentile(off, 95) < 0.06


def test_real_landmarks_of_squats(data: Path) -> None:
    """MediaPipe's depth is a guess too, but one from the pixels: measured 0.16 torso lengths, no depth at all 0.28."""
    flat, deep = (
        to_dancer(read_people(data / "reference" / name).people[0])
        for name in ("pose_squats.full.json", "pose_squats_3d.full.json")
    )
    hips = [DANCER.index("left_hip"), DANCER.index("right_hip")]
    depth = (deep.keypoints[..., 2] - deep.keypoints[:, hips, 2].mean(axis=1, keepdims=True)) / normalize(
        deep
    ).placement.scale
    error = np.abs(lift_to_3d(flat).keypoints[..., 2] / TORSO_M - depth).mean()
    assert error < 0.18
    assert error < 0.65 * np.abs(depth).mean()
