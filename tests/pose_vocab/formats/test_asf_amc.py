from pathlib import Path

import numpy as np
import pytest
from acclaim_files import amc_text, asf_text, write_amc

from pose_vocab.errors import PoseError
from pose_vocab.formats import PoseInput, read_people
from pose_vocab.formats.asf_amc import AsfAmc
from pose_vocab.joint_mapping import to_dancer

AMC = AsfAmc()
UNIT_M = 0.0254 / 0.45


def at(path: Path, joint: str) -> list[float]:
    parsed = AMC.parse(path, PoseInput())
    return parsed.points[0, parsed.skeleton.index(joint)].round(4).tolist()


def test_a_bone_begins_where_its_parent_ends(tmp_path: Path) -> None:
    path = write_amc(tmp_path)
    assert at(path, "root") == [0, 15, 0]
    assert at(path, "ltibia") == [1.4, 8, 0]
    assert at(path, "lfoot_end") == [1.4, 0.25, 2.5]
    assert at(path, "lhumerus") == [0, 24, 0]
    assert at(path, "lhand_end") == [11.5, 24, 0]


def test_a_bone_turns_about_its_own_axes(tmp_path: Path) -> None:
    # The upper arm's own axes are turned by 90 degrees about z, so its x is the world's y.
    assert at(write_amc(tmp_path, {"lhumerus": "90 0 0"}), "lradius") == [0, 24, -5]
    assert at(write_amc(tmp_path, {"lhumerus": "0 0 90"}), "lradius") == [0, 29, 0]


def test_channels_turn_about_fixed_axes_in_turn(tmp_path: Path) -> None:
    # About x, the trunk goes from y to z, then about y to x.
    assert at(write_amc(tmp_path, {"trunk": "90 90 0"}), "head") == [9, 15, 0]


def test_children_turn_with_their_parents(tmp_path: Path) -> None:
    assert at(write_amc(tmp_path, {"root": "1 15 0 0 90 0"}), "lradius") == [1, 24, -5]


def test_the_unit_follows_from_inches(tmp_path: Path) -> None:
    parsed = AMC.parse(write_amc(tmp_path), PoseInput())
    assert parsed.metres_per_unit == pytest.approx(UNIT_M)
    (tmp_path / "body.asf").write_text(asf_text(length=1.0))
    assert AMC.parse(tmp_path / "body.amc", PoseInput()).metres_per_unit is None


def test_angles_may_be_radians(tmp_path: Path) -> None:
    path = write_amc(tmp_path)
    path.write_text(amc_text({"trunk": "1.5707963 0 0"}, keyword=":RADIANS"))
    assert at(path, "head") == [0, 15, 9]


def test_the_frame_rate_is_assumed_with_a_notice(tmp_path: Path) -> None:
    path = write_amc(tmp_path)
    read = read_people(path)
    assert read.people[0].fps == 120
    assert any("states no frame rate; read as 120 per second" in notice for notice in read.notices)
    read = read_people(path, PoseInput(fps=60))
    assert read.people[0].fps == 60
    assert not any("frame rate" in notice for notice in read.notices)


@pytest.mark.parametrize(
    ("skeletons", "chosen"),
    [(["take_01.asf", "take.asf"], "take_01.asf"), (["other.asf"], "other.asf"), (["b.asf", "take.asf"], "take.asf")],
)
def test_the_skeleton_lies_beside_the_motion(tmp_path: Path, skeletons: list[str], chosen: str) -> None:
    for name in skeletons:
        (tmp_path / name).write_text(asf_text() if name == chosen else "damaged")
    (tmp_path / "TAKE_01.AMC").write_text(amc_text({}))
    assert at(tmp_path / "TAKE_01.AMC", "root") == [0, 15, 0]


def test_a_motion_without_a_skeleton_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.amc"
    path.write_text(amc_text({}))
    with pytest.raises(PoseError, match=r"needs its skeleton beside it, as a\.asf; skeletons there: none"):
        AMC.parse(path, PoseInput())
    for name in ("x.asf", "y.asf"):
        (tmp_path / name).write_text(asf_text())
    with pytest.raises(PoseError, match=r"skeletons there: x\.asf, y\.asf"):
        AMC.parse(path, PoseInput())


def test_a_skeleton_without_a_motion_is_refused(tmp_path: Path) -> None:
    write_amc(tmp_path)
    with pytest.raises(PoseError, match=r"body\.asf is a skeleton without a motion; name the \.amc file"):
        read_people(tmp_path / "body.asf")


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("body.amc", "trunk 0", "tail 0", "line 12: body.asf has no bone 'tail'"),
        ("body.amc", "trunk 0 0 0", "trunk 0 0", "line 12: expected 3 numbers for 'trunk' as in body.asf, got '0 0'"),
        ("body.amc", ":DEGREES\n1\n", ":DEGREES\n", "line 4: expected the number of a frame, got 'root'"),
        ("body.asf", "root lfemur", "root tail", "there is no bone 'tail'"),
        ("body.asf", "lfemur ltibia", "lfemur rfemur", "the bone 'rfemur' has two parents"),
        ("body.asf", "name ltibia", "name lfemur", "the bone 'lfemur' occurs twice"),
        ("body.asf", ":hierarchy", ":order", "expected the sections :bonedata and :hierarchy"),
        ("body.asf", "axis 0 0 90  XYZ", "axis 0 0 ninety  XYZ", "lhumerus: expected a number, got 'ninety'"),
        ("body.asf", "dof rx ry rz", "dof rx ry rw", "the bone 'lfemur' has dof 'rx ry rw'"),
        ("body.asf", "length 0.45", "length none", "units: expected a number, got 'none'"),
    ],
)
def test_damage_is_named(tmp_path: Path, file: str, old: str, new: str, message: str) -> None:
    path = write_amc(tmp_path, {}, {}, {})
    text = (tmp_path / file).read_text()
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new, 2 if file.endswith("amc") else 1))
    with pytest.raises(PoseError) as caught:
        AMC.parse(path, PoseInput())
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_last_frame_that_was_cut_short_is_left_out(tmp_path: Path) -> None:
    path = write_amc(tmp_path, {}, {}, {})
    path.write_text(path.read_text()[:-30])
    parsed = AMC.parse(path, PoseInput())
    assert len(parsed.points) == 2
    assert parsed.notices[0].endswith("is cut short; its last frame is left out")


@pytest.mark.parametrize("name", ["charleston1", "charleston2", "lambada", "pirouette"])
def test_dances_of_cmu_stand_on_the_floor_and_face_ahead(data: Path, name: str) -> None:
    read = read_people(data / "mocap_other" / f"{name}.amc")
    [poses] = read.people
    dancer = to_dancer(poses)
    assert dancer.seen.all()
    joints = {joint: dancer.joint(joint) for joint in dancer.skeleton.joint_names}
    lowest = np.minimum(joints["left_toe"], joints["right_toe"])[:, 1]
    assert abs(np.median(lowest)) < 0.08
    assert 1.3 < np.median(joints["nose"][:, 1]) < 1.8
    ahead = np.cross(joints["left_shoulder"] - joints["right_shoulder"], [0, 1, 0])
    for tip, base in (("nose", "neck"), ("left_toe", "left_ankle"), ("right_toe", "right_ankle")):
        assert np.mean(((joints[tip] - joints[base]) * ahead).sum(axis=1) > 0) > 0.9
