"""Keep some seconds of a dance as they are, and fill the time between them with new ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from bopbot.choreography.transitions import BLEND_S, bend_end, bend_start, mismatch
from pose_vocab.errors import PoseError
from pose_vocab.motion import M, Motion

SHORTEST_S = BLEND_S
"""Shortest stretch, kept or new: in less time motion cannot be bent smoothly."""
CANDIDATES = 6
"""New parts that are generated where a kept one follows; the one that leads into it best is taken."""
SPARE_S = 2.0
"""Each is generated this much longer than needed, so that there are places to cut it."""
ONE_SPAN = re.compile(r"\s*(\d{1,6}(?:\.\d*)?)\s*-\s*(\d{1,6}(?:\.\d*)?)\s*")

Generate = Callable[[M | None, float, int], M]
"""Returns a new dance of at least some seconds, by a seed, that continues a motion; for None it begins one."""


@dataclass(frozen=True)
class Span:
    """A span of seconds of a dance."""

    begin_s: float
    end_s: float

    def __str__(self) -> str:
        return f"{self.begin_s:g}-{self.end_s:g}"


@dataclass(frozen=True)
class Stretch:
    """Frames `begin` to `end` - 1 of a dance: kept as they are, or new."""

    begin: int
    end: int
    kept: bool

    def __len__(self) -> int:
        return self.end - self.begin


def parse_spans(text: str) -> tuple[Span, ...]:
    """Return the spans of a text like ``0-4,12-16`` or ``0.5-4.25``, in order of time.

    Raises
    ------
    PoseError : something else, a span that ends before it begins, or two that overlap.
    """
    spans = sorted((_parse_span(part, text) for part in text.split(",")), key=lambda span: span.begin_s)
    for first, second in pairwise(spans):
        if second.begin_s < first.end_s:
            both = Span(first.begin_s, max(first.end_s, second.end_s))
            raise PoseError(f"the seconds {first} and {second} overlap; write {both} to keep both")
    return tuple(spans)


def plan_stretches(spans: Sequence[Span], real_frames: int, frames: int, fps: float) -> tuple[Stretch, ...]:
    """Return what is kept and what is new, stretch by stretch from the first frame of the new dance to its last.

    Parameters
    ----------
    spans : what is kept, in order of time; it has the same time in the new dance.
    real_frames, frames : count of the frames of the real dance and of the new one.

    Raises
    ------
    PoseError : a span ends after the end of either dance, a stretch is shorter than `SHORTEST_S`, or nothing
        is new.
    """
    end = min(real_frames, frames)
    stretches: list[Stretch] = []
    here = 0
    for span in spans:
        begin, stop = round(span.begin_s * fps), round(span.end_s * fps)
        if stop > end:
            raise PoseError(
                f"cannot keep the seconds {span}: the dance has {end / fps:g} s; keep seconds up to {end / fps:g}"
            )
        stretches += [Stretch(here, begin, False), Stretch(begin, stop, True)]
        here = stop
    stretches = [stretch for stretch in (*stretches, Stretch(here, frames, False)) if stretch.kept or len(stretch)]
    for stretch in stretches:
        if len(stretch) < round(SHORTEST_S * fps):
            span = Span(stretch.begin / fps, stretch.end / fps)
            wrong = "keep; keep at least" if stretch.kept else "generate; keep them too, or leave a pause of at least"
            raise PoseError(f"the seconds {span} are too short to {wrong} {SHORTEST_S:g} s")
    if all(stretch.kept for stretch in stretches):
        raise PoseError(f"all {frames / fps:g} s are kept, so nothing is new; keep less")
    return tuple(stretches)


def fill_stretches(real: M, stretches: Sequence[Stretch], generate: Generate[M], seed: int) -> M:
    """Return the dance of `plan_stretches`: kept stretches as they are in `real`, new ones generated and bent.

    A new stretch continues all that is before it. Where another one follows, `CANDIDATES` are generated and cut to
    length at every frame; the cut that fits best between its neighbours is taken. Its path over the floor is shifted
    evenly, so that it leads from where the stretch before it ends to where the next one begins.

    Parameters
    ----------
    generate : makes new dances, each by another seed.
    seed : the same one gives the same dance.
    """
    fps = real.fps
    seeds = np.random.default_rng(seed).integers(2**31, size=(len(stretches), CANDIDATES)).tolist()
    parts: list[M] = []
    for number, stretch in enumerate(stretches):
        if stretch.kept:
            parts.append(real[stretch.begin : stretch.end])
            continue
        before = parts[0].followed_by(*parts[1:]) if parts else None
        if number + 1 == len(stretches):
            candidates = [generate(before, len(stretch) / fps, seeds[number][0])]
            after = None
        else:
            candidates = [generate(before, len(stretch) / fps + SPARE_S, seed) for seed in seeds[number]]
            after = real[stretches[number + 1].begin : stretches[number + 1].end]
        new = _placed(_best_cut(before, candidates, len(stretch), after), before, after, real)
        if before is not None:
            new = bend_start(before, new)
        if after is not None:
            new = bend_end(new, after)
        parts.append(new)
    return parts[0].followed_by(*parts[1:])


def _best_cut(before: Motion | None, candidates: Sequence[M], frames: int, after: Motion | None) -> M:
    """Return `frames` consecutive frames of one of the candidates, those that fit best between two others."""
    cuts = [dance[start : start + frames] for dance in candidates for start in range(len(dance) - frames + 1)]
    return min(
        cuts,
        key=lambda cut: (mismatch(before, cut) if before else 0) + (mismatch(cut, after) if after else 0),
    )


def _placed(new: M, before: M | None, after: M | None, real: M) -> M:
    """Return a new dance with the size and the ground of the real one, led over the floor from one to another."""
    path = new.floor_path
    shifts = [] if before is None else [before.floor_path[-1] - path[0]]
    shifts += [] if after is None else [after.floor_path[0] - path[-1]]
    if shifts:
        path = path + np.linspace(shifts[0], shifts[-1], len(new))
    return new.standing_like(real).with_floor_path(path)


def _parse_span(part: str, text: str) -> Span:
    found = ONE_SPAN.fullmatch(part)
    if found is None:
        raise PoseError(f"{text!r} does not say which seconds to keep; write them like 0-4,12-16 or 0.5-4.25")
    span = Span(float(found[1]), float(found[2]))
    if span.end_s <= span.begin_s:
        raise PoseError(f"the seconds {span} do not end after they begin; write the earlier one first")
    return span
