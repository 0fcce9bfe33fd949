"""Reading of the characters of a GLB file and their motion, by forward kinematics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from pose_vocab.errors import PoseError
from pose_vocab.formats.gltf.container import GENERATOR, Container, read_container
from pose_vocab.formats.gltf.sampling import Floats, sample
from pose_vocab.formats.interface import DEFAULT_FPS
from pose_vocab.formats.parsed import Parsed, Space
from pose_vocab.formats.rig_motion import RigMotion
from pose_vocab.formats.rig_nose import with_nose
from pose_vocab.rig_names import mirror_pairs
from pose_vocab.skeletons import Skeleton

FPS_DECIMALS = 4
"""Frame rates are rounded to this many decimals, because keys are stored in single precision."""
EVEN_S = 1e-4
"""Keys whose steps differ by less than this are even."""
POSE_S = 0.3
"""Shorter animations are poses, which are read only if there is nothing longer."""
MAX_TRANSFORMS = 5_000_000
"""Frames times joints that are read at most: 66 joints for 42 minutes at 30 frames per second."""
COMPRESSION = "EXT_meshopt_compression"
"""An extension that packs animations too."""


def parse_glb(path: Path) -> Parsed:
    """Return the motion of every character of a GLB file, in the first animation that moves it.

    A character is the tree of joints of one or several skins, or, in a file without skins, a tree of animated
    nodes. Joints have the names of their nodes. Poses are sampled at the rate of the densest keys.

    Raises
    ------
    PoseError : no such file, a damaged one, or one without an animation.
    """
    container = read_container(path)
    try:
        return _parse(container, path)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise PoseError(f"{path} is a damaged GLB file, or not supported: {error}; export it again") from error


def _parse(container: Container, path: Path) -> Parsed:
    document = container.document
    if COMPRESSION in document.get("extensionsRequired", []):
        raise PoseError(f"{path} is compressed with {COMPRESSION}; export it without compression")
    tracks = [list(_tracks(container, animation)) for animation in document.get("animations", [])]
    tracks.sort(key=lambda track: _duration_s(track) < POSE_S)
    if not any(tracks):
        raise PoseError(f"{path} has no animation; export it with the animation")
    nodes: Sequence[dict[str, Any]] = document["nodes"]
    parents = _parents(nodes)
    roots = _roots(document, parents, tracks)
    characters = [(root, next((each for each in tracks if _moves(each, root, parents)), None)) for root in roots]
    moving = [(root, track) for root, track in characters if track is not None]
    if not moving:
        raise PoseError(f"{path} has an animation, but none that moves a character's joints; export it again")
    fps = _fps([keys_s for _, track in moving for _, _, keys_s, _, _ in track])
    notices = list(_notices(document, path))
    rows: list[Floats] = []
    ids: list[NDArray[np.intp]] = []
    frames: list[NDArray[np.intp]] = []
    skeleton: Skeleton | None = None
    for number, (root, track) in enumerate(moving):
        begin_s = min(float(keys_s[0]) for _, _, keys_s, _, _ in track)
        end_s = max(float(keys_s[-1]) for _, _, keys_s, _, _ in track)
        n_frames = round((end_s - begin_s) * fps) + 1
        if n_frames * len(nodes) > MAX_TRANSFORMS:
            raise PoseError(
                f"{path} has {n_frames} frames of {len(nodes)} nodes at {fps:g} frames per second; at most "
                f"{MAX_TRANSFORMS} transforms can be read, so split the animation"
            )
        rig = with_nose(_move(nodes, root, parents, track, begin_s + np.arange(n_frames) / fps))
        own = Skeleton("gltf", tuple(rig.names), rig.bones, mirror_pairs(rig.names))
        if skeleton is not None and own != skeleton:
            notices.append(f"{path}: character {number + 1} has other joints than the first and is not read")
            continue
        skeleton = own
        rows.append(rig.positions)
        ids.append(np.full(n_frames, number))
        frames.append(np.arange(n_frames))
    assert skeleton is not None
    is_ours = document["asset"].get("generator") == GENERATOR
    return Parsed(
        np.concatenate(rows),
        skeleton,
        Space.WORLD,
        frames=np.concatenate(frames),
        ids=np.concatenate(ids),
        fps=fps,
        metres_per_unit=1.0 if is_ours else None,
        up="y" if is_ours else None,
        usual_units=("metres",),
        has_missing=False,
        notices=tuple(notices),
    )


Track = tuple[int, str, Floats, Floats, str]
"""Node, what moves (translation, rotation, scale), times of the keys in seconds, values, interpolation."""


def _tracks(container: Container, animation: dict[str, Any]) -> Iterator[Track]:
    """Yield what moves the nodes."""
    for channel in animation["channels"]:
        target = channel["target"]
        if "node" in target and target["path"] in ("translation", "rotation", "scale"):
            sampler = animation["samplers"][channel["sampler"]]
            keys_s = container.array(sampler["input"])
            if len(keys_s):
                yield (
                    int(target["node"]),
                    target["path"],
                    keys_s,
                    container.array(sampler["output"]),
                    sampler.get("interpolation", "LINEAR"),
                )


def _duration_s(track: Sequence[Track]) -> float:
    """Return how long an animation lasts."""
    return max((float(keys_s[-1]) for _, _, keys_s, _, _ in track), default=0.0)


def _parents(nodes: Sequence[dict[str, Any]]) -> list[int]:
    """Return the parent of each node, -1 for roots; raise ValueError where nodes form no trees."""
    parents = [-1] * len(nodes)
    for parent, node in enumerate(nodes):
        for child in node.get("children", []):
            if parents[child] != -1:
                raise ValueError(f"node {child} has two parents")
            parents[child] = parent
    for child in range(len(nodes)):
        _depth(child, parents)
    return parents


def _depth(node: int, parents: Sequence[int]) -> int:
    """Return the number of a node's ancestors."""
    depth = 0
    while (node := parents[node]) >= 0:
        depth += 1
        if depth > len(parents):
            raise ValueError("nodes contain each other")
    return depth


def _is_below(node: int, root: int, parents: Sequence[int]) -> bool:
    """Return whether a node is `root` or below it."""
    while node not in (root, -1):
        node = parents[node]
    return node == root


def _roots(document: dict[str, Any], parents: Sequence[int], tracks: Sequence[Sequence[Track]]) -> list[int]:
    """Return the topmost joint of each character; one skeleton may have several skins."""
    skins = [list(map(int, skin["joints"])) for skin in document.get("skins", [])]
    groups = skins or [[node for track in tracks for node, *_ in track]]
    tops = [node for group in groups for node in dict.fromkeys(group) if parents[node] not in group]
    return [
        node
        for node in dict.fromkeys(tops)
        if not any(other != node and _is_below(node, other, parents) for other in tops)
    ]


def _moves(track: Sequence[Track], root: int, parents: Sequence[int]) -> bool:
    return any(_is_below(node, root, parents) for node, *_ in track)


def _fps(keys_s: Sequence[Floats]) -> float:
    """Return the rate of the densest keys."""
    steps = np.diff(max(keys_s, key=len))
    if not len(steps):
        return DEFAULT_FPS
    step_s = float(np.mean(steps) if np.ptp(steps) < EVEN_S else np.median(steps))
    if step_s <= 0:
        raise ValueError("the times of its keys do not rise")
    return round(1 / step_s, FPS_DECIMALS)


def _move(
    nodes: Sequence[dict[str, Any]], root: int, parents: Sequence[int], track: Sequence[Track], at_s: Floats
) -> RigMotion:
    """Return the motion of the joints at and below `root`."""
    moved = {node for node, *_ in track}
    joints = [node for node in range(len(nodes)) if _is_below(node, root, parents)]
    joints = [node for node in joints if node in moved or "mesh" not in nodes[node] or nodes[node].get("children")]
    joints.sort(key=lambda node: _depth(node, parents))
    at = {joint: i for i, joint in enumerate(joints)}
    moves: dict[int, dict[str, Floats]] = {}
    for node, path, keys_s, values, interpolation in track:
        moves.setdefault(node, {})[path] = sample(keys_s, values, at_s, interpolation, is_rotation=path == "rotation")
    world: dict[int, NDArray[np.float64]] = {-1: np.tile(np.eye(4), (len(at_s), 1, 1))}
    ancestors: list[int] = []
    while (node := parents[ancestors[-1] if ancestors else root]) >= 0:
        ancestors.append(node)
    for node in (*reversed(ancestors), *joints):
        world[node] = world[parents[node]] @ _local(nodes[node], moves.get(node, {}), len(at_s))
    sizes = {node: float(np.linalg.norm(world[node][0, :3, 0])) for node in (-1, *ancestors, *joints)}
    rest = [sizes[parents[joint]] * _rest_offset(nodes[joint]) for joint in joints]
    positions = np.stack([world[joint][:, :3, 3] for joint in joints], axis=1)
    rotations = [Rotation.from_matrix(_unit_columns(world[joint][:, :3, :3])) for joint in joints]
    return RigMotion(
        _names(nodes, joints), [at.get(parents[joint], -1) for joint in joints], np.stack(rest), positions, rotations
    )


def _names(nodes: Sequence[dict[str, Any]], joints: Sequence[int]) -> list[str]:
    """Return a name for each joint, all different."""
    names: list[str] = []
    for joint in joints:
        name = str(nodes[joint].get("name") or f"node {joint}")
        while name in names:
            name += "_too"
        names.append(name)
    return names


def _rest_offset(node: dict[str, Any]) -> Floats:
    """Return where a node is in its parent's axes at rest, (3,)."""
    return np.asarray(node["matrix"][12:15] if "matrix" in node else node.get("translation", (0, 0, 0)), np.float64)


def _unit_columns(matrices: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return matrices without their scales."""
    return np.asarray(matrices / np.maximum(np.linalg.norm(matrices, axis=1, keepdims=True), 1e-12))


def _local(node: dict[str, Any], moves: dict[str, Floats], n_frames: int) -> NDArray[np.float64]:
    """Return the transform of a node relative to its parent, (frames, 4, 4)."""
    if "matrix" in node and not moves:
        return np.tile(np.reshape(node["matrix"], (4, 4)).T, (n_frames, 1, 1))
    rotation = moves.get("rotation", np.tile(node.get("rotation", (0, 0, 0, 1)), (n_frames, 1)))
    matrix = np.tile(np.eye(4), (n_frames, 1, 1))
    scale = moves.get("scale", np.tile(node.get("scale", (1, 1, 1)), (n_frames, 1)))
    matrix[:, :3, :3] = Rotation.from_quat(rotation).as_matrix() * scale[:, None, :]
    matrix[:, :3, 3] = moves.get("translation", np.tile(node.get("translation", (0, 0, 0)), (n_frames, 1)))
    return matrix


def _notices(document: dict[str, Any], path: Path) -> Iterator[str]:
    animations = document["animations"]
    if len(animations) > 1:
        names = ", ".join(repr(str(animation.get("name", i))) for i, animation in enumerate(animations))
        yield f"{path} has {len(animations)} animations, {names}; the first that moves a character is read"
