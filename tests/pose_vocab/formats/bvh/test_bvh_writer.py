import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from builders import random_walk_px, standing_px
from numpy.typing import NDArray
from playwright.sync_api import Browser
from rigid_dancer import FOOT_M, SHIN_M, THIGH_M, TORSO_M, dancing_m
from three_js import open_in_three_js

from pose_vocab.errors import OutputError, PoseError
from pose_vocab.formats.bvh.bvh_writer import save_bvh
from pose_vocab.formats.bvh.hierarchy import Joint, read_hierarchy
from pose_vocab.formats.bvh.load import load_bvh
from pose_vocab.joint_mapping import to_dancer
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import COCO_17, DANCER, Skeleton

OPTIONAL = [DANCER.index(name) for name in ("nose", "left_toe", "right_toe")]


def again(poses: PoseSequence, folder: Path) -> PoseSequence:
    save_bvh(poses, folder / "a.bvh")
    return load_bvh(folder / "a.bvh")


def off_m(poses: PoseSequence, folder: Path) -> NDArray[np.floating]:
    """How far each of the dancer's joints is from where it was, (frames, joints)."""
    return np.linalg.norm(to_dancer(again(poses, folder)).keypoints - poses.keypoints, axis=2)


def rig_of(poses: PoseSequence, folder: Path) -> dict[str, Joint]:
    save_bvh(poses, folder / "a.bvh")
    return {joint.name: joint for joint in read_hierarchy(folder / "a.bvh", text(folder).splitlines())[0]}


def text(folder: Path) -> str:
    return (folder / "a.bvh").read_text()


def curves(folder: Path) -> NDArray[np.float64]:
    """The angles in degrees, (frames, channels)."""
    _, motion = text(folder).split("Frame Time:")
    return np.array([[float(word) for word in line.split()] for line in motion.splitlines()[1:]])[:, 3:]


def at_rest(rig: dict[str, Joint], name: str) -> NDArray[np.float64]:
    joint = rig[name]
    return joint.offset + (at_rest(rig, list(rig)[joint.parent]) if joint.parent >= 0 else 0)


def test_a_dancer_whose_bones_keep_their_length_is_written_as_is(tmp_path: Path) -> None:
    poses = dancing_m()
    off = off_m(poses, tmp_path)
    assert np.median(off) < 0.001
    assert off.max() < 0.005
    rig = load_bvh(tmp_path / "a.bvh")
    assert (len(rig), rig.fps) == (len(poses), 30)


def test_real_motion_whose_bones_do_not_keep_theirs(data: Path, tmp_path: Path) -> None:
    """Measured: median 0.01 cm, 95 % 1.1 cm; elbows and noses of that rig move in their sockets."""
    dancer = to_dancer(load_bvh(data / "mocap" / "60_12_scaled.bvh"))
    off_cm = 100 * off_m(dancer, tmp_path)
    assert np.median(off_cm) < 0.2
    assert np.percentile(off_cm, 95) < 1.5
    assert off_cm.max() < 4
    assert np.percentile(np.abs(np.diff(curves(tmp_path), axis=0)), 99.9) < 8, "degrees in a 120th of a second"


def test_readers_that_add_the_root_offset_and_those_that_replace_it_see_the_same(tmp_path: Path) -> None:
    """three.js adds the root's OFFSET to its positions, Blender and `load_bvh` do not."""
    poses = dancing_m()
    root = rig_of(poses, tmp_path)["Hips"]
    assert root.offset.tolist() == [0, 0, 0]
    _, motion = text(tmp_path).split("Frame Time:")
    first = [float(word) for word in motion.splitlines()[1].split()[:3]]
    hips = (poses.joint("left_hip") + poses.joint("right_hip")) / 2
    assert root.offset + first == pytest.approx(100 * hips[0], abs=0.1)


def test_the_rig_rests_in_a_t_pose_below_its_root(tmp_path: Path) -> None:
    rig = rig_of(dancing_m(), tmp_path)
    assert not any(re.search(r"\s", name) for name in rig)
    assert rig["Hips"].channels[:3] == ("Xposition", "Yposition", "Zposition")
    assert all(len(joint.channels) == 3 for name, joint in rig.items() if name != "Hips" and not name.endswith("_end"))
    places = {name: at_rest(rig, name) for name in rig}
    ground = min(place[1] for place in places.values())
    assert ground == pytest.approx(places["LeftToe_end"][1])
    assert places["LeftFoot"][1] == pytest.approx(-100 * (THIGH_M + SHIN_M), abs=1e-3)
    assert places["Neck"] - places["Hips"] == pytest.approx([0, 100 * TORSO_M, 0], abs=1e-3)
    for arm in ("Arm", "ForeArm", "Hand", "Hand_end"):
        assert places[f"Left{arm}"][1:] == pytest.approx(places["Neck"][1:], abs=1e-3)
    for name in (name for name in rig if name.startswith("Left")):
        assert rig[name].offset * [-1, 1, 1] == pytest.approx(rig[name.replace("Left", "Right")].offset)
    assert places["LeftHand"][0] > 0
    foot = places["LeftToe_end"] - places["LeftFoot"]
    assert foot[2] > 0 > foot[1]
    assert np.linalg.norm(foot) == pytest.approx(100 * FOOT_M, abs=0.01)


def test_several_turns_go_on_without_a_jump(tmp_path: Path) -> None:
    again(dancing_m(300, turns=4), tmp_path)
    steps = np.abs(np.diff(curves(tmp_path), axis=0))
    assert steps.max() < 30, "no curve jumps by a whole or a half turn"
    assert np.ptp(curves(tmp_path)[:, 2]) > 3 * 360, "the hips' turn about the vertical is not wrapped"


def test_a_straight_limb_keeps_the_plane_in_which_it_bent_last(tmp_path: Path) -> None:
    """Noise of a tenth of a millimetre, on limbs that are straight for a second, turns nothing about."""
    poses = dancing_m(90)
    keypoints = poses.keypoints.copy()
    noise = np.random.default_rng(0).normal(0, 1e-4, keypoints.shape)
    for start, middle, end in (("hip", "knee", "ankle"), ("shoulder", "elbow", "wrist")):
        for side in ("left", "right"):
            a, b, c = (DANCER.index(f"{side}_{joint}") for joint in (start, middle, end))
            keypoints[30:60, c] = keypoints[30:60, b] + 0.9 * (keypoints[30:60, b] - keypoints[30:60, a])
    again(poses.with_keypoints(keypoints + noise), tmp_path)
    assert np.abs(np.diff(curves(tmp_path)[32:58], axis=0)).max() < 15


def test_knees_bend_backwards_and_elbows_forwards_about_one_axis(tmp_path: Path) -> None:
    """Squatting straight ahead with raised forearms, knees turn about x and elbows about y alone."""
    keypoints = np.repeat(dancing_m(1).keypoints[:1], 3, axis=0)
    bodies = {
        "hip": (0.1, 0.9, 0), "knee": (0.1, 0.6, 0.3), "ankle": (0.1, 0.2, 0.1), "toe": (0.1, 0.1, 0.3),
        "shoulder": (0.2, 1.4, 0), "elbow": (0.5, 1.4, 0), "wrist": (0.5, 1.4, 0.3),
    }  # fmt: skip
    for name, (x, y, z) in bodies.items():
        keypoints[:, DANCER.index(f"left_{name}")] = x, y, z
        keypoints[:, DANCER.index(f"right_{name}")] = -x, y, z
    keypoints[:, DANCER.index("neck")] = 0, 1.4, 0
    rig = rig_of(PoseSequence.fully_seen(keypoints, 30, DANCER), tmp_path)
    channels = [(joint.name, channel) for joint in rig.values() for channel in joint.channels if "rot" in channel]
    angle = dict(zip(channels, curves(tmp_path)[0], strict=True))
    for side, out in (("Left", 1), ("Right", -1)):
        assert angle[f"{side}Leg", "Xrotation"] == pytest.approx(45 + np.degrees(np.arctan2(0.2, 0.4)), abs=0.1)
        assert angle[f"{side}UpLeg", "Xrotation"] == pytest.approx(-45, abs=0.1)
        assert angle[f"{side}ForeArm", "Yrotation"] == pytest.approx(-90 * out, abs=0.1)
        for joint, axis in (("Leg", "YZ"), ("ForeArm", "XZ"), ("Arm", "XYZ"), ("UpLeg", "YZ")):
            assert [angle[f"{side}{joint}", f"{a}rotation"] for a in axis] == pytest.approx([0] * len(axis), abs=0.1)


def test_missing_joints_are_bridged_and_said(tmp_path: Path) -> None:
    poses = dancing_m()
    confidence = poses.confidence.copy()
    confidence[40:44, DANCER.index("left_wrist")] = 0
    (notice,) = save_bvh(replace(poses, confidence=confidence), tmp_path / "a.bvh")
    assert "0.3% of the joints are missing; interpolated" in notice
    off = np.linalg.norm(to_dancer(load_bvh(tmp_path / "a.bvh")).keypoints - poses.keypoints, axis=2)
    assert off.max() < 0.06, "a hand on its way for five frames"
    assert save_bvh(poses, tmp_path / "b.bvh") == ()


def test_how_far_joints_are_off_is_said(tmp_path: Path) -> None:
    """Of ten frames one has a hand 20 cm further out along its forearm: a rig's hand stays 20 cm behind it."""
    poses = dancing_m(10)
    keypoints = poses.keypoints.copy()
    elbow, wrist = poses.joint("left_elbow")[4], poses.joint("left_wrist")[4]
    keypoints[4, DANCER.index("left_wrist")] += 0.2 * (wrist - elbow) / np.linalg.norm(wrist - elbow)
    (notice,) = save_bvh(poses.with_keypoints(keypoints), tmp_path / "a.bvh")
    found = re.search(r"bones have a constant length, so joints are (.*) cm off on average, (.*) at worst", notice)
    assert found
    assert float(found[1]) == pytest.approx(20 / 160, abs=0.1)
    assert float(found[2]) == pytest.approx(20, abs=0.5)


def test_what_a_real_take_loses_is_said(data: Path, tmp_path: Path) -> None:
    (notice,) = save_bvh(load_bvh(data / "mocap" / "60_10_scaled.bvh"), tmp_path / "a.bvh")
    assert notice.endswith("joints are 0.3 cm off on average, 14.9 at worst")


def test_head_and_feet_stay_as_at_rest_where_they_are_never_seen(tmp_path: Path) -> None:
    poses = dancing_m()
    confidence = poses.confidence.copy()
    confidence[:, OPTIONAL] = 0
    off = off_m(replace(poses, confidence=confidence), tmp_path)
    assert np.nanmax(off[:, 1:14]) < 0.005
    rig = load_bvh(tmp_path / "a.bvh")
    assert np.isfinite(rig.keypoints).all()
    up, chest = rig.joint("Head") - rig.joint("Neck"), rig.joint("Neck") - rig.joint("Chest")
    assert np.linalg.norm(np.cross(up, chest), axis=1).max() < 1e-4


def test_a_joint_that_is_needed_and_never_seen(tmp_path: Path) -> None:
    poses = dancing_m()
    confidence = poses.confidence.copy()
    confidence[:, [DANCER.index("left_wrist"), DANCER.index("right_knee")]] = 0
    with pytest.raises(OutputError, match="never seen: left wrist, right knee"):
        save_bvh(replace(poses, confidence=confidence), tmp_path / "a.bvh")
    with pytest.raises(OutputError, match="never seen: neck, left shoulder"):
        save_bvh(replace(poses, confidence=np.zeros_like(confidence)), tmp_path / "a.bvh")
    with pytest.raises(PoseError, match="unknown"):
        other = Skeleton("cat", ("tail",), (), ())
        save_bvh(PoseSequence.fully_seen(np.zeros((2, 1, 3)), 30, other), tmp_path / "a.bvh")
    assert list(tmp_path.iterdir()) == []


def test_poses_in_the_picture_are_lifted_and_that_is_said(tmp_path: Path) -> None:
    coco = random_walk_px(30, seed=1)
    names = [name for name in COCO_17.joint_names if name in DANCER.joint_names]
    keypoints = np.full((30, 17, 2), np.nan, np.float32)
    for name in names:
        keypoints[:, COCO_17.index(name)] = coco.joint(name)
    for poses in (standing_px(5), coco, PoseSequence.fully_seen(keypoints, 20, COCO_17)):
        notices = save_bvh(poses, tmp_path / "a.bvh")
        assert "their depth is estimated" in notices[0]
        assert load_bvh(tmp_path / "a.bvh").dims == 3


@pytest.mark.parametrize("fps", [1.0, 29.97, 30.0, 59.94, 120.0, 240.0])
def test_the_frame_time_is_exact(fps: float, tmp_path: Path) -> None:
    assert again(replace(dancing_m(5), fps=fps), tmp_path).fps == pytest.approx(fps, rel=1e-12)


def test_one_frame_is_a_dance_too(tmp_path: Path) -> None:
    assert len(again(dancing_m(1), tmp_path)) == 1


@pytest.mark.slow
def test_three_js_sees_the_dancer_on_the_ground(browser: Browser, tmp_path: Path) -> None:
    """Its loader adds the root's OFFSET to the root's positions."""
    dancer = dancing_m()
    save_bvh(dancer, tmp_path / "a.bvh")
    page, errors = open_in_three_js(browser, tmp_path / "a.bvh", "BVHLoader")
    for frame in (0, 20, 70):
        at = page.evaluate("seconds => window.at(seconds)", frame / dancer.fps)
        for bone, joint in (("LeftHand", "left_wrist"), ("RightFoot", "right_ankle"), ("Neck", "neck")):
            assert np.linalg.norm(np.array(at[bone]) / 100 - dancer.joint(joint)[frame]) < 0.005, joint
    assert errors == []
    page.close()
