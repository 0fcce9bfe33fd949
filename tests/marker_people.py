"""Markers on a rigid dancer's skin, in the sets of several programs."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from pose_vocab.sequence import PoseSequence

Floats = NDArray[np.float64]
PELVIS_M, DEPTH_M = 0.25, 0.14
"""Distance of the front markers of the pelvis, and from those to the back ones."""


def joints_of(dancer: PoseSequence) -> dict[str, Floats]:
    return {name: dancer.joint(name).astype(float) for name in dancer.skeleton.joint_names}


def body_axes(at: Mapping[str, Floats], part: str) -> tuple[Floats, Floats, Floats]:
    """Left, up and forward at the hips or the shoulders, (frames, 3)."""
    left = at[f"left_{part}"] - at[f"right_{part}"]
    left /= np.linalg.norm(left, axis=1, keepdims=True)
    up = at["neck"] - (at["left_hip"] + at["right_hip"]) / 2
    up -= (up * left).sum(axis=1, keepdims=True) * left
    up /= np.linalg.norm(up, axis=1, keepdims=True)
    return left, up, np.cross(left, up)


def skin_points(dancer: PoseSequence) -> dict[str, Floats]:
    """Points on the skin by plain words, ``L`` and ``R`` in front."""
    at = joints_of(dancer)
    left, up, forward = body_axes(at, "hip")
    hips = (at["left_hip"] + at["right_hip"]) / 2
    height, ahead = 0.30 * PELVIS_M, 0.22 * PELVIS_M
    chest = body_axes(at, "shoulder")
    found = {
        "C7": at["neck"] - 0.08 * chest[2],
        "CLAV": at["neck"] + 0.06 * chest[2] - 0.03 * chest[1],
        "SACR": hips + height * up - (DEPTH_M - ahead) * forward,
    }
    head_up = at["nose"] - at["neck"]
    for side, word, out in (("L", "left", 1.0), ("R", "right", -1.0)):
        found |= {
            f"{side} front pelvis": hips + out * PELVIS_M / 2 * left + height * up + ahead * forward,
            f"{side} back pelvis": hips + out * 0.04 * left + height * up - (DEPTH_M - ahead) * forward,
            f"{side} front head": at["neck"] + 1.2 * head_up + out * 0.06 * chest[0],
            f"{side} back head": at["neck"] + 1.2 * head_up + out * 0.06 * chest[0] - 0.18 * chest[2],
            f"{side} shoulder": at[f"{word}_shoulder"] + 0.03 * chest[1],
            f"{side} heel": at[f"{word}_ankle"] - 0.4 * (at[f"{word}_toe"] - at[f"{word}_ankle"]),
            f"{side} ball": at[f"{word}_ankle"] + 0.75 * (at[f"{word}_toe"] - at[f"{word}_ankle"]),
        }
        for joint in ("knee", "ankle", "elbow", "wrist"):
            found[f"{side} {joint} out"] = at[f"{word}_{joint}"] + out * 0.04 * left
            found[f"{side} {joint} in"] = at[f"{word}_{joint}"] - out * 0.04 * left
    return found


_SIDED = {
    "plug-in gait": {
        "front pelvis": "*ASI", "back pelvis": "*PSI", "front head": "*FHD", "back head": "*BHD", "shoulder": "*SHO",
        "knee out": "*KNE", "ankle out": "*ANK", "elbow out": "*ELB", "wrist out": "*WRA", "wrist in": "*WRB",
        "heel": "*HEE", "ball": "*TOE",
    },
    "cmu": {
        "front pelvis": "*FWT", "back pelvis": "*BWT", "front head": "*FHD", "back head": "*BHD", "shoulder": "*SHO",
        "knee out": "*KNE", "ankle out": "*ANK", "elbow out": "*ELB", "wrist out": "*WRA", "wrist in": "*WRB",
        "heel": "*HEE", "ball": "*TOE",
    },
    "helen hayes": {
        "front pelvis": "*.ASIS", "knee out": "*.Knee.Lateral", "knee in": "*.Knee.Medial",
        "ankle out": "*.Ankle.Lateral", "ankle in": "*.Ankle.Medial", "shoulder": "*.Shoulder",
        "elbow out": "*.Elbow", "wrist out": "*.Wrist", "heel": "*.Heel", "ball": "*.Toe",
    },
    "ior": {
        "front pelvis": "*_IAS", "back pelvis": "*_IPS", "knee out": "*_FLE", "knee in": "*_FME",
        "ankle out": "*_FAL", "ankle in": "*_TAM", "heel": "*_FCC", "ball": "*_FM2", "shoulder": "*_SAE",
        "elbow out": "*_HLE", "elbow in": "*_HME", "wrist out": "*_RSP", "wrist in": "*_USP",
    },
    "optitrack": {
        "front pelvis": "Waist*Front", "back pelvis": "Waist*Back", "shoulder": "*ShoulderTop",
        "knee out": "*KneeOut", "ankle out": "*AnkleOut", "elbow out": "*ElbowOut", "wrist out": "*WristOut",
        "wrist in": "*WristIn", "heel": "*Heel", "ball": "*Toe",
    },
}  # fmt: skip
_MIDDLE = {"plug-in gait": ("C7", "CLAV"), "cmu": ("C7", "CLAV"), "helen hayes": ("SACR",), "ior": (), "optitrack": ()}
SETS = tuple(_SIDED)


def marker_set(name: str, dancer: PoseSequence) -> dict[str, Floats]:
    """The markers of a set by their labels."""
    skin = skin_points(dancer)
    found = {label: skin[label] for label in _MIDDLE[name]}
    if name == "helen hayes":
        found = {"V.Sacral": skin["SACR"], "Front.Head": (skin["L front head"] + skin["R front head"]) / 2}
    if name == "optitrack":
        found = {"HeadFront": (skin["L front head"] + skin["R front head"]) / 2}
    for words, label in _SIDED[name].items():
        for side in "LR":
            found[label.replace("*", side)] = skin[f"{side} {words}"]
    return found
