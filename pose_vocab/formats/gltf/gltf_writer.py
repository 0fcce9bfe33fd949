"""Writing of dancers as skinned mannequins in a GLB file.

The format: Khronos Group, "glTF 2.0 Specification", 2021. Metres, y up, characters face +z.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pygltflib
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from pose_vocab.files import write_beside
from pose_vocab.formats.gltf.accessors import Accessors
from pose_vocab.formats.gltf.container import GENERATOR
from pose_vocab.formats.humanoid.bone_names import VRM_NAMES
from pose_vocab.formats.humanoid.cast import rig_dancers
from pose_vocab.formats.humanoid.mannequin import SHOES, SKIN, SUIT, build_mannequin
from pose_vocab.formats.humanoid.rig import RigJoint
from pose_vocab.formats.humanoid.rig_fitting import FittedRig
from pose_vocab.sequence import PoseSequence

ONE_TAKE = "dance"
"""Name of the animation if there is only one."""
SUIT_COLOURS = ((0, 114, 178), (213, 94, 0), (0, 158, 115), (204, 121, 167), (230, 159, 0), (86, 180, 233))
"""Dancers' sRGB colours, which colour-blind people can distinguish (M. Okabe and K. Ito, "Color Universal Design",
2008)."""
SKIN_COLOUR, SHOE_COLOUR = (226, 205, 187), (52, 54, 60)
ROUGHNESS = 0.7


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
        _add_body(document, accessors, dancer.rig, nodes, name, SUIT_COLOURS[number % len(SUIT_COLOURS)])
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
    suit: tuple[int, int, int],
) -> None:  # fmt: skip
    """Add the mannequin of a rig, its skin, and the node that shows it."""
    body = build_mannequin(rig)
    attributes = pygltflib.Attributes(
        POSITION=accessors.add(body.positions, pygltflib.ARRAY_BUFFER, with_limits=True),
        NORMAL=accessors.add(body.normals, pygltflib.ARRAY_BUFFER),
        JOINTS_0=accessors.add(body.joints, pygltflib.ARRAY_BUFFER),
        WEIGHTS_0=accessors.add(body.weights, pygltflib.ARRAY_BUFFER),
    )
    colours = {SUIT: suit, SKIN: SKIN_COLOUR, SHOES: SHOE_COLOUR}
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


def continuous_quaternions(rotations: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return rotations (frames, 3, 3) as quaternions x, y, z, w (frames, 4), each on the side of the one before."""
    quaternions = Rotation.from_matrix(rotations).as_quat()
    flips = np.concatenate([[1.0], np.where((quaternions[1:] * quaternions[:-1]).sum(axis=1) < 0, -1.0, 1.0)])
    return np.asarray(quaternions * np.cumprod(flips)[:, None], np.float32)


def _inverse_bind_matrices(rig: Sequence[RigJoint]) -> NDArray[np.float32]:
    """Return the maps from the ground below the rig at rest to each of its joints, (joints, 4, 4)."""
    matrices = np.tile(np.eye(4, dtype=np.float32), (len(rig), 1, 1))
    at: list[NDArray[np.float64]] = []
    for joint in rig:
        at.append(joint.offset + (at[joint.parent] if joint.parent >= 0 else 0))
    matrices[:, :3, 3] = -np.stack(at)
    return matrices


def _material(name: str, colour: tuple[int, int, int]) -> pygltflib.Material:
    """Return a matt material of an sRGB colour."""
    linear = (np.array(colour) / 255) ** 2.2
    return pygltflib.Material(
        name=name,
        alphaMode=None,
        alphaCutoff=None,
        doubleSided=False,
        pbrMetallicRoughness=pygltflib.PbrMetallicRoughness(
            baseColorFactor=[*linear.round(4).tolist(), 1.0], metallicFactor=0.0, roughnessFactor=ROUGHNESS
        ),
    )
