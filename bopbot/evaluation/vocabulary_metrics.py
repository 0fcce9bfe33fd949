"""Measure what a vocabulary loses: held-out takes against the same takes encoded and decoded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bopbot.codecs import build_codec
from bopbot.evaluation.dance_metrics import repeats_of
from bopbot.evaluation.figures import Figure, Group, mean
from bopbot.metrics.jitter import jitter_ratio
from bopbot.metrics.reconstruction import hip_path_error, reconstruction_error
from bopbot.progress import Progress, silent
from bopbot.training.augmentation import mirrored_too
from pose_vocab.codec.codec import Codec
from pose_vocab.errors import BopBotError, PoseError
from pose_vocab.ids import GAP
from pose_vocab.normalization import Clip
from pose_vocab.runs import runs

MIN_STRETCH_S = 1.0
"""Stretches between two gaps that are shorter are not compared."""
ALL_TAKES = "all takes"
SHARES = (1 / 8, 1 / 4, 1 / 2, 1.0)
"""Vocabulary sizes to compare, as shares of the size of the model's own."""


@dataclass(frozen=True, eq=False)
class Stretch:
    """A stretch of a real dance without gaps, and the same encoded and decoded, with the same joints seen."""

    real: Clip
    decoded: Clip


def measure_vocabulary(
    model: str, codec: Codec[Clip], takes: Mapping[str, Sequence[Clip]], seed: int, left_out: Callable[[str], None]
) -> Group:
    """Compare the clips of each take with what is decoded from their words.

    `left_out` receives a line for each take that cannot be encoded.
    """
    values_by_take: dict[str, dict[tuple[str, str], float]] = {}
    for name, clips in takes.items():
        try:
            values_by_take[name] = _measure_take(codec, clips)
        except BopBotError as error:
            left_out(f"vocabulary on {name}: {error}")
    figures = [
        Figure(*column, model, take, "takes", mean([value], seed))
        for take, columns in values_by_take.items()
        for column, value in columns.items()
    ]
    for column in next(iter(values_by_take.values()), {}):
        together = mean([columns[column] for columns in values_by_take.values()], seed)
        figures.append(Figure(*column, model, ALL_TAKES, "takes", together))
    return Group("vocabulary", "what the words keep of a dance", tuple(figures))


def reconstruction_by_size(
    codec: Codec[Clip], training: Sequence[Clip], held_out: Sequence[Clip], seed: int, progress: Progress = silent
) -> dict[int, float]:
    """Return the reconstruction error of held-out clips by size, for vocabularies fitted to training clips."""
    errors = {}
    for done, share in enumerate(SHARES, 1):
        n_words = max(2, round(share * codec.lexicon.n_words))
        other = build_codec(mirrored_too(training), codec.preset, n_words, seed)
        stretches = [stretch for clip in held_out for stretch in _stretches(other, clip)]
        errors[other.lexicon.n_words] = _weighted_mean(reconstruction_error, stretches)
        progress("fitting vocabularies", done, len(SHARES))
    return errors


def _measure_take(codec: Codec[Clip], clips: Sequence[Clip]) -> dict[tuple[str, str], float]:
    stretches = [stretch for clip in clips for stretch in _stretches(codec, clip)]
    if not stretches:
        raise PoseError(f"no {MIN_STRETCH_S:g} s of it can be encoded without a gap")
    real, decoded = [stretch.real for stretch in stretches], [stretch.decoded for stretch in stretches]
    rows = np.concatenate([codec.encode(clip) for clip in clips])
    return {
        ("reconstruction error", "torso lengths"): _weighted_mean(reconstruction_error, stretches),
        ("jitter ratio", ""): jitter_ratio(decoded, real),
        ("hip path error", "torso lengths/s"): _weighted_mean(hip_path_error, stretches),
        ("repeats", "share"): repeats_of(rows),
    }


def _stretches(codec: Codec[Clip], clip: Clip) -> list[Stretch]:
    rows = codec.encode(clip)
    frames = codec.segments.frames
    found = []
    for run in runs((rows != GAP).any(axis=1)):
        if run.stop - run.start >= MIN_STRETCH_S * codec.rows_per_second:
            real = clip[run.start * frames : run.stop * frames]
            found.append(Stretch(real, _masked_like(codec.decode(rows[run]), real)))
    return found


def _masked_like(decoded: Clip, real: Clip) -> Clip:
    """Hide the joints that the real dance does not show, so that both are measured on the same ones."""
    keypoints = np.where(real.poses.seen[..., None], decoded.poses.keypoints, np.nan)
    return replace(decoded, poses=decoded.poses.with_keypoints(keypoints))


def _weighted_mean(metric: Callable[[Clip, Clip], float], stretches: Sequence[Stretch]) -> float:
    """Return the mean over stretches, weighted by length; raise PoseError if there is none."""
    if not stretches:
        raise PoseError(f"no stretch of {MIN_STRETCH_S:g} s can be encoded without a gap")
    values = [metric(stretch.real, stretch.decoded) for stretch in stretches]
    return float(np.average(values, weights=[len(stretch.real) for stretch in stretches]))
