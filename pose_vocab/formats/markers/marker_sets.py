"""The dancer's joints from markers on the skin: one table for all common marker sets.

The sets: Vicon's Plug-in Gait and its joint centres; CMU; Helen Hayes as in Cortex; the Istituti Ortopedici Rizzoli's
and the ISB's names; OptiTrack's Baseline; and joints of OpenPose, MediaPipe, OpenCap, SMPL and BopBot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from pose_vocab.formats.markers.marker_names import plain_name
from pose_vocab.joint_mixes import Mix, between, beyond, only
from pose_vocab.skeletons import DANCER

NEEDED = ("left_hip", "right_hip", "left_shoulder", "right_shoulder")
"""Joints without which markers are no body."""
TOE_BEYOND_BALL = 1.25
"""The tip of the toes, in distances from the heel to the ball of the foot, where the marker is."""

HIP_OUT, HIP_BACK, HIP_DOWN = 0.36, 0.22, 0.30
"""The hip joint, from the middle of the front of the pelvis, in distances between its two front markers (A. Bell, D.
Pedersen and R. Brand, "A comparison of the accuracy of several hip center location prediction methods", J. Biomech. 23,
1990)."""
# The nose lies below the forehead by 0.3 of the way to between the shoulders, and ahead by 0.2 of the head's depth.
_NOSE = (("forehead", 0.9), ("neck", 0.3), ("back of head", -0.2))


def _pairs(*names: tuple[str, str]) -> tuple[Mix, ...]:
    return tuple(between(first, second) for first, second in names)


def _any(names: str) -> tuple[Mix, ...]:
    return tuple(map(only, names.split()))


_RULES: tuple[tuple[str, tuple[Mix, ...]], ...] = (
    ("*asi", _any("*ASI *ASIS *FWT *IAS WAIST*FRONT")),
    ("*psi", _any("*PSI *PSIS *BWT *IPS WAIST*BACK")),
    ("sacrum", (between("Lpsi", "Rpsi"), *_any("SACR SACRUM VSACRAL SACRAL VSACR"))),
    (
        "*_knee",
        (
            only("*KJC"),
            *_pairs(("*KNE", "*KNEM"), ("*KNE", "*MKNE"), ("*KNE", "*KNM")),
            *_pairs(("*KNEE", "*KNEEMEDIAL"), ("*KNEE", "*MKNEE")),
            *_pairs(("*KNEELATERAL", "*KNEEMEDIAL"), ("*KNEEOUT", "*KNEEIN"), ("*LE", "*ME"), ("*FLE", "*FME")),
            *_any("*KNEE *KNE *KNEELATERAL *KNEEOUT *LE *FLE"),
        ),
    ),
    (
        "*_ankle",
        (
            only("*AJC"),
            *_pairs(("*ANK", "*ANKM"), ("*ANK", "*MANK"), ("*ANK", "*MED")),
            *_pairs(("*ANKLE", "*ANKLEMEDIAL"), ("*ANKLE", "*MANKLE")),
            *_pairs(("*ANKLELATERAL", "*ANKLEMEDIAL"), ("*ANKLEOUT", "*ANKLEIN"), ("*LM", "*MM"), ("*FAL", "*TAM")),
            *_any("*ANKLE *ANK *ANKLELATERAL *ANKLEOUT *LM *FAL"),
        ),
    ),
    ("*heel", _any("*HEE *HEEL *CA *FCC")),
    (
        "*ball",
        (
            *_any("*TOE *FM2 *SM *MT2"),
            *_pairs(("*TOEIN", "*TOEOUT"), ("*FM1", "*FM5"), ("*MT1", "*MT5"), ("*FM", "*VM")),
        ),
    ),
    (
        "*_toe",
        (*_any("*BIGTOE *FOOTINDEX *TOETIP"), beyond("*heel", "*ball", TOE_BEYOND_BALL), *_any("*ball *FOOT *TOES")),
    ),
    ("*_hip", _any("*HJC *HIP")),
    ("*_shoulder", _any("*SJC *SHO *SHOULDER *SHOULDERTOP *SAE *ACR *AC")),
    (
        "*_elbow",
        (
            only("*EJC"),
            *_pairs(("*ELB", "*ELBM"), ("*ELB", "*MELB"), ("*ELBOW", "*ELBOWMEDIAL"), ("*ELBOW", "*MELBOW")),
            *_pairs(("*ELBOWLATERAL", "*ELBOWMEDIAL"), ("*ELBOWOUT", "*ELBOWIN"), ("*HLE", "*HME")),
            *_any("*ELBOW *ELB *ELBOWLATERAL *ELBOWOUT *HLE"),
        ),
    ),
    (
        "*_wrist",
        (
            only("*WJC"),
            *_pairs(("*WRA", "*WRB"), ("*WRISTIN", "*WRISTOUT"), ("*WRISTLATERAL", "*WRISTMEDIAL"), ("*RSP", "*USP")),
            *_any("*WRIST *WRI *WRA *WRB *WRISTOUT *WRISTLATERAL *RSP"),
        ),
    ),
    # SMPL, which has collars, has its neck at the base of the skull.
    (
        "neck",
        (
            (*between("left_shoulder", "right_shoulder"), ("LCOLLAR", 0.0)),
            only("NECK"),
            between("left_shoulder", "right_shoulder"),
        ),
    ),
    ("forehead", (between("LFHD", "RFHD"), *_any("HEADFRONT FRONTHEAD SGL"))),
    ("back of head", (between("LBHD", "RBHD"), *_any("REARHEAD HEADBACK BACKHEAD"))),
    ("nose", (only("NOSE"), _NOSE, (("forehead", 0.7), ("neck", 0.3)))),
)  # fmt: skip
"""Points with the mixes that make them; the first whose sources all are there is used. Sources in capitals are
markers, others are points above. ``*`` stands for a side and ``~`` for the other one. A weight of 0 only requires a
source."""


def joints_of_markers(labels: Sequence[str], points: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Return the dancer's joints, (frames, 16, 3), NaN where a joint's markers are; None if the set is unknown.

    Parameters
    ----------
    labels : the markers of one subject.
    points : (frames, markers, 3), NaN where a marker is not seen.
    """
    found: dict[str, NDArray[np.float64]] = {}
    for index, label in enumerate(labels):
        if np.isfinite(points[:, index]).any():
            found.setdefault(plain_name(label), points[:, index])
    for point, alternatives in _RULES:
        for side, other in (("left", "right"), ("right", "left")) if "*" in point else (("left", "right"),):
            for mix in alternatives:
                mixed = _mix(mix, found, side, other)
                if mixed is not None:
                    found[_named(point, side, other)] = mixed
                    break
    found = _hips_in_pelvis(found) | found
    if not all(joint in found for joint in NEEDED):
        return None
    unseen = np.full((len(points), 3), np.nan)
    return np.stack([found.get(joint, unseen) for joint in DANCER.joint_names], axis=1)


def _hips_in_pelvis(found: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
    """Return the hip joints, (frames, 3), from the markers of the pelvis; nothing if those are not there."""
    if not {"Lasi", "Rasi", "sacrum"} <= found.keys():
        return {}
    front = (found["Lasi"] + found["Rasi"]) / 2
    across = found["Lasi"] - found["Rasi"]
    width = np.linalg.norm(across, axis=1, keepdims=True)
    left = across / width
    ahead = front - found["sacrum"]
    ahead = ahead - (ahead * left).sum(axis=1, keepdims=True) * left
    ahead = ahead / np.linalg.norm(ahead, axis=1, keepdims=True)
    middle = front - width * (HIP_BACK * ahead + HIP_DOWN * np.cross(ahead, left))
    return {"left_hip": middle + HIP_OUT * across, "right_hip": middle - HIP_OUT * across}


def _mix(mix: Mix, found: Mapping[str, NDArray[np.float64]], side: str, other: str) -> NDArray[np.float64] | None:
    """Return the mix of points on one side, (frames, 3); None if one is missing."""
    sources = [(found.get(_named(source, side, other)), weight) for source, weight in mix]
    total: NDArray[np.float64] | None = None
    for source, weight in sources:
        if source is None:
            return None
        total = source * weight if total is None else total + source * weight
    return total


def _named(name: str, side: str, other: str) -> str:
    """Return a name on one side: markers and points in the pelvis by a letter, joints by a word."""
    if "_" in name:
        return name.replace("*", side).replace("~", other)
    return name.replace("*", side[0].upper()).replace("~", other[0].upper())
