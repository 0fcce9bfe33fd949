"""Word names: pronounceable words of five letters that are not English."""

import gzip
from functools import cache, lru_cache
from hashlib import blake2b
from importlib.resources import files

from pose_vocab.errors import VocabularyError

FAKE_WORDS = files("pose_vocab.codec").joinpath("fake_words.txt.gz")
"""Made by docs/make_fake_words.py. A line holds the first three letters of its words, then the last two of each."""


def make_words(n: int, seed: int) -> list[str]:
    """Return `n` different fake words, e.g. ``zatre``; none is an English word or contains a slur.

    The same seed gives the same words in the same order, and a larger `n` extends the list.

    Raises
    ------
    VocabularyError : `n` is negative, or larger than the number of fake words (over 200,000).
    """
    words = _shuffled(seed)
    if not 0 <= n <= len(words):
        raise VocabularyError(f"cannot make {n} words; there are {len(words)}, so ask for 0 to {len(words)}")
    return words[:n]


@lru_cache(maxsize=1)
def _shuffled(seed: int) -> list[str]:
    # Sorted by a hash of each word, which stays the same in every version of every library, unlike a random shuffle.
    return sorted(_fake_words(), key=lambda word: blake2b(f"{seed} {word}".encode(), digest_size=16).digest())


@cache
def _fake_words() -> tuple[str, ...]:
    lines = gzip.decompress(FAKE_WORDS.read_bytes()).decode("ascii").splitlines()
    return tuple(start + end for start, *ends in map(str.split, lines) for end in ends)
