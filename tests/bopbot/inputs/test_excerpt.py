"""A part of a dance is chosen by its time."""

from pathlib import Path

import numpy as np
import pytest
from builders import random_walk_px

from bopbot.inputs.excerpt import Excerpt
from pose_vocab.errors import PoseError

DANCE = random_walk_px(100, seed=1)  # 20 frames a second


@pytest.mark.parametrize(
    ("excerpt", "frames"),
    [
        (Excerpt(), slice(0, 100)),
        (Excerpt(1.0), slice(20, 100)),
        (Excerpt(0, 2.5), slice(0, 50)),
        (Excerpt(4.5, 0.5), slice(90, 100)),
        (Excerpt(4.98), slice(99, 100)),
        (Excerpt(1, 0.01), slice(20, 21)),
    ],
)
def test_a_part_is_cut_out_and_its_time_begins_at_0(excerpt: Excerpt, frames: slice) -> None:
    excerpt.check([DANCE], Path("a.npz"))
    part = excerpt.of(DANCE)
    assert np.array_equal(part.keypoints, DANCE.keypoints[frames])
    assert part.begin_s == 0


@pytest.mark.parametrize(
    ("excerpt", "asked"),
    [(Excerpt(5.0), "--begin 5 goes"), (Excerpt(4.5, 1), "--begin 4.5 --seconds 1 goes")],
)
def test_outside_of_the_dance_it_is_refused(excerpt: Excerpt, asked: str) -> None:
    with pytest.raises(PoseError, match=rf"a.npz lasts 5 s, and {asked} beyond its end; choose a part within it"):
        excerpt.check([DANCE], Path("a.npz"))
