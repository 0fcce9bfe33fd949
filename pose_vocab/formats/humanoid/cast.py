"""Several dancers in several takes, as rigs in motion on one ground."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from pose_vocab.errors import OutputError
from pose_vocab.formats.humanoid.rig import RigJoint, add_nose, build_rest_rig, measure
from pose_vocab.formats.humanoid.rig_fitting import FittedRig, complete_dancer, describe_error, fit_rig
from pose_vocab.joint_mapping import to_dancer
from pose_vocab.lift_2d import TORSO_M
from pose_vocab.normalization import hip_centres, normalize
from pose_vocab.sequence import PoseSequence

GROUND_TOLERANCE_M = 0.1
"""Dancers whose ground lies within this of height 0 are not moved."""


@dataclass(frozen=True, eq=False)
class RiggedDancer:
    """A dancer as one rig, and their motion in each take.

    Parameters
    ----------
    rig : at rest, with a nose, and with the median bone lengths over all takes.
    motions : one per take, by the take's name.
    """

    rig: Sequence[RigJoint]
    motions: Mapping[str, FittedRig]


def rig_dancers(
    takes: Mapping[str, Sequence[PoseSequence]], path: Path
) -> tuple[tuple[RiggedDancer, ...], tuple[str, ...]]:
    """Return the dancers of takes as rigs that stand on the ground, at height 0.

    Parameters
    ----------
    takes : the people of each take by its name; the same people in each, in one order.
    path : the file to write, for messages.

    Returns
    -------
    dancers : in the order of the people.
    notices : what was guessed or lost, one line each.

    Raises
    ------
    OutputError : a joint that the rig needs is never seen, or the takes have different numbers of people.
    PoseError : the skeleton's joints are unknown.
    """
    counts = sorted({len(people) for people in takes.values()})
    if len(counts) != 1:
        raise OutputError(f"cannot write {path}: takes need the same people in each, not {counts[0]} and {counts[-1]}")
    notices: list[str] = []
    dances: dict[str, list[PoseSequence]] = {}
    for take, people in takes.items():
        dances[take] = []
        for person, aside_m in zip(people, _places_m(people), strict=True):
            dancer, more = complete_dancer(person, path)
            dances[take].append(dancer.with_keypoints(dancer.keypoints + np.array([aside_m, 0, 0], np.float32)))
            notices += more
    ground_m = min(normalize(dancer).placement.ground for people in dances.values() for dancer in people)
    lift = np.array([0, -ground_m if abs(ground_m) > GROUND_TOLERANCE_M else 0, 0])
    if lift.any():
        notices.append(f"{path}: moved {'up' if lift[1] > 0 else 'down'} by {abs(lift[1]):.2f} m onto the ground")
    dancers = []
    for number in range(counts[0]):
        own = {take: moved[number] for take, moved in dances.items()}
        rig = add_nose(build_rest_rig(measure(list(own.values()))))
        motions = {take: fit_rig(rig, dance) for take, dance in own.items()}
        for take, motion in motions.items():
            notices += describe_error(motion, own[take], path)
        dancers.append(
            RiggedDancer(rig, {take: replace(motion, root=motion.root + lift) for take, motion in motions.items()})
        )
    return tuple(dancers), tuple(dict.fromkeys(notices))


def _places_m(people: Sequence[PoseSequence]) -> list[float]:
    """Return where to move each person across the picture in metres: people in 2D are lifted each on their own."""
    if len(people) == 1 or people[0].dims == 3:
        return [0.0] * len(people)
    dancers = [to_dancer(person) for person in people]
    middles_px = [float(np.nanmean(hip_centres(dancer)[:, 0])) for dancer in dancers]
    torso_px = float(np.mean([normalize(dancer).placement.scale for dancer in dancers]))
    return [(middle - float(np.mean(middles_px))) / torso_px * TORSO_M for middle in middles_px]
