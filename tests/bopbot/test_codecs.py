import json
from pathlib import Path

import numpy as np
import pytest
from builders import random_walk_px

from bopbot.codec_presets import CODEC_PRESETS, seen_joints
from bopbot.codecs import build_codec, load_codec, save_codec
from pose_vocab.codec.codec import Codec
from pose_vocab.errors import NobodyDancingError, PoseError, VocabularyError
from pose_vocab.normalization import Clip, normalize
from pose_vocab.resampling import resample
from pose_vocab.sequence import PoseSequence
from pose_vocab.skeletons import DANCER


@pytest.fixture(scope="module")
def clip() -> Clip:
    return normalize(random_walk_px(120, seed=4))


@pytest.fixture(scope="module")
def words(clip: Clip) -> Codec[Clip]:
    return build_codec([clip], "picture", n_words=30, seed=1)


def test_what_is_saved_is_read_back(words: Codec[Clip], clip: Clip, tmp_path: Path) -> None:
    save_codec(words, tmp_path / "words")
    loaded = load_codec(tmp_path / "words")
    assert (loaded.preset, loaded.channels) == (words.preset, words.channels)
    assert loaded.lexicon.fingerprint == words.lexicon.fingerprint
    assert np.array_equal(loaded.encode(clip), words.encode(clip))
    save_codec(words, tmp_path / "words")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["words"]


def test_the_same_seed_gives_the_same_words(words: Codec[Clip], clip: Clip) -> None:
    assert build_codec([clip], "picture", 30, seed=1).lexicon.fingerprint == words.lexicon.fingerprint
    assert build_codec([clip], "picture", 30, seed=2).lexicon.fingerprint != words.lexicon.fingerprint


def test_one_word_for_three_frames_where_nobody_asks(clip: Clip) -> None:
    assert build_codec([clip], "picture", None, seed=0).lexicon.n_words == 40


def test_a_decoded_dance_is_near_the_one_that_was_read(words: Codec[Clip], clip: Clip) -> None:
    codec = words
    decoded = codec.decode(codec.encode(clip))
    assert len(decoded) == len(clip)
    error = np.linalg.norm(decoded.poses.keypoints - clip.poses.keypoints, axis=2).mean()
    blind = np.linalg.norm(clip.poses.keypoints.mean(axis=0) - clip.poses.keypoints, axis=2).mean()
    assert error < 0.5 * blind


def test_every_frame_its_own_word_is_the_dance_itself_but_for_the_filter(clip: Clip) -> None:
    codec = build_codec([clip], "picture", n_words=len(clip), seed=0)
    rows = codec.segments.transform(clip)
    assert np.allclose(codec.lexicon.look_up(codec.encode(clip)), rows, atol=1e-5)


def test_another_frame_rate_is_refused(words: Codec[Clip], clip: Clip) -> None:
    with pytest.raises(PoseError, match="words of 20 fps cannot encode a clip of 30 fps"):
        words.encode(Clip(resample(clip.poses, 30)[:120], clip.placement))


def test_joints_that_are_hardly_seen_are_no_part_of_words(clip: Clip) -> None:
    confidence = clip.poses.confidence.copy()
    confidence[:, [DANCER.index("left_toe"), DANCER.index("right_toe")]] = 0
    poses = PoseSequence(clip.poses.keypoints, confidence, 20, DANCER)
    toeless = Clip(poses, clip.placement)
    assert seen_joints([toeless]) == DANCER.joint_names[:14]
    words = build_codec([toeless], "picture", 20, seed=0)
    decoded = words.decode(words.encode(toeless))
    assert np.isnan(decoded.poses.joint("left_toe")).all()
    assert np.isfinite(decoded.poses.joint("left_ankle")).all()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"format": "bopbot-codec 99"}, "has the format 'bopbot-codec 99', expected 'bopbot-codec 4'"),
        ({"preset": "oil"}, "no kind of words 'oil'"),
        ({"channels": ["nose"]}, "belong to exactly one part|do not fit|has"),
    ],
)
def test_a_folder_that_was_tampered_with_is_refused(
    words: Codec[Clip], tmp_path: Path, change: dict[str, object], says: str
) -> None:
    save_codec(words, tmp_path / "words")
    described = json.loads((tmp_path / "words" / "codec.json").read_text())
    (tmp_path / "words" / "codec.json").write_text(json.dumps(described | change))
    with pytest.raises(VocabularyError, match=says):
        load_codec(tmp_path / "words")


def test_damage_is_named(words: Codec[Clip], tmp_path: Path) -> None:
    save_codec(words, tmp_path / "words")
    (tmp_path / "words" / "codec.json").write_text("{")
    with pytest.raises(VocabularyError, match="damaged vocabulary"):
        load_codec(tmp_path / "words")


def test_no_clips_no_words() -> None:
    with pytest.raises(NobodyDancingError):
        build_codec([], "picture", 10, seed=0)


def test_every_preset_makes_words_of_its_own_dimensions() -> None:
    flat = random_walk_px(60, seed=2)
    depth = np.zeros((60, 16, 1), np.float32)
    metres = PoseSequence.fully_seen(np.concatenate([flat.keypoints * [0.005, -0.005], depth], axis=2), 20, DANCER)
    for name, kind in CODEC_PRESETS.items():
        clip = normalize(flat if kind.dims == 2 else metres)
        codec = build_codec([clip], name, 20, seed=0)
        assert codec.decode(codec.encode(clip)).poses.dims == kind.dims
