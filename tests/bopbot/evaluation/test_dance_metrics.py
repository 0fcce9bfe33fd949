"""Metrics of dances beside real and training dances."""

import numpy as np
import pytest
from builders import random_walk_px

from bopbot.dance_model import DanceModel
from bopbot.evaluation.dance_metrics import GROUPS, DanceSet, measure_dances, repeats_of
from bopbot.evaluation.figures import Figure
from bopbot.evaluation.reference_dances import MeasuredDance, Reference
from pose_vocab.codec.vocabulary import GAP
from pose_vocab.normalization import Clip, normalize


def reference_of(real: list[MeasuredDance], training: list[MeasuredDance], model: DanceModel) -> Reference:
    return Reference(real, training, model.codec, 2, 5.0, 2, seed=0)


def test_words_repeat_at_their_own_place() -> None:
    assert repeats_of(np.array([[0, 5], [0, 6], [1, 6]])) == 0.5


def test_a_copy_is_detected(model: DanceModel, clip: Clip) -> None:
    """A training dance has no distance to itself, and all of it is copied; a gap is no copy of a gap."""
    codec = model.codec
    others = [MeasuredDance.read(normalize(random_walk_px(120, seed)), codec, [clip]) for seed in (5, 6)]
    copy = MeasuredDance.read(clip, codec, [clip])
    reference = reference_of(others, [MeasuredDance.read(clip, codec, ())], model)
    groups = measure_dances([DanceSet("m", "copy", "m", [copy])], reference, lambda _: None)
    row = next(group for group in groups if group.name == "novelty").rows["m", "copy"]
    assert row["novelty"].value.value == pytest.approx(0, abs=1e-6)
    assert row["novelty"].real is not None and row["novelty"].real > 0.05
    assert row["longest copy"].value.value == len(clip) / codec.fps
    assert row["C_T"].value.value < 0

    gaps = MeasuredDance(clip, np.full((60, len(codec.places)), GAP), None)
    unseen = measure_dances([DanceSet("m", "gaps", "m", [gaps])], reference_of(others, [gaps], model), lambda _: None)
    row = next(group for group in unseen if group.name == "novelty").rows["m", "gaps"]
    assert row["longest copy"].value.value == 0


def test_without_training_dances_novelty_is_left_out(model: DanceModel, clip: Clip) -> None:
    codec = model.codec
    real = [MeasuredDance.read(normalize(random_walk_px(120, seed)), codec, ()) for seed in (5, 6)]
    left_out: list[str] = []
    groups = measure_dances([DanceSet("m", "GPT-2", "m", real)], reference_of(real, [], model), left_out.append)
    names = [name for group in groups for name, _ in group.columns]
    assert {"jitter ratio", "FID_k", "coverage"} <= set(names)
    assert left_out == [
        "novelty, C_T, longest copy of GPT-2: the training dances are not known; name them with --learned-from"
    ]


def test_without_words_only_motion_is_measured(clip: Clip) -> None:
    dances = [MeasuredDance.read(normalize(random_walk_px(120, seed)), None, ()) for seed in (5, 6)]
    left_out: list[str] = []
    measure_dances([DanceSet("m", "poses", "m", dances)], Reference(dances, (), None, 2, 5.0, 2, 0), left_out.append)
    assert (
        "repeats, distinct words, longest copy of poses: without a model there are no words; name one with --model"
        in left_out
    )


def test_real_dances_measured_as_dances_are_like_real_ones(model: DanceModel) -> None:
    codec = model.codec
    real = [MeasuredDance.read(normalize(random_walk_px(120, seed)), codec, ()) for seed in range(4)]
    rows: dict[str, Figure] = {}
    for group in measure_dances([DanceSet("m", "real", "m", real)], reference_of(real, [], model), lambda _: None):
        rows |= group.rows.get(("m", "real"), {})
    for name in ("jitter ratio", "longest freeze", "foot skating", "repeats", "distinct words", "Dist_k"):
        assert rows[name].value.value == pytest.approx(rows[name].real), name
    assert rows["FID_k"].value.value == pytest.approx(0, abs=1e-9)
    assert rows["coverage"].value.value == 1
    assert rows["bone deviation"].value.value == pytest.approx(0)


def test_every_figure_has_its_own_name() -> None:
    names = [metric.name for _, metrics in GROUPS.values() for metric in metrics]
    assert len(names) == len(set(names)) == 12
