"""Make the fake words that name the words of a vocabulary: pose_vocab/codec/fake_words.txt.gz.

    python docs/make_fake_words.py

The words are all that the patterns below spell, less the English words and the slurs of two lists, which come with the
``dev`` extra. Only words that are on neither list are shipped, so nothing of the lists is.

- English: ``english-words`` 2.0.2 (MIT), which holds Webster's Second International of 1934 (web2 of FreeBSD; its
  copyright has lapsed) and the index of GCIDE 0.53 (GPL-3.0-or-later).
- Slurs: ``better-profanity`` 0.7.0 (MIT), and those named below.

The same list gives the same words for a seed: a word that is added or removed shifts the words of every seed.
"""

from __future__ import annotations

import gzip
from importlib.resources import files
from itertools import groupby, product
from pathlib import Path

FAKE_WORDS = Path(__file__).parents[1] / "pose_vocab" / "codec" / "fake_words.txt.gz"

VOWELS = "a e i o u"
VOWEL_PAIRS = "ai au ea ee ei eo ia ie io oa oi oo ou ua"
LAST_VOWELS = "a e i o u y"
STARTS = "b d f g h j k l m n p r s t v w y z"
START_PAIRS = "bl br ch cl cr dr fl fr gl gr kl kr pl pr sh sk sl sm sn sp st sw tr tw vl vr zw"
INNER = "b d f g h j k l m n p r s t v w y z"
INNER_PAIRS = (
    "bl br ch dr fl fr ft gl gr kl kr ks kt lb ld lf lg lk lm ln lp lt lv mb mp nd nf ng nj nk nt nv nz "
    "pl pr ps pt rb rd rf rg rk rl rm rn rp rt rv rz sh sk sl sm sn sp st th tr vr zd zl zm zn"
)
ENDS = "b d f g k l m n p r t v x z"
END_PAIRS = "ch ft kt lb ld lf lk lm lp lt mp nd nk nt rb rd rf rg rk rl rm rn rp rt rv sh sk st th"

PATTERNS = (
    (STARTS, VOWELS, INNER, VOWELS, ENDS),
    (STARTS, VOWELS, INNER_PAIRS, LAST_VOWELS),
    (STARTS, VOWEL_PAIRS, INNER, LAST_VOWELS),
    (STARTS, VOWEL_PAIRS, END_PAIRS),
    (START_PAIRS, VOWELS, INNER, LAST_VOWELS),
    (START_PAIRS, VOWELS, END_PAIRS),
    (START_PAIRS, VOWEL_PAIRS, ENDS),
    (VOWELS, INNER, VOWELS, INNER, LAST_VOWELS),
    (VOWELS, INNER, VOWELS, END_PAIRS),
    (VOWELS, INNER_PAIRS, VOWELS, ENDS),
)

# Word lists lack most inflected forms (hopes, liked, hiker). No pattern ends in a single s; these are the rest.
INFLECTIONS = ("ed", "er")
HARD_TO_SAY = ("iy", "uw", "wu", "yi", "yy")

# Slurs that the installed list of swear words lacks.
SLURS_NOT_LISTED = (
    *("boche", "dago", "darky", "gimp", "gyp", "kafir", "mong", "negr", "nigr", "nip", "pikey", "polak", "poof"),
    *("sambo", "spaz", "spook", "squaw", "wog", "yid"),
)

# A slur is also refused in another spelling of the same sound; the patterns have no ck, ph or qu.
ONE_SPELLING = (("ck", "k"), ("ph", "f"), ("qu", "kw"), ("c", "k"), ("q", "k"), ("y", "i"), ("z", "s"))
SPELLINGS = {"k": "kc", "i": "iy", "s": "sz"}


def fake_words() -> list[str]:
    """Return every fake word, in alphabetical order."""
    candidates = {"".join(parts) for pattern in PATTERNS for parts in product(*map(str.split, pattern))}
    slurs = all_slurs()
    return sorted(
        word
        for word in candidates - english_words()
        if not word.endswith(INFLECTIONS)
        and not any(pair in word for pair in HARD_TO_SAY)
        and not {word[:3], word[1:4], word[2:], word[:4], word[1:], word} & slurs
    )


def english_words() -> set[str]:
    """Return the English words of both dictionaries, in lower case."""
    from english_words import get_english_words_set

    return set(get_english_words_set(["web2", "gcide"], lower=True))


def all_slurs() -> set[str]:
    """Return the slurs of three to five letters, each in every spelling of its sound."""
    listed = files("better_profanity").joinpath("profanity_wordlist.txt").read_text(encoding="utf-8").lower().split()
    slurs = [slur for slur in (*listed, *SLURS_NOT_LISTED) if 3 <= len(slur) <= 5]
    return {*slurs, *(spelling for slur in slurs for spelling in spellings(slur))}


def spellings(slur: str) -> set[str]:
    """Return the spellings of at least three letters that sound like `slur`."""
    for spelling, sound in ONE_SPELLING:
        slur = slur.replace(spelling, sound)
    alike = {"".join(letters) for letters in product(*(SPELLINGS.get(letter, letter) for letter in slur))}
    return {word for word in alike if len(word) >= 3}


def packed(words: list[str]) -> bytes:
    """Return sorted words as compressed text: a line per first three letters, with the last two of each word."""
    lines = (
        " ".join((start, *(word[3:] for word in group))) + "\n"
        for start, group in groupby(words, lambda word: word[:3])
    )
    return gzip.compress("".join(lines).encode("ascii"), mtime=0)


if __name__ == "__main__":
    words = fake_words()
    FAKE_WORDS.write_bytes(packed(words))
    print(f"{len(words)} words in {FAKE_WORDS}")
