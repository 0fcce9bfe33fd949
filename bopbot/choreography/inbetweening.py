"""Seconds of a dance that stay as they are, and new ones between them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from bopbot.choreography.transitions import BLEND_S, carried_on, joined, led_into, mismatch
from pose_vocab.errors import PoseError
from pose_vocab.normalization import Clip

SHORTEST_S = BLEND_S
"""What is kept and what is new lasts at least so long: in less time motion cannot be bent smoothly."""
CANDIDATES = 6
"""So many new parts are drawn where another part follows; the one that leads into it best is taken."""
SPARE_S = 2.0
"""Each is drawn so much longer than needed, so that there are places to cut it."""
ONE_SPAN = re.compile(r"\s*(\d{1,6}(?:\.\d*)?)\s*-\s*(\d{1,6}(?:\.\d*)?)\s*")

Draw = Callable[[Clip | None, float, int], Clip]
"""A new dance of at least so many seconds, by a seed, that goes on where a clip ends; for None it opens anew."""


@dataclass(frozen=True)
class Span:
    """Seconds of a dance."""

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
    """The spans of a text like ``0-4,12-16`` or ``0.5-4.25``, in order of time.

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


def plan(spans: Sequence[Span], real_frames: int, frames: int, fps: float) -> tuple[Stretch, ...]:
    """What is kept and what is new, stretch by stretch from the first frame of the new dance to its last.

    Parameters
    ----------
    spans : what is kept, in order of time; it comes at the same time in the new dance.
    real_frames, frames : how many frames the real dance and the new one have.

    Raises
    ------
    PoseError : a span goes on after the end of either dance, a stretch is shorter than `SHORTEST_S`, or nothing
        is new.
    """
    end = min(real_frames, frames)
    stretches: list[Stretch] = []
    here = 0
    for span in spans:
        begin, stop = round(span.begin_s * fps), round(span.end_s * fps)
        if stop > end:
            raise PoseError(f"cannot keep the seconds {span} of {end / fps:g} s; keep none after {end / fps:g}")
        stretches += [Stretch(here, begin, False), Stretch(begin, stop, True)]
        here = stop
    stretches = [stretch for stretch in (*stretches, Stretch(here, frames, False)) if stretch.kept or len(stretch)]
    for stretch in stretches:
        if len(stretch) < round(SHORTEST_S * fps):
            span = Span(stretch.begin / fps, stretch.end / fps)
            wrong = "keep; keep at least" if stretch.kept else "be new; keep them too, or leave out at least"
            raise PoseError(f"the seconds {span} are too short to {wrong} {SHORTEST_S:g} s")
    if all(stretch.kept for stretch in stretches):
        raise PoseError(f"the whole {frames / fps:g} s are kept, so nothing is new; keep less")
    return tuple(stretches)


def fill(real: Clip, stretches: Sequence[Stretch], draw: Draw, seed: int) -> Clip:
    """The dance of a `plan`: kept stretches as they are in `real`, new ones drawn and bent into place.

    A new stretch goes on from all that is before it. Where another one follows, `CANDIDATES` are drawn and cut to
    length in every place; the cut that fits best between its neighbours is taken. Its way over the floor is
    shifted evenly, so that it leads from where the stretch before it ends to where the next one begins.

    Parameters
    ----------
    draw : makes new dances, each by another seed.
    seed : the same one gives the same dance.
    """
    fps = real.poses.fps
    seeds = np.random.default_rng(seed).integers(2**31, size=(len(stretches), CANDIDATES)).tolist()
    parts: list[Clip] = []
    for number, stretch in enumerate(stretches):
        if stretch.kept:
            parts.append(real[stretch.begin : stretch.end])
            continue
        before = joined(parts) if parts else None
        if number + 1 == len(stretches):
            drawn = [draw(before, len(stretch) / fps, seeds[number][0])]
            after = None
        else:
            drawn = [draw(before, len(stretch) / fps + SPARE_S, seed) for seed in seeds[number]]
            after = real[stretches[number + 1].begin : stretches[number + 1].end]
        new = _placed(_best_cut(before, drawn, len(stretch), after), before, after, real)
        if before is not None:
            new = carried_on(before, new)
        if after is not None:
            new = led_into(new, after)
        parts.append(new)
    return joined(parts)


def _best_cut(before: Clip | None, drawn: Sequence[Clip], frames: int, after: Clip | None) -> Clip:
    """So many frames on end of one of the drawn dances, those that fit best between two others."""
    cuts = [dance[start : start + frames] for dance in drawn for start in range(len(dance) - frames + 1)]
    return min(
        cuts,
        key=lambda cut: (mismatch(before, cut) if before else 0) + (mismatch(cut, after) if after else 0),
    )


def _placed(new: Clip, before: Clip | None, after: Clip | None, real: Clip) -> Clip:
    """A new dance with the scale and the ground of the real one, led over the floor from one dance to another."""
    hip_path = new.placement.hip_path
    shifts = [] if before is None else [before.placement.hip_path[-1] - hip_path[0]]
    shifts += [] if after is None else [after.placement.hip_path[0] - hip_path[-1]]
    if shifts:
        along_the_floor = 1 - np.eye(new.poses.dims)[1]
        hip_path = hip_path + np.linspace(shifts[0], shifts[-1], len(new)) * along_the_floor
    return Clip(new.poses, replace(real.placement, hip_path=hip_path.astype(np.float32)))


def _parse_span(part: str, text: str) -> Span:
    found = ONE_SPAN.fullmatch(part)
    if found is None:
        raise PoseError(f"{text!r} does not say which seconds to keep; write them like 0-4,12-16 or 0.5-4.25")
    span = Span(float(found[1]), float(found[2]))
    if span.end_s <= span.begin_s:
        raise PoseError(f"the seconds {span} do not end after they begin; write the earlier one first")
    return span
