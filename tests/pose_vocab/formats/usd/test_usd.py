"""USD files, evaluated by USD's own skinning and validators."""

import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from rigid_dancer import dancing_m

from pose_vocab.errors import OutputError, PoseError
from pose_vocab.formats import FORMATS, PoseInput, read_people, write_people
from pose_vocab.joint_mapping import to_dancer

Usd: Any = pytest.importorskip("pxr.Usd", reason="usd-core is not installed: pip install 'bopbot[usd]'")
UsdGeom: Any = pytest.importorskip("pxr.UsdGeom")
UsdSkel: Any = pytest.importorskip("pxr.UsdSkel")
UsdValidation: Any = pytest.importorskip("pxr.UsdValidation")

SUFFIXES = (".usda", ".usdc", ".usdz")


def skinned_points(stage: Any, dancer: str, time: float) -> NDArray[np.float64]:
    """The mesh where UsdSkel puts it, in the world."""
    cache = UsdSkel.Cache()
    root = UsdSkel.Root(stage.GetPrimAtPath(dancer))
    cache.Populate(root, Usd.TraverseInstanceProxies())
    [binding] = cache.ComputeSkelBindings(root, Usd.TraverseInstanceProxies())
    [skinning] = binding.GetSkinningTargets()
    skeleton = cache.GetSkelQuery(binding.GetSkeleton())
    points = UsdGeom.Mesh(skinning.GetPrim()).GetPointsAttr().Get()
    moved = skinning.ComputeSkinnedPoints(skeleton.ComputeSkinningTransforms(time), points, time)
    return np.array(moved if not isinstance(moved, bool) else points)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_several_people_are_read_again(tmp_path: Path, suffix: str) -> None:
    first = dancing_m(40, fps=29.97)
    second = first.with_keypoints(first.keypoints * 0.9 + np.array([1.5, 0, 0], np.float32))
    assert write_people([first, second], tmp_path / f"a{suffix}") == ()
    read = read_people(tmp_path / f"a{suffix}")
    assert read.notices == ()
    for poses, dancer in zip(read.people, (first, second), strict=True):
        assert (poses.fps, len(poses)) == (29.97, 40)
        assert np.abs(to_dancer(poses).keypoints - dancer.keypoints).max() < 0.005
    if suffix == ".usdz":
        with zipfile.ZipFile(tmp_path / "a.usdz") as archive:
            assert [info.compress_type for info in archive.infolist()] == [zipfile.ZIP_STORED]


def test_usd_itself_finds_joints_and_skin_where_the_dancer_is(tmp_path: Path) -> None:
    dancer = dancing_m(40)
    write_people([dancer], tmp_path / "a.usdc")
    stage = Usd.Stage.Open(str(tmp_path / "a.usdc"))
    assert UsdGeom.GetStageUpAxis(stage) == "Y"
    assert UsdGeom.GetStageMetersPerUnit(stage) == 1
    assert (stage.GetTimeCodesPerSecond(), stage.GetStartTimeCode(), stage.GetEndTimeCode()) == (30, 0, 39)
    skeleton = UsdSkel.Skeleton(stage.GetPrimAtPath("/dancers/dancer_1/skeleton"))
    query = UsdSkel.Cache().GetSkelQuery(skeleton)
    names = [joint.rpartition("/")[2] for joint in query.GetJointOrder()]
    assert names[:5] == ["hips", "spine", "chest", "neck", "head"]
    at_rest = skinned_rest(stage)
    assert (at_rest[:, 1].min(), at_rest[:, 1].max()) == (pytest.approx(0, abs=1e-3), pytest.approx(1.75, abs=0.1))
    for frame in (0, 17, 39):
        matrices = np.array(query.ComputeJointWorldTransforms(UsdGeom.XformCache(frame)))
        for name, joint in (("leftHand", "left_wrist"), ("rightFoot", "right_ankle"), ("neck", "neck")):
            assert np.linalg.norm(matrices[names.index(name), 3, :3] - dancer.joint(joint)[frame]) < 0.005
        points = skinned_points(stage, "/dancers/dancer_1", frame)
        assert np.linalg.norm(points - dancer.joint("left_wrist")[frame], axis=1).min() < 0.05


def skinned_rest(stage: Any) -> NDArray[np.float64]:
    return np.array(UsdGeom.Mesh(stage.GetPrimAtPath("/dancers/dancer_1/body")).GetPointsAttr().Get())


def test_the_validators_of_usd_find_nothing(tmp_path: Path) -> None:
    write_people([dancing_m(10), dancing_m(10)], tmp_path / "a.usdc")
    stage = Usd.Stage.Open(str(tmp_path / "a.usdc"))
    registry = UsdValidation.ValidationRegistry()
    context = UsdValidation.ValidationContext(registry.GetOrLoadAllValidators())
    errors = [f"{error.GetName()}: {error.GetMessage()}" for error in context.Validate(stage)]
    assert errors == []


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    stage = Usd.Stage.CreateNew(str(tmp_path / "empty.usda"))
    stage.GetRootLayer().Save()
    with pytest.raises(PoseError, match="no animated skeleton"):
        read_people(tmp_path / "empty.usda")
    write_people([dancing_m(10)], tmp_path / "a.usdc")
    data = (tmp_path / "a.usdc").read_bytes()
    for number, content in enumerate((b"", b"PXR-USDC", data[:2000], data[:-100])):
        bad = tmp_path / f"bad{number}.usdc"
        bad.write_bytes(content)
        with pytest.raises(PoseError, match="damaged or no USD file"):
            read_people(bad)


def test_without_usd_core_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_people([dancing_m(5)], tmp_path / "a.usda")
    monkeypatch.setitem(sys.modules, "pxr", None)
    with pytest.raises(OutputError, match=r"pip install 'bopbot\[usd\]'"):
        write_people([dancing_m(5)], tmp_path / "b.usda")
    with pytest.raises(PoseError, match=r"pip install 'bopbot\[usd\]'"):
        FORMATS["usd"].parse(tmp_path / "a.usda", PoseInput())  # in this process, where it is missing
    assert not (tmp_path / "b.usda").exists()
