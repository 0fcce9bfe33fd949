import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pose_vocab.errors import PoseError
from pose_vocab.formats import PoseInput, detect, read_people
from pose_vocab.formats.smpl import Smpl, move_body
from pose_vocab.joint_mapping import to_dancer

SMPL = Smpl()
STILL = {"smpl_poses": np.zeros((4, 72)), "smpl_trans": np.zeros((4, 3))}


def write(folder: Path, content: dict[str, Any]) -> Path:
    path = folder / "a.pkl"
    path.write_bytes(pickle.dumps(content))
    return path


def test_without_rotations_the_body_stands_in_a_t_pose(tmp_path: Path) -> None:
    [poses] = read_people(write(tmp_path, STILL)).people
    dancer = to_dancer(poses)
    joints = {name: dancer.joint(name)[0] for name in dancer.skeleton.joint_names}
    assert joints["left_wrist"][0] > joints["left_elbow"][0] > joints["left_shoulder"][0] > 0 > joints["right_hip"][0]
    assert joints["nose"][1] > joints["neck"][1] > joints["left_hip"][1] > joints["left_knee"][1]
    assert joints["left_toe"][2] > joints["left_ankle"][2]
    assert joints["nose"][2] > joints["neck"][2]
    assert 1.4 < joints["nose"][1] - joints["left_toe"][1] < 1.7


def test_proportions_are_a_persons() -> None:
    rig = move_body(np.zeros((1, 24, 3)), np.zeros((1, 3)))
    at = {name: rig.positions[0, i] for i, name in enumerate(rig.names)}
    torso = (at["left_shoulder"] + at["right_shoulder"] - at["left_hip"] - at["right_hip"])[1] / 2
    assert np.linalg.norm(at["left_shoulder"] - at["right_shoulder"]) / torso == pytest.approx(0.66, abs=0.06)
    assert np.linalg.norm(at["left_hip"] - at["right_hip"]) / torso == pytest.approx(0.38, abs=0.03)


def test_a_rotation_turns_what_is_below_its_joint(tmp_path: Path) -> None:
    poses = np.zeros((4, 24, 3))
    poses[:, 18] = [0, 0, np.pi / 2]  # left elbow: the forearm points up
    parsed = SMPL.parse(write(tmp_path, STILL | {"smpl_poses": poses.reshape(4, 72)}), PoseInput())
    forearm = (
        parsed.points[0, parsed.skeleton.index("left_wrist")] - parsed.points[0, parsed.skeleton.index("left_elbow")]
    )
    assert forearm == pytest.approx([0, 0.25, 0], abs=1e-9)


def test_translation_is_divided_by_its_scaling(tmp_path: Path) -> None:
    trans = np.tile([90.0, 180.0, -45.0], (4, 1))
    parsed = SMPL.parse(write(tmp_path, STILL | {"smpl_trans": trans, "smpl_scaling": np.array([90.0])}), PoseInput())
    assert parsed.points[0, 0] == pytest.approx([1, 2, -0.5])


def test_joints_of_edge_are_used_as_they_are(tmp_path: Path) -> None:
    standing = move_body(np.zeros((4, 24, 3)), np.array([[0.0, 0, 1]] * 4))
    turned = np.array([1.0, 0, 0]) * np.pi / 2
    joints = move_body(np.concatenate([np.tile(turned, (4, 1, 1)), np.zeros((4, 23, 3))], axis=1), np.zeros((4, 3)))
    poses = np.zeros((4, 72))
    poses[:, :3] = turned
    content = {"smpl_poses": poses, "smpl_trans": np.zeros((4, 3)), "full_pose": joints.positions}
    read = read_people(write(tmp_path, content))
    assert read.people[0].fps == 30
    assert not any("points up" in notice for notice in read.notices)
    hips = read.people[0].keypoints[0, 0]
    assert read.people[0].keypoints[0, :24] - hips == pytest.approx(
        standing.positions[0] - standing.positions[0, 0], abs=1e-6
    )


@pytest.mark.parametrize("layout", ["poses", "parts"])
def test_amass_states_its_rate_and_z_is_up(tmp_path: Path, layout: str) -> None:
    rotations = np.zeros((6, 156))
    rotations[:, 0] = np.pi / 2
    arrays: dict[str, Any] = {"trans": np.zeros((6, 3)), "mocap_framerate": np.array(50.0), "gender": np.array("male")}
    if layout == "poses":
        arrays["poses"] = rotations
    else:
        arrays |= {"root_orient": rotations[:, :3], "pose_body": rotations[:, 3:66]}
    np.savez(tmp_path / "a.npz", **arrays)
    read = read_people(tmp_path / "a.npz")
    assert read.people[0].fps == 50
    dancer = to_dancer(read.people[0])
    assert (dancer.joint("nose") - dancer.joint("left_ankle"))[0, 1] > 1.2
    assert not any("frame rate" in notice or "points up" in notice for notice in read.notices)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (STILL | {"smpl_trans": np.zeros((3, 3))}, "trans: expected (4, 3), got (3, 3)"),
        ({"smpl_poses": np.zeros((4, 72))}, "trans: expected (4, 3), got nothing"),
        (STILL | {"smpl_poses": np.zeros((4, 50))}, "rotations must be (frames, 72), or at least (frames, 66)"),
        (STILL | {"smpl_poses": np.full((4, 72), np.nan)}, "poses: a number is not finite"),
        (STILL | {"full_pose": np.zeros((4, 20, 3))}, "full_pose: expected (4, 24, 3), got (4, 20, 3)"),
        ({"smpl_poses": np.zeros((0, 72)), "smpl_trans": np.zeros((0, 3))}, "rotations must be"),
    ],
)
def test_other_arrays_are_refused(tmp_path: Path, content: dict[str, Any], message: str) -> None:
    with pytest.raises(PoseError) as caught:
        SMPL.parse(write(tmp_path, content), PoseInput())
    assert message in str(caught.value)


def test_formats_of_the_same_suffix_are_told_apart(tmp_path: Path) -> None:
    assert detect(write(tmp_path, STILL)).name == "smpl"
    assert detect(write(tmp_path, {"keypoints3d": np.zeros((2, 17, 3))})).name == "aist"
    (tmp_path / "empty.pkl").touch()
    assert detect(tmp_path / "empty.pkl").name == "aist"
    np.savez(tmp_path / "b.npz", keypoints=np.zeros((2, 17, 3)))
    assert detect(tmp_path / "b.npz").name == "numpy"


@given(st.lists(st.floats(-3, 3), min_size=72, max_size=72))
def test_bones_keep_their_length(row: list[float]) -> None:
    rig = move_body(np.array(row).reshape(1, 24, 3), np.zeros((1, 3)))
    for parent, child in rig.bones:
        length = np.linalg.norm(rig.positions[0, child] - rig.positions[0, parent])
        assert length == pytest.approx(np.linalg.norm(rig.rest[child]), abs=1e-9)


def test_a_motion_of_aist_dances_upright(data: Path) -> None:
    read = read_people(data / "mocap_other" / "gBR_sBM_cAll_d04_mBR0_ch01.pkl")
    dancer = to_dancer(read.people[0])
    assert (len(dancer), dancer.fps) == (720, 60)
    joints = {joint: dancer.joint(joint) for joint in dancer.skeleton.joint_names}
    assert np.mean(joints["nose"][:, 1] > joints["left_ankle"][:, 1] + 0.8) > 0.9
    ahead = np.cross(joints["left_shoulder"] - joints["right_shoulder"], [0, 1, 0])
    for tip, base in (("nose", "neck"), ("left_toe", "left_ankle"), ("right_toe", "right_ankle")):
        assert np.mean(((joints[tip] - joints[base]) * ahead).sum(axis=1) > 0) > 0.9
