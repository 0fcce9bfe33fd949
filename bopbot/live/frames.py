"""Frames of a live dance: the joints of all dancers at one time, in torso lengths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count, repeat, zip_longest

import numpy as np
from numpy.typing import NDArray

from bopbot.choreography.transitions import MIN_FRAMES, bend_start
from pose_vocab.errors import PoseError
from pose_vocab.joint_mapping import to_dancer
from pose_vocab.normalization import Clip, normalize
from pose_vocab.resampling import resample
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER

Joints = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Frame:
    """All dancers at one time.

    Parameters
    ----------
    number : frame number, from 0.
    time_s : when it is due, after the first frame.
    people : for each dancer (16, 2 or 3), the joints of the dancer skeleton in torso lengths: x to the right of the
        picture and, in 3D, z towards the viewer, from the middle of the floor; y up from the ground. NaN where
        missing.
    words : the row of words at that time, of any width; empty where it is not known.
    """

    number: int
    time_s: float
    people: tuple[Joints, ...]
    words: tuple[str, ...] = ()


def pose_frames(people: Sequence[PoseSequence], fps: float, loop: bool = False) -> Iterator[Frame]:
    """Yield the frames of recorded poses; dancers with shorter sequences are missing after their end.

    Parameters
    ----------
    people : one or more dancers, in the coordinates of one source.
    fps : frames per second to yield.
    loop : repeat without end; each repetition starts with a transition from the end of the dance.

    Raises
    ------
    NobodyDancingError : hips and neck are never seen together, so the scale is unknown.
    PoseError : an unknown skeleton, or a mixture of 2D and 3D.
    """
    clips = normalize_together([resample(to_dancer(person), fps) for person in people])
    return _frames(clips, fps, loop)


def normalize_together(people: Sequence[PoseSequence]) -> list[Clip]:
    """Return dancers as clips of one scale and one ground, centred on the floor.

    Raises as `pose_frames` does.
    """
    dims = sorted({person.dims for person in people})
    if len(dims) > 1:
        found = " and ".join(f"{n}D" for n in dims)
        raise PoseError(f"dancers of one live dance must be all in 2D or all in 3D, got {found}")
    ends = np.cumsum([len(person) for person in people])
    everyone = normalize(
        replace(
            people[0],
            keypoints=np.concatenate([person.keypoints for person in people]),
            confidence=np.concatenate([person.confidence for person in people]),
        )
    )
    hip_path = everyone.placement.hip_path.copy()
    along_the_floor = [axis for axis in range(hip_path.shape[1]) if axis != 1]
    hip_path[:, along_the_floor] -= np.median(hip_path[:, along_the_floor], axis=0)
    centred = Clip(everyone.poses, replace(everyone.placement, hip_path=hip_path))
    return [centred[end - len(person) : end] for person, end in zip(people, ends.tolist(), strict=True)]


def _frames(clips: Sequence[Clip], fps: float, loop: bool) -> Iterator[Frame]:
    again = [bend_start(clip, clip) if loop and len(clip) >= MIN_FRAMES else clip for clip in clips]
    unseen = np.full((DANCER.n_joints, clips[0].poses.dims), np.nan, np.float32)
    numbers = count()
    for turn in chain([clips], repeat(again)) if loop else [clips]:
        for people in zip_longest(*(clip.placed.astype(np.float32) for clip in turn), fillvalue=unseen):
            number = next(numbers)
            yield Frame(number, number / fps, people)
