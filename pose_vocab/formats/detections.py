"""Detections, one row per person and frame, and their assembly into one sequence per person."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.formats.identity_tracking import track_identities
from pose_vocab.formats.interface import PosesRead
from pose_vocab.formats.units import body_sizes
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import Skeleton

MAX_NUMBERS = 2**28
"""Maximum number of coordinates and confidences of all people; those seen least are left out beyond it."""


@dataclass(frozen=True, eq=False)
class Detections:
    """Who is seen where and when.

    Parameters
    ----------
    keypoints : (rows, joints, 2|3), as in a `PoseSequence`; a row is one person in one frame.
    confidence : (rows, joints), 0 where a joint is missing.
    frames : int (rows,), from 0.
    n_frames : number of frames in the file, including those with nobody.
    ids : int (rows,), the file's person ids; None unless every row has one.
    """

    keypoints: NDArray[np.floating[Any]]
    confidence: NDArray[np.floating[Any]]
    frames: NDArray[np.intp]
    n_frames: int
    ids: NDArray[np.intp] | None = None


def assemble_people(path: Path, seen: Detections, fps: float, skeleton: Skeleton) -> PosesRead:
    """Return one sequence per person, the most visible one (frames times size) first.

    The file's ids are used if no id occurs twice in a frame. If a frame never shows more than one person,
    all rows are the same person. Otherwise people are tracked. Somebody must be seen.
    """
    confidence = np.where(np.isnan(seen.keypoints).any(axis=2), 0, seen.confidence).astype(np.float32)
    present = np.flatnonzero((confidence > 0).any(axis=1))
    present = present[np.argsort(seen.frames[present], kind="stable")]
    confidence, frames = confidence[present], seen.frames[present]
    keypoints = np.where(confidence[..., None] > 0, seen.keypoints[present], np.nan).astype(np.float32)

    who, duplicate_ids = _assign_identities(keypoints, frames, None if seen.ids is None else seen.ids[present], fps)
    order = np.argsort(-np.bincount(who, weights=body_sizes(keypoints)), kind="stable")
    numbers_per_person = seen.n_frames * skeleton.n_joints * (keypoints.shape[2] + 1)
    kept = order[: max(1, MAX_NUMBERS // numbers_per_person)]
    people = []
    for person in kept:
        rows = np.flatnonzero(who == person)
        person_keypoints = np.full((seen.n_frames, *keypoints.shape[1:]), np.nan, np.float32)
        person_confidence = np.zeros(person_keypoints.shape[:2], np.float32)
        person_keypoints[frames[rows]] = keypoints[rows]
        person_confidence[frames[rows]] = confidence[rows]
        people.append(PoseSequence(person_keypoints, person_confidence, fps, skeleton))
    notices = []
    if duplicate_ids:
        notices.append(f"{path} has the same id twice in a frame; people are tracked by their movement instead")
    if len(kept) < len(order):
        notices.append(f"{path} has {len(order)} people; the {len(order) - len(kept)} seen least are left out")
    return PosesRead(tuple(people), tuple(notices))


def _assign_identities(
    keypoints: NDArray[np.float32], frames: NDArray[np.intp], ids: NDArray[np.intp] | None, fps: float
) -> tuple[NDArray[np.intp], bool]:
    """Return the person of each row, (rows,), from 0, and whether ids were ignored because one occurs twice in
    a frame.
    """
    duplicate_ids = False
    if ids is not None:
        who = np.unique(ids, return_inverse=True)[1]
        duplicate_ids = len(np.unique(np.stack([frames, who]), axis=1).T) < len(frames)
        if not duplicate_ids:
            return who, False
    if len(np.unique(frames)) == len(frames):
        return np.zeros(len(frames), np.intp), duplicate_ids
    return track_identities(keypoints, frames, fps), duplicate_ids
