"""What is written to marker files, and what is read from them: dancers in metres as 16 markers each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import PoseError
from pose_vocab.formats.interface import PoseInput
from pose_vocab.formats.markers.marker_names import split_subjects
from pose_vocab.formats.markers.marker_sets import joints_of_markers
from pose_vocab.formats.parsed import Parsed, Space
from pose_vocab.joint_mapping import to_dancer
from pose_vocab.lift_2d import lift_to_3d
from pose_vocab.resampling import fill_missing
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER, Skeleton

GENERATOR = "BopBot"
"""Names the program in files that it wrote."""


def dancers_in_3d(people: Sequence[PoseSequence], path: Path) -> tuple[list[PoseSequence], tuple[str, ...]]:
    """Return people as dancers in metres, and a notice if their depth is estimated; what is missing stays missing.

    Raises
    ------
    NobodyDancingError : people in 2D whose hips and neck are never seen together.
    PoseError : their joints are unknown.
    """
    dancers = [to_dancer(person) for person in people]
    if dancers[0].dims == 3:
        return dancers, ()
    lifted = []
    for dancer in dancers:
        full = lift_to_3d(dancer.with_keypoints(fill_missing(dancer.keypoints)))
        lifted.append(PoseSequence(full.keypoints, dancer.confidence, dancer.fps, DANCER, dancer.begin_s))
    return lifted, (f"{path}: the poses are in 2D; their depth is estimated from the apparent lengths of bones",)


def parse_markers(
    path: Path,
    labels: Sequence[str],
    points: NDArray[np.float64],
    pose_input: PoseInput,
    *,
    frames: NDArray[np.intp],
    fps: float | None,
    metres_per_unit: float | None,
    up: str | None,
    expected_up: str,
    times_s: NDArray[np.float64] | None = None,
) -> Parsed:
    """Return the dancers of markers, or, if no subject's set is known or joints are named, the first's markers.

    Parameters
    ----------
    labels : one per marker, with the subject's name before a colon if there are several.
    points : (frames, markers, 3), NaN where a marker is not seen.
    frames, fps, metres_per_unit, up, expected_up, times_s : as in `Parsed`, of the frames.

    Raises
    ------
    PoseError : there are no named markers.
    """
    subjects = split_subjects(labels)
    if not subjects:
        raise PoseError(f"{path} has no named markers; label them in the program that recorded them")
    found: list[NDArray[np.float64]] = []
    skeleton, notices = DANCER, []
    for subject, indices in subjects.items():
        named = [labels[index].strip() for index in indices]
        joints = joints_of_markers(named, points[:, indices])
        if joints is not None and pose_input.joint_map is None:
            found.append(joints)
        elif len(subjects) > 1:
            notices.append(f"{path}: the markers of {subject or 'no subject'} are no known set and are left out")
    if not found:
        indices = next(iter(subjects.values()))
        names = [labels[index].strip().rpartition(":")[2] for index in indices]
        skeleton = Skeleton("markers", _different(names), (), ())
        found, notices = [points[:, indices]], notices[1:]
    return Parsed(
        np.concatenate(found),
        skeleton,
        Space.WORLD,
        frames=np.tile(frames, len(found)),
        times=None if times_s is None else np.tile(times_s, len(found)),
        ticks_per_s=None if times_s is None else 1.0,
        ids=np.repeat(np.arange(len(found)), len(frames)),
        fps=fps,
        metres_per_unit=metres_per_unit,
        up=up,
        expected_up=expected_up,
        notices=tuple(notices),
    )


def _different(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names, those that occur again with ``_too``."""
    different: list[str] = []
    for name in names:
        while name in different:
            name += "_too"
        different.append(name)
    return tuple(different)
