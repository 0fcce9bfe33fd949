"""Reading of the UsdSkel characters of a USD file and their motion."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from pose_vocab.errors import PoseError
from pose_vocab.formats.extras import load_extra
from pose_vocab.formats.parsed import Parsed, Space
from pose_vocab.formats.rig_motion import RigMotion
from pose_vocab.formats.rig_nose import with_nose
from pose_vocab.formats.usd.usd_writer import EXTRA, GENERATOR
from pose_vocab.rig_names import mirror_pairs
from pose_vocab.skeletons import Skeleton

MAX_FRAMES = 100_000
"""Longer animations are refused: their time codes are not frames, or they take gigabytes."""


def parse_usd(path: Path) -> Parsed:
    """Return the motion of every skeleton of a USD file that has an animation, a pose a time code.

    Raises
    ------
    PoseError : no such file, a damaged one, one without an animated skeleton, or usd-core is not installed.
    """
    pxr = load_extra(EXTRA, path, PoseError)
    if not path.is_file():
        raise PoseError(f"there is no file {path}")
    try:
        return _parse(pxr, pxr.Usd.Stage.Open(str(path)), path)
    except (pxr.Tf.ErrorException, ValueError, RuntimeError, TypeError, IndexError, MemoryError) as error:
        raise PoseError(f"{path} is damaged or no USD file; export it again") from error


def _parse(pxr: Any, stage: Any, path: Path) -> Parsed:
    """Return the motion of the skeletons of a stage."""
    times = np.arange(stage.GetStartTimeCode(), stage.GetEndTimeCode() + 1)
    if len(times) > MAX_FRAMES:
        raise PoseError(f"{path} has {len(times)} time codes; at most {MAX_FRAMES} can be read")
    cache = pxr.UsdSkel.Cache()
    skeleton: Skeleton | None = None
    rows, notices = [], []
    for prim in stage.Traverse():
        if not prim.IsA(pxr.UsdSkel.Skeleton):
            continue
        query = cache.GetSkelQuery(pxr.UsdSkel.Skeleton(prim))
        if not query or not query.GetAnimQuery():
            continue
        rig = with_nose(_move(pxr, query, times))
        own = Skeleton("usd", tuple(rig.names), rig.bones, mirror_pairs(rig.names))
        if skeleton is not None and own != skeleton:
            notices.append(f"{path}: {prim.GetPath()} has other joints than the first skeleton and is not read")
            continue
        skeleton = own
        rows.append(rig.positions)
    if skeleton is None or not len(times):
        raise PoseError(f"{path} has no animated skeleton; export it with UsdSkel's")
    is_ours = stage.GetRootLayer().customLayerData.get("creator") == GENERATOR
    up = str(pxr.UsdGeom.GetStageUpAxis(stage)).lower()
    return Parsed(
        np.concatenate(rows),
        skeleton,
        Space.WORLD,
        frames=np.tile(np.arange(len(times)), len(rows)),
        ids=np.repeat(np.arange(len(rows)), len(times)),
        fps=float(stage.GetTimeCodesPerSecond()),
        metres_per_unit=float(pxr.UsdGeom.GetStageMetersPerUnit(stage)) if is_ours else None,
        up=up if is_ours else None,
        expected_up=up,
        has_missing=False,
        notices=tuple(notices),
    )


def _move(pxr: Any, query: Any, times: Any) -> RigMotion:
    """Return the motion of a skeleton's joints in the world."""
    order = [str(joint) for joint in query.GetJointOrder()]
    at = {joint: index for index, joint in enumerate(order)}
    parents = [at.get(joint.rpartition("/")[0], -1) for joint in order]
    rest = np.stack(
        [np.array(matrix)[3, :3] for matrix in query.ComputeJointLocalTransforms(pxr.Usd.TimeCode(0), True)]
    )
    matrices = np.empty((len(times), len(order), 4, 4))
    for frame, time in enumerate(times):
        transforms = pxr.UsdGeom.XformCache(pxr.Usd.TimeCode(float(time)))
        matrices[frame] = query.ComputeJointWorldTransforms(transforms)
    # USD multiplies row vectors.
    turned = matrices[..., :3, :3].swapaxes(-1, -2)
    sizes = np.linalg.norm(turned, axis=-2, keepdims=True)
    world_sizes = sizes[0, [max(parent, 0) for parent in parents], 0, 0]
    return RigMotion(
        _names(order),
        parents,
        rest * world_sizes[:, None],
        matrices[..., 3, :3],
        [Rotation.from_matrix((turned / np.maximum(sizes, 1e-12))[:, joint]) for joint in range(len(order))],
    )


def _names(order: list[str]) -> list[str]:
    """Return the last part of each joint's path, or the path where that occurs twice."""
    names = [joint.rpartition("/")[2] for joint in order]
    return [name if names.count(name) == 1 else joint for name, joint in zip(names, order, strict=True)]
