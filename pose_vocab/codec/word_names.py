"""Pose words: five letters that can be said aloud and are no English word."""

from functools import cache, lru_cache
from hashlib import blake2b
from importlib.resources import files
from itertools import product

from pose_vocab.errors import VocabularyError

_VOWELS = "a e i o u"
_VOWEL_PAIRS = "ai au ea ee ei eo ia ie io oa oi oo ou ua"
_LAST_VOWELS = "a e i o u y"
_STARTS = "b d f g h j k l m n p r s t v w y z"
_START_PAIRS = "bl br ch cl cr dr fl fr gl gr kl kr pl pr sh sk sl sm sn sp st sw tr tw vl vr zw"
_INNER = "b d f g h j k l m n p r s t v w y z"
_INNER_PAIRS = (
    "bl br ch dr fl fr ft gl gr kl kr ks kt lb ld lf lg lk lm ln lp lt lv mb mp nd nf ng nj nk nt nv nz "
    "pl pr ps pt rb rd rf rg rk rl rm rn rp rt rv rz sh sk sl sm sn sp st th tr vr zd zl zm zn"
)
_ENDS = "b d f g k l m n p r t v x z"
_END_PAIRS = "ch ft kt lb ld lf lk lm lp lt mp nd nk nt rb rd rf rg rk rl rm rn rp rt rv sh sk st th"

_PATTERNS = (
    (_STARTS, _VOWELS, _INNER, _VOWELS, _ENDS),
    (_STARTS, _VOWELS, _INNER_PAIRS, _LAST_VOWELS),
    (_STARTS, _VOWEL_PAIRS, _INNER, _LAST_VOWELS),
    (_STARTS, _VOWEL_PAIRS, _END_PAIRS),
    (_START_PAIRS, _VOWELS, _INNER, _LAST_VOWELS),
    (_START_PAIRS, _VOWELS, _END_PAIRS),
    (_START_PAIRS, _VOWEL_PAIRS, _ENDS),
    (_VOWELS, _INNER, _VOWELS, _INNER, _LAST_VOWELS),
    (_VOWELS, _INNER, _VOWELS, _END_PAIRS),
    (_VOWELS, _INNER_PAIRS, _VOWELS, _ENDS),
)

# Word lists lack most inflected forms (hopes, liked, hiker). No pattern ends in a single s; these are the rest.
_INFLECTIONS = ("ed", "er")
_HARD_TO_SAY = ("iy", "uw", "wu", "yi", "yy")

# Slurs that the installed list of swear words lacks.
_SLURS_NOT_LISTED = (
    *("boche", "dago", "darky", "gimp", "gyp", "kafir", "mong", "negr", "nigr", "nip", "pikey", "polak", "poof"),
    *("sambo", "spaz", "spook", "squaw", "wog", "yid"),
)

# A slur is also refused in another spelling of the same sound; the patterns have no ck, ph or qu.
_ONE_SPELLING = (("ck", "k"), ("ph", "f"), ("qu", "kw"), ("c", "k"), ("q", "k"), ("y", "i"), ("z", "s"))
_SPELLINGS = {"k": "kc", "i": "iy", "s": "sz"}


def make_words(n: int, seed: int) -> list[str]:
    """Give `n` different fake words, e.g. ``zatre``; none is an English word or holds a slur.

    The same seed gives the same words in the same order, and a larger `n` extends the list.

    Raises
    ------
    VocabularyError : `n` is negative, or more than there are (over 200,000).
    """
    words = _in_order_of(seed)
    if not 0 <= n <= len(words):
        raise VocabularyError(f"cannot make {n} words; there are {len(words)}, so ask for 0 to {len(words)}")
    return words[:n]


@lru_cache(maxsize=1)
def _in_order_of(seed: int) -> list[str]:
    # Sorted by a hash of each word alone, not shuffled: that stays the same in every version of every
    # library, and when a word list grows, the words that remain keep their order.
    return sorted(_all_words(), key=lambda word: blake2b(f"{seed} {word}".encode(), digest_size=16).digest())


@cache
def _all_words() -> tuple[str, ...]:
    english, refused = _english_words(), _slurs()
    words = {"".join(parts) for pattern in _PATTERNS for parts in product(*map(str.split, pattern))}
    return tuple(
        word
        for word in words - english
        if not (
            word.endswith(_INFLECTIONS)
            or any(pair in word for pair in _HARD_TO_SAY)
            or word[:3] in refused
            or word[1:4] in refused
            or word[2:] in refused
            or word[:4] in refused
            or word[1:] in refused
            or word in refused
        )
    )


def _english_words() -> set[str]:
    from english_words import get_english_words_set

    return set(get_english_words_set(["web2", "gcide"], lower=True))


def _slurs() -> set[str]:
    listed = files("better_profanity").joinpath("profanity_wordlist.txt").read_text(encoding="utf-8").lower().split()
    spelled = set()
    for slur in (*listed, *_SLURS_NOT_LISTED):
        if 3 <= len(slur) <= 5:
            spelled.add(slur)
            spelled.update(_spelled_alike(slur))
    return spelled


def _spelled_alike(slur: str) -> set[str]:
    for spelling, sound in _ONE_SPELLING:
        slur = slur.replace(spelling, sound)
    alike = {"".join(letters) for letters in product(*(_SPELLINGS.get(letter, letter) for letter in slur))}
    return {word for word in alike if len(word) >= 3}
