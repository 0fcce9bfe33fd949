from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from builders import random_walk_px

from bopbot.codecs import build_codec, save_codec
from bopbot.inputs.discovery import files_in
from bopbot.training.augmentation import TEMPOS
from bopbot.training.corpus import Corpus, CorpusOptions, build_corpus, split, stretches_of
from pose_vocab.cleaning import Cleaning
from pose_vocab.errors import ModelError, NobodyDancingError
from pose_vocab.normalization import normalize
from pose_vocab.sequence import PoseSequence

RECIPE = CorpusOptions(
    kind="picture",
    n_words=25,
    max_words=25,
    vocabulary=None,
    held_out="0.25",
    augment=False,
    seed=0,
    cleaning=Cleaning(),
)


def silent(line: str) -> None:
    raise AssertionError(line)


def files(*names: str) -> list[Path]:
    return [Path(name) for name in names]


def names(chosen: set[Path]) -> list[str]:
    return sorted(path.name for path in chosen)


def test_what_is_saved_is_read_back(dances: Path, tmp_path: Path) -> None:
    corpus = build_corpus([dances], RECIPE, silent)
    assert (len(corpus.dances), len(corpus.held_out), corpus.frames) == (3, 1, 300)
    corpus.save(tmp_path / "corpus", RECIPE.identity([dances]))
    loaded = Corpus.load(tmp_path / "corpus", RECIPE.identity([dances]))
    assert loaded.codec.lexicon.fingerprint == corpus.codec.lexicon.fingerprint
    for one, other in ((corpus.dances, loaded.dances), (corpus.held_out, loaded.held_out)):
        assert [stream.tolist() for stream in one] == [stream.tolist() for stream in other]


CHANGES: dict[str, Callable[[Path], None]] = {
    "another dance": lambda folder: random_walk_px(50, seed=9).save(folder / "more.npz"),
    "a changed dance": lambda folder: random_walk_px(90, seed=9).save(folder / "take_0.npz"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_left_of_other_dances_is_refused(change: str, dances: Path, tmp_path: Path) -> None:
    folder = tmp_path / "dances"
    folder.mkdir()
    for path in dances.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    build_corpus([folder], RECIPE, silent).save(tmp_path / "corpus", RECIPE.identity([folder]))
    Corpus.load(tmp_path / "corpus", RECIPE.identity([folder]))
    CHANGES[change](folder)
    with pytest.raises(ModelError, match="other dances or with other options; delete"):
        Corpus.load(tmp_path / "corpus", RECIPE.identity([folder]))


def test_a_damaged_corpus_says_so(dances: Path, tmp_path: Path) -> None:
    build_corpus([dances], RECIPE, silent).save(tmp_path / "corpus", RECIPE.identity([dances]))
    whole = (tmp_path / "corpus" / "streams.npz").read_bytes()
    for name, content in (("streams.npz", whole[: len(whole) // 2]), ("corpus.json", b"{")):
        (tmp_path / "corpus" / name).write_bytes(content)
        with pytest.raises(ModelError, match=r"is damaged.*delete"):
            Corpus.load(tmp_path / "corpus", RECIPE.identity([dances]))


def test_models_and_unfinished_trainings_among_the_dances_are_no_dances(dances: Path, tmp_path: Path) -> None:
    (tmp_path / "dance.npz").write_bytes((dances / "take_0.npz").read_bytes())
    before = RECIPE.identity([tmp_path])
    corpus = build_corpus([dances], RECIPE, silent)
    corpus.save(tmp_path / "model.unfinished", "x")
    save_codec(corpus.codec, tmp_path / "words")
    assert files_in([tmp_path]) == [tmp_path / "dance.npz"]
    assert RECIPE.identity([tmp_path]) == before


@pytest.mark.slow
def test_a_video_is_watched_once(example: Path, tmp_path: Path) -> None:
    recipe = replace(RECIPE, held_out="0")
    first = build_corpus([example], recipe, silent, kept=tmp_path / "poses")
    [kept] = (tmp_path / "poses").iterdir()
    PoseSequence.load(kept)[:200].save(kept)  # that these are read, and the video is not, shows in the frames
    assert first.frames > 200
    assert build_corpus([example], recipe, silent, kept=tmp_path / "poses").frames <= 200


def test_another_recipe_is_another_corpus(dances: Path) -> None:
    changes = ({"n_words": 24}, {"held_out": "0"}, {"augment": True}, {"seed": 1}, {"cleaning": Cleaning(0.3)})
    identities = {replace(RECIPE, **change).identity([dances]) for change in ({}, *changes)}
    assert len(identities) == 1 + len(changes)
    assert RECIPE.identity([dances]) in identities


def test_the_held_out_take_is_in_no_word_and_no_stream(dances: Path) -> None:
    without = build_corpus([dances], replace(RECIPE, held_out="take_2*"), silent)
    three = [dances / f"take_{take}.npz" for take in (0, 1, 3)]
    only = build_corpus(three, replace(RECIPE, held_out="0"), silent)
    assert without.codec.lexicon.fingerprint == only.codec.lexicon.fingerprint
    assert [stream.tolist() for stream in without.dances] == [stream.tolist() for stream in only.dances]
    assert len(without.held_out) == 1
    assert only.held_out == []


def test_augmented_dances_are_learned_mirrored_and_at_all_tempos_but_not_scored_so(dances: Path) -> None:
    corpus = build_corpus([dances], replace(RECIPE, augment=True), silent)
    assert len(corpus.dances) == 3 * 2 * len(TEMPOS)
    assert len(corpus.held_out) == 1
    assert corpus.frames == 300


def test_a_file_without_a_dance_is_left_out_and_said_so(dances: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.npz").write_bytes(b"no poses")
    told: list[str] = []
    corpus = build_corpus([dances, tmp_path], RECIPE, told.append)
    assert corpus.frames == 300
    assert len(told) == 1
    assert "broken.npz" in told[0]


def test_shares_and_patterns() -> None:
    ten = files(*(f"60_{take:02}.npz" for take in range(10)))
    held_out = split(ten, "0.2", seed=1)
    assert len(held_out) == 2
    assert held_out < set(ten)
    assert split(ten, "0.2", seed=1) == held_out
    assert names(split(ten, "60_0[37]*", seed=0)) == ["60_03.npz", "60_07.npz"]
    assert split(ten, "0", seed=0) == set()
    assert len(split(ten, "0.01", seed=0)) == 1


def test_of_one_take_nothing_is_held_out() -> None:
    assert split(files("a.npz"), "0.5", seed=0) == set()


@pytest.mark.parametrize(
    ("held_out", "why"),
    [("x*", "no file's name matches 'x\\*'"), ("*", "all 2 files"), ("1", "below 1"), ("-1", "at least 0")],
)
def test_impossible_splits_are_refused(held_out: str, why: str) -> None:
    with pytest.raises(ModelError, match=why):
        split(files("a.npz", "b.npz"), held_out, seed=0)


def test_half_a_second_teaches_nothing() -> None:
    clip = normalize(random_walk_px(200, seed=8))
    words = build_codec([clip], "picture", n_words=25, seed=0)
    assert len(stretches_of(words, [clip[:20], clip[:10]])) == 1
    with pytest.raises(NobodyDancingError, match="second of unbroken dance"):
        stretches_of(words, [clip[:10]])


def test_streams_are_the_words_of_the_clips() -> None:
    clip = normalize(random_walk_px(60, seed=8))
    words = build_codec([clip], "picture", n_words=25, seed=0)
    assert np.array_equal(stretches_of(words, [clip])[0], words.encode(clip))
