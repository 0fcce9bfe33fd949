"""How well language models foresee held-out takes: word by word, and by dancing on from their openings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from bopbot.evaluation.contestants import Dancer, opening_of
from bopbot.evaluation.figures import Figure, Group, Value, mean
from bopbot.metrics.continuation import ContinuationError, continuation_error
from bopbot.progress import Progress, silent
from pose_vocab.errors import BopBotError, NobodyDancingError
from pose_vocab.ids import unbroken
from pose_vocab.normalization import Clip

GIVEN_SHARE = 0.2
"""So much of a take is given; the rest is to be foreseen."""
BEST_OF = 10
"""So often a take is continued, and the best counts."""


def measure_foreseeing(
    model: str,
    dancers: Sequence[Dancer],
    takes: Mapping[str, Sequence[Clip]],
    seed: int,
    left_out: Callable[[str], None],
    progress: Progress = silent,
) -> Group:
    """How each dancer foresees the clips of each take; `left_out` is told of takes that cannot be foreseen."""
    figures: list[Figure] = []
    for dancer in dancers:
        bits: list[float] = []
        errors: list[ContinuationError] = []
        for done, (name, clips) in enumerate(takes.items(), 1):
            try:
                bits.append(bits_a_second(dancer, clips))
                errors.append(_error(dancer, max(clips, key=len), seed))
            except BopBotError as error:
                left_out(f"foreseeing {name}, {dancer.name}: {error}")
            progress(f"foreseeing, {dancer.name}", done, len(takes))
        figures += [
            Figure(name, unit, model, dancer.name, "takes", value)
            for name, unit, value in _values(bits, errors, dancer.codec.fps, seed)
        ]
    return Group("foreseeing", "how well language models foresee real dances", tuple(figures))


def bits_a_second(dancer: Dancer, clips: Sequence[Clip]) -> float:
    """What the words of a second cost; raises NobodyDancingError where no word can be read."""
    stretches = [stretch for clip in clips for stretch in unbroken(dancer.codec.encode(clip))]
    if not stretches:
        raise NobodyDancingError("no word can be read; film from head to foot")
    nats = np.concatenate([dancer.language_model.losses(stretch) for stretch in stretches])
    return float(np.nanmean(nats) / np.log(2) * len(dancer.codec.places) * dancer.codec.rows_per_second)


def _error(dancer: Dancer, clip: Clip, seed: int) -> ContinuationError:
    opening = opening_of(clip, dancer.codec, GIVEN_SHARE * clip.poses.duration_s)
    real = clip[len(opening.before) :]
    return continuation_error(real, [dancer.dance(opening, len(real), seed + i)[1] for i in range(BEST_OF)])


def _values(
    bits: Sequence[float], errors: Sequence[ContinuationError], fps: float, seed: int
) -> Iterator[tuple[str, str, Value]]:
    if bits:
        a_second = mean(bits, seed)
        yield "perplexity a frame", "", a_second.mapped(lambda cost: float(2 ** (cost / fps)))
        yield "bits a second", "bits", a_second
    if errors:
        yield "ADE", "torso lengths", mean([error.ade for error in errors], seed)
        yield "FDE", "torso lengths", mean([error.fde for error in errors], seed)
