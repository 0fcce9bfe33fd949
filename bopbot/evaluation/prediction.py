"""Measure how well language models predict held-out takes: word by word, and by continuing their openings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from bopbot.evaluation.figures import Figure, Group, Value, mean
from bopbot.evaluation.generators import Generator, opening_of
from bopbot.metrics.continuation import ContinuationError, continuation_error
from bopbot.progress import Progress, silent
from pose_vocab.errors import BopBotError, NobodyDancingError
from pose_vocab.ids import unbroken
from pose_vocab.normalization import Clip

GIVEN_SHARE = 0.2
"""Share of a take that is given as the opening; the rest is to be predicted."""
BEST_OF = 10
"""Continuations that are sampled per take; the best one counts."""


def measure_prediction(
    model: str,
    generators: Sequence[Generator],
    takes: Mapping[str, Sequence[Clip]],
    seed: int,
    left_out: Callable[[str], None],
    progress: Progress = silent,
) -> Group:
    """Measure how well each generator predicts the clips of each take.

    `left_out` receives a line for each take that cannot be predicted.
    """
    figures: list[Figure] = []
    for generator in generators:
        bits: list[float] = []
        errors: list[ContinuationError] = []
        for done, (name, clips) in enumerate(takes.items(), 1):
            try:
                bits.append(bits_per_second(generator, clips))
                errors.append(_continuation_error(generator, max(clips, key=len), seed))
            except BopBotError as error:
                left_out(f"prediction of {name} by {generator.name}: {error}")
            progress(f"predicting, {generator.name}", done, len(takes))
        figures += [
            Figure(name, unit, model, generator.name, "takes", value)
            for name, unit, value in _values(bits, errors, generator.codec.fps, seed)
        ]
    return Group("prediction", "how well language models predict real dances", tuple(figures))


def bits_per_second(generator: Generator, clips: Sequence[Clip]) -> float:
    """Return the mean cost of the words of a second; raise NobodyDancingError if no word can be encoded."""
    stretches = [stretch for clip in clips for stretch in unbroken(generator.codec.encode(clip))]
    if not stretches:
        raise NobodyDancingError("no word can be encoded; film the dancer from head to foot")
    nats = np.concatenate([generator.language_model.losses(stretch) for stretch in stretches])
    return float(np.nanmean(nats) / np.log(2) * len(generator.codec.places) * generator.codec.rows_per_second)


def _continuation_error(generator: Generator, clip: Clip, seed: int) -> ContinuationError:
    opening = opening_of(clip, generator.codec, GIVEN_SHARE * clip.poses.duration_s)
    real = clip[len(opening.before) :]
    return continuation_error(real, [generator.generate(opening, len(real), seed + i)[1] for i in range(BEST_OF)])


def _values(
    bits: Sequence[float], errors: Sequence[ContinuationError], fps: float, seed: int
) -> Iterator[tuple[str, str, Value]]:
    if bits:
        cost_per_second = mean(bits, seed)
        yield "perplexity per frame", "", cost_per_second.mapped(lambda cost: float(2 ** (cost / fps)))
        yield "bits per second", "bits", cost_per_second
    if errors:
        yield "ADE", "torso lengths", mean([error.ade for error in errors], seed)
        yield "FDE", "torso lengths", mean([error.fde for error in errors], seed)
