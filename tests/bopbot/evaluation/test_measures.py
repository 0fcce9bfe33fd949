"""Measures of dances, against real and known ones."""

import numpy as np
import pytest
from builders import random_walk_px

from bopbot.dance_model import DanceModel
from bopbot.evaluation.figures import Figure
from bopbot.evaluation.measures import GROUPS, Danced, measured, repeats_of
from bopbot.evaluation.reference import Dance, Reference
from pose_vocab.codec.vocabulary import GAP
from pose_vocab.normalization import Clip, normalize


def reference_of(real: list[Dance], known: list[Dance], model: DanceModel) -> Reference:
    return Reference(real, known, model.codec, 2, 5.0, 2, seed=0)


def test_words_repeat_at_their_own_place() -> None:
    assert repeats_of(np.array([[0, 5], [0, 6], [1, 6]])) == 0.5


def test_a_copy_is_told(model: DanceModel, clip: Clip) -> None:
    """A dance that was learned is no step away from it, and all of it is copied; the gap in it is no copy of a gap."""
    codec = model.codec
    others = [Dance.read(normalize(random_walk_px(120, seed)), codec, [clip]) for seed in (5, 6)]
    copy = Dance.read(clip, codec, [clip])
    reference = reference_of(others, [Dance.read(clip, codec, ())], model)
    groups = measured([Danced("m", "copy", "m", [copy])], reference, lambda _: None)
    row = next(group for group in groups if group.name == "newness").rows["m", "copy"]
    assert row["novelty"].value.value == pytest.approx(0, abs=1e-6)
    assert row["novelty"].real is not None and row["novelty"].real > 0.05
    assert row["longest copy"].value.value == len(clip) / codec.fps
    assert row["C_T"].value.value < 0

    gaps = Dance(clip, np.full((60, len(codec.places)), GAP), None)
    unseen = measured([Danced("m", "gaps", "m", [gaps])], reference_of(others, [gaps], model), lambda _: None)
    row = next(group for group in unseen if group.name == "newness").rows["m", "gaps"]
    assert row["longest copy"].value.value == 0


def test_without_what_was_learned_nothing_is_new(model: DanceModel, clip: Clip) -> None:
    codec = model.codec
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
    codec = model.codec
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
