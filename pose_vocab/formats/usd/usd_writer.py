"""Writing of dancers as skinned mannequins in a USD file.

The schema: Pixar, "UsdSkel: Skinning", openusd.org. Metres, y up, characters face +z.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pose_vocab.errors import OutputError
from pose_vocab.files import write_beside
from pose_vocab.formats.extras import load_extra
from pose_vocab.formats.humanoid.bone_names import VRM_NAMES
from pose_vocab.formats.humanoid.cast import RiggedDancer, rig_dancers
from pose_vocab.formats.humanoid.colours import ROUGHNESS, linear_colours
from pose_vocab.formats.humanoid.mannequin import INFLUENCES, build_mannequin
from pose_vocab.formats.humanoid.rig import RigJoint
from pose_vocab.formats.humanoid.rig_fitting import FittedRig, continuous_quaternions
from pose_vocab.sequence import PoseSequence

EXTRA = "usd"
ROOT = "/dancers"
GENERATOR = "BopBot"
PACKAGE = ".usdz"
"""Suffix of the archives that phones show."""
_TAKE = "dance"


def write_usd(people: Sequence[PoseSequence], path: Path) -> tuple[str, ...]:
    """Write dancers as skeletons with a skinned mesh and an animation each.

    The rigs are those of GLB files: T-poses on the ground with the bone names of VRM and Unity.

    Returns
    -------
    tuple of str : what was guessed or lost, one line each.

    Raises
    ------
    OutputError, PoseError : as `rig_dancers`; the file cannot be written, or usd-core is not installed.
    """
    pxr = load_extra(EXTRA, path)
    dancers, notices = rig_dancers({_TAKE: people}, path)
    with write_beside(path) as beside:
        is_package = path.suffix.lower() == PACKAGE
        layer = beside.with_suffix(".usdc") if is_package else beside
        _write_stage(pxr, dancers, people[0].fps, len(people[0]), layer)
        if is_package and not pxr.UsdUtils.CreateNewUsdzPackage(str(layer), str(beside)):
            raise OutputError(f"cannot write {path}: usd-core could not make a package; name a .usdc")
    return notices


def _write_stage(pxr: Any, dancers: Sequence[RiggedDancer], fps: float, n_frames: int, path: Path) -> None:
    """Write the layer with all dancers."""
    stage = pxr.Usd.Stage.CreateNew(str(path))
    pxr.UsdGeom.SetStageUpAxis(stage, pxr.UsdGeom.Tokens.y)
    pxr.UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    stage.SetTimeCodesPerSecond(fps)
    stage.SetFramesPerSecond(fps)
    stage.SetStartTimeCode(0)
    stage.SetEndTimeCode(n_frames - 1)
    stage.GetRootLayer().customLayerData = {"creator": GENERATOR}
    stage.SetDefaultPrim(pxr.UsdGeom.Xform.Define(stage, ROOT).GetPrim())
    for number, dancer in enumerate(dancers):
        _add_dancer(pxr, stage, dancer, f"{ROOT}/dancer_{number + 1}", number)
    stage.GetRootLayer().Save()


def _add_dancer(pxr: Any, stage: Any, dancer: RiggedDancer, prim: str, number: int) -> None:
    """Add a character: its skeleton, animation, mesh and materials."""
    root = pxr.UsdSkel.Root.Define(stage, prim)
    skeleton = pxr.UsdSkel.Skeleton.Define(stage, f"{prim}/skeleton")
    skeleton.CreateJointsAttr(_joint_paths(dancer.rig))
    at = _rest_positions(dancer.rig)
    skeleton.CreateBindTransformsAttr(pxr.Vt.Matrix4dArray([_translation(pxr, position) for position in at]))
    skeleton.CreateRestTransformsAttr(pxr.Vt.Matrix4dArray([_translation(pxr, joint.offset) for joint in dancer.rig]))
    animation = _add_animation(pxr, stage, dancer.rig, dancer.motions[_TAKE], f"{prim}/{_TAKE}")
    pxr.UsdSkel.BindingAPI.Apply(skeleton.GetPrim()).CreateAnimationSourceRel().SetTargets([animation.GetPath()])
    mesh = _add_mesh(pxr, stage, dancer.rig, f"{prim}/body", number)
    pxr.UsdSkel.BindingAPI.Apply(mesh.GetPrim()).CreateSkeletonRel().SetTargets([skeleton.GetPath()])
    reach = np.concatenate([motion.root for motion in dancer.motions.values()])
    size = float(at[:, 1].max())
    extent = [(reach.min(axis=0) - size).tolist(), (reach.max(axis=0) + size).tolist()]
    pxr.UsdGeom.Boundable(root.GetPrim()).CreateExtentAttr([pxr.Gf.Vec3f(*corner) for corner in extent])


def _add_animation(pxr: Any, stage: Any, rig: Sequence[RigJoint], motion: FittedRig, prim: str) -> Any:
    """Add the rotations of all joints and the path of the root, a sample a frame."""
    animation = pxr.UsdSkel.Animation.Define(stage, prim)
    animation.CreateJointsAttr(_joint_paths(rig))
    animation.CreateScalesAttr(pxr.Vt.Vec3hArray([pxr.Gf.Vec3h(1, 1, 1)] * len(rig)))
    translations = np.tile(np.stack([joint.offset for joint in rig]).astype(np.float32), (len(motion), 1, 1))
    translations[:, 0] = motion.root
    still = np.tile(np.array([0, 0, 0, 1], np.float32), (len(motion), 1))
    quaternions = np.stack(
        [still if joint.is_tip else continuous_quaternions(motion.local_rotations(joint)) for joint in rig], axis=1
    )
    moves, turns = animation.CreateTranslationsAttr(), animation.CreateRotationsAttr()
    for frame in range(len(motion)):
        moves.Set(pxr.Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(translations[frame])), frame)
        turned = [pxr.Gf.Quatf(w, x, y, z) for x, y, z, w in quaternions[frame].tolist()]
        turns.Set(pxr.Vt.QuatfArray(turned), frame)
    return animation


def _add_mesh(pxr: Any, stage: Any, rig: Sequence[RigJoint], prim: str, number: int) -> Any:
    """Add the mannequin of a rig, with a material for each of its parts."""
    body = build_mannequin(rig)
    mesh = pxr.UsdGeom.Mesh.Define(stage, prim)
    triangles = np.concatenate(list(body.triangles.values())).astype(np.int32)
    mesh.CreatePointsAttr(pxr.Vt.Vec3fArray.FromNumpy(body.positions))
    mesh.CreateNormalsAttr(pxr.Vt.Vec3fArray.FromNumpy(body.normals))
    mesh.SetNormalsInterpolation(pxr.UsdGeom.Tokens.vertex)
    mesh.CreateFaceVertexCountsAttr(pxr.Vt.IntArray([3] * len(triangles)))
    mesh.CreateFaceVertexIndicesAttr(pxr.Vt.IntArray.FromNumpy(triangles.ravel()))
    mesh.CreateSubdivisionSchemeAttr(pxr.UsdGeom.Tokens.none)
    mesh.CreateExtentAttr(pxr.UsdGeom.Mesh.ComputeExtent(mesh.GetPointsAttr().Get()))
    binding = pxr.UsdSkel.BindingAPI.Apply(mesh.GetPrim())
    binding.CreateJointIndicesPrimvar(False, INFLUENCES).Set(
        pxr.Vt.IntArray.FromNumpy(body.joints.astype(np.int32).ravel())
    )
    binding.CreateJointWeightsPrimvar(False, INFLUENCES).Set(pxr.Vt.FloatArray.FromNumpy(body.weights.ravel()))
    binding.CreateGeomBindTransformAttr(pxr.Gf.Matrix4d(1.0))
    pxr.UsdShade.MaterialBindingAPI.Apply(mesh.GetPrim())
    first = 0
    for part, colour in linear_colours(number).items():
        faces = range(first, first + len(body.triangles[part]))
        first = faces.stop
        subset = pxr.UsdGeom.Subset.CreateGeomSubset(
            mesh,
            part,
            pxr.UsdGeom.Tokens.face,
            pxr.Vt.IntArray(list(faces)),
            "materialBind",
            pxr.UsdGeom.Tokens.partition,
        )
        material = _add_material(pxr, stage, f"{prim}_{part}", colour)
        pxr.UsdShade.MaterialBindingAPI.Apply(subset.GetPrim()).Bind(material)
    return mesh


def _add_material(pxr: Any, stage: Any, prim: str, colour: tuple[float, float, float]) -> Any:
    """Add a matt material of a linear colour."""
    material = pxr.UsdShade.Material.Define(stage, prim)
    shader = pxr.UsdShade.Shader.Define(stage, f"{prim}/surface")
    shader.CreateIdAttr("UsdPreviewSurface")
    types = pxr.Sdf.ValueTypeNames
    shader.CreateInput("diffuseColor", types.Color3f).Set(pxr.Gf.Vec3f(*colour))
    shader.CreateInput("roughness", types.Float).Set(ROUGHNESS)
    material.CreateSurfaceOutput().ConnectToSource(shader.ConnectableAPI(), "surface")
    return material


def _joint_paths(rig: Sequence[RigJoint]) -> list[str]:
    """Return the joints as UsdSkel names them, by the way from the root: ``hips/spine``."""
    paths: list[str] = []
    for joint in rig:
        name = VRM_NAMES[joint.name]
        paths.append(name if joint.parent < 0 else f"{paths[joint.parent]}/{name}")
    return paths


def _rest_positions(rig: Sequence[RigJoint]) -> Any:
    """Return the joints at rest, (joints, 3) in metres."""
    at: list[Any] = []
    for joint in rig:
        at.append(joint.offset + (at[joint.parent] if joint.parent >= 0 else 0))
    return np.stack(at)


def _translation(pxr: Any, offset: Any) -> Any:
    return pxr.Gf.Matrix4d().SetTranslate(pxr.Gf.Vec3d(*map(float, offset)))
