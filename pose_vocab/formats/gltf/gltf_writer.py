"""Writing of dancers as skinned mannequins in a GLB file.

The format: Khronos Group, "glTF 2.0 Specification", 2021. Metres, y up, characters face +z.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pygltflib
from numpy.typing import NDArray

from pose_vocab.files import write_beside
from pose_vocab.formats.gltf.accessors import Accessors
from pose_vocab.formats.gltf.container import GENERATOR
from pose_vocab.formats.humanoid.bone_names import VRM_NAMES
from pose_vocab.formats.humanoid.cast import rig_dancers
from pose_vocab.formats.humanoid.colours import ROUGHNESS, linear_colours
from pose_vocab.formats.humanoid.mannequin import build_mannequin
from pose_vocab.formats.humanoid.rig import RigJoint
from pose_vocab.formats.humanoid.rig_fitting import FittedRig, continuous_quaternions
from pose_vocab.sequence import PoseSequence


def write_glb(takes: Mapping[str, Sequence[PoseSequence]], path: Path) -> tuple[str, ...]:
    """Write dancers as skinned mannequins with one animation per take.

    Each dancer is a skin of its own: a T-pose on the ground with the bone names of VRM and Unity. Bones have
    the dancer's median lengths, rotations have a key in every frame, and the hips also move.

    Parameters
    ----------
    takes : the people of each take by the name of its animation; the same people in each, in one order.

    Returns
    -------
    tuple of str : what was guessed or lost, one line each.

    Raises
    ------
    OutputError, PoseError : as `rig_dancers`; the file cannot be written.
    """
    dancers, notices = rig_dancers(takes, path)
    document = pygltflib.GLTF2(asset=pygltflib.Asset(version="2.0", generator=GENERATOR))
    document.scenes = [pygltflib.Scene(nodes=[])]
    document.scene = 0
    accessors = Accessors(document)
    animations = {take: pygltflib.Animation(name=take) for take in takes}
    times = {take: _add_times(accessors, dancers[0].motions[take]) for take in takes}
    for number, dancer in enumerate(dancers):
        name = "dancer" if len(dancers) == 1 else f"dancer {number + 1}"
        nodes = _add_rig(document, dancer.rig, name)
        _add_body(document, accessors, dancer.rig, nodes, name, linear_colours(number))
        for take, motion in dancer.motions.items():
            _add_motion(animations[take], accessors, motion, nodes, times[take])
    document.animations = list(animations.values())
    accessors.finish()
    with write_beside(path) as beside:
        beside.write_bytes(b"".join(document.save_to_bytes()))
    return notices


def _add_rig(document: pygltflib.GLTF2, rig: Sequence[RigJoint], name: str) -> list[int]:
    """Add a node for each joint and one that holds them; return the joints' nodes."""
    first = len(document.nodes) + 1
    nodes = [first + i for i in range(len(rig))]
    document.scenes[0].nodes.append(first - 1)
    document.nodes.append(pygltflib.Node(name=name, children=[first]))
    for i, joint in enumerate(rig):
        children = [nodes[child] for child, other in enumerate(rig) if other.parent == i]
        document.nodes.append(
            pygltflib.Node(name=VRM_NAMES[joint.name], translation=joint.offset.tolist(), children=children)
        )
    return nodes


def _add_body(
    document: pygltflib.GLTF2, accessors: Accessors, rig: Sequence[RigJoint], nodes: Sequence[int], name: str,
    colours: Mapping[str, tuple[float, float, float]],
) -> None:  # fmt: skip
    """Add the mannequin of a rig, its skin, and the node that shows it."""
    body = build_mannequin(rig)
    attributes = pygltflib.Attributes(
        POSITION=accessors.add(body.positions, pygltflib.ARRAY_BUFFER, with_limits=True),
        NORMAL=accessors.add(body.normals, pygltflib.ARRAY_BUFFER),
        JOINTS_0=accessors.add(body.joints, pygltflib.ARRAY_BUFFER),
        WEIGHTS_0=accessors.add(body.weights, pygltflib.ARRAY_BUFFER),
    )
    primitives = []
    for part, triangles in body.triangles.items():
        document.materials.append(_material(f"{name} {part}", colours[part]))
        primitives.append(
            pygltflib.Primitive(
                attributes=attributes,
                indices=accessors.add(triangles.ravel(), pygltflib.ELEMENT_ARRAY_BUFFER),
                material=len(document.materials) - 1,
            )
        )
    document.meshes.append(pygltflib.Mesh(name=f"{name} body", primitives=primitives))
    document.skins.append(
        pygltflib.Skin(
            name=name,
            joints=list(nodes),
            skeleton=nodes[0],
            inverseBindMatrices=accessors.add(_inverse_bind_matrices(rig)),
        )
    )
    document.scenes[0].nodes.append(len(document.nodes))
    document.nodes.append(
        pygltflib.Node(name=f"{name} body", mesh=len(document.meshes) - 1, skin=len(document.skins) - 1)
    )


def _add_times(accessors: Accessors, motion: FittedRig) -> int:
    """Add the time of each frame in seconds."""
    return accessors.add((np.arange(len(motion)) / motion.fps).astype(np.float32), with_limits=True)


def _add_motion(
    animation: pygltflib.Animation, accessors: Accessors, motion: FittedRig, nodes: Sequence[int], times: int
) -> None:
    """Add the motion of a rig to an animation: the root's path and the rotations of all joints."""

    def add(node: int, path: str, values: NDArray[np.float32]) -> None:
        animation.samplers.append(
            pygltflib.AnimationSampler(input=times, output=accessors.add(values), interpolation=pygltflib.ANIM_LINEAR)
        )
        animation.channels.append(
            pygltflib.AnimationChannel(
                sampler=len(animation.samplers) - 1, target=pygltflib.AnimationChannelTarget(node=node, path=path)
            )
        )

    add(nodes[0], "translation", motion.root.astype(np.float32))
    for joint, node in zip(motion.rig, nodes, strict=True):
        if not joint.is_tip:
            add(node, "rotation", continuous_quaternions(motion.local_rotations(joint)))


def _inverse_bind_matrices(rig: Sequence[RigJoint]) -> NDArray[np.float32]:
    """Return the maps from the ground below the rig at rest to each of its joints, (joints, 4, 4)."""
    matrices = np.tile(np.eye(4, dtype=np.float32), (len(rig), 1, 1))
    at: list[NDArray[np.float64]] = []
    for joint in rig:
        at.append(joint.offset + (at[joint.parent] if joint.parent >= 0 else 0))
    matrices[:, :3, 3] = -np.stack(at)
    return matrices


def _material(name: str, colour: tuple[float, float, float]) -> pygltflib.Material:
    """Return a matt material of a linear colour."""
    return pygltflib.Material(
        name=name,
        alphaMode=None,
        alphaCutoff=None,
        doubleSided=False,
        pbrMetallicRoughness=pygltflib.PbrMetallicRoughness(
            baseColorFactor=[*colour, 1.0], metallicFactor=0.0, roughnessFactor=ROUGHNESS
        ),
    )
