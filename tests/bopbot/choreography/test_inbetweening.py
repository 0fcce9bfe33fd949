from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from builders import random_walk_px, standing_px
from hypothesis import given, settings
from hypothesis import strategies as st

from bopbot.choreography.inbetweening import (
    CANDIDATES,
    SPARE_S,
    Span,
    Stretch,
    fill_stretches,
    parse_spans,
    plan_stretches,
)
from bopbot.choreography.transitions import large_step, step_sizes
from pose_vocab.errors import PoseError
from pose_vocab.normalization import Clip, Placement, normalize
from pose_vocab.skeletons import DANCER

FPS = 20.0
WRIST = DANCER.index("left_wrist")


def wandering(seed: int, frames: int = 200) -> Clip:
    return normalize(random_walk_px(frames, seed))


def raised(heights: np.ndarray) -> Clip:
    """Who stands with the left wrist so much higher, frame by frame."""
    clip = normalize(standing_px(len(heights)))
    keypoints = clip.poses.keypoints.copy()
    keypoints[:, WRIST, 1] += heights
    return Clip(clip.poses.with_keypoints(keypoints), clip.placement)


DRAWN = [wandering(seed, 260) for seed in range(8)]


@dataclass
class Drawing:
    """Draws one of a few dances, far away on the floor and of another scale, and remembers what it was asked for."""

    openings: list[Clip | None] = field(default_factory=list)
    frames: list[int] = field(default_factory=list)
    seeds: list[int] = field(default_factory=list)

    def __call__(self, opening: Clip | None, seconds: float, seed: int) -> Clip:
        self.openings.append(opening)
        self.frames.append(round(seconds * FPS))
        self.seeds.append(seed)
        dance = DRAWN[seed % len(DRAWN)][: self.frames[-1]]
        return Clip(dance.poses, Placement(1.0, 0.0, dance.placement.hip_path + np.float32([7, 0])))


def same(first: Clip, second: Clip) -> bool:
    return np.array_equal(first.poses.keypoints, second.poses.keypoints, equal_nan=True) and np.array_equal(
        first.placement.hip_path, second.placement.hip_path
    )


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("0-4,12-16", [Span(0, 4), Span(12, 16)]),
        ("0.5-4.25", [Span(0.5, 4.25)]),
        (" 12 - 16 , 0-4 ", [Span(0, 4), Span(12, 16)]),
        ("0-4,4-6", [Span(0, 4), Span(4, 6)]),
    ],
)
def test_spans_are_read(text: str, spans: list[Span]) -> None:
    assert parse_spans(text) == tuple(spans)


@pytest.mark.parametrize("text", ["", "4", "0-4,", "0:4", "-1-4", "0-inf", "nan-4", "0-4-8", "1e3-2e3", "a-b"])
def test_what_names_no_seconds_is_refused(text: str) -> None:
    with pytest.raises(PoseError, match="write them like 0-4,12-16") as refused:
        parse_spans(text)
    assert repr(text) in str(refused.value)


def test_seconds_must_pass_and_be_apart() -> None:
    with pytest.raises(PoseError, match="the seconds 4-2 do not end after they begin"):
        parse_spans("4-2")
    with pytest.raises(PoseError, match="the seconds 3-3 do not"):
        parse_spans("0-1,3-3")
    with pytest.raises(PoseError, match="0-9 and 2-4 overlap; write 0-9 to keep both"):
        parse_spans("2-4,0-9")


numbers = st.floats(0, 99_999).map(lambda seconds: round(seconds, 3))


@given(st.lists(numbers, min_size=2, max_size=12, unique=True))
def test_what_is_written_is_read(edges_s: list[float]) -> None:
    edges_s = sorted(edges_s)[: len(edges_s) // 2 * 2]
    spans = [Span(*edges_s[at : at + 2]) for at in range(0, len(edges_s), 2)]
    assert parse_spans(",".join(f"{span.begin_s}-{span.end_s}" for span in reversed(spans))) == tuple(spans)


def test_what_is_not_kept_is_new() -> None:
    assert plan_stretches(parse_spans("1-4,6-8.5"), 200, 240, FPS) == (
        Stretch(0, 20, False),
        Stretch(20, 80, True),
        Stretch(80, 120, False),
        Stretch(120, 170, True),
        Stretch(170, 240, False),
    )
    assert plan_stretches(parse_spans("0-4,4-6,8-10"), 200, 200, FPS) == (
        Stretch(0, 80, True),
        Stretch(80, 120, True),
        Stretch(120, 160, False),
        Stretch(160, 200, True),
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("0-4,9-11", "cannot keep the seconds 9-11: the dance has 10 s; keep seconds up to 10"),
        ("20-21", "cannot keep the seconds 20-21"),
        ("0-4,5-5.3", "5-5.3 are too short to keep; keep at least 0.5 s"),
        ("0-4,4.3-6", "4-4.3 are too short to generate; keep them too"),
        ("0.1-4", "0-0.1 are too short to generate"),
        ("1-9.9", "9.9-10 are too short to generate"),
        ("0-10", "all 10 s are kept"),
        ("0-4,4-10", "all 10 s are kept"),
    ],
)
def test_what_cannot_be_kept_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(PoseError, match=complaint):
        plan_stretches(parse_spans(text), 200, 200, FPS)


def test_kept_seconds_must_be_in_the_new_dance() -> None:
    with pytest.raises(PoseError, match="cannot keep the seconds 6-8: the dance has 7 s"):
        plan_stretches(parse_spans("6-8"), 200, 140, FPS)


edges = st.lists(st.integers(1, 19), min_size=2, max_size=6, unique=True).map(sorted)


@settings(max_examples=15, deadline=None)
@given(edges=edges, seed=st.integers(0, 9))
def test_kept_seconds_stay_and_no_seam_jumps(edges: list[int], seed: int) -> None:
    """Of a dance of ten seconds, spans that begin and end at half seconds."""
    real = wandering(50)
    spans = [Span(begin / 2, end / 2) for begin, end in zip(edges[::2], edges[1::2], strict=False)]
    stretches = plan_stretches(spans, 200, 200, FPS)
    dance = fill_stretches(real, stretches, Drawing(), seed)
    assert len(dance) == 200
    assert (dance.placement.scale, dance.placement.ground) == (real.placement.scale, real.placement.ground)
    for stretch in stretches:
        frames = slice(stretch.begin, stretch.end)
        assert same(dance[frames], real[frames]) is stretch.kept
    seams = [stretch.begin - 1 for stretch in stretches[1:]]
    assert step_sizes(dance)[seams].max() <= large_step([real, *DRAWN])


def test_new_stretches_go_on_from_all_that_is_before() -> None:
    """Six are drawn with time to spare where a kept one follows, one of the very length at the end."""
    draw = Drawing()
    dance = fill_stretches(wandering(50), plan_stretches(parse_spans("2-4,6-8"), 200, 240, FPS), draw, seed=0)
    assert draw.frames == [40 + round(SPARE_S * FPS)] * 2 * CANDIDATES + [80]
    assert draw.openings[:CANDIDATES] == [None] * CANDIDATES
    for opening in draw.openings[CANDIDATES:-1]:
        assert opening is not None
        assert same(opening, dance[:80])
    assert draw.openings[-1] is not None
    assert same(draw.openings[-1], dance[:160])
    assert len(set(draw.seeds)) == 2 * CANDIDATES + 1


def test_the_same_seed_fills_the_same() -> None:
    stretches = plan_stretches([Span(2, 6)], 200, 200, FPS)
    first, again, other = (fill_stretches(DRAWN[0], stretches, Drawing(), seed) for seed in (3, 3, 4))
    assert same(first, again)
    assert not same(first, other)


def test_the_best_cut_of_the_best_candidate_is_taken() -> None:
    """One of six raises the wrist to where the kept part has it, from frame 70 on: cut 32 is the first to end there."""
    late, never = np.interp(np.arange(80), [30, 70], [0, 1]), np.zeros(80)
    real = raised(np.ones(100))
    drawn = iter([never, late, *[never] * (CANDIDATES - 2)])
    dance = fill_stretches(
        real, plan_stretches([Span(2, 5)], 100, 100, FPS), lambda _, seconds, seed: raised(next(drawn)), seed=0
    )
    wrist = dance.poses.keypoints[:40, WRIST, 1] - raised(np.zeros(1)).poses.keypoints[0, WRIST, 1]
    assert wrist == pytest.approx(late[32:72], abs=1e-5)


def test_the_way_over_the_floor_is_bent_evenly() -> None:
    """Real hips go 0.1 a frame; drawn ones stay where they are, so they are shifted by as much."""
    still = normalize(standing_px(140))
    way = still.placement.hip_path + np.arange(140)[:, None] * np.float32([0.1, 0])
    real = Clip(still.poses, replace(still.placement, hip_path=way))
    dance = fill_stretches(
        real, plan_stretches([Span(0, 2), Span(5, 7)], 140, 140, FPS), lambda _, seconds, seed: still, seed=0
    )
    np.testing.assert_allclose(dance.placement.hip_path, way, atol=0.11)
    assert np.diff(dance.placement.hip_path[:, 0]) == pytest.approx(0.1, abs=0.03)
    open_end = fill_stretches(
        real, plan_stretches([Span(0, 2)], 140, 140, FPS), lambda _, seconds, seed: still[:100], seed=0
    )
    assert open_end.placement.hip_path[60:, 0] == pytest.approx(way[39, 0], abs=1e-4)


def test_a_leap_of_a_new_stretch_stays_as_high() -> None:
    """Half a second off the seams, where nothing is bent."""
    still = normalize(standing_px(200))
    leaping = Clip(still.poses, replace(still.placement, hip_path=still.placement.hip_path + np.float32([0, 0.3])))
    dance = fill_stretches(
        still, plan_stretches([Span(0, 2), Span(6, 8)], 160, 160, FPS), lambda _, seconds, seed: leaping, seed=0
    )
    assert dance.placement.hip_path[50:110, 1] == pytest.approx(leaping.placement.hip_path[50:110, 1])


def test_hidden_joints_of_kept_seconds_stay_hidden() -> None:
    real = wandering(50)
    keypoints = real.poses.keypoints.copy()
    keypoints[:, WRIST] = np.nan
    real = Clip(real.poses.with_keypoints(keypoints), real.placement)
    seen = fill_stretches(real, plan_stretches([Span(2, 4)], 200, 200, FPS), Drawing(), 0).poses.seen[:, WRIST]
    assert not seen[40:80].any()
    assert seen[:40].all()
    assert seen[80:].all()
