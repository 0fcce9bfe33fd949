"""The metrics of dances, one row each, in the groups of the report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from bopbot.evaluation.figures import Figure, Group, Value, jackknife, maximum, mean
from bopbot.evaluation.reference_dances import Dances, Reference, evenly_spaced, rows_of
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
"""A window of a real dance is covered if a window of another dance is nearer than this, in torso lengths."""


@dataclass(frozen=True)
class DanceMetric:
    """A metric of dances; both functions raise a BopBotError if it cannot be computed.

    Parameters
    ----------
    name : column heading.
    unit : empty for a ratio or a count.
    over : what the samples are: dances or takes.
    of : returns the value of a set of dances.
    of_real : returns the value of real dances.
    """

    name: str
    unit: str
    over: str
    of: Callable[[Dances, Reference], Value]
    of_real: Callable[[Reference], float]


@dataclass(frozen=True, eq=False)
class DanceSet:
    """Dances of one generator, or of one file or folder.

    Parameters
    ----------
    model : name of the model whose codec they are measured with.
    name : of the generator, the file or the folder.
    panel : plot panel in which the set is shown.
    dances : the dances.
    """

    model: str
    name: str
    panel: str
    dances: Dances


def measure_dances(
    dance_sets: Sequence[DanceSet], reference: Reference, left_out: Callable[[str], None]
) -> list[Group]:
    """Compute all metrics in `GROUPS` of all sets.

    `left_out` receives a line for the metrics of a set that cannot be computed, with the reason.
    """
    missing: dict[tuple[str, str], list[str]] = {}
    groups = []
    for name, (about, metrics) in GROUPS.items():
        figures: list[Figure] = []
        for metric in metrics:
            try:
                real = metric.of_real(reference)
            except BopBotError:
                real = None
            for each in dance_sets:
                try:
                    value = metric.of(each.dances, reference)
                except BopBotError as error:
                    missing.setdefault((each.name, str(error)), []).append(metric.name)
                else:
                    figures.append(Figure(metric.name, metric.unit, each.model, each.name, metric.over, value, real))
        groups.append(Group(name, about, tuple(figures)))
    for (set_name, reason), names in missing.items():
        left_out(f"{', '.join(names)} of {set_name}: {reason}")
    return groups


def repeats_of(rows: Ids) -> float:
    """Return the share of words in rows (segments, places) that repeat the word at their place in the row before."""
    return float(np.mean([repeats(place) for place in rows.T]))


def _jitter(dances: Dances, reference: Reference) -> Value:
    return mean([jitter_ratio([dance.clip], reference.clips) for dance in dances], reference.seed)


def _freeze(dances: Dances, reference: Reference) -> Value:
    return maximum([longest_freeze_s([dance.clip], reference.all_clips) for dance in dances])


def _skating(dances: Dances, reference: Reference) -> Value:
    return mean([foot_skating([dance.clip]) for dance in dances], reference.seed)


def _bones(dances: Dances, reference: Reference) -> float:
    return bone_length_deviation([dance.clip for dance in dances], reference.clips).mean


def _repeats(dances: Dances, reference: Reference) -> Value:
    return mean([repeats_of(rows_of(dance)) for dance in dances], reference.seed)


def _distinct(dances: Dances, reference: Reference) -> Value:
    rows_per_second = reference.words.rows_per_second
    ids = [rows_of(dance) for dance in dances]
    long_enough = [each for each in ids if len(each) >= round(reference.distinct_words_s * rows_per_second)]
    if not long_enough:
        raise PoseError(f"no dance is {reference.distinct_words_s:g} s long")
    return mean(
        [distinct_words(each, rows_per_second, reference.distinct_words_s) for each in long_enough], reference.seed
    )


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
    """Return `c_t` without an interval: its unit is its own standard deviation."""
    distances = _distances(dances, reference)
    return Value(c_t(distances, _distances(reference.real, reference)), None, None, (), len(distances))


def _copied(dances: Dances, reference: Reference) -> Value:
    return maximum(
        [
            longest_common_run(rows_of(dance), reference.training_rows) / reference.words.rows_per_second
            for dance in dances
        ]
    )


def _distances(dances: Dances, reference: Reference) -> Floats:
    found = [dance.distance for dance in dances if dance.distance is not None]
    if not found:
        raise PoseError(f"none of the {len(reference.training_clips)} training dances shows enough of the same joints")
    return np.array(found)


def _c_t_of_halves(reference: Reference) -> float:
    distances = _distances(reference.real, reference)
    return c_t(distances[::2], distances[1::2])


def _each(name: str, unit: str, of: Callable[[Dances, Reference], Value], over: str = "dances") -> DanceMetric:
    """Return a metric of single dances, which the held-out dances have too."""
    return DanceMetric(name, unit, over, of, lambda reference: of(reference.real, reference).value)


def _together(
    name: str, unit: str, statistic: Callable[[Dances, Reference], float], of_real: Callable[[Reference], float]
) -> DanceMetric:
    """Return a metric, 0 or more, of a set of dances as a whole."""
    return DanceMetric(
        name,
        unit,
        "dances",
        lambda dances, reference: jackknife(lambda sample: statistic(sample, reference), dances),
        of_real,
    )


GROUPS = {
    "motion": (
        "how the dances move",
        (
            _each("jitter ratio", "", _jitter),
            DanceMetric(
                "longest freeze", "s", "dances", _freeze, lambda real: longest_freeze_s(real.all_clips, real.all_clips)
            ),
            _each("foot skating", "share", _skating),
            _together("bone deviation", "share", _bones, lambda real: _bones(real.training, real)),
        ),
    ),
    "variety": (
        "how varied they are",
        (
            _each("repeats", "share", _repeats),
            _each("distinct words", "in up to 10 s", _distinct),
            _together("FID_k", "", partial(_kinetic, fid_k), lambda real: _kinetic(fid_k, real.training, real)),
            _together("Dist_k", "", partial(_kinetic, dist_k), lambda real: _kinetic(dist_k, real.real, real)),
        ),
    ),
    "novelty": (
        "how new they are",
        (
            _each("novelty", "torso lengths", _novelty),
            DanceMetric(
                "coverage",
                "share",
                "takes",
                _coverage,
                lambda real: _coverage(evenly_spaced(real.training, real.n_dances), real).value,
            ),
            DanceMetric("C_T", "deviations", "dances", _c_t, _c_t_of_halves),
            _each("longest copy", "s", _copied),
        ),
    ),
}
"""Name, description and metrics of each group. The value of real dances is that of held-out ones, except for metrics
that compare with held-out dances: there it is that of training dances."""
