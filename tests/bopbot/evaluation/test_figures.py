"""Figures whose answers follow by hand, and the dances that they are of."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from builders import TINY, moved, random_walk_px, standing_px
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t

from bopbot.codecs import build_codec
from bopbot.dance_model import DanceModel
from bopbot.evaluation.contestants import Dancer, as_the_seed, counted, dancers, opening_of
from bopbot.evaluation.figures import Figure, Group, Value, joined, mean, most, of_all
from bopbot.evaluation.foreseeing import bits_a_second
from bopbot.evaluation.measures import GROUPS, Danced, measured, repeats_of
from bopbot.evaluation.reference import Dance, Reference, count_windows, spread
from bopbot.evaluation.spectra import speed_spectrum
from bopbot.evaluation.tables import REAL, table_of
from bopbot.evaluation.words import ALL_TAKES, errors_by_size, measure_words
from bopbot.training.corpus import Corpus, streams_of
from bopbot.training.training import TrainingPlan, learn
from pose_vocab.codec.vocabulary import GAP
from pose_vocab.errors import NobodyDancingError
from pose_vocab.normalization import Clip, normalize
from pose_vocab.skeletons import DANCER


@pytest.fixture(scope="module")
def clip() -> Clip:
    return normalize(random_walk_px(120, seed=3))


@pytest.fixture(scope="module")
def model(clip: Clip) -> DanceModel:
    words = build_codec([clip], "limbs", n_words=60, seed=0)
    corpus = Corpus(words, streams_of(words, [clip]), [], len(clip))
    return learn(corpus, TrainingPlan(["gpt2"], TINY, TINY.training)).model


def value(number: float, n: int = 4) -> Value:
    return Value(number, None, None, (), n)


@given(st.lists(st.floats(1, 100), min_size=3, max_size=20))
def test_the_jackknife_of_a_mean_is_students_interval(samples: list[float]) -> None:
    found = of_all(lambda some: float(np.mean(some)), samples)
    reach = t.ppf(0.975, len(samples) - 1) * np.std(samples, ddof=1) / np.sqrt(len(samples))
    assert found.value == pytest.approx(np.mean(samples))
    assert found.high == pytest.approx(np.mean(samples) + reach, rel=1e-6)
    assert found.low == pytest.approx(max(0, np.mean(samples) - reach), rel=1e-6, abs=1e-6)


def test_what_a_sample_cannot_tell_has_no_interval() -> None:
    assert most([1.0, 3.0, 2.0]) == Value(3.0, None, None, (1.0, 3.0, 2.0), 3)
    assert of_all(sum, [1.0, 2.0]) == Value(3.0, None, None, (), 2)
    assert mean([2.0], seed=0) == Value(2.0, None, None, (2.0,), 1)


def test_another_scale_takes_the_interval_along() -> None:
    assert Value(2, 1, 3, (1, 3), 2).mapped(lambda x: 2.0**x) == Value(4, 2, 8, (2, 8), 2)


def test_groups_of_two_models_become_one() -> None:
    figures = [Figure("jitter ratio", "", model, "GPT-2", "dances", value(1.0)) for model in "ab"]
    (group,) = joined(Group("motion", "how", (figure,)) for figure in figures)
    assert list(group.rows) == [("a", "GPT-2"), ("b", "GPT-2")]
    assert [row.name for row in table_of(group).rows] == ["a: GPT-2", "b: GPT-2"]


def test_a_table_writes_as_many_digits_as_a_column_deserves() -> None:
    figures = [
        Figure("error", "torso lengths", "m", "GPT-2", "takes", Value(0.0512, 0.04, 0.061, (), 4), 0.05),
        Figure("error", "torso lengths", "m", "bigram", "takes", value(0.07, 2), 0.05),
        Figure("FID_k", "", "m", "GPT-2", "takes", value(123456.0), 38.4),
        Figure("FID_k", "", "m", "bigram", "takes", value(2.2e6, 2)),
    ]
    table = table_of(Group("variety", "how much", tuple(figures)))
    assert (table.title, table.over) == ("Variety: how much", "4 takes")
    assert table.columns == (("error", "torso lengths"), ("FID_k", ""))
    real, gpt2, bigram = table.rows
    assert (real.name, real.real, [cell.value for cell in real.cells]) == (REAL, True, ["0.050", "38"])
    assert [(cell.value, cell.low, cell.high) for cell in gpt2.cells] == [("0.051", "0.040", "0.061"), ("123k", "", "")]
    assert (bigram.name, [cell.value for cell in bigram.cells]) == ("bigram (2 takes)", ["0.070", "2.2M"])


def test_words_repeat_at_their_own_place() -> None:
    assert repeats_of(np.array([[0, 5], [0, 6], [1, 6]])) == 0.5


def test_as_many_words_as_moments_lose_nothing(clip: Clip) -> None:
    left_out: list[str] = []
    codec = build_codec([clip], "seed", n_words=len(clip), seed=0).codec()
    group = measure_words(
        "m", codec, {"take": [clip], "far": [normalize(random_walk_px(60, seed=9))]}, 0, left_out.append
    )
    exact, far = group.rows["m", "take"], group.rows["m", "far"]
    assert exact["reconstruction error"].value.value == pytest.approx(0, abs=0.003)
    assert exact["jitter ratio"].value.value == pytest.approx(1, abs=0.03)
    assert exact["repeats"].value.value == 0
    assert far["reconstruction error"].value.value > 0.05
    together = group.rows["m", ALL_TAKES]["reconstruction error"].value
    assert (together.n, together.value) == (2, pytest.approx(far["reconstruction error"].value.value / 2, abs=0.003))
    assert not left_out


def test_decoded_joints_count_only_where_the_real_ones_are_seen(clip: Clip) -> None:
    """A hand that is never seen has no error, and adds nothing to the jitter of the other joints."""
    codec = build_codec([clip], "seed", n_words=len(clip), seed=0).codec()
    keypoints = clip.poses.keypoints.copy()
    keypoints[:, DANCER.index("left_wrist")] = np.nan
    hidden = replace(clip, poses=clip.poses.with_keypoints(keypoints))
    row = measure_words("m", codec, {"take": [hidden]}, 0, pytest.fail).rows["m", "take"]
    assert row["reconstruction error"].value.value == pytest.approx(0, abs=0.003)
    assert row["jitter ratio"].value.value == pytest.approx(1, abs=0.03)


def test_a_take_without_words_is_left_out(model: DanceModel, clip: Clip) -> None:
    left_out: list[str] = []
    codec = model.words.codec()
    group = measure_words("m", codec, {"good": [clip], "short": [clip[:5]]}, 0, left_out.append)
    assert [name for _, name in group.rows] == ["good", ALL_TAKES]
    assert left_out == ["words of short: they say no 1 s of it without a gap"]


def test_more_words_lose_less(model: DanceModel, clip: Clip) -> None:
    errors = errors_by_size(model.words, [clip], [clip], seed=0)
    assert list(errors) == [10, 15, 30, 60]
    assert list(errors.values()) == sorted(errors.values(), reverse=True)


def test_an_opening_ends_where_words_can_last_be_read(model: DanceModel, clip: Clip) -> None:
    codec = model.words.codec()
    keypoints = clip.poses.keypoints.copy()
    keypoints[30:] = np.nan
    gone = replace(clip, poses=clip.poses.with_keypoints(keypoints))
    opening = opening_of(gone, codec, seconds=3.0)
    assert len(opening.before) == 30
    assert opening.ids.tolist() == codec.encode(clip[:30]).tolist()
    with pytest.raises(NobodyDancingError, match="no word can be read in its first 1 s"):
        opening_of(gone[40:], codec, seconds=1.0)


@pytest.fixture(scope="module", params=["gpt2", "bigram", "as the seed"])
def dancer(request: pytest.FixtureRequest, model: DanceModel, clip: Clip) -> Dancer:
    (gpt2,) = dancers(model, ["gpt2"], seed=0)
    if request.param == "bigram":
        return next(each for each in counted(model, [clip], seed=0) if each.name == "bigram")
    return gpt2 if request.param == "gpt2" else as_the_seed(gpt2)


def test_everyone_dances_on_from_an_opening(dancer: Dancer, clip: Clip) -> None:
    opening = opening_of(clip, dancer.codec, seconds=2.0)
    (rows, dance), (same, _), (other, _) = (dancer.dance(opening, 31, seed) for seed in (1, 1, 2))
    assert (len(dance), rows.shape) == (31, (16, dancer.codec.row))
    assert np.array_equal(rows, same)
    assert not np.array_equal(rows, other)
    way = dance.placement.hip_path[0, 0] - opening.before.placement.hip_path[-1, 0]
    usual = np.abs(np.diff(clip.placement.hip_path[:, 0])).max()
    assert abs(way) <= usual, "it jumps along the floor"


def test_a_second_costs_what_its_words_cost(model: DanceModel, clip: Clip) -> None:
    """A unigram that counted one word of each part a hundred times and no other foresees it nearly for nothing."""
    still = normalize(standing_px(100))
    unigram = counted(model, [still], seed=0)[0]
    assert unigram.name == "unigram"
    assert bits_a_second(unigram, [still]) < bits_a_second(unigram, [clip]) / 10


def reference_of(real: list[Dance], known: list[Dance], model: DanceModel) -> Reference:
    return Reference(real, known, model.words.codec(), 2, 5.0, 2, seed=0)


def test_a_copy_is_told(model: DanceModel, clip: Clip) -> None:
    """A dance that was learned is no step away from it, and all of it is copied; the gap in it is no copy of a gap."""
    codec = model.words.codec()
    others = [Dance.read(normalize(random_walk_px(120, seed)), codec, [clip]) for seed in (5, 6)]
    copy = Dance.read(clip, codec, [clip])
    reference = reference_of(others, [Dance.read(clip, codec, ())], model)
    groups = measured([Danced("m", "copy", "m", [copy])], reference, lambda _: None)
    row = next(group for group in groups if group.name == "newness").rows["m", "copy"]
    assert row["novelty"].value.value == pytest.approx(0, abs=1e-6)
    assert row["novelty"].real is not None and row["novelty"].real > 0.05
    assert row["longest copy"].value.value == len(clip) / codec.fps
    assert row["C_T"].value.value < 0

    gaps = Dance(clip, np.full((60, codec.row), GAP), None)
    assert (reference_of(others, [gaps], model).known_rows != GAP).all()


def test_without_what_was_learned_nothing_is_new(model: DanceModel, clip: Clip) -> None:
    codec = model.words.codec()
    real = [Dance.read(normalize(random_walk_px(120, seed)), codec, ()) for seed in (5, 6)]
    left_out: list[str] = []
    groups = measured([Danced("m", "GPT-2", "m", real)], reference_of(real, [], model), left_out.append)
    names = [name for group in groups for name, _ in group.columns]
    assert {"jitter ratio", "FID_k", "coverage"} <= set(names)
    assert left_out == [
        "novelty, C_T, longest copy of GPT-2: what was learned from is not known; name it with --learned-from"
    ]


def test_without_words_only_motion_is_measured(clip: Clip) -> None:
    dances = [Dance.read(normalize(random_walk_px(120, seed)), None, ()) for seed in (5, 6)]
    left_out: list[str] = []
    measured([Danced("m", "poses", "m", dances)], Reference(dances, (), None, 2, 5.0, 2, 0), left_out.append)
    assert (
        "repeats, distinct words, longest copy of poses: without a model there are no words; name one with --model"
        in left_out
    )


def test_real_dances_measured_as_dances_are_like_real_ones(model: DanceModel) -> None:
    codec = model.words.codec()
    real = [Dance.read(normalize(random_walk_px(120, seed)), codec, ()) for seed in range(4)]
    rows: dict[str, Figure] = {}
    for group in measured([Danced("m", "real", "m", real)], reference_of(real, [], model), lambda _: None):
        rows |= group.rows.get(("m", "real"), {})
    for name in ("jitter ratio", "longest freeze", "foot skating", "repeats", "distinct words", "Dist_k"):
        assert rows[name].value.value == pytest.approx(rows[name].real), name
    assert rows["FID_k"].value.value == pytest.approx(0, abs=1e-9)
    assert rows["coverage"].value.value == 1
    assert rows["bone deviation"].value.value == pytest.approx(0)


def test_every_figure_has_its_own_name() -> None:
    names = [measure.name for _, measures in GROUPS.values() for measure in measures]
    assert len(names) == len(set(names)) == 12


def test_samples_are_spread_over_all() -> None:
    assert spread(range(9), 3) == [0, 4, 8]
    assert spread(range(2), 3) == [0, 1]
    assert count_windows([normalize(standing_px(frames)) for frames in (99, 100, 250)]) == 3


def oscillations() -> Iterator[Clip]:
    """A dancer whose right wrist alone moves: its speed swings three times a second."""
    times = np.arange(400) / 20
    for start in (0, 1):
        poses = standing_px(400)
        keypoints = poses.keypoints.copy()
        speed = 1 + np.cos(2 * np.pi * 3 * times)
        keypoints[:, DANCER.index("right_wrist"), 0] -= 20 * start + np.cumsum(speed)
        yield normalize(poses.with_keypoints(keypoints))


def test_a_spectrum_shows_how_often_a_joint_speeds_up() -> None:
    hz, power = speed_spectrum(list(oscillations()))
    assert hz[power.argmax()] == pytest.approx(3, abs=0.11)
    assert len(hz) == len(power)
    still = speed_spectrum([normalize(moved(standing_px(120), np.zeros((120, 2))))])[1]
    assert still.max() == pytest.approx(0, abs=1e-9)
