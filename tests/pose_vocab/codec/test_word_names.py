"""Fake words: enough of them, stable, and fit to be shown to anybody."""

import gzip
import runpy
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
from english_words import get_english_words_set

from pose_vocab.codec.word_names import FAKE_WORDS, make_words
from pose_vocab.errors import VocabularyError

GENERATOR = Path(__file__).parents[3] / "docs" / "make_fake_words.py"


@pytest.fixture(scope="module")
def many() -> list[str]:
    return make_words(200_000, seed=1)


def test_there_are_200_000_different_words_of_five_small_letters(many: list[str]) -> None:
    assert len(set(many)) == 200_000
    assert all(len(word) == 5 and word.isascii() and word.isalpha() and word.islower() for word in many)


def test_the_words_of_a_seed_never_change() -> None:
    assert make_words(6, seed=0) == ["ijusk", "sooft", "ardub", "vombu", "idivo", "jihon"]


def test_the_shipped_words_are_those_that_their_generator_makes() -> None:
    generator = runpy.run_path(str(GENERATOR))
    made = generator["packed"](generator["fake_words"]())
    assert gzip.decompress(FAKE_WORDS.read_bytes()) == gzip.decompress(made)


def test_more_words_extend_fewer(many: list[str]) -> None:
    assert make_words(10, seed=1) == many[:10]
    assert make_words(0, seed=1) == []


def test_another_seed_gives_other_words() -> None:
    assert len(set(make_words(1_000, seed=1)) & set(make_words(1_000, seed=2))) < 50


def test_another_process_gives_the_same_words(many: list[str]) -> None:
    program = "from pose_vocab.codec.word_names import make_words; print(*make_words(500, seed=1))"
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert printed.stdout.split() == many[:500]


def test_no_word_is_an_english_one_or_its_inflected_form(many: list[str]) -> None:
    english = get_english_words_set(["web2", "gcide"], lower=True)
    inflected = {stem + ending for stem in english for ending in ("s", "es", "ed", "er")}
    inflected |= {stem + ending for stem in english if stem.endswith("e") for ending in ("d", "r")}
    assert {"dance", "hopes", "liked", "hiker"} <= english | inflected
    assert not (english | inflected) & set(many)


def test_no_word_holds_a_slur_or_sounds_like_one(many: list[str]) -> None:
    listed = files("better_profanity").joinpath("profanity_wordlist.txt").read_text(encoding="utf-8").split()
    text = " ".join(many)
    assert [slur for slur in listed if len(slur) >= 3 and slur in text] == []
    assert [slur for slur in ("kunt", "zlut", "kok", "dyldo", "wog", "nigr") if slur in text] == []


def test_no_word_is_hard_to_say(many: list[str]) -> None:
    sounds = {"".join("v" if letter in "aeiou" else "c" for letter in word[:4]) for word in many}
    assert not {shape for shape in sounds if "ccc" in shape or "vvv" in shape}
    assert not [word for word in many if "q" in word or word[-1] == "j"]
    assert {pair for word in many for pair in (word[i : i + 2] for i in range(4)) if pair[0] == pair[1]} == {"ee", "oo"}


@pytest.mark.parametrize("n", [10_000_000, -1])
def test_a_number_of_words_that_cannot_be_made_is_refused(n: int) -> None:
    with pytest.raises(VocabularyError, match=rf"cannot make {n} words; there are 2\d\d\d\d\d"):
        make_words(n, seed=0)
