"""Cleaning of detected keypoints: drop unsure joints, fill short gaps, split into clips, smooth."""

from dataclasses import dataclass, replace

import numpy as np

from pose_vocab.errors import PoseError
from pose_vocab.filters import low_pass
from pose_vocab.resampling import fill_missing
from pose_vocab.runs import runs
from pose_vocab.sequence import PoseSequence

MAX_HIDDEN_SHARE = 0.5
"""`explain_no_clips` names the joints that are seen in a smaller share of the frames."""


@dataclass(frozen=True)
class Cleaning:
    """What to do with unsure, missing and jittering keypoints; None turns a step off.

    Parameters
    ----------
    min_confidence : a joint with a lower confidence is missing.
    max_gap_s : a joint missing for at most this many seconds is interpolated.
    cutoff_hz : cut-off frequency of the zero-phase low-pass filter, in Hz.
    min_seen : minimum share of the joints seen in a frame; frames with fewer split the clip.
    min_clip_s : a clip shorter than this many seconds is dropped.

    Raises
    ------
    PoseError : a share outside 0..1, or a time or frequency that is not positive.
    """

    min_confidence: float | None = 0.5
    max_gap_s: float | None = 0.5
    cutoff_hz: float | None = 6.0
    min_seen: float = 0.5
    min_clip_s: float = 1.0

    def __post_init__(self) -> None:
        for name in ("min_confidence", "min_seen"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 1:
                raise PoseError(f"{name} must lie between 0 and 1, got {value}")
        for name in ("max_gap_s", "cutoff_hz"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise PoseError(f"{name} must be positive, or None to turn the step off, got {value}")


def clean(poses: PoseSequence, options: Cleaning) -> list[PoseSequence]:
    """Return the usable clips of a sequence in time order; none if nobody is seen long enough.

    A frame is usable if both hips, one knee and at least `min_seen` of the joints are seen.
    """
    if options.min_confidence is not None:
        poses = mask_unsure(poses, options.min_confidence)
    if options.max_gap_s is not None:
        poses = fill_short_gaps(poses, options.max_gap_s)
    clips = split(poses, options.min_seen, options.min_clip_s)
    if options.cutoff_hz is not None:
        clips = [smooth(clip, options.cutoff_hz) for clip in clips]
    return clips


def mask_unsure(poses: PoseSequence, min_confidence: float) -> PoseSequence:
    """Make joints with a confidence below `min_confidence` missing."""
    return replace(poses, confidence=np.where(poses.confidence < min_confidence, 0, poses.confidence))


def fill_short_gaps(poses: PoseSequence, max_gap_s: float) -> PoseSequence:
    """Interpolate each joint over gaps of at most `max_gap_s` seconds between two frames that show it."""
    short = np.zeros_like(poses.seen)
    for joint, seen in enumerate(poses.seen.T):
        for gap in runs(~seen):
            inside = gap.start > 0 and gap.stop < len(poses)
            if inside and (gap.stop - gap.start) <= max_gap_s * poses.fps + 1e-6:
                short[gap, joint] = True
    confidence = np.where(poses.seen, poses.confidence, np.nan)
    return replace(
        poses,
        keypoints=np.where(short[..., None], fill_missing(poses.keypoints), poses.keypoints),
        confidence=np.where(short, fill_missing(confidence), poses.confidence),
    )


def split(poses: PoseSequence, min_seen: float, min_clip_s: float) -> list[PoseSequence]:
    """Split the sequence at frames that show too little of the dancer, and drop clips that are too short."""
    hips, knees = ([poses.skeleton.index(f"{side}_{joint}") for side in ("left", "right")] for joint in ("hip", "knee"))
    seen = poses.seen
    usable = seen[:, hips].all(axis=1) & seen[:, knees].any(axis=1) & (seen.mean(axis=1) >= min_seen)
    return [poses[run] for run in runs(usable) if run.stop - run.start >= min_clip_s * poses.fps]


def smooth(poses: PoseSequence, cutoff_hz: float) -> PoseSequence:
    """Low-pass filter each joint's path without delay; paths on both sides of a gap are filtered separately."""
    keypoints = poses.keypoints.copy()
    for joint, seen in enumerate(poses.seen.T):
        for run in runs(seen):
            keypoints[run, joint] = low_pass(keypoints[run, joint], cutoff_hz, poses.fps)
    return poses.with_keypoints(keypoints)


def explain_no_clips(poses: PoseSequence, options: Cleaning) -> str:
    """Return in one sentence why `clean` found no clip, and how to film instead."""
    seen = mask_unsure(poses, options.min_confidence or 0).seen
    occupied = seen.any(axis=1)
    advice = f"film the dancer from head to foot for at least {options.min_clip_s:g} s"
    if not occupied.any():
        return f"nobody is seen in any of {len(poses)} frames; {advice}"
    share = seen[occupied].mean(axis=0)
    hidden = [
        name.replace("_", " ")
        for name, joint in zip(poses.skeleton.joint_names, share, strict=True)
        if joint < MAX_HIDDEN_SHARE
    ]
    if hidden:
        return f"these joints are out of the picture most of the time: {', '.join(hidden)}; {advice}"
    return f"the dancer is seen in only {occupied.sum()} of {len(poses)} frames, never for long enough; {advice}"
