import json
from dataclasses import asdict

import numpy as np
import pytest
from builders import random_walk_px
from hypothesis import given
from hypothesis import strategies as st

from bopbot.choreography.copy_detection import KnownDance, NearestSecond, Novelty, copied_share, detect_copies
from pose_vocab.errors import PoseError
from pose_vocab.normalization import Clip, normalize

TAKES = [normalize(random_walk_px(120, seed)) for seed in range(4)]
KNOWN = [
    KnownDance("the video", TAKES[0]),
    KnownDance("take_1", TAKES[1]),
    KnownDance("take_1", TAKES[2], begin_s=10.0),
]


def without_joints(clip: Clip, n_joints: int) -> Clip:
    keypoints = clip.poses.keypoints.copy()
    keypoints[:, :n_joints] = np.nan
    return Clip(clip.poses.with_keypoints(keypoints), clip.placement)


def test_each_second_names_what_it_is_like() -> None:
    """A second of the video, one of a clip that begins late, a new one, and half of one, which does not count."""
    dance = TAKES[0][30:50].followed_by(TAKES[2][7:27], TAKES[3][:20], TAKES[0][:10])
    novelty = detect_copies(dance, KNOWN)
    assert [(nearest.name, nearest.seconds) for nearest in novelty.seconds[:2]] == [
        ("the video", 1.5),
        ("take_1", 10.35),
    ]
    assert [nearest.distance for nearest in novelty.seconds[:2]] == pytest.approx([0, 0], abs=1e-6)
    assert len(novelty.seconds) == 3
    distance = novelty.seconds[2].distance
    assert distance is not None
    assert distance > 0.07
    assert novelty.copied_share == pytest.approx(2 / 3)


def test_a_second_that_shows_other_joints_is_like_nothing() -> None:
    """Less than half of them in the second one; then in all that is known."""
    novelty = detect_copies(TAKES[0][:20].followed_by(without_joints(TAKES[0][20:40], 9)), KNOWN)
    assert [nearest.name for nearest in novelty.seconds] == ["the video", None]
    novelty = detect_copies(TAKES[0][:40], [KnownDance("half", without_joints(TAKES[0], 9))])
    assert novelty == Novelty((NearestSecond(), NearestSecond()), 0.0)
    assert novelty.line() == "0 of 2 s copied; no known dance is near"


def test_without_anything_known_all_is_new() -> None:
    assert detect_copies(TAKES[0][:40], []) == Novelty((NearestSecond(), NearestSecond()), 0.0)
    assert detect_copies(TAKES[0][:40], [KnownDance("short", TAKES[0][:19])]) == Novelty(
        (NearestSecond(), NearestSecond()), 0.0
    )


def test_less_than_a_second_is_no_copy() -> None:
    assert detect_copies(TAKES[0][:19], KNOWN) == Novelty((), 0.0)


def test_dances_that_do_not_compare_are_refused() -> None:
    with pytest.raises(PoseError, match="of one kind"):
        detect_copies(TAKES[0], [KnownDance("faster", normalize(random_walk_px(60, 0, fps=25)))])


def test_a_person_is_told_the_nearest() -> None:
    seconds = (
        NearestSecond("b", 12.0, 0.09),
        NearestSecond(),
        NearestSecond("a", 3.04, 0.01),
        NearestSecond("b", 0.0, 0.3),
        NearestSecond("c", 1.0, 0.2),
    )
    assert Novelty(seconds, 0.2).line() == (
        "1 of 5 s copied; nearest, in torso lengths: "
        "2-3 s like 3.0 s of a (0.01), 0-1 s like 12.0 s of b (0.09), 4-5 s like 1.0 s of c (0.20)"
    )


def test_a_program_is_told_all() -> None:
    told = asdict(detect_copies(TAKES[0][:20], KNOWN))
    assert json.loads(json.dumps(told)) == {
        "seconds": [{"name": "the video", "seconds": 0.0, "distance": pytest.approx(0, abs=1e-6)}],
        "copied_share": 1.0,
    }


@given(st.lists(st.floats(0, 1)), st.floats(0, 1))
def test_copied_is_what_is_nearer_than_the_threshold(distances: list[float], threshold: float) -> None:
    seconds = [NearestSecond("take", 0.0, distance) for distance in distances]
    share = copied_share([*seconds, *[NearestSecond()] * len(seconds)], threshold)
    assert share * 2 * max(1, len(seconds)) == pytest.approx(sum(distance < threshold for distance in distances))
