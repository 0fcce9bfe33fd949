"""Legs and arms of a rig whose joints have unknown names: by its tree, its proportions and its motion.

Two pairs of long chains, each pair alike left and right, are legs and arms. Along a chain the two bones of a limb
have about the same length, and the joint between them bends. Left and right follow from where toes and knees
point.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from pose_vocab.rig_names import ARM, LEFT, LEG, RIGHT, NameMeaning
from pose_vocab.rig_tree import Tree

MAX_JOINTS = 600
"""Rigs with more joints than this are judged by names only."""
MAX_FRAMES = 300
"""Number of frames, evenly spread, that a rig is judged by."""
MIN_CHAIN, MAX_CHAIN = 4, 16
"""Number of joints along a limb, with the one that it leaves; more are not considered."""
MIN_LIMB_SHARE = 0.3
"""Legs and arms are at least this long, as a share of the longest chain of the rig."""
PAIR_TOLERANCE = 0.15
"""Left and right limbs differ at most this much in the length of their chains."""

MAX_PAIRS = 12
"""Number of pairs of chains, the longest ones, that are compared."""
FULL_BEND, BEND_WEIGHT = 0.3, 4.0
"""A knee or elbow bends if the ends of the limb come nearer by this share of its length, and what that counts."""
MAX_COST = 15.0
"""Chains that are less like legs and arms than this are none; those of people who move cost less than 0."""


@dataclass(frozen=True)
class _Usual:
    """A person's limb: the ratio of its two bones, and the lengths before and behind them as shares of both."""

    ratio: float
    before: float
    behind: float


USUAL_LEG = _Usual(ratio=1.0, before=0.1, behind=0.28)
USUAL_ARM = _Usual(ratio=1.1, before=0.5, behind=0.3)
Chains = tuple[list[int], list[int]]
"""The joints of a limb on both sides, from the trunk outwards."""


def limbs_by_structure(
    tree: Tree, meanings: Sequence[NameMeaning], positions: NDArray[np.float64]
) -> dict[str, int] | None:
    """Return the joints of both legs and arms by the dancer's names, or None if the rig has no such chains.

    Parameters
    ----------
    tree : the rig's joints.
    meanings : what their names say; twist bones are passed over, and sides that are named are kept.
    positions : (frames, joints, 3).
    """
    if len(tree.parents) > MAX_JOINTS or not len(positions):
        return None
    positions = positions[np.linspace(0, len(positions) - 1, min(len(positions), MAX_FRAMES)).astype(int)]
    positions = positions[np.isfinite(positions).all(axis=(1, 2))]
    if not len(positions):
        return None
    pairs = _pairs_of_chains(tree, _bone_lengths(tree, positions))[:MAX_PAIRS]

    @cache  # a pair is compared with every other one
    def split(limb: tuple[str, ...], *chains: tuple[int, ...]) -> tuple[float, list[dict[str, int]]]:
        return _split_limb(limb, [_limb_joints(chain, meanings) for chain in chains], positions)

    best: tuple[float, dict[str, int]] | None = None
    for chains_of in _legs_and_arms(tree, pairs, positions):
        total, limbs = 0.0, dict[str, int]()
        for limb, (first, second) in zip((LEG, ARM), chains_of, strict=True):
            cost, parts = split(limb, tuple(first), tuple(second))
            total += cost
            for side, joints in zip("ab", parts, strict=True):
                limbs |= {f"{side}_{part}": at for part, at in joints.items()}
        if total < (MAX_COST if best is None else best[0]):
            best = total, limbs
    return None if best is None else _with_sides(best[1], meanings, positions)


def _bone_lengths(tree: Tree, positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the median distance of each joint from its parent, (joints,); 0 for a root."""
    parents = np.array([parent if parent >= 0 else at for at, parent in enumerate(tree.parents)])
    return np.asarray(np.median(np.linalg.norm(positions - positions[:, parents], axis=2), axis=0))


def _pairs_of_chains(tree: Tree, lengths: NDArray[np.float64]) -> list[tuple[float, list[int], list[int]]]:
    """Return the pairs of chains that leave one joint and are alike, as (length, chain, chain), the longest first.

    A chain is the longest way from a joint to an end below it.
    """
    reach = np.zeros(len(lengths))
    onwards = np.full(len(lengths), -1)
    for at in sorted(range(len(lengths)), key=tree.depth, reverse=True):
        for child in tree.children[at]:
            if onwards[at] < 0 or lengths[child] + reach[child] > reach[at]:
                reach[at], onwards[at] = lengths[child] + reach[child], child
    pairs = []
    for at, children in enumerate(tree.children):
        for first, second in itertools.combinations(children, 2):
            total = [lengths[child] + reach[child] for child in (first, second)]
            if min(total) > 0 and max(total) <= (1 + PAIR_TOLERANCE) * min(total):
                chains = []
                for child in (first, second):
                    chain = [at, child]
                    while onwards[chain[-1]] >= 0:
                        chain.append(int(onwards[chain[-1]]))
                    chains.append(chain[:MAX_CHAIN])
                if min(map(len, chains)) >= MIN_CHAIN:
                    pairs.append((float(sum(total)) / 2, chains[0], chains[1]))
    pairs.sort(key=lambda pair: -pair[0])
    return [pair for pair in pairs if pair[0] >= MIN_LIMB_SHARE * max(float(reach.max()), 1e-12)]


def _legs_and_arms(
    tree: Tree, pairs: Sequence[tuple[float, list[int], list[int]]], positions: NDArray[np.float64]
) -> Iterator[tuple[Chains, Chains]]:
    """Yield the chains that may be both legs and both arms."""
    for one, other in itertools.combinations(pairs, 2):
        chains = [one[1:], other[1:]]
        own = [set(chain[1:]) for pair in chains for chain in pair]
        if any(first & second for first, second in itertools.combinations(own, 2)):
            continue
        roots = [pair[0][0] for pair in chains]
        if any(root in joints for root in roots for joints in own):
            continue  # fingers at the end of an arm
        legs_first = tree.is_below(roots[1], roots[0])
        if legs_first == tree.is_below(roots[0], roots[1]):
            # From one joint, or from two trees: feet stand more than hands.
            legs_first = _stillness(chains[0], positions) <= _stillness(chains[1], positions)
        yield (chains[0], chains[1]) if legs_first else (chains[1], chains[0])


def _stillness(chains: Sequence[Sequence[int]], positions: NDArray[np.float64]) -> float:
    """Return how far the ends of chains usually move from frame to frame."""
    if len(positions) < 2:
        return 0.0
    steps = [np.linalg.norm(np.diff(positions[:, chain[-1]], axis=0), axis=1) for chain in chains]
    return float(np.percentile(np.concatenate(steps), 25))


def _limb_joints(chain: Sequence[int], meanings: Sequence[NameMeaning]) -> list[int]:
    """Return the joints of a chain without twist bones and the like; the first is the trunk."""
    return [at for place, at in enumerate(chain) if place == 0 or meanings[at].is_on_chain]


def _split_limb(
    limb: Sequence[str], chains: Sequence[Sequence[int]], positions: NDArray[np.float64]
) -> tuple[float, list[dict[str, int]]]:
    """Return which joint is hip, knee, ankle and toe, or shoulder, elbow and wrist, for both chains of a limb.

    The places along the chain are the same on both sides. The first value is how unlike a person's limb it is;
    infinite for chains of too few joints.
    """
    usual = USUAL_LEG if limb is LEG else USUAL_ARM
    n_joints = min(map(len, chains))
    points = positions[:, np.array([chain[:n_joints] for chain in chains])]  # (frames, 2, joints, 3)
    steps = np.median(np.linalg.norm(np.diff(points, axis=2), axis=3), axis=(0, 1))
    along = np.concatenate([[0.0], np.cumsum(steps)])
    best, places = math.inf, (0, 0, 0)
    for i, j, k in itertools.combinations(range(1, n_joints), 3):
        upper, lower = along[j] - along[i], along[k] - along[j]
        if min(upper, lower) <= 0:
            continue
        straight = min(_straightness(points, i, j, upper), _straightness(points, j, k, lower))
        reach = np.linalg.norm(points[:, :, i] - points[:, :, k], axis=2) / (upper + lower)
        bend = min(float(np.ptp(np.percentile(reach, (5, 95)))), FULL_BEND)
        cost = (
            (np.log(upper / lower / usual.ratio) / 0.25) ** 2
            + ((along[i] / (upper + lower) - usual.before) / 0.3) ** 2
            + (((along[-1] - along[k]) / (upper + lower) - usual.behind) / 0.2) ** 2
            + ((1 - straight) / 0.02) ** 2
            - BEND_WEIGHT * bend / FULL_BEND
        )
        if cost < best:
            best, places = float(cost), (i, j, k)
    if math.isinf(best):
        return best, [{}, {}]
    parts = [dict(zip(limb, (chain[place] for place in places), strict=False)) for chain in chains]
    if limb is LEG and places[2] + 1 < n_joints:
        for joints, chain in zip(parts, chains, strict=True):
            joints["toe"] = chain[places[2] + 1]
    return best, parts


def _straightness(points: NDArray[np.float64], begin: int, end: int, along: float) -> float:
    """Return the distance of two joints of the chains (frames, 2, joints, 3) as a share of the way between them."""
    return float(np.median(np.linalg.norm(points[:, :, begin] - points[:, :, end], axis=2))) / along


def _with_sides(
    limbs: Mapping[str, int], meanings: Sequence[NameMeaning], positions: NDArray[np.float64]
) -> dict[str, int] | None:
    """Return limbs of the sides ``a`` and ``b`` under the names of left and right."""
    path = {joint: positions[:, at] for joint, at in limbs.items()}
    hips, shoulders = ((path[f"a_{part}"] + path[f"b_{part}"]) / 2 for part in ("hip", "shoulder"))
    up = shoulders - hips
    # Knees bend forwards, elbows backwards, toes point ahead.
    ahead = np.zeros_like(up)
    for side in "ab":
        middle = (path[f"{side}_hip"] + path[f"{side}_ankle"]) / 2
        ahead += path[f"{side}_knee"] - middle
        ahead -= path[f"{side}_elbow"] - (path[f"{side}_shoulder"] + path[f"{side}_wrist"]) / 2
        if f"{side}_toe" in path:
            ahead += path[f"{side}_toe"] - path[f"{side}_ankle"]
    left = np.cross(up, ahead)
    named: dict[str, str] = {}
    for limb, parts in (("hip", LEG), ("shoulder", ARM)):
        sides = {side: [meanings[limbs[f"{side}_{part}"]].side for part in parts[:3]] for side in "ab"}
        by_name = sides["a"].count(LEFT) + sides["b"].count(RIGHT)
        by_name -= sides["a"].count(RIGHT) + sides["b"].count(LEFT)
        across = path[f"a_{limb}"] - path[f"b_{limb}"]
        by_place = float(np.median((across * left).sum(axis=1)))
        if not by_name and not by_place:
            return None
        a_is_left = by_name > 0 if by_name else by_place > 0
        named |= {f"a_{part}": LEFT if a_is_left else RIGHT for part in parts}
        named |= {f"b_{part}": RIGHT if a_is_left else LEFT for part in parts}
    return {f"{named[joint]}_{joint[2:]}": at for joint, at in limbs.items()}
