"""What the names of a rig's joints say: the side of the body, and which part it may be.

Programs name joints in many ways (``mixamorig:LeftUpLeg``, ``Bip01 L Thigh``, ``lThighBend``, ``DEF-thigh.L``,
``J_Bip_L_UpperLeg``, ``thigh_l``, ``lfemur``, ``left_hip``). A name is cut into words, what all joints have in
common is left out, and the rest is looked up in one table.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

LEFT, RIGHT, MIDDLE = "left", "right", ""

LEG, ARM = ("hip", "knee", "ankle", "toe"), ("shoulder", "elbow", "wrist")
"""The dancer's joints along a limb, from the trunk outwards."""

MAX_NAME_CHARS = 100
"""Longer names are judged by their ends, which name the part; prefixes are not longer."""
COMMON_SHARE = 0.7
"""A beginning that this share of the joints have is a prefix of the program's."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]+|[a-z]+|\d+")
_SIDES = {
    "left": LEFT, "l": LEFT, "lft": LEFT, "lt": LEFT, "lf": LEFT,
    "right": RIGHT, "r": RIGHT, "rgt": RIGHT, "rt": RIGHT,
}  # fmt: skip

_PARTS_BY_WORDS: dict[tuple[str, ...], Mapping[str, float]] = {
    ("thigh", "upleg", "upperleg", "legupper", "uleg", "femur", "thighbend"): {"hip": 1.0},
    ("hip", "hipjoint"): {"hip": 0.6},
    ("shin", "calf", "knee", "lowerleg", "lowleg", "leglower", "foreleg", "tibia", "crus"): {"knee": 1.0},
    ("leg",): {"hip": 0.4, "knee": 0.6},
    ("ankle",): {"ankle": 1.2},
    ("foot",): {"ankle": 0.9, "toe": 0.5},
    ("toe", "toes", "toebase", "ball", "forefoot", "midfoot", "metatarsal", "metatarsals"): {"toe": 1.0},
    ("clavicle", "collar", "collarbone", "scapula", "claviclebone"): {"collar": 1.0},
    ("shoulder",): {"collar": 0.5, "shoulder": 0.5},
    ("upperarm", "uparm", "uarm", "armupper", "humerus", "shldr", "shldrbend", "bicep"): {"shoulder": 1.0},
    ("arm",): {"shoulder": 0.6, "elbow": 0.1},
    ("forearm", "lowerarm", "lowarm", "farm", "armlower", "elbow", "radius", "forearmbend", "ulna"): {"elbow": 1.0},
    ("wrist",): {"wrist": 1.0},
    ("hand",): {"wrist": 0.8},
    ("head",): {"head": 1.0},
}
"""Which of the dancer's joints lies at the beginning of a bone of this name, with weights. LeftHip is the thigh
in some rigs and the half of a pelvis in others, LeftLeg is the thigh or the shin: what else a chain has decides."""
_PARTS = {word: weights for words, weights in _PARTS_BY_WORDS.items() for word in words}
_NOT_ON_CHAIN = (
    "twist", "roll", "ik", "pole", "share", "helper", "corrective", "thumb", "finger", "index", "middle", "ring",
    "pinky", "pinkie", "little", "carpal", "metacarpal", "palm", "weapon", "prop", "breast", "eye", "jaw", "ear",
    "tongue", "teeth", "hair", "skirt", "tail", "wing", "target", "gluteus", "pectoral", "bust",
)  # fmt: skip
"""Words of joints that are none of the dancer's, though their names may hold a part: ``LeftHandThumb1``."""
_ENDS = ("end", "tip", "effector", "nub", "top", "site", "too")
_FILLERS = frozenset(("bone", "jnt", "joint", "bind", "def", "skin", "jt", "bip", "bvh", "c", "m", "j", "b", "sk"))
"""Words without a meaning for us."""


@dataclass(frozen=True)
class NameMeaning:
    """What the name of a joint says.

    Parameters
    ----------
    side : `LEFT`, `RIGHT`, or `MIDDLE` if it names none.
    weights : how well the joint fits a part of the body, by the part's name; empty if the name tells nothing.
    is_on_chain : whether it can be one of the dancer's joints, unlike fingers and twist bones.
    is_end : whether it is the end of a bone rather than the beginning of one.
    """

    side: str = MIDDLE
    weights: Mapping[str, float] = field(default_factory=dict)
    is_on_chain: bool = True
    is_end: bool = False


def read_names(names: Sequence[str]) -> list[NameMeaning]:
    """Return what each of a rig's joint names says."""
    return [_meaning(name) for name in strip_common(names)]


def strip_common(names: Sequence[str]) -> list[str]:
    """Return names without the prefix of a program: ``mixamorig:``, ``Bip01 ``, ``Character1_``, ``J_Bip_``."""
    stripped = [re.split(r"[:|]", name)[-1] or name for name in names]
    prefix = _common_prefix(stripped)
    return [name[len(prefix) :] if name.startswith(prefix) else name for name in stripped]


def mirror_pairs(names: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Return the pairs of joints whose names differ in left and right, left first."""
    keys: dict[tuple[str, tuple[str, ...]], int] = {}
    for at, name in enumerate(strip_common(names)):
        side, words, is_end = _side_and_words(name)
        if side:
            keys.setdefault((side, (*words, *(["end"] * is_end))), at)
    return tuple(
        (at, keys[RIGHT, words]) for (side, words), at in keys.items() if side == LEFT and (RIGHT, words) in keys
    )


def _common_prefix(names: Sequence[str]) -> str:
    """Return the longest beginning that most names share, up to where a word of their own begins."""
    prefix = ""
    while True:
        rest = Counter(name[len(prefix)] for name in names if name.startswith(prefix) and len(name) > len(prefix))
        letter, count = rest.most_common(1)[0] if rest else ("", 0)
        if count < COMMON_SHARE * len(names) or len(prefix) == MAX_NAME_CHARS:
            return prefix
        prefix += letter


def _meaning(name: str) -> NameMeaning:
    side, words, is_end = _side_and_words(name)
    part = "".join(word for word in words if not word.isdigit() and word not in _FILLERS)
    if part not in _PARTS and any(part.startswith(word) or part.endswith(word) for word in _NOT_ON_CHAIN):
        return NameMeaning(side, is_on_chain=False, is_end=is_end)
    weights = dict(_PARTS.get(part, {}))
    if is_end:
        # The end of a foot's bone is a toe; the other ends are no joints of the dancer's.
        weights = {"toe": weights.get("toe", 0.3) / 2} if weights.keys() & {"toe", "ankle"} else {}
    number = max((int(word) for word in words if word.isdigit()), default=0)
    weight_of_number = 1.0 if number == 0 else 0.9 if number == 1 else 0.3  # upperleg01 begins the row, not upperleg02
    return NameMeaning(side, {part: weight * weight_of_number for part, weight in weights.items()}, True, is_end)


def _side_and_words(name: str) -> tuple[str, tuple[str, ...], bool]:
    """Return the side, the other words in lower case without those of an end, and whether it is an end."""
    words = [word.lower() for word in _WORD.findall(name[-MAX_NAME_CHARS:])]
    side = MIDDLE
    for at, word in enumerate(words):
        is_vertebra = len(words) == 2 and words[1].isdigit()  # L5
        if word in _SIDES and not is_vertebra:
            side = _SIDES[word]
            words = words[:at] + words[at + 1 :]
            break
    else:
        side, words = _glued_side(words)
    n_words = len(words)
    while len(words) > 1 and words[-1] in _ENDS:
        words = words[:-1]
    return side, tuple(words), len(words) < n_words


def _glued_side(words: list[str]) -> tuple[str, list[str]]:
    """Return the side that is glued to a part without a mark (``lfemur``, ``leftupleg``), and the words without it."""
    for at, word in enumerate(words):
        for begin in ("left", "right", "l", "r"):
            rest = word.removeprefix(begin)
            if rest != word and (rest in _PARTS or len(begin) > 1) and word not in _PARTS:
                return _SIDES[begin], [*words[:at], *([rest] if rest else []), *words[at + 1 :]]
    return MIDDLE, words
