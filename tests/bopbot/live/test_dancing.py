"""Dances without end: words become motion second by second."""

import gc
import tracemalloc
from collections.abc import Callable
from itertools import count, islice

import numpy as np
import pytest
from builders import random_walk_px

from bopbot.choreography.generation import Sampling
from bopbot.codec_presets import CODEC_PRESETS
from bopbot.codecs import build_codec
from bopbot.dance_model import DanceModel
from bopbot.live.dancing import Passage, endless_dance, passages
from models.sampling import generate
from pose_vocab.codec.codec import Codec
from pose_vocab.codec.decoder import LowPassDecoder
from pose_vocab.codec.lexicon import Lexicon
from pose_vocab.codec.segments import Segments
from pose_vocab.errors import ModelError
from pose_vocab.ids import Ids
from pose_vocab.normalization import Clip, normalize
from pose_vocab.resampling import resample
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER

WALK = random_walk_px(440, seed=3)[20:420]


def picture_codec() -> Codec[Clip]:
    return build_codec([normalize(WALK)], "limbs", 60, seed=0)


def body_codec() -> Codec[Clip]:
    """Words of a dancer who turns round and round, in 3D."""
    kind = CODEC_PRESETS["body"]
    flat = WALK.keypoints / 200
    angle = np.arange(len(flat))[:, None] / 10
    depth = 0.1 * np.sin(angle + np.arange(16))
    turned = np.stack([flat[..., 0] * np.cos(angle), -flat[..., 1], flat[..., 0] * np.sin(angle) + depth], axis=-1)
    segments = Segments(kind.features(DANCER.joint_names), kind.frames)
    rows = segments.transform(normalize(PoseSequence.fully_seen(turned, 20, DANCER)))
    lexicon = Lexicon.fit(rows, segments.columns, 40, 0)
    return Codec("body", DANCER.joint_names, segments, lexicon, LowPassDecoder(), kind.finish, kind.fps)


def text(codec: Codec[Clip], seconds: int) -> Ids:
    """Random rows of words."""
    chance = np.random.default_rng(0)
    rows = chance.integers(0, codec.lexicon.sizes, (round(seconds * codec.rows_per_second), len(codec.places)))
    return rows + codec.lexicon.starts


def keypoints(dance: list[Passage]) -> np.ndarray:
    return np.concatenate([passage.poses.keypoints for passage in dance])


@pytest.mark.parametrize("make", [picture_codec, body_codec])
@pytest.mark.parametrize("fps", [20, 30])
def test_second_by_second_the_dance_is_that_of_all_words_at_once(make: Callable[[], Codec[Clip]], fps: int) -> None:
    codec = make()
    words = text(codec, 50)
    whole = codec.decode(words)
    expected = resample(whole.poses.with_keypoints(whole.placed), fps).keypoints
    dance = keypoints(list(passages(codec, iter(words), fps)))
    assert len(dance) == 37 * fps
    # 0.001 torso lengths are half a millimetre
    np.testing.assert_allclose(dance, expected[: len(dance)], atol=1e-3)


def test_a_second_is_danced_when_the_words_that_say_it_are_there() -> None:
    """And no sooner than it is asked for."""
    codec, asked = picture_codec(), count()
    dance = passages(codec, (row for row in text(codec, 40) if next(asked) >= 0), 20)
    assert next(asked) == 0
    next(dance)
    assert next(asked) == 14 * codec.rows_per_second + 1
    next(dance)
    assert next(asked) == 15 * codec.rows_per_second + 2


def test_a_frame_tells_the_words_that_say_it() -> None:
    """Ten rows a second: at 30 frames a second three frames each."""
    codec = picture_codec()
    words = text(codec, 16)
    dance = list(passages(codec, iter(words), 30))
    said = [frame for passage in dance for frame in passage.words]
    assert len(said) == 2 * 30 + 30
    for frame in (0, 2, 3, 31, 89):
        row = frame // 3
        assert list(said[frame]) == codec.lexicon.words_of(words[row])


@pytest.mark.parametrize("kind", CODEC_PRESETS)
def test_a_second_is_whole_rows_of_every_kind_of_words(kind: str) -> None:
    row = CODEC_PRESETS[kind]
    assert (row.fps / row.frames).is_integer()


def test_the_words_are_those_that_are_generated_at_once(starter: DanceModel) -> None:
    import torch

    sampling = Sampling(seconds=2, seed=5)
    ids = generate(
        starter.language_model("lstm"), np.empty((0, 5), np.int64), sampling.options(starter), torch.manual_seed(5)
    )
    said = [word for frame in islice(endless_dance(starter, "lstm", sampling, 10), 20) for word in frame.words]
    assert starter.codec.lexicon.ids_of(said).tolist() == ids.reshape(-1)[: len(said)].tolist()


def test_the_same_seed_dances_the_same_and_time_runs_on(starter: DanceModel) -> None:
    first, again, other = (
        list(islice(endless_dance(starter, "lstm", Sampling(seed=seed), 30), 45)) for seed in (1, 1, 2)
    )
    assert all(np.array_equal(one.people[0], two.people[0]) for one, two in zip(first, again, strict=True))
    assert not np.array_equal(first[0].people[0], other[0].people[0])
    assert [frame.number for frame in first] == list(range(45))
    assert [frame.time_s for frame in first] == pytest.approx(np.arange(45) / 30)


@pytest.mark.slow
def test_minutes_take_no_more_memory_and_the_dancer_stays_near() -> None:
    codec = picture_codec()
    chance = np.random.default_rng(0)
    words = (chance.integers(codec.lexicon.sizes) + codec.lexicon.starts for _ in count())
    dance = passages(codec, words, 20)
    far, used = [], []
    tracemalloc.start()
    for _ in range(3):
        far += [abs(passage.poses.keypoints[..., 0]).max() for passage in islice(dance, 60)]
        gc.collect()
        used.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    # two more minutes of poses alone are 460,000 bytes
    assert used[-1] < used[0] + 200_000
    assert max(far[60:]) < 2 * max(far[:60])


def test_a_language_model_that_is_missing_is_missed_before_the_first_frame(starter: DanceModel) -> None:
    alone = DanceModel(starter.codec, {"lstm": starter.language_model("lstm")})
    with pytest.raises(ModelError, match="has no GPT-2"):
        endless_dance(alone, "gpt2", Sampling(), 30)
