"""The dancer in rigs of any program: by the names of joints, else by following the tree."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from rig_files import CHANGES, CONVENTIONS, REDUCTIONS, Rig
from scipy.spatial.transform import Rotation

from pose_vocab.errors import PoseError
from pose_vocab.formats import PoseInput, read_people
from pose_vocab.formats.bvh.bvh_reader import parse_bvh
from pose_vocab.formats.bvh.bvh_writer import save_bvh
from pose_vocab.formats.bvh.load import load_bvh
from pose_vocab.formats.parsed import Parsed
from pose_vocab.joint_map_file import load_joint_map
from pose_vocab.joint_mapping import to_dancer
from pose_vocab.rig_body import find_body
from pose_vocab.rig_names import _side_and_words, strip_common
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER

SAME_M = 0.03
"""Joints of one motion on two rigs differ at most this much: widths and feet follow a person's proportions, the nose
the size of the torso."""
REAL = (
    "mocap/60_04_scaled.bvh",
    "mocap/61_11_scaled.bvh",
    "mocap/jesse_dance.bvh",
    "mocap_other/fair1_dab.bvh",
    "mocap_other/fair1_jumping.bvh",
    "mocap_other/fair1_wave_hello.bvh",
    "mocap_other/fair1_zombie.bvh",
)


@pytest.fixture(scope="module")
def salsa(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five seconds of a real dance on BopBot's rig."""
    path = tmp_path_factory.mktemp("rigs") / "salsa.bvh"
    save_bvh(load_bvh(data / "mocap" / "60_04_scaled.bvh")[300:600:], path)
    return path


def renaming(names: str) -> Callable[[str], str]:
    """Return a function that gives every joint its name in a convention, or with "numbers" one that says nothing."""
    if names != "numbers":
        return lambda name: CONVENTIONS[names].get(name, name)
    numbers: dict[str, str] = {}
    return lambda name: numbers.setdefault(name, f"q{len(numbers) * 7 % 97:02d}")


def differences_m(path: Path, expected: Path) -> NDArray[np.float32]:
    """Return the distance of each of the dancer's joints in two files, (frames, joints)."""
    got, wanted = to_dancer(load_bvh(path)), to_dancer(load_bvh(expected))
    assert got.seen.all()
    return np.linalg.norm(got.keypoints - wanted.keypoints, axis=2)


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("reverse", [False, True])
def test_the_names_of_every_program_give_the_dancer(
    salsa: Path, tmp_path: Path, convention: str, reverse: bool
) -> None:
    path = Rig(salsa).write(tmp_path / "a.bvh", CONVENTIONS[convention].__getitem__, reverse)
    assert differences_m(path, salsa).max() < SAME_M


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("names", ["Unity", "3ds Max", "numbers"])
def test_joints_that_are_added_change_nothing(salsa: Path, tmp_path: Path, change: str, names: str) -> None:
    rig = Rig(salsa)
    CHANGES[change](rig)
    assert differences_m(rig.write(tmp_path / "a.bvh", renaming(names)), salsa).max() < SAME_M


@pytest.mark.parametrize("names", ["Rokoko", "numbers"])
def test_all_additions_together_change_nothing(salsa: Path, tmp_path: Path, names: str) -> None:
    rig = Rig(salsa)
    for change in CHANGES.values():
        change(rig)
    assert differences_m(rig.write(tmp_path / "a.bvh", renaming(names)), salsa).max() < SAME_M


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("names", ["Rokoko", "numbers"])
def test_rigs_may_lack_joints(salsa: Path, tmp_path: Path, reduction: str, names: str) -> None:
    rig = Rig(salsa)
    for motion in (rig.motion["LeftShoulder"], rig.motion["RightShoulder"]):
        motion[:] = 0  # an arm without a collar could not follow it
    held = rig.write(tmp_path / "held.bvh")
    REDUCTIONS[reduction](rig)
    named = renaming("numbers")
    path = rig.write(
        tmp_path / "a.bvh", named if names == "numbers" else lambda name: CONVENTIONS[names].get(name, name)
    )
    assert differences_m(path, held).max() < SAME_M


@pytest.mark.parametrize(("names", "noticed"), [("Unity", False), ("numbers", True)])
def test_joints_that_are_found_by_the_tree_are_named(salsa: Path, tmp_path: Path, names: str, noticed: bool) -> None:
    rename = renaming(names)
    path = Rig(salsa).write(tmp_path / "a.bvh", rename)
    notices = [notice for notice in read_people(path).notices if "follow from the tree of bones" in notice]
    assert len(notices) == noticed
    for ours, theirs in (("LeftUpLeg", "left hip"), ("RightArm", "right shoulder"), ("Head", "head")):
        assert all(f"{theirs} {rename(ours)!r}" in notice for notice in notices)


def test_a_rig_is_known_from_a_single_pose(salsa: Path, tmp_path: Path) -> None:
    rig = Rig(salsa)
    rig.motion = {name: motion[100:101].repeat(3, axis=0) for name, motion in rig.motion.items()}
    still = rig.write(tmp_path / "still.bvh")
    assert differences_m(rig.write(tmp_path / "a.bvh", renaming("numbers")), still).max() < SAME_M


def parents_of(parsed: Parsed) -> list[int]:
    parents = [-1] * parsed.skeleton.n_joints
    for parent, child in parsed.skeleton.bones:
        parents[child] = parent
    return parents


@pytest.mark.parametrize("file", REAL)
def test_structure_finds_what_names_say(data: Path, file: str) -> None:
    parsed = parse_bvh(data / file)
    parents, names = parents_of(parsed), parsed.skeleton.joint_names
    by_name = find_body(names, parents)
    by_structure = find_body([f"q{at}" for at in range(len(names))], parents, parsed.points)
    assert by_name is not None
    assert by_structure is not None
    wanted = {joint: names[at] for joint, at in by_name.items()}
    assert {joint: names[at] for joint, at in by_structure.items()} == wanted


@pytest.mark.parametrize("file", REAL)
def test_dancers_in_real_files_stand_and_face_ahead(data: Path, file: str) -> None:
    [poses] = read_people(data / file).people
    dancer = to_dancer(poses)
    assert dancer.seen.all()
    joints = {joint: dancer.joint(joint) for joint in DANCER.joint_names}
    assert np.mean(joints["nose"][:, 1] > joints["left_ankle"][:, 1] + 0.6) > 0.95
    ahead = np.cross(joints["left_shoulder"] - joints["right_shoulder"], [0, 1, 0])
    for tip, base in (("nose", "neck"), ("left_toe", "left_ankle"), ("right_toe", "right_ankle")):
        assert np.mean(((joints[tip] - joints[base]) * ahead).sum(axis=1) > 0) > 0.8


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(prefix=st.from_regex(re.compile(r"[A-Za-z0-9]{0,8}[:_ -]?", re.ASCII), fullmatch=True))
def test_a_prefix_changes_nothing(salsa: Path, tmp_path: Path, prefix: str) -> None:
    path = Rig(salsa).write(tmp_path / "a.bvh", lambda name: prefix + name)
    assert differences_m(path, salsa).max() < 1e-4


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.randoms(use_true_random=False),
    prefix=st.from_regex(re.compile(r"[A-Za-z]{0,6}[:_]?", re.ASCII), fullmatch=True),
)
def test_any_names_give_the_dancer(salsa: Path, tmp_path: Path, seed: random.Random, prefix: str) -> None:
    rig = Rig(salsa)
    order = list(range(len(rig.children)))
    seed.shuffle(order)
    names = dict(zip(rig.children, (f"{prefix}n{number}" for number in order), strict=True))
    assert differences_m(rig.write(tmp_path / "a.bvh", names.__getitem__), salsa).max() < SAME_M


MAP = {
    joint: "".join(part.capitalize() for part in joint.split("_")) for joint in DANCER.joint_names if joint != "neck"
}
"""Names of joints that a user writes down."""


def hidden(poses: PoseSequence, folder: Path) -> Path:
    """Write a dance on a skeleton that nothing is known of."""
    skeleton = DANCER.__class__("theirs", (*MAP.values(), "Mid"), (), ())
    keypoints = np.concatenate([poses.keypoints[:, [DANCER.index(joint) for joint in MAP]], poses.keypoints[:, 1:2]], 1)
    PoseSequence.fully_seen(keypoints, poses.fps, skeleton).save(folder / "theirs.npz")
    return folder / "theirs.npz"


def test_a_file_names_the_joints_of_an_unknown_skeleton(salsa: Path, tmp_path: Path) -> None:
    poses = to_dancer(load_bvh(salsa))
    path = hidden(poses, tmp_path)
    (tmp_path / "map.json").write_text(json.dumps(MAP | {"neck": ["LeftShoulder", "RightShoulder"]}))
    [read] = read_people(path, PoseInput(joint_map=tmp_path / "map.json")).people
    assert read.skeleton == DANCER
    shoulders = (poses.joint("left_shoulder") + poses.joint("right_shoulder")) / 2
    assert np.allclose(read.joint("neck"), shoulders, atol=1e-5)
    assert np.array_equal(read.joint("left_knee"), poses.joint("left_knee"))


def test_a_neck_that_is_not_named_is_between_the_shoulders(salsa: Path, tmp_path: Path) -> None:
    path = hidden(to_dancer(load_bvh(salsa)), tmp_path)
    (tmp_path / "map.json").write_text(json.dumps(MAP))
    [read] = read_people(path, PoseInput(joint_map=tmp_path / "map.json")).people
    assert np.allclose(read.joint("neck"), (read.joint("left_shoulder") + read.joint("right_shoulder")) / 2, atol=1e-5)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            MAP | {"left_knee": "LeftKne"},
            "'left_knee' names 'LeftKne', which is no joint of the file; did you mean 'LeftKnee'",
        ),
        (MAP | {"leftknee": "LeftKnee"}, "the dancer has no joint 'leftknee'; did you mean 'left_knee'"),
        (MAP | {"left_knee": 7}, "'left_knee' must be the name of a joint or a list of names, got 7"),
        (MAP | {"left_knee": []}, "'left_knee' must be the name of a joint or a list of names, got []"),
        ({"nose": "Nose"}, "does not name left_shoulder, right_shoulder, left_elbow"),
        ([], "must contain a JSON object such as"),
        ("{", "is not JSON"),
    ],
)
def test_mistakes_in_that_file_are_named(salsa: Path, tmp_path: Path, content: object, message: str) -> None:
    skeleton = PoseSequence.load(hidden(to_dancer(load_bvh(salsa))[:2], tmp_path)).skeleton
    path = tmp_path / "map.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(PoseError) as caught:
        load_joint_map(path, skeleton)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)
    with pytest.raises(PoseError, match="there is no file"):
        load_joint_map(tmp_path / "none.json", skeleton)


def with_turned_axes(rig: Rig, seed: int) -> None:
    """Give every joint axes of its own at rest, as programs that model along bones do."""
    rng = np.random.default_rng(seed)
    axes = {rig.root: Rotation.identity()}
    waiting = [rig.root]
    while waiting:
        name = waiting.pop()
        for child in rig.children[name]:
            waiting.append(child)
            axes[child] = Rotation.random(random_state=rng)
            rig.offsets[child] = axes[name].inv().apply(rig.offsets[child])
    parent_of = {child: name for name, children in rig.children.items() for child in children}
    for name, motion in rig.motion.items():
        if motion.shape[1] and name in parent_of:
            order = "".join(channel[0] for channel in rig.channels[name])
            turned = axes[parent_of[name]].inv() * Rotation.from_euler(order, motion, degrees=True) * axes[name]
            rig.motion[name] = turned.as_euler(order, degrees=True)


@pytest.mark.parametrize("names", ["Unity", "numbers"])
def test_the_face_is_found_in_motion_if_the_rest_pose_does_not_stand(salsa: Path, tmp_path: Path, names: str) -> None:
    rig = Rig(salsa)
    with_turned_axes(rig, 1)
    differences = differences_m(rig.write(tmp_path / "a.bvh", renaming(names)), salsa)
    nose = DANCER.index("nose")
    assert np.delete(differences, nose, axis=1).max() < SAME_M
    assert np.median(differences[:, nose]) < 0.08


@pytest.mark.parametrize(
    ("names", "side", "words"),
    [
        (("L5", "T8"), "", ("l", "5")),
        (("LThigh", "RThigh"), "left", ("thigh",)),
        (("lfemur", "rfemur"), "left", ("femur",)),
        (("J_Bip_L_UpperLeg", "J_Bip_R_UpperLeg", "J_Bip_C_Hips"), "left", ("upper", "leg")),
        (("Bip01 L Toe0Nub", "Bip01 R Toe0Nub", "Bip01 Head"), "left", ("toe", "0")),
        (("DEF-thigh.L.001", "DEF-thigh.R.001", "DEF-spine"), "left", ("thigh", "001")),
        (("mixamorig:LeftToe_End", "mixamorig:RightToe_End", "Hips"), "left", ("toe",)),
        (("lumbar", "ribs"), "", ("lumbar",)),
    ],
)
def test_a_name_is_cut_into_a_side_and_words(names: tuple[str, ...], side: str, words: tuple[str, ...]) -> None:
    assert _side_and_words(strip_common(names)[0])[:2] == (side, words)


@pytest.mark.parametrize("names", ["LaFAN1", "Unity"])
def test_a_left_handed_rig_is_mirrored_back(salsa: Path, tmp_path: Path, names: str) -> None:
    rig = Rig(salsa)
    for name, channels in rig.channels.items():
        rig.offsets[name] = rig.offsets[name] * (-1, 1, 1)
        signs = [-1 if channel in ("Xposition", "Yrotation", "Zrotation") else 1 for channel in channels]
        rig.motion[name] = rig.motion[name] * np.array(signs)
    read = read_people(rig.write(tmp_path / "a.bvh", renaming(names)))
    assert any("its axes are left-handed; z is negated" in notice for notice in read.notices)
    # Mirrored in x and then in z: turned about.
    got, expected = to_dancer(read.people[0]), to_dancer(load_bvh(salsa))
    assert np.abs(got.keypoints * (-1, 1, -1) - expected.keypoints).max() < SAME_M
