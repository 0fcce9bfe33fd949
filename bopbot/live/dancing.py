"""Generate an endless dance: words are sampled as they are needed, and decoded a second at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count, islice

import numpy as np
import torch

from bopbot.choreography.generation import Sampling
from bopbot.dance_model import DanceModel
from bopbot.live.frames import Frame
from models.sampling import stream
from pose_vocab.codec.codec import Codec
from pose_vocab.codec.features import HOMING_S
from pose_vocab.codec.features_3d import facing_rad, turn
from pose_vocab.ids import Ids
from pose_vocab.normalization import Clip
from pose_vocab.resampling import resample
from pose_vocab.sequence import PoseSequence

AROUND_S = int(np.ceil(4 * HOMING_S)) + 1
"""Seconds before and after a second on which its motion depends: the Gaussian that removes drift is cut off at four
standard deviations, and decoder, filter and feet reach less than a second further."""


@dataclass(frozen=True, eq=False)
class Passage:
    """A second of a dance.

    Parameters
    ----------
    poses : the joints on the stage: in torso lengths, y up from the ground, x and z from the middle of the floor;
        `begin_s` is its time.
    words : the row of words of each frame.
    """

    poses: PoseSequence
    words: tuple[tuple[str, ...], ...]


def endless_dance(model: DanceModel, language_model: str, sampling: Sampling, fps: int) -> Iterator[Frame]:
    """Yield the dance that `dance_from_scratch` begins, without an end; `sampling.seconds` is ignored.

    Words are sampled `AROUND_S` ahead, since the dancer's travel depends on them. So the dance is that of all words
    decoded at once; memory and the work per second do not grow with its length.

    Parameters
    ----------
    language_model : its name in `bopbot.language_models.LANGUAGE_MODELS`.
    sampling : how words are sampled; the same seed gives the same dance.
    fps : frames per second of the result.

    Raises
    ------
    ModelError : the model lacks that language model, or an option of `sampling` does not apply to it.
    """
    generator = torch.Generator().manual_seed(sampling.seed)
    nothing = np.empty((0, len(model.codec.places)), np.int64)
    network = model.language_model(language_model)
    rows = stream(network, nothing, sampling.options(model), generator, sampling.bias(model))
    return _frames(passages(model.codec, rows, fps))


def passages(codec: Codec[Clip], words: Iterator[Ids], fps: int) -> Iterator[Passage]:
    """Decode a stream of rows a second at a time, for as long as there are rows for `AROUND_S` more.

    Parameters
    ----------
    codec : of these words, with whole numbers of rows and frames per second.
    words : rows (places,).
    fps : frames per second of the result.
    """
    rows = round(codec.rows_per_second)
    text: deque[Ids] = deque(_seconds(words, rows, AROUND_S), maxlen=2 * AROUND_S + 1)
    facing: float | None = None
    for second, ahead in enumerate(_seconds(words, rows)):
        text.append(ahead)
        now = len(text) - 1 - AROUND_S
        begin, end = round(now * codec.fps), round((now + 1) * codec.fps)
        clip = codec.decode(np.concatenate(text))
        if clip.poses.dims == 3:
            clip = clip if facing is None else _turned(clip, facing - _facing(clip, begin))
            facing = _facing(clip, end)
        spelled = [tuple(codec.lexicon.words_of(row)) for row in text[now]]
        poses = replace(_at(clip, now, fps), begin_s=float(second))
        yield Passage(poses, tuple(spelled[frame * rows // fps] for frame in range(fps)))


def _frames(dance: Iterator[Passage]) -> Iterator[Frame]:
    numbers = count()
    for passage in dance:
        poses = passage.poses
        for frame, (joints, words) in enumerate(zip(poses.keypoints, passage.words, strict=True)):
            yield Frame(next(numbers), poses.begin_s + frame / poses.fps, (joints,), words)


def _seconds(words: Iterator[Ids], n: int, seconds: int | None = None) -> Iterator[Ids]:
    """Yield seconds of `n` rows each, all that there are or `seconds` of them."""
    for _ in count() if seconds is None else range(seconds):
        rows = list(islice(words, n))
        if len(rows) < n:
            return
        yield np.array(rows)


def _facing(clip: Clip, frame: int) -> float:
    return float(facing_rad(clip.poses[frame : frame + 1])[0])


def _turned(clip: Clip, angle_rad: float) -> Clip:
    """Return the dance turned about the middle of the floor: words tell how a dancer turns, but not from where."""
    angles = np.full(len(clip), angle_rad)
    hip_path = turn(clip.placement.hip_path[:, None], angles)[:, 0].astype(np.float32)
    poses = clip.poses.with_keypoints(turn(clip.poses.keypoints, angles))
    return Clip(poses, replace(clip.placement, hip_path=hip_path))


def _at(clip: Clip, second: int, fps: int) -> PoseSequence:
    """Return one second of a clip at another frame rate, interpolated with the seconds beside it."""
    first = max(0, second - 1)
    beside = slice(round(first * clip.poses.fps), round((second + 2) * clip.poses.fps))
    poses = resample(clip.poses.with_keypoints(clip.placed)[beside], fps)
    return poses[(second - first) * fps :][:fps]
