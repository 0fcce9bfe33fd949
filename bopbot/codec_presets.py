"""The codecs BopBot knows: one row each. Nothing outside this table names one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic

import numpy as np

from pose_vocab.codec.decoder import Decoder, LowPassDecoder, MeanDecoder
from pose_vocab.codec.features import WHOLE_BODY, FeatureSpace, Parts, Pose2DFeatures
from pose_vocab.codec.features_3d import Pose3DFeatures
from pose_vocab.errors import VocabularyError
from pose_vocab.grounding import plant_feet, reduce_foot_sliding
from pose_vocab.motion import M
from pose_vocab.normalization import Clip
from pose_vocab.skeletons import DANCER

LIMBS: Parts = {
    "torso": ("nose", "neck", "left_shoulder", "right_shoulder", "left_hip", "right_hip"),
    "left_arm": ("left_elbow", "left_wrist"),
    "right_arm": ("right_elbow", "right_wrist"),
    "left_leg": ("left_knee", "left_ankle", "left_toe"),
    "right_leg": ("right_knee", "right_ankle", "right_toe"),
}
"""Each limb has words of its own, so that a few of them combine to many poses."""
MIN_JOINT_SHARE = 0.1
"""A joint seen in a smaller share of the frames gets no words."""


@dataclass(frozen=True)
class CodecPreset(Generic[M]):
    """The settings of a codec.

    Parameters
    ----------
    parts : names of the places that a row of words may have.
    dims : 2 for motion in pixels, 3 for motion in metres.
    channels : returns the names of what motions show, e.g. their joints.
    features : returns the feature space over such channels.
    finish : corrects a decoded motion.
    frames : frames that a row of words stands for.
    decoder : turns looked-up segments into motion; None for one that is fitted together with the words.
    max_words : most words, where their number is not given.
    fps : frames per second.
    """

    parts: tuple[str, ...]
    dims: int
    channels: Callable[[Sequence[M]], tuple[str, ...]]
    features: Callable[[tuple[str, ...]], FeatureSpace[M]]
    finish: Callable[[M], M]
    frames: int
    decoder: Decoder | None
    max_words: int
    fps: float


def seen_joints(clips: Sequence[Clip]) -> tuple[str, ...]:
    """Return the dancer's joints that are seen in at least `MIN_JOINT_SHARE` of the frames."""
    share = np.concatenate([clip.poses.seen for clip in clips]).mean(axis=0)
    return tuple(name for name, seen in zip(DANCER.joint_names, share, strict=True) if seen >= MIN_JOINT_SHARE)


def ground_feet(clip: Clip) -> Clip:
    """Put the feet on the ground and reduce their sliding."""
    return reduce_foot_sliding(plant_feet(clip))


def _poses_2d(parts: Parts, frames: int, decoder: Decoder | None, max_words: int) -> CodecPreset[Clip]:
    features = partial(Pose2DFeatures, parts=parts)
    return CodecPreset(tuple(parts), 2, seen_joints, features, ground_feet, frames, decoder, max_words, fps=20.0)


CODEC_PRESETS: dict[str, CodecPreset[Any]] = {
    "limbs": _poses_2d(LIMBS, frames=2, decoder=None, max_words=6_000),
    "picture": _poses_2d(WHOLE_BODY, frames=1, decoder=LowPassDecoder(), max_words=2_000),
    "body": CodecPreset(
        tuple(WHOLE_BODY), 3, seen_joints, Pose3DFeatures, ground_feet, 1, LowPassDecoder(), 2_000, fps=20.0
    ),
    "seed": _poses_2d(WHOLE_BODY, frames=1, decoder=MeanDecoder(), max_words=2_000),
}
"""`limbs`: five words for a tenth of a second. `picture`: a word per frame. `body`: the same in 3D, turned to the
dancer's facing direction. `seed`: a word per frame, shown as its mean pose, as in the first BopBot."""
DEFAULT_PRESET = "limbs"


def find_codec_preset(name: str) -> CodecPreset[Any]:
    """Return the preset of that name; raise VocabularyError for an unknown one."""
    try:
        return CODEC_PRESETS[name]
    except KeyError:
        raise VocabularyError(f"there is no kind of words {name!r}; choose one of {', '.join(CODEC_PRESETS)}") from None
