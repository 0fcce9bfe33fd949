"""Where the dancer's joints are in a rig: by the names of its joints, else by following its tree."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.rig_limbs import limbs_by_structure
from pose_vocab.rig_names import ARM, LEFT, LEG, RIGHT, NameMeaning, read_names
from pose_vocab.rig_tree import Tree

MAX_CANDIDATES = 8
"""Maximum number of joints of one side that are tried as one part; rigs have up to four."""
MIN_HEAD_WEIGHT = 0.5
"""A joint of this weight or more is the head."""


def find_body(
    names: Sequence[str], parents: Sequence[int], positions: NDArray[np.floating[Any]] | None = None
) -> dict[str, int] | None:
    """Return the index of the rig's joint for each of the dancer's, or None if that cannot be told.

    The names are ``left_hip``, ``left_knee``, ... and ``head``; toes and the head may be absent.

    Parameters
    ----------
    names : of the rig's joints.
    parents : index of each joint's parent, -1 for a root.
    positions : (frames, joints, 2|3), its motion in any unit and axes; None to judge by names alone.
    """
    tree = Tree(parents)
    meanings = read_names(names)
    limbs = _limbs_by_name(tree, meanings)
    if limbs is None and positions is not None and positions.shape[-1] == 3:
        limbs = limbs_by_structure(tree, meanings, np.asarray(positions, np.float64))
    if limbs is None:
        return None
    head = _head(tree, meanings, limbs)
    return limbs if head is None else {**limbs, "head": head}


def _limbs_by_name(tree: Tree, meanings: Sequence[NameMeaning]) -> dict[str, int] | None:
    """Return the joints of both legs and arms, or None if the names of one of them do not tell."""
    limbs: dict[str, int] = {}
    for side, limb in itertools.product((LEFT, RIGHT), (LEG, ARM)):
        chain = _best_chain(tree, meanings, side, limb)
        if chain is None:
            return None
        limbs |= {f"{side}_{part}": at for part, at in chain.items()}
    return limbs


def _best_chain(tree: Tree, meanings: Sequence[NameMeaning], side: str, limb: Sequence[str]) -> dict[str, int] | None:
    """Return the joint of each part of a limb, each below the one before, whose names fit best; toes may lack."""
    candidates = {part: _candidates(tree, meanings, side, part) for part in limb}
    required = [part for part in limb if part != "toe"]
    best: tuple[float, dict[str, int]] | None = None
    for chain in itertools.product(*(candidates[part] for part in required)):
        if all(tree.is_below(below, above) for above, below in itertools.pairwise(chain)):
            fit = sum(meanings[at].weights[part] for part, at in zip(required, chain, strict=True))
            joints = dict(zip(required, chain, strict=True))
            toes = [at for at in candidates.get("toe", ()) if tree.is_below(at, chain[-1])]
            if toes:
                # Of the joints of a toe the first begins it.
                toe = max(toes, key=lambda at: (meanings[at].weights["toe"], -tree.depth(at)))
                fit, joints = fit + meanings[toe].weights["toe"], joints | {"toe": toe}
            if best is None or fit > best[0]:
                best = fit, joints
    return best and best[1]


def _candidates(tree: Tree, meanings: Sequence[NameMeaning], side: str, part: str) -> list[int]:
    """Return the joints of a side whose names may mean a part, those nearest to the root first."""
    named = [at for at, meaning in enumerate(meanings) if meaning.side == side and part in meaning.weights]
    return sorted(named, key=lambda at: (tree.depth(at), at))[:MAX_CANDIDATES]


def _head(tree: Tree, meanings: Sequence[NameMeaning], limbs: Mapping[str, int]) -> int | None:
    """Return the joint at the base of the head, or None: the one of that name, else the last before the end of the
    chain that leaves the shoulders between the arms.
    """
    named = [at for at, meaning in enumerate(meanings) if meaning.weights.get("head", 0) >= MIN_HEAD_WEIGHT]
    if named:
        return min(named, key=lambda at: (tree.depth(at), at))
    arms = [limbs["left_shoulder"], limbs["right_shoulder"]]
    trunk = tree.common_ancestor(*arms)
    if trunk is None:
        return None
    sides = {tree.child_towards(trunk, at) for at in (*arms, limbs["left_hip"], limbs["right_hip"])}
    # A head of many bones, such as a face, counts up to where they part.
    paths = [path for child in tree.children[trunk] if child not in sides for path in [tree.unbranched(child)]]
    if not paths:
        return None
    path = max(paths, key=len)
    ends = len(path) > 1 and not tree.children[path[-1]]
    return path[-2] if ends else path[-1]
