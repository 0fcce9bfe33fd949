from dataclasses import replace

import numpy as np
import pytest
from builders import TINY, random_walk_px

from bopbot.choreography.composition import REDRAWS, Composition, compose, known_dances
from bopbot.choreography.copy_detection import KEPT, KnownDance, detect_copies
from bopbot.choreography.generation import Sampling
from bopbot.choreography.inbetweening import Span
from bopbot.choreography.options import CompositionOptions
from bopbot.choreography.transitions import large_step, step_sizes
from bopbot.codecs import build_codec
from bopbot.dance_model import DanceModel
from bopbot.exemplars import Exemplar
from bopbot.training.corpus import Corpus, stretches_in, stretches_of
from bopbot.training.training import TrainingPlan, learn
from pose_vocab.errors import ModelError, NobodyDancingError, PoseError
from pose_vocab.normalization import Clip, normalize

FPS = 20.0
CLIPS = [normalize(replace(random_walk_px(840, seed)[20:820:4], begin_s=0.0)) for seed in (1, 2)]
"""Ten seconds each, four times as fast as a dancer wanders, so that there are large steps."""
VIDEO = [KnownDance("the video", clip) for clip in CLIPS]
SAMPLING = Sampling(seconds=4, seed=5)
ONCE = CompositionOptions(max_copied=1)


@pytest.fixture(scope="module", params=["picture", "limbs"])
def model(request: pytest.FixtureRequest) -> DanceModel:
    words = build_codec(CLIPS, request.param, n_words=40, seed=0)
    memory = [
        Exemplar(name, stream)
        for name, clip in zip(("first", "second"), CLIPS, strict=True)
        for stream in stretches_in(words, clip)
    ]
    corpus = Corpus(words, stretches_of(words, CLIPS), [], 400, tuple(memory))
    return learn(corpus, TrainingPlan(["gpt2"], TINY, TINY.training)).model


def danced(
    model: DanceModel,
    composition: CompositionOptions = ONCE,
    sampling: Sampling = SAMPLING,
    clips: list[Clip] = CLIPS,
    known: list[KnownDance] = VIDEO,
    beats_s: np.ndarray | None = None,
) -> Composition:
    return compose(model, "gpt2", clips, known, sampling, composition, beats_s)


def same(first: Clip, second: Clip) -> bool:
    return np.array_equal(first.poses.keypoints, second.poses.keypoints) and np.array_equal(
        first.placement.hip_path, second.placement.hip_path
    )


def jump(before: Clip, after: Clip) -> float:
    """How far the joints go over the seam, in torso lengths."""
    return float(step_sizes(before[-1:].followed_by(after[:1]))[0])


def test_a_dance_goes_on_where_the_dancer_stops(model: DanceModel) -> None:
    for seed in range(3):
        made = danced(model, sampling=replace(SAMPLING, seed=seed))
        assert jump(CLIPS[-1], made.dance) <= large_step(CLIPS)
        ours, theirs = made.dance.placement, CLIPS[-1].placement
        assert (ours.scale, ours.ground) == (theirs.scale, theirs.ground)
        assert ours.hip_path[0] == pytest.approx(theirs.hip_path[-1], abs=large_step(CLIPS))


def test_a_dance_has_the_length_that_was_asked_for_and_a_frame_to_end_on(model: DanceModel) -> None:
    for seconds in (1.0, 2.5, 4.0):
        assert len(danced(model, sampling=replace(SAMPLING, seconds=seconds)).dance) == seconds * FPS + 1


def test_from_scratch_nothing_is_read_of_how_the_dancer_ends(model: DanceModel) -> None:
    anew = replace(ONCE, from_scratch=True)
    opened = [danced(model, anew, clips=[clip]) for clip in CLIPS]
    continued = [danced(model, clips=[clip]) for clip in CLIPS]
    assert np.array_equal(*(made.ids for made in opened))
    assert not np.array_equal(*(made.ids for made in continued))
    for made, clip in zip(opened, CLIPS, strict=True):
        assert made.dance.placement.hip_path[0, 0] == pytest.approx(clip.placement.hip_path[-1, 0], abs=1e-3)


KEPT_SPANS = {"the beginning": (Span(0, 4),), "the end": (Span(7, 10),), "two": (Span(1, 3), Span(6, 8.5))}


@pytest.mark.parametrize("spans", KEPT_SPANS.values(), ids=KEPT_SPANS)
def test_kept_seconds_are_the_dancers_at_the_same_times(model: DanceModel, spans: tuple[Span, ...]) -> None:
    made = danced(model, replace(ONCE, keep=spans), replace(SAMPLING, seconds=10), CLIPS[:1])
    assert len(made.dance) == 200 + (spans[-1].end_s < 10)
    for span in spans:
        kept = slice(round(span.begin_s * FPS), round(span.end_s * FPS))
        assert same(made.dance[kept], CLIPS[0][kept])
        seams = [at - 1 for at in (kept.start, kept.stop) if 0 < at < 200]
        assert step_sizes(made.dance)[seams].max() <= large_step(CLIPS[:1])
        assert made.seam is not None
        assert step_sizes(made.dance)[seams].max() / large_step(CLIPS[:1]) <= made.seam <= 1


def test_what_is_not_kept_is_new(model: DanceModel) -> None:
    first, other = (
        danced(model, replace(ONCE, keep=(Span(2, 4),)), Sampling(seconds=6, seed=seed), CLIPS[:1]) for seed in (1, 2)
    )
    assert [nearest is KEPT for nearest in first.novelty.seconds] == [False, False, True, True, False, False]
    for begin, end in ((0, 40), (80, 120)):
        assert not same(first.dance[begin:end], CLIPS[0][begin:end])
        assert not same(first.dance[begin:end], other.dance[begin:end])


def test_kept_seconds_do_not_count_as_copied(model: DanceModel) -> None:
    """Of six seconds two are kept; of the other four one is known."""
    wish = replace(ONCE, keep=(Span(2, 4),)), Sampling(seconds=6, seed=1), CLIPS[:1]
    dance = danced(model, *wish).dance
    known = [KnownDance("itself", dance[80:100]), KnownDance("the video", CLIPS[0])]
    assert danced(model, *wish, known).novelty.copied_share == pytest.approx(1 / 4)


def test_kept_seconds_are_those_of_the_video_whenever_the_dancer_is_first_seen(model: DanceModel) -> None:
    """From 2 s on."""
    late = CLIPS[0][40:]
    made = danced(model, replace(ONCE, keep=(Span(4, 6),)), replace(SAMPLING, seconds=8), [late])
    assert len(made.dance) == 161
    assert same(made.dance[80:120], CLIPS[0][80:120])
    assert step_sizes(made.dance)[[79, 119]].max() <= large_step([late])
    with pytest.raises(PoseError, match=r"seconds 1 to 3; keep seconds within one of: 2-10"):
        danced(model, replace(ONCE, keep=(Span(1, 3),)), clips=[late])


SEEN = [CLIPS[0][:80], CLIPS[0][120:]]
"""The dancer is seen up to 4 s, and from 6 s on."""


def test_kept_seconds_may_be_those_of_a_later_clip(model: DanceModel) -> None:
    made = danced(model, replace(ONCE, keep=(Span(6.5, 8),)), replace(SAMPLING, seconds=8), SEEN)
    assert same(made.dance[130:160], CLIPS[0][130:160])


@pytest.mark.parametrize(
    ("keep", "complaint"),
    [
        ((Span(9, 11),), "not seen through all of the seconds 9 to 11; keep seconds within one of: 0-4, 6-10"),
        ((Span(3, 7),), "seconds 3 to 7"),
        ((Span(1, 2), Span(7, 8)), "seconds 1 to 8"),
        ((Span(7, 9),), "cannot keep the seconds 7-9: the dance has 8 s; keep seconds up to 8"),
    ],
)
def test_only_what_is_seen_can_be_kept(model: DanceModel, keep: tuple[Span, ...], complaint: str) -> None:
    """Eight seconds are wanted."""
    with pytest.raises(PoseError, match=complaint):
        danced(model, replace(ONCE, keep=keep), replace(SAMPLING, seconds=8), SEEN)


def test_a_mirrored_dance_is_the_same_one_in_a_mirror_on_its_first_spot(model: DanceModel) -> None:
    plain, mirrored = (danced(model, replace(ONCE, mirror=mirror)) for mirror in (False, True))
    assert np.array_equal(mirrored.dance.poses.keypoints, plain.dance.mirrored().poses.keypoints)
    across, across_mirrored = (made.dance.placement.hip_path[:, 0] for made in (plain, mirrored))
    assert across_mirrored == pytest.approx(2 * across[0] - across, abs=1e-4)
    assert np.array_equal(mirrored.dance.placement.hip_path[:, 1], plain.dance.placement.hip_path[:, 1])
    assert np.array_equal(mirrored.ids, plain.ids)
    assert (mirrored.scores, mirrored.novelty.copied_share) == (plain.scores, plain.novelty.copied_share)


def test_a_dance_that_copies_too_much_is_drawn_anew(model: DanceModel) -> None:
    """What is known is the first draw, then the first two, and then all three, but only half of the second."""
    new = replace(ONCE, max_copied=0)
    first = danced(model, new, known=[])
    assert (first.drawn, first.seed, first.novelty.copied_share) == (1, SAMPLING.seed, 0)
    known = [KnownDance("the first", first.dance)]
    second = danced(model, new, known=known)
    assert (second.drawn, second.novelty.copied_share) == (2, 0)
    third = danced(model, new, known=[*known, KnownDance("the second", second.dance)])
    assert (third.drawn, third.novelty.copied_share) == (1 + REDRAWS, 0)
    assert len({first.seed, second.seed, third.seed}) == 3

    known += [KnownDance("half of the second", second.dance[:40]), KnownDance("the third", third.dance)]
    least = danced(model, new, known=known)
    assert (least.drawn, least.seed, least.novelty.copied_share) == (1 + REDRAWS, second.seed, 0.5)
    assert same(least.dance, second.dance)
    assert danced(model, replace(new, max_copied=0.5), known=known).drawn == 2
    careless = danced(model, ONCE, known=known)
    assert (careless.drawn, careless.novelty.copied_share) == (1, 1)
    assert same(careless.dance, first.dance)


def test_words_are_passed_on_attempt_by_attempt_and_last_those_of_the_dance(model: DanceModel) -> None:
    """Three are drawn; the second is the dance, so its words are told again."""
    new, portions = replace(ONCE, max_copied=0), list[tuple[int, list[list[str]]]]()
    first = danced(model, new, known=[])
    second = danced(model, new, known=[KnownDance("the first", first.dance)])
    third = danced(model, new, known=[KnownDance("both", first.dance.followed_by(second.dance))])
    known = [
        KnownDance("the first", first.dance),
        KnownDance("half", second.dance[:40]),
        KnownDance("the third", third.dance),
    ]
    made = compose(
        model,
        "gpt2",
        CLIPS,
        known,
        SAMPLING,
        new,
        on_words=lambda row, words: portions.append((row, [*map(list, words)])),
    )
    assert made.seed == second.seed
    dances: list[list[list[str]]] = []
    for row, words in portions:
        if row == 0:
            dances.append([])
        assert row == len(dances[-1])
        dances[-1] += words
    expected = (first, second, third, second)
    assert dances == [[model.codec.lexicon.words_of(row) for row in one.ids] for one in expected]


def test_the_seed_of_a_dance_that_was_drawn_anew_gives_it_again(model: DanceModel) -> None:
    first = danced(model)
    anew = danced(model, replace(ONCE, max_copied=0), known=[KnownDance("the first", first.dance)])
    assert same(danced(model, sampling=replace(SAMPLING, seed=anew.seed)).dance, anew.dance)


def test_a_dance_is_put_on_the_beat_at_the_length_that_was_asked_for(model: DanceModel) -> None:
    made = danced(model, sampling=Sampling(seconds=8, seed=1), beats_s=np.arange(0.4, 60, 0.5))
    assert len(made.dance) == 8 * FPS + 1
    assert made.beat_alignment is not None
    before, after = made.beat_alignment
    assert 0 < before < after <= 1
    assert jump(CLIPS[-1], made.dance) <= large_step(CLIPS)


def test_without_a_beat_a_dance_has_its_own_time(model: DanceModel) -> None:
    plain, unheard = (danced(model, beats_s=beats_s) for beats_s in (None, np.empty(0)))
    assert plain.beat_alignment is None
    assert unheard.beat_alignment == (0, 0)
    assert len(unheard.dance) == len(plain.dance)
    assert np.array_equal(unheard.ids, model.codec.encode(unheard.dance))
    apart = np.linalg.norm(unheard.dance.poses.keypoints - plain.dance.poses.keypoints, axis=2)
    assert apart.mean() < 0.1


@pytest.mark.parametrize("composition", [ONCE, replace(ONCE, keep=(Span(1, 3),))])
def test_the_same_seed_gives_the_same_dance(model: DanceModel, composition: CompositionOptions) -> None:
    first, again, other = (danced(model, composition, replace(SAMPLING, seed=seed)) for seed in (1, 1, 2))
    assert np.array_equal(first.ids, again.ids)
    assert same(first.dance, again.dance)
    assert not np.array_equal(first.ids, other.ids)


def test_known_are_the_video_more_clips_and_what_the_model_remembers_and_all_of_it_in_a_mirror(
    model: DanceModel,
) -> None:
    late, other = CLIPS[0][40:], CLIPS[1]
    known = known_dances(model, [late], [other])
    names = ["the video", "more clips", "first", "second"]
    assert [one.name for one in known] == [*names, *(f"{name}, mirrored" for name in names)]
    assert [len(one.clip) for one in known] == 2 * [160, 200, 200, 200]
    assert (known[0].clip, known[0].begin_s, known[1].clip) == (late, 2, other)
    assert (known[4].begin_s, same(known[4].clip, late.mirrored())) == (2, True)
    select_exemplars = [*known[2:4], *known[6:]]
    for name, clip in zip(("first", "second"), CLIPS, strict=True):
        assert {nearest.name for nearest in detect_copies(clip, select_exemplars).seconds} == {name}
        assert {nearest.name for nearest in detect_copies(clip.mirrored(), select_exemplars).seconds} == {
            f"{name}, mirrored"
        }
    unlearned = known_dances(replace(model, exemplars=()), CLIPS)
    assert [one.name for one in unlearned] == ["the video"] * 2 + ["the video, mirrored"] * 2


def test_who_is_hardly_seen_cannot_be_continued(model: DanceModel) -> None:
    """A wrist and a foot are too little to read a word."""
    keypoints = CLIPS[0].poses.keypoints.copy()
    keypoints[:, 2:-1] = np.nan
    hidden = Clip(CLIPS[0].poses.with_keypoints(keypoints), CLIPS[0].placement)
    with pytest.raises(NobodyDancingError, match="too little of the dancer is seen"):
        danced(model, clips=[hidden])


@pytest.mark.parametrize("other", [{"from_scratch": True}, {"mirror": True}])
def test_directions_that_exclude_each_other(other: dict[str, bool]) -> None:
    with pytest.raises(PoseError, match="kept seconds are not changed"):
        CompositionOptions(keep=(Span(0, 1),), **other)


def test_a_language_model_that_was_not_trained_is_missed(model: DanceModel) -> None:
    with pytest.raises(ModelError, match="has no LSTM, only gpt2"):
        compose(model, "lstm", CLIPS, VIDEO, SAMPLING, ONCE)
