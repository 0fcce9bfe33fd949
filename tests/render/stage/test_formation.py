import numpy as np
import pytest
from builders import random_walk_px
from hypothesis import given
from hypothesis import strategies as st

from pose_vocab.errors import OutputError
from render.stage.formation import FORMATIONS, Formation, delayed


def places(text: str) -> list[tuple[float, float]]:
    return [(place.across, place.towards) for place in Formation.parse(text).places]


def test_places_by_hand() -> None:
    assert places("line:3") == [(-1, 0), (0, 0), (1, 0)]
    assert places("wedge:3") == [(0, 0), (-0.8, -1), (0.8, -1)]
    assert places("block:4") == [(-0.5, 0), (0.5, 0), (-0.5, -1), (0.5, -1)]
    assert places("block:3") == [(-0.5, 0), (0.5, 0), (0, -1)]
    assert np.allclose(places("circle:4"), [(0, 0.7071), (0.7071, 0), (0, -0.7071), (-0.7071, 0)], atol=1e-3)


@given(st.sampled_from(sorted(FORMATIONS)), st.integers(1, 100))
def test_nobody_stands_on_anybody(name: str, dancers: int) -> None:
    stand = np.array(places(f"{name}:{dancers}"))
    assert len(stand) == dancers
    apart = np.linalg.norm(stand[:, None] - stand[None], axis=2)[~np.eye(dancers, dtype=bool)]
    assert (apart > 0.95).all()


@pytest.mark.parametrize("name", FORMATIONS)
def test_the_first_begins_first(name: str) -> None:
    ranks = [place.rank for place in Formation.parse(f"{name}:7").places]
    assert ranks[0] == 0
    assert ranks == sorted(ranks)


def test_alone_is_one_who_may_be_mirrored() -> None:
    (place,) = Formation.parse(None, mirror=True).places
    assert place.mirrored
    assert (place.across, place.towards) == (0, 0)


@pytest.mark.parametrize("text", ["line", "line:", "line:0", "line:101", "line:-1", "heap:3", "line:x", "", "line:5:2"])
def test_what_is_no_formation_is_refused(text: str) -> None:
    with pytest.raises(OutputError, match="line, wedge, circle, block and 1 to 100 dancers, like line:5"):
        Formation.parse(text)


def test_nobody_follows_before_the_leader() -> None:
    with pytest.raises(OutputError, match="-1 s"):
        Formation(canon_s=-1)


@pytest.mark.parametrize("canon_s", [np.inf, np.nan])
def test_a_delay_is_a_number_of_seconds(canon_s: float) -> None:
    with pytest.raises(OutputError, match=f"{canon_s:g} s"):
        Formation(canon_s=canon_s)


@pytest.mark.parametrize("by_s", [3.0, 1e12, 1e30, 1e308])
def test_who_follows_after_the_end_holds_the_first_pose(by_s: float) -> None:
    dance = random_walk_px(40, seed=1)
    assert (delayed(dance, by_s).keypoints == dance.keypoints[0]).all()
