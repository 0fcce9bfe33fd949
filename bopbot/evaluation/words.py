"""What words keep of a dance: each held-out take against what its own words give back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bopbot.codecs import build_codec
from bopbot.evaluation.figures import Figure, Group, mean
from bopbot.evaluation.measures import repeats_of
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
"""Shorter stretches between two gaps are not compared."""
ALL_TAKES = "all takes"
SHARES = (1 / 8, 1 / 4, 1 / 2, 1.0)
"""Sizes of vocabularies to compare, as shares of a model's own."""


@dataclass(frozen=True, eq=False)
class Stretch:
    """A stretch of a real dance, and what its words give back: as long, and shown where the real one is."""

    real: Clip
    decoded: Clip


def measure_words(
    model: str, codec: Codec[Clip], takes: Mapping[str, Sequence[Clip]], seed: int, left_out: Callable[[str], None]
) -> Group:
    """What the words of a model lose of the clips of each take; `left_out` is told of takes without a word."""
    of_takes: dict[str, dict[tuple[str, str], float]] = {}
    for name, clips in takes.items():
        try:
            of_takes[name] = _measure_take(codec, clips)
        except BopBotError as error:
            left_out(f"words of {name}: {error}")
    figures = [
        Figure(*column, model, take, "takes", mean([value], seed))
        for take, columns in of_takes.items()
        for column, value in columns.items()
    ]
    for column in next(iter(of_takes.values()), {}):
        together = mean([columns[column] for columns in of_takes.values()], seed)
        figures.append(Figure(*column, model, ALL_TAKES, "takes", together))
    return Group("words", "what words keep of a dance", tuple(figures))


def errors_by_size(
    words: Codec[Clip], known: Sequence[Clip], held_out: Sequence[Clip], seed: int, progress: Progress = silent
) -> dict[int, float]:
    """The reconstruction error of held-out clips by number of words, made of known clips as they are for training."""
    errors = {}
    for done, share in enumerate(SHARES, 1):
        n_words = max(2, round(share * words.lexicon.n_words))
        codec = build_codec(mirrored_too(known), words.preset, n_words, seed)
        stretches = [stretch for clip in held_out for stretch in _stretches(codec, clip)]
        errors[codec.lexicon.n_words] = _weighted(reconstruction_error, stretches)
        progress("words of other sizes", done, len(SHARES))
    return errors


def _measure_take(codec: Codec[Clip], clips: Sequence[Clip]) -> dict[tuple[str, str], float]:
    stretches = [stretch for clip in clips for stretch in _stretches(codec, clip)]
    if not stretches:
        raise PoseError(f"they say no {MIN_STRETCH_S:g} s of it without a gap")
    real, decoded = [stretch.real for stretch in stretches], [stretch.decoded for stretch in stretches]
    rows = np.concatenate([codec.encode(clip) for clip in clips])
    return {
        ("reconstruction error", "torso lengths"): _weighted(reconstruction_error, stretches),
        ("jitter ratio", ""): jitter_ratio(decoded, real),
        ("hip path error", "torso lengths/s"): _weighted(hip_path_error, stretches),
        ("repeats", "share"): repeats_of(rows),
    }


def _stretches(codec: Codec[Clip], clip: Clip) -> list[Stretch]:
    rows = codec.encode(clip)
    frames = codec.segments.frames
    found = []
    for run in runs((rows != GAP).any(axis=1)):
        if run.stop - run.start >= MIN_STRETCH_S * codec.rows_per_second:
            real = clip[run.start * frames : run.stop * frames]
            found.append(Stretch(real, _shown_like(codec.decode(rows[run]), real)))
    return found


def _shown_like(decoded: Clip, real: Clip) -> Clip:
    """Only the joints that the real dance shows, so that both are measured on the same ones."""
    keypoints = np.where(real.poses.seen[..., None], decoded.poses.keypoints, np.nan)
    return replace(decoded, poses=decoded.poses.with_keypoints(keypoints))


def _weighted(metric: Callable[[Clip, Clip], float], stretches: Sequence[Stretch]) -> float:
    """The mean over stretches, each as much as it is long; raises PoseError where there is none."""
    if not stretches:
        raise PoseError(f"words say no stretch of {MIN_STRETCH_S:g} s without a gap")
    values = [metric(stretch.real, stretch.decoded) for stretch in stretches]
    return float(np.average(values, weights=[len(stretch.real) for stretch in stretches]))
