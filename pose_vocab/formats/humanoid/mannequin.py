"""A mannequin around a rig at rest, whose skin follows the rig's bones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pose_vocab.formats.humanoid.lofts import Section, Surface, loft, smoothstep, vertex_normals
from pose_vocab.formats.humanoid.mannequin_measures import (
    ARM,
    FOOT,
    HAND,
    HEAD,
    HEAD_ABOVE_NOSE,
    HEAD_BEHIND_NOSE,
    LEG,
    NECK,
    NOSE_HEIGHT,
    NOSE_SIZE,
    THUMB,
    TORSO,
)
from pose_vocab.formats.humanoid.rig import END, SIDES, RigJoint, nose_offset

Floats = NDArray[np.float64]
Weights = Mapping[str, Floats]
"""The share of each joint in the motion of each vertex, (vertices,); the shares of a vertex sum to 1."""

SUIT, SKIN, SHOES = "suit", "skin", "shoes"
INFLUENCES = 4
"""Most joints that move one vertex."""
BLEND = 0.22
"""Around a joint the skin changes over from one bone to the next within this distance before and after."""


@dataclass(frozen=True, eq=False)
class Mannequin:
    """A body of triangles around a rig at rest.

    Parameters
    ----------
    positions, normals : float32 (vertices, 3), metres and unit vectors.
    joints, weights : uint8 and float32 (vertices, `INFLUENCES`), the indices of the rig's joints that move each
        vertex, and their shares.
    triangles : uint16 (triangles, 3) for each material, counter-clockwise seen from outside.
    """

    positions: NDArray[np.float32]
    normals: NDArray[np.float32]
    joints: NDArray[np.uint8]
    weights: NDArray[np.float32]
    triangles: Mapping[str, NDArray[np.uint16]]


def build_mannequin(rig: Sequence[RigJoint]) -> Mannequin:
    """Return the body around the rig of `rig.build_rest_rig`."""
    at: dict[str, Floats] = {}
    for joint in rig:
        at[joint.name] = joint.offset + (at[rig[joint.parent].name] if joint.parent >= 0 else 0)
    torso = float(at["Neck"][1] - at["Hips"][1])
    parts = [_torso(at, torso), *_head(at, torso, nose_offset(rig))]
    for side, out in zip(SIDES, (1.0, -1.0), strict=True):
        parts += [*_arm(at, torso, side, out), _leg(at, torso, side), _foot(at, torso, side)]
    index = {joint.name: i for i, joint in enumerate(rig)}
    return _joined(parts, index)


Part = tuple[str, Surface, Weights]
"""Material, surface, and weights."""


def _torso(at: Mapping[str, Floats], torso: float) -> Part:
    half_hips = abs(float(at["LeftUpLeg"][0]))
    half_shoulders = abs(float(at["LeftArm"][0]))
    sections = [
        Section(
            height * torso, width * torso + hips * half_hips + shoulders * half_shoulders, depth * torso, ahead * torso
        )
        for height, width, hips, shoulders, depth, ahead in TORSO
    ]
    surface = _upright(sections, at["Hips"], rings=26, sides=24, squareness=2.4, rounding=(0.5, 0.3))
    x, height = surface.vertices[:, 0], surface.along
    spine, chest, neck = (float(at[name][1] - at["Hips"][1]) for name in ("Spine", "Chest", "Neck"))
    to_spine = smoothstep(height, spine - 0.12 * torso, spine + 0.12 * torso)
    to_chest = smoothstep(height, chest - 0.2 * torso, chest + 0.2 * torso)
    to_neck = 0.5 * smoothstep(height, neck, neck + 0.15 * torso)
    weights = {
        "Hips": 1 - to_spine,
        "Spine": to_spine * (1 - to_chest),
        "Chest": to_spine * to_chest * (1 - to_neck),
        "Neck": to_spine * to_chest * to_neck,
    }
    for side, out in zip(SIDES, (1.0, -1.0), strict=True):
        to_shoulder = 0.8 * smoothstep(out * x, 0.4 * half_shoulders, 0.95 * half_shoulders)
        to_shoulder *= smoothstep(height, chest, neck - 0.1 * torso)
        weights[f"{side}Shoulder"] = weights["Chest"] * to_shoulder
        weights["Chest"] = weights["Chest"] - weights[f"{side}Shoulder"]
    return SUIT, surface, weights


def _head(at: Mapping[str, Floats], torso: float, nose: Floats) -> list[Part]:
    neck = _upright(
        [Section(*(torso * value for value in row)) for row in NECK], at["Hips"], rings=8, sides=16, rounding=(0.1, 0.1)
    )
    base = float(at["Neck"][1] - at["Hips"][1])
    to_head = smoothstep(neck.along, base, base + 0.12 * torso)
    tip = at["Head"] + nose
    middle = tip + np.array([0, HEAD_ABOVE_NOSE, -HEAD_BEHIND_NOSE]) * torso
    head = _upright(
        [Section(*(torso * value for value in row)) for row in HEAD], middle, rings=18, sides=24, rounding=(0.5, 0.45)
    )
    vertices = head.vertices.copy()
    beside = np.hypot(vertices[:, 0] - tip[0], 0.8 * (vertices[:, 1] - tip[1])) / (NOSE_SIZE * torso)
    in_front = vertices[:, 2] > middle[2]
    vertices[:, 2] += np.where(in_front, NOSE_HEIGHT * torso * np.exp(-(beside**2)), 0)
    face = Surface(vertices, head.along, head.triangles)
    return [
        (SKIN, neck, {"Chest": 1 - to_head, "Neck": to_head}),
        (SKIN, face, {"Head": np.ones(len(vertices))}),
    ]


def _arm(at: Mapping[str, Floats], torso: float, side: str, out: float) -> list[Part]:
    shoulder, elbow, wrist = (at[f"{side}{name}"] for name in ("Arm", "ForeArm", "Hand"))
    axis, ahead = np.array([out, 0, 0]), np.array([0, 0, 1.0])
    upper, lower = float(abs(elbow - shoulder)[0]), float(abs(wrist - elbow)[0])
    hand = float(abs(at[f"{side}Hand{END}"] - wrist)[0])
    arm = loft(
        [Section(_along(bones, upper, lower), height * torso, depth * torso) for bones, height, depth in ARM],
        origin=shoulder, axis=axis, ahead=ahead, rings=24, sides=16, rounding=(0.8, 0.3),
    )  # fmt: skip
    to_elbow, to_wrist = _changes(arm.along, torso, upper), _changes(arm.along, torso, upper + lower)
    to_arm = smoothstep(arm.along, -0.12 * torso, 0.06 * torso)
    weights = {
        f"{side}Shoulder": 1 - to_arm,
        f"{side}Arm": to_arm * (1 - to_elbow),
        f"{side}ForeArm": to_elbow * (1 - to_wrist),
        f"{side}Hand": to_elbow * to_wrist,
    }
    palm = loft(
        [Section(lengths * hand, height * torso, depth * torso) for lengths, height, depth in HAND],
        origin=wrist, axis=axis, ahead=ahead, rings=12, sides=14, squareness=2.5, rounding=(0.6, 0.8),
    )  # fmt: skip
    to_hand = smoothstep(palm.along, -0.5 * hand, 0.5 * hand)
    slant = np.array([out * np.cos(0.7), 0, np.sin(0.7)])
    thumb = loft(
        [Section(lengths * hand, height * torso, depth * torso) for lengths, height, depth in THUMB],
        origin=wrist + ahead * 0.03 * torso, axis=slant, ahead=np.array([-out * np.sin(0.7), 0, np.cos(0.7)]),
        rings=6, sides=10, rounding=(1, 1),
    )  # fmt: skip
    return [
        (SUIT, arm, weights),
        (SKIN, palm, {f"{side}ForeArm": 1 - to_hand, f"{side}Hand": to_hand}),
        (SKIN, thumb, {f"{side}Hand": np.ones(len(thumb.vertices))}),
    ]


def _leg(at: Mapping[str, Floats], torso: float, side: str) -> Part:
    hip, knee, ankle = (at[f"{side}{name}"] for name in ("UpLeg", "Leg", "Foot"))
    upper, lower = float(hip[1] - knee[1]), float(knee[1] - ankle[1])
    leg = loft(
        [
            Section(_along(bones, upper, lower), width * torso, depth * torso, ahead * torso)
            for bones, width, depth, ahead in LEG
        ],
        origin=hip, axis=np.array([0, -1.0, 0]), ahead=np.array([0, 0, 1.0]), rings=28, sides=18, rounding=(0.8, 0.5),
    )  # fmt: skip
    to_leg = smoothstep(leg.along, -0.15 * torso, 0.1 * torso)
    to_knee, to_ankle = (
        _changes(leg.along, torso, upper),
        smoothstep(leg.along, upper + 0.93 * lower, upper + 1.02 * lower),
    )
    return SUIT, leg, {
        "Hips": 1 - to_leg,
        f"{side}UpLeg": to_leg * (1 - to_knee),
        f"{side}Leg": to_knee * (1 - to_ankle),
        f"{side}Foot": to_knee * to_ankle,
    }  # fmt: skip


def _foot(at: Mapping[str, Floats], torso: float, side: str) -> Part:
    ankle, ball, tip = (at[f"{side}{name}"] for name in ("Foot", "Toe", f"Toe{END}"))
    length = float(tip[2] - ankle[2])
    ground = ankle * (1, 0, 1)
    foot = loft(
        [
            Section(lengths * length, width * torso, height * torso, height * torso)
            for lengths, width, height in FOOT
        ],
        origin=ground, axis=np.array([0, 0, 1.0]), ahead=np.array([0, 1.0, 0]), rings=14, sides=16,
        squareness=2.4, rounding=(0.6, 0.8),
    )  # fmt: skip
    bend = float(ball[2] - ankle[2])
    to_toes = smoothstep(foot.along, bend - 0.2 * length, bend + 0.2 * length)
    return SHOES, foot, {f"{side}Foot": 1 - to_toes, f"{side}Toe": to_toes}


def _upright(sections: Sequence[Section], origin: Floats, *, rings: int, sides: int, squareness: float = 2.0,
    rounding: tuple[float, float]) -> Surface:  # fmt: skip
    return loft(
        sections, origin=origin, axis=np.array([0, 1.0, 0]), ahead=np.array([0, 0, 1.0]), rings=rings, sides=sides,
        squareness=squareness, rounding=rounding,
    )  # fmt: skip


def _along(bones: float, upper: float, lower: float) -> float:
    """Return how far along a limb `bones` lie, which count its two bones."""
    return min(bones, 1) * upper + max(bones - 1, 0) * lower


def _changes(along: Floats, torso: float, joint: float) -> Floats:
    """Return the change from one bone to the next around a joint."""
    return smoothstep(along, joint - BLEND / 2 * torso, joint + BLEND / 2 * torso)


def _joined(parts: Sequence[Part], index: Mapping[str, int]) -> Mannequin:
    """Return the parts as one body; each vertex keeps its `INFLUENCES` heaviest joints."""
    vertices = np.concatenate([surface.vertices for _, surface, _ in parts])
    shares = np.zeros((len(vertices), len(index)))
    triangles: dict[str, list[NDArray[np.intp]]] = {SUIT: [], SKIN: [], SHOES: []}
    begin = 0
    for material, surface, weights in parts:
        end = begin + len(surface.vertices)
        for joint, share in weights.items():
            shares[begin:end, index[joint]] = share
        triangles[material].append(surface.triangles + begin)
        begin = end
    normals = vertex_normals(vertices, np.concatenate([each for some in triangles.values() for each in some]))
    joints = np.argsort(-shares, axis=1, kind="stable")[:, :INFLUENCES]
    heaviest = np.take_along_axis(shares, joints, axis=1)
    heaviest /= heaviest.sum(axis=1, keepdims=True)
    return Mannequin(
        vertices.astype(np.float32),
        normals.astype(np.float32),
        np.where(heaviest > 0, joints, 0).astype(np.uint8),
        heaviest.astype(np.float32),
        {material: np.concatenate(some).astype(np.uint16) for material, some in triangles.items()},
    )
