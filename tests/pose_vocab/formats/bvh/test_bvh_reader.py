import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pose_vocab.errors import PoseError
from pose_vocab.formats.bvh.load import load_bvh

ARM = """HIERARCHY
ROOT body
{{
  OFFSET 0 1 0
  CHANNELS 6 Xposition Yposition Zposition {root}
  JOINT lArm
  {{
    OFFSET 1 0 0
    CHANNELS {arm}
    End Site
    {{
      OFFSET 0.5 0 0
    }}
  }}
  JOINT rArm
  {{
    OFFSET -1 0 0
    CHANNELS 1 Zrotation
  }}
}}
MOTION
Frames: {frames}
Frame Time: 0.05
{rows}
"""


def arm(
    folder: Path, *rows: str, root: str = "Zrotation Xrotation Yrotation", arm: str = "1 Zrotation", frames: int = 0
) -> Path:
    """A root at 1 m with an arm to each side; the left one is 1 m long and has a hand of 0.5 m."""
    path = folder / "arm.bvh"
    path.write_text(ARM.format(root=root, arm=arm, frames=frames or len(rows), rows="\n".join(rows)))
    return path


def at(path: Path, joint: str) -> list[float]:
    return load_bvh(path).joint(joint)[0].round(5).tolist()


def test_unturned_joints_stand_at_their_offsets(tmp_path: Path) -> None:
    path = arm(tmp_path, "2 3 4 0 0 0 0 0")
    assert at(path, "body") == [2, 3, 4]
    assert at(path, "lArm") == [3, 3, 4]
    assert at(path, "lArm_end") == [3.5, 3, 4]
    assert at(path, "rArm") == [1, 3, 4]


def test_a_turn_carries_what_hangs_on_the_joint(tmp_path: Path) -> None:
    path = arm(tmp_path, "0 0 0 90 0 0 90 0")
    assert at(path, "lArm") == [0, 1, 0]
    assert at(path, "lArm_end") == [-0.5, 1, 0]


def test_channels_act_in_the_order_in_which_they_are_written(tmp_path: Path) -> None:
    # About z then about the turned y: x goes to y, which y leaves alone. The other way round: x goes to -z.
    assert at(arm(tmp_path, "0 0 0 90 90 0 0 0", root="Zrotation Yrotation Xrotation"), "lArm") == [0, 0, -1]
    assert at(arm(tmp_path, "0 0 0 90 90 0 0 0", root="Yrotation Zrotation Xrotation"), "lArm") == [0, 1, 0]


def test_a_joint_may_have_any_channels_or_none(tmp_path: Path) -> None:
    path = arm(tmp_path, "0 0 0 0 0 0 0.25 90 0", arm="2 Yposition Zrotation")
    assert at(path, "lArm") == [1, 0.25, 0]
    assert at(path, "lArm_end") == [1, 0.75, 0]
    assert at(arm(tmp_path, "0 0 0 0 0 0 0", arm="0"), "lArm_end") == [1.5, 0, 0]


def test_the_skeleton_is_the_files(tmp_path: Path) -> None:
    poses = load_bvh(arm(tmp_path, "0 0 0 0 0 0 0 0", "0 0 0 0 0 0 0 0"))
    assert poses.skeleton.name == "bvh"
    assert poses.skeleton.joint_names == ("body", "lArm", "lArm_end", "rArm")
    assert poses.skeleton.bones == ((0, 1), (1, 2), (0, 3))
    assert poses.skeleton.mirror_pairs == ((1, 3),)
    assert (len(poses), poses.fps, poses.dims) == (2, 20, 3)
    assert poses.seen.all()


@pytest.mark.parametrize(
    ("left", "right"),
    [("LeftArm", "RightArm"), ("lShldr", "rShldr"), ("arm_L", "arm_R"), ("arm.l", "arm.r"), ("l_arm", "r_arm")],
)
def test_left_and_right_are_known_by_name(tmp_path: Path, left: str, right: str) -> None:
    path = arm(tmp_path, "0 0 0 0 0 0 0 0")
    path.write_text(path.read_text().replace("lArm", left).replace("rArm", right))
    skeleton = load_bvh(path).skeleton
    assert skeleton.mirror_pairs == ((skeleton.index(left), skeleton.index(right)),)


def test_a_tall_rig_is_in_centimetres(tmp_path: Path) -> None:
    path = arm(tmp_path, "0 0 0 0 0 0 0 0")
    path.write_text(path.read_text().replace("OFFSET 1 0 0", "OFFSET 100 0 0"))
    assert at(path, "lArm") == [1, 0, 0]
    assert at(path, "lArm_end") == pytest.approx([1.005, 0, 0], abs=1e-4)


def test_a_leading_rig_pose_is_left_out(tmp_path: Path) -> None:
    t_pose, dance = "0 0 0 0 0 0 0 0", [f"0 0 0 0 0 0 {80 + 0.1 * k} 0" for k in range(20)]
    clips = []
    for rows in (dance, [t_pose, *dance]):
        path = arm(tmp_path, *rows)
        path.write_text(path.read_text().replace("Frame Time: 0.05", "Frame Time: 0.01"))
        clips.append(load_bvh(path).keypoints)
    whole, shortened = clips
    assert len(whole) == 20
    assert 10 < len(shortened) < 20
    assert np.array_equal(shortened, whole[-len(shortened) :])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-720, 720), min_size=8, max_size=8))
def test_bones_keep_their_length(tmp_path_factory: pytest.TempPathFactory, row: list[float]) -> None:
    poses = load_bvh(arm(tmp_path_factory.mktemp("bvh"), " ".join(map(str, row))))
    lengths = [np.linalg.norm(poses.keypoints[0, a] - poses.keypoints[0, b]) for a, b in poses.skeleton.bones]
    assert np.allclose(lengths, [1, 0.5, 1], atol=1e-3)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("HIERARCHY", "garbage", "line 1: expected 'HIERARCHY', got 'garbage'"),
        ("MOTION", "", "expected 'MOTION', got 'Frames:'"),
        ("OFFSET 1 0 0", "OFFSET 1 zero 0", "line 8: expected a number, got 'zero'"),
        ("CHANNELS 1 Zrotation\n    End", "CHANNELS 1 Wrotation\n    End", "line 9: unknown channel 'Wrotation'"),
        ("JOINT rArm", "BONE rArm", "line 15: expected 'JOINT', 'End Site' or '}', got 'BONE'"),
        ("Frames: 2", "Frames: 0", "line 22: 0 frames are stated, 2 whole ones follow"),
        ("Frames: 2", "Frames: two", "line 22: expected 'Frames:' and a number, got 'Frames: two'"),
        ("Frame Time: 0.05", "Frame Time: 0", "line 23: the frame time must be positive"),
        ("Frame Time: 0.05", "", "line 24: expected 'Frame Time:' and a number"),
        ("8 8 8 8 8 8 8 8", "8 8 8", "line 24: 3 values, but the hierarchy has 8 channels"),
        ("9 9 9 9 9 9 9 9", "9 9 9 9 nan 9 9 9", "line 25: expected a number, got 'nan'"),
        ("9 9 9 9 9 9 9 9", "9 9 9 9 \x00 9 9 9", "line 25: expected a number, got"),
        (
            "CHANNELS 1 Zrotation\n    End",
            "CHANNELS 1e9 Zrotation\n    End",
            "line 9: 1e+09 channels; a joint has 0 to 9",
        ),
    ],
)
def test_damage_is_named_with_its_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = arm(tmp_path, "8 8 8 8 8 8 8 8", "9 9 9 9 9 9 9 9")
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(PoseError) as caught:
        load_bvh(path)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("cut", [0.02, 0.3, 0.6])
def test_a_file_that_was_cut_off_before_its_frames_is_refused(tmp_path: Path, cut: float) -> None:
    path = arm(tmp_path, *["1.5 1.5 1.5 1.5 1.5 1.5 1.5 1.5"] * 5)
    path.write_bytes(path.read_bytes()[: int(cut * path.stat().st_size)])
    with pytest.raises(PoseError, match="line"):
        load_bvh(path)


def test_what_is_no_bvh_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "noise.bvh").write_bytes(np.random.default_rng(0).bytes(100_000))
    (tmp_path / "empty.bvh").touch()
    for name in ("noise.bvh", "empty.bvh", "missing.bvh", "."):
        with pytest.raises(PoseError):
            load_bvh(tmp_path / name)


def test_a_file_that_is_no_text_is_not_printed(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", keypoints=np.zeros(3))
    np.save(tmp_path / "a.npy", np.zeros(3))
    for path in tmp_path.iterdir():
        with pytest.raises(PoseError) as caught:
            load_bvh(path)
        assert str(caught.value) == f"{path} is not a BVH file: expected plain text that begins with HIERARCHY"


def test_coordinates_of_nowhere_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PoseError, match=r"arm\.bvh: 1e\+30 is out of range"):
        load_bvh(arm(tmp_path, "1e30 0 0 0 0 0 0 0"))


def test_deep_hierarchies_are_read(tmp_path: Path) -> None:
    depth = 3000
    joints = "".join(f"JOINT j{k} {{ OFFSET 0 0.001 0\n" for k in range(depth))
    path = tmp_path / "deep.bvh"
    path.write_text(
        f"HIERARCHY\nROOT r {{ OFFSET 0 0 0 CHANNELS 1 Xposition\n{joints}{'} ' * depth}}}\n"
        "MOTION\nFrames: 1\nFrame Time: 0.1\n1\n"
    )
    assert at(path, f"j{depth - 1}") == [1, 3, 0]


def test_salsa_starts_without_its_rig_pose_and_is_in_metres(data: Path) -> None:
    started = time.perf_counter()
    poses = load_bvh(data / "mocap" / "60_12_scaled.bvh")
    assert time.perf_counter() - started < 2
    assert poses.fps == 60
    assert len(poses) == 1690 - 5
    hand = poses.joint("rHand") - poses.joint("hip")
    speeds_m_s = np.linalg.norm(np.diff(hand, axis=0), axis=1) * poses.fps
    assert speeds_m_s[:10].max() < 5
    assert 1 < np.ptp(poses.keypoints[..., 1]) < 2


def test_a_dance_without_a_rig_pose_stays_whole(data: Path) -> None:
    poses = load_bvh(data / "mocap" / "jesse_dance.bvh")
    assert (len(poses), poses.fps) == (1007, 100)
    assert 1 < np.ptp(poses.keypoints[..., 1]) < 2.5


@pytest.mark.parametrize(
    ("file", "head", "left", "right", "ankle", "toe"),
    [
        ("60_12_scaled.bvh", "head", "lShldr", "rShldr", "lFoot", "lFoot_end"),
        ("jesse_dance.bvh", "Head", "LeftArm", "RightArm", "LeftFoot", "LeftToeBase"),
    ],
)
def test_the_nose_stands_before_the_head(
    data: Path, file: str, head: str, left: str, right: str, ankle: str, toe: str
) -> None:
    poses = load_bvh(data / "mocap" / file)
    nose = poses.joint("nose") - poses.joint(head)
    assert np.allclose(np.linalg.norm(nose, axis=1), np.linalg.norm(nose[0]), atol=1e-4)
    assert 0.05 < np.linalg.norm(nose[0]) < 0.2
    forward = np.cross(poses.joint(left) - poses.joint(right), [0, 1, 0])
    feet = poses.joint(toe) - poses.joint(ankle)
    # Dancers turn their heads and feet, but most of the time nose, chest and feet point the same way.
    assert np.mean(np.einsum("fd,fd->f", nose, forward) > 0) > 0.9
    assert np.mean(np.einsum("fd,fd->f", nose, feet) > 0) > 0.8
