"""Samples of the reference."""

from builders import standing_px

from bopbot.evaluation.reference_dances import count_windows, evenly_spaced
from pose_vocab.normalization import normalize


def test_samples_are_spread_over_all() -> None:
    assert evenly_spaced(range(9), 3) == [0, 4, 8]
    assert evenly_spaced(range(2), 3) == [0, 1]
    assert count_windows([normalize(standing_px(frames)) for frames in (99, 100, 250)]) == 3
