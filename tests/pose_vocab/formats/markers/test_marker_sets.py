"""The dancer's joints from markers of common sets."""

import numpy as np
import pytest
from marker_people import SETS, joints_of, marker_set
from rigid_dancer import dancing_m

from pose_vocab.formats.markers.marker_names import plain_name, split_subjects
from pose_vocab.formats.markers.marker_sets import joints_of_markers
from pose_vocab.skeletons import DANCER, MEDIAPIPE

WITHIN_M = {"hip": 0.02, "shoulder": 0.035, "knee": 0.045, "ankle": 0.045, "elbow": 0.045, "wrist": 0.045, "toe": 0.045}
"""A single marker lies on the skin, 4 cm from its joint."""


@pytest.mark.parametrize("name", SETS)
def test_joints_lie_under_the_skin(name: str) -> None:
    dancer = dancing_m()
    markers = marker_set(name, dancer)
    joints = joints_of_markers(list(markers), np.stack(list(markers.values()), axis=1))
    assert joints is not None
    for joint, at in joints_of(dancer).items():
        off = np.linalg.norm(joints[:, DANCER.index(joint)] - at, axis=1)
        part = joint.rpartition("_")[2]
        if joint == "nose":
            assert np.isnan(off).all() if name == "ior" else off.max() < 0.13
        else:
            assert off.max() < WITHIN_M.get(part, 0.035), joint


def test_medial_markers_give_the_middle_of_a_joint() -> None:
    dancer = dancing_m()
    markers = marker_set("ior", dancer)
    joints = joints_of_markers(list(markers), np.stack(list(markers.values()), axis=1))
    assert joints is not None
    for joint in ("left_knee", "right_ankle", "left_elbow", "right_wrist"):
        assert joints[:, DANCER.index(joint)] == pytest.approx(joints_of(dancer)[joint])


@pytest.mark.parametrize(
    "names",
    [
        DANCER.joint_names,
        ["Neck", "RShoulder", "RElbow", "RWrist", "LShoulder", "LElbow", "LWrist", "midHip", "RHip", "RKnee", "RAnkle",
         "LHip", "LKnee", "LAnkle", "LBigToe", "LSmallToe", "LHeel", "RBigToe", "RSmallToe", "RHeel", "Nose"],
        MEDIAPIPE.joint_names,
        ["pelvis", "left_hip", "right_hip", "spine1", "left_knee", "right_knee", "spine2", "left_ankle", "right_ankle",
         "spine3", "left_foot", "right_foot", "neck", "left_collar", "right_collar", "head", "left_shoulder",
         "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist"],
        [f"{side}{joint}" for joint in ("HJC", "KJC", "AJC", "SJC", "EJC", "WJC") for side in "LR"],
    ],
)  # fmt: skip
def test_joints_that_programs_found_are_taken_as_they_are(names: list[str]) -> None:
    dancer = joints_of(dancing_m())
    words = {"HJC": "hip", "KJC": "knee", "AJC": "ankle", "SJC": "shoulder", "EJC": "elbow", "WJC": "wrist"}
    points = []
    for name in names:
        plain = plain_name(name)
        side = {"L": "left", "R": "right"}.get(plain[0], "")
        part = words.get(plain[1:], plain[1:].lower())
        points.append(dancer.get(f"{side}_{part}", dancer["nose" if plain == "NOSE" else "neck"]))
    joints = joints_of_markers(names, np.stack(points, axis=1))
    assert joints is not None
    for joint in ("neck", *(f"{side}_{part}" for side in ("left", "right") for part in words.values())):
        assert joints[:, DANCER.index(joint)] == pytest.approx(dancer[joint], abs=1e-6), joint


def test_missing_markers_leave_their_joints_missing_and_too_few_are_nobody() -> None:
    dancer = dancing_m()
    markers = marker_set("plug-in gait", dancer)
    del markers["LELB"], markers["RWRA"], markers["RWRB"]
    markers["LKNE"][10:20] = np.nan
    joints = joints_of_markers(list(markers), np.stack(list(markers.values()), axis=1))
    assert joints is not None
    missing = np.isnan(joints[..., 0])
    assert missing.all(axis=0).nonzero()[0].tolist() == [DANCER.index("left_elbow"), DANCER.index("right_wrist")]
    assert missing[10:20, DANCER.index("left_knee")].all()
    assert not missing[:10, DANCER.index("left_knee")].any()
    for needed in ("LASI", "RSHO"):
        some = {label: points for label, points in markers.items() if label != needed}
        assert joints_of_markers(list(some), np.stack(list(some.values()), axis=1)) is None


def test_subjects_are_told_by_their_prefixes_and_unnamed_markers_are_skipped() -> None:
    labels = ["Anna:LASI", "*12", "Ben:LASI", "Anna:RASI", "unlabeled 3", "U_7", " C7 ", "Ben:*3"]
    assert split_subjects(labels) == {"Anna": [0, 3], "Ben": [2], "": [6]}
    assert [plain_name(label) for label in ("Anna:L.Knee", "left_knee", "RIGHT Knee", "r_knee_study")] == [
        "LKNEE", "LKNEE", "RKNEE", "RKNEE",
    ]  # fmt: skip
