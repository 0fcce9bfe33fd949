"""What is measured of dances: one row a figure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from bopbot.evaluation.figures import Figure, Group, Value, mean, most, of_all
from bopbot.evaluation.reference import Dances, Reference, rows_of, spread
from bopbot.metrics.bones import bone_length_deviation
from bopbot.metrics.copying import c_t, longest_common_run
from bopbot.metrics.feet import foot_skating
from bopbot.metrics.jitter import jitter_ratio
from bopbot.metrics.kinetics import dist_k, fid_k
from bopbot.metrics.novelty import COVERAGE_FRAMES, coverage
from bopbot.metrics.stillness import longest_freeze_s, repeats
from bopbot.metrics.variety import distinct_words
from pose_vocab.errors import BopBotError, PoseError
from pose_vocab.ids import Ids
from pose_vocab.motion import Floats

NEAR_TORSOS = 0.2
"""A window of a real dance is covered where a dance comes nearer."""


@dataclass(frozen=True)
class Measure:
    """A figure of dances; both functions raise BopBotErrors where it cannot be had.

    Parameters
    ----------
    name : what it is called.
    unit : what it is counted in; empty where it is counted in nothing.
    over : what it is taken over.
    of : what comes out of dances.
    of_real : what comes out of real ones.
    """

    name: str
    unit: str
    over: str
    of: Callable[[Dances, Reference], Value]
    of_real: Callable[[Reference], float]


@dataclass(frozen=True, eq=False)
class Danced:
    """What a contestant danced.

    Parameters
    ----------
    model : whose words it is measured in.
    name : of the contestant.
    beside : name of what it is looked at together with.
    dances : what it danced.
    """

    model: str
    name: str
    beside: str
    dances: Dances


def measured(danced: Sequence[Danced], reference: Reference, left_out: Callable[[str], None]) -> list[Group]:
    """All figures of dances, in `GROUPS`; `left_out` is told of those that cannot be had, and why."""
    missing: dict[tuple[str, str], list[str]] = {}
    groups = []
    for name, (about, measures) in GROUPS.items():
        figures: list[Figure] = []
        for measure in measures:
            try:
                real = measure.of_real(reference)
            except BopBotError:
                real = None
            for contestant in danced:
                try:
                    value = measure.of(contestant.dances, reference)
                except BopBotError as error:
                    missing.setdefault((contestant.name, str(error)), []).append(measure.name)
                else:
                    figures.append(
                        Figure(measure.name, measure.unit, contestant.model, contestant.name, measure.over, value, real)
                    )
        groups.append(Group(name, about, tuple(figures)))
    for (contestant_name, reason), names in missing.items():
        left_out(f"{', '.join(names)} of {contestant_name}: {reason}")
    return groups


def repeats_of(rows: Ids) -> float:
    """The share of the words of rows (moments, row) that stand at the same place of the row before, too."""
    return float(np.mean([repeats(place) for place in rows.T]))


def _jitter(dances: Dances, reference: Reference) -> Value:
    return mean([jitter_ratio([dance.clip], reference.clips) for dance in dances], reference.seed)


def _freeze(dances: Dances, reference: Reference) -> Value:
    return most([longest_freeze_s([dance.clip], reference.all_clips) for dance in dances])


def _skating(dances: Dances, reference: Reference) -> Value:
    return mean([foot_skating([dance.clip]) for dance in dances], reference.seed)


def _bones(dances: Dances, reference: Reference) -> float:
    return bone_length_deviation([dance.clip for dance in dances], reference.clips).mean


def _repeats(dances: Dances, reference: Reference) -> Value:
    return mean([repeats_of(rows_of(dance)) for dance in dances], reference.seed)


def _distinct(dances: Dances, reference: Reference) -> Value:
    rows_per_second = reference.words.rows_per_second
    ids = [rows_of(dance) for dance in dances]
    long_enough = [each for each in ids if len(each) >= round(reference.words_s * rows_per_second)]
    if not long_enough:
        raise PoseError(f"none lasts {reference.words_s:g} s")
    return mean([distinct_words(each, rows_per_second, reference.words_s) for each in long_enough], reference.seed)


def _kinetic(metric: Callable[..., float], dances: Dances, reference: Reference) -> float:
    ours, real = ([dance.clip for dance in each] for each in (dances, reference.real))
    return metric(reference.kinetic_windows(ours), reference.kinetic_windows(real))


def _novelty(dances: Dances, reference: Reference) -> Value:
    return mean(_distances(dances, reference).tolist(), reference.seed)


def _coverage(dances: Dances, reference: Reference) -> Value:
    new = [dance.clip for dance in dances]
    takes = [clip for clip in reference.clips if len(clip) >= COVERAGE_FRAMES]
    return mean([coverage([take], new, NEAR_TORSOS) for take in takes], reference.seed)


def _c_t(dances: Dances, reference: Reference) -> Value:
    """Without an interval: it counts in its own standard deviations."""
    distances = _distances(dances, reference)
    return Value(c_t(distances, _distances(reference.real, reference)), None, None, (), len(distances))


def _copied(dances: Dances, reference: Reference) -> Value:
    return most(
        [longest_common_run(rows_of(dance), reference.known_rows) / reference.words.rows_per_second for dance in dances]
    )


def _distances(dances: Dances, reference: Reference) -> Floats:
    found = [dance.distance for dance in dances if dance.distance is not None]
    if not found:
        raise PoseError(f"nothing like them is in the {len(reference.known_clips)} dances that were learned from")
    return np.array(found)


def _halves_apart(reference: Reference) -> float:
    distances = _distances(reference.real, reference)
    return c_t(distances[::2], distances[1::2])


def _each(name: str, unit: str, of: Callable[[Dances, Reference], Value], over: str = "dances") -> Measure:
    """A figure of single dances, that the held-out ones have too."""
    return Measure(name, unit, over, of, lambda reference: of(reference.real, reference).value)


def _together(
    name: str, unit: str, statistic: Callable[[Dances, Reference], float], of_real: Callable[[Reference], float]
) -> Measure:
    """A figure, 0 or more, that only many dances have together."""
    return Measure(
        name,
        unit,
        "dances",
        lambda dances, reference: of_all(lambda sample: statistic(sample, reference), dances),
        of_real,
    )


GROUPS = {
    "motion": (
        "how the dances move",
        (
            _each("jitter ratio", "", _jitter),
            Measure(
                "longest freeze", "s", "dances", _freeze, lambda real: longest_freeze_s(real.all_clips, real.all_clips)
            ),
            _each("foot skating", "share", _skating),
            _together("bone deviation", "share", _bones, lambda real: _bones(real.known, real)),
        ),
    ),
    "variety": (
        "how much they dance",
        (
            _each("repeats", "share", _repeats),
            _each("distinct words", "in up to 10 s", _distinct),
            _together("FID_k", "", partial(_kinetic, fid_k), lambda real: _kinetic(fid_k, real.known, real)),
            _together("Dist_k", "", partial(_kinetic, dist_k), lambda real: _kinetic(dist_k, real.real, real)),
        ),
    ),
    "newness": (
        "how new they are",
        (
            _each("novelty", "torso lengths", _novelty),
            Measure(
                "coverage",
                "share",
                "takes",
                _coverage,
                lambda real: _coverage(spread(real.known, real.n_dances), real).value,
            ),
            Measure("C_T", "deviations", "dances", _c_t, _halves_apart),
            _each("longest copy", "s", _copied),
        ),
    ),
}
"""What is measured of dances, and what that is about. The value beside is that of held-out dances, but for those
that compare with the held-out ones: there it is that of dances that were learned."""
