"""Everybody whom a file shows, a row for each time they are seen, and one sequence a person made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import PoseError
from pose_vocab.formats.identity_tracking import track_identities
from pose_vocab.formats.interface import PosesRead
from pose_vocab.formats.units import body_sizes
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import Skeleton

MAX_FRAMES = 1_000_000
"""A dance has no more frames; nine hours at 30 a second."""
MAX_NUMBERS = 2**28
"""Coordinates and confidences of all people together; those seen least are left out beyond."""


@dataclass(frozen=True, eq=False)
class Detections:
    """Who is seen where and when.

    Parameters
    ----------
    keypoints : (rows, joints, 2|3), as in a `PoseSequence`; a row is one person in one frame.
    confidence : (rows, joints), 0 where a joint is missing.
    frames : int (rows,), from 0.
    n_frames : of the file, those with nobody in them too.
    ids : int (rows,), whom the file says that it is; None where it does not, or not of everybody.
    """

    keypoints: NDArray[np.floating[Any]]
    confidence: NDArray[np.floating[Any]]
    frames: NDArray[np.intp]
    n_frames: int
    ids: NDArray[np.intp] | None = None


def zero_based_frames(numbers: Sequence[int], path: Path) -> NDArray[np.intp]:
    """Frame numbers, which may begin anywhere, counted from the first; raises PoseError for a gap too large."""
    first, last = min(numbers), max(numbers)
    if last - first >= MAX_FRAMES:
        raise PoseError(
            f"{path}: frames {first} to {last} are more than {MAX_FRAMES} frames; number them in steps of 1"
        )
    return np.array([number - first for number in numbers], np.intp)


def assemble_people(
    path: Path, seen: Detections, fps: float, skeleton: Skeleton, notices: Sequence[str] = ()
) -> PosesRead:
    """One sequence a person, the one in the picture most (frames times size) first.

    Who is who, the file's ids say if nobody stands twice in a frame; where never more than one person
    is seen it is always the same one; else people are followed.

    Raises
    ------
    PoseError : nobody is seen, or there are too many frames.
    """
    if seen.n_frames > MAX_FRAMES:
        raise PoseError(f"{path} holds {seen.n_frames} frames; at most {MAX_FRAMES} are read, so cut it in pieces")
    confidence = np.where(np.isnan(seen.keypoints).any(axis=2), 0, seen.confidence).astype(np.float32)
    present = np.flatnonzero((confidence > 0).any(axis=1))
    if not len(present):
        raise PoseError(f"{path}: nobody is seen in any of {seen.n_frames} frames")
    present = present[np.argsort(seen.frames[present], kind="stable")]
    confidence, frames = confidence[present], seen.frames[present]
    keypoints = np.where(confidence[..., None] > 0, seen.keypoints[present], np.nan).astype(np.float32)

    who, doubled = _assign_identities(keypoints, frames, None if seen.ids is None else seen.ids[present], fps)
    order = np.argsort(-np.bincount(who, weights=body_sizes(keypoints)), kind="stable")
    numbers_each = seen.n_frames * skeleton.n_joints * (keypoints.shape[2] + 1)
    kept = order[: max(1, MAX_NUMBERS // numbers_each)]
    people = []
    for person in kept:
        rows = np.flatnonzero(who == person)
        path_of = np.full((seen.n_frames, *keypoints.shape[1:]), np.nan, np.float32)
        seen_of = np.zeros(path_of.shape[:2], np.float32)
        path_of[frames[rows]] = keypoints[rows]
        seen_of[frames[rows]] = confidence[rows]
        people.append(PoseSequence(path_of, seen_of, fps, skeleton))
    more_notices = list(notices)
    if doubled:
        more_notices.append(
            f"{path} gives two people of one frame the same id; people are followed by their movement instead"
        )
    if len(kept) < len(order):
        more_notices.append(f"{path} holds {len(order)} people; the {len(order) - len(kept)} seen least are left out")
    return PosesRead(tuple(people), tuple(more_notices))


def _assign_identities(
    keypoints: NDArray[np.float32], frames: NDArray[np.intp], ids: NDArray[np.intp] | None, fps: float
) -> tuple[NDArray[np.intp], bool]:
    """Who each row is, (rows,), counted from 0; and whether ids were given, but somebody stands twice in a frame."""
    doubled = False
    if ids is not None:
        who = np.unique(ids, return_inverse=True)[1]
        doubled = len(np.unique(np.stack([frames, who]), axis=1).T) < len(frames)
        if not doubled:
            return who, False
    if len(np.unique(frames)) == len(frames):
        return np.zeros(len(frames), np.intp), doubled
    return track_identities(keypoints, frames, fps), doubled
