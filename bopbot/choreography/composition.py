"""Compose one new dance: continued, begun or filled in, on the beat, and not a copy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic

import numpy as np

from bopbot.beats.motion_beats import motion_beats
from bopbot.beats.time_warping import retime
from bopbot.choreography.copy_detection import KEPT, KnownDance, Novelty, copied_share, detect_copies
from bopbot.choreography.generation import Sampling, continue_dance, fill_unseen, opening_of, place_after
from bopbot.choreography.inbetweening import Span, Stretch, fill_stretches, plan_stretches
from bopbot.choreography.options import CompositionOptions
from bopbot.choreography.scoring import Scores, score
from bopbot.choreography.smoothing import smooth_to_match
from bopbot.choreography.transitions import large_step, step_sizes
from bopbot.dance_model import DanceModel
from bopbot.metrics.beat_alignment import beat_alignment
from bopbot.progress import OnWords, Progress, ignore_words, silent
from pose_vocab.codec.codec import Codec
from pose_vocab.errors import PoseError
from pose_vocab.ids import Ids, unbroken
from pose_vocab.motion import Floats, M, Motion

SPARE_S = 3.0
"""A dance that is put on a beat is generated this much longer: so far it can be hurried."""
REDRAWS = 2
"""Attempts after the first one where a dance copies too much."""


@dataclass(frozen=True)
class Composition(Generic[M]):
    """A new dance.

    Parameters
    ----------
    language_model : its name.
    seed : gives the same dance again.
    drawn : attempts that were made until it was new enough.
    ids : the new words (rows, places).
    dance : the motion, in its place.
    novelty : what its seconds are like.
    scores : measured beside the dancer's own dance.
    beat_alignment : with the music's beats, before and after the dance was put on them; None without music.
    seam : the largest step from frame to frame where kept and new parts meet, over the 99th percentile of the dancer's
        own steps; None where nothing is kept.
    """

    language_model: str
    seed: int
    drawn: int
    ids: Ids
    dance: M
    novelty: Novelty
    scores: Scores
    beat_alignment: tuple[float, float] | None = None
    seam: float | None = None


def known_dances(model: DanceModel, clips: Sequence[Motion], more: Sequence[Motion] = ()) -> list[KnownDance]:
    """Return what a new dance may copy: the video that it continues, more clips, and the model's exemplars.

    Each as it is and mirrored, as it was trained on.
    """
    known = [KnownDance("the video", clip, clip.begin_s) for clip in clips]
    known += [KnownDance("more clips", clip, clip.begin_s) for clip in more]
    if model.exemplars:
        codec = model.codec
        together: Motion = codec.decode(np.concatenate([exemplar.ids for exemplar in model.exemplars]))
        ends = np.cumsum([len(exemplar.ids) * codec.segments.frames for exemplar in model.exemplars])
        parts = [together[end - length : end] for end, length in zip(ends, np.diff(ends, prepend=0), strict=True)]
        known += [KnownDance(exemplar.name, part) for exemplar, part in zip(model.exemplars, parts, strict=True)]
    return [*known, *(replace(one, name=f"{one.name}, mirrored", clip=one.clip.mirrored()) for one in known)]


def compose(
    model: DanceModel,
    language_model: str,
    clips: Sequence[M],
    known: Sequence[KnownDance],
    sampling: Sampling,
    composition: CompositionOptions,
    beats_s: Floats | None = None,
    progress: Progress = silent,
    on_words: OnWords = ignore_words,
) -> Composition[M]:
    """Return the first of at most 1 + `REDRAWS` dances that is new enough; of none, the one that copies least.

    Parameters
    ----------
    model : adapted to the dancer or not.
    clips : of the dancer.
    known : see `known_dances`.
    beats_s : the music's beats; None where there is no music.
    on_words : called with the words of each attempt while they are generated; last with those of the returned dance,
        unless parts of it are kept or put on a beat.

    Raises
    ------
    NobodyDancingError : too little of the dancer is seen to continue from.
    PoseError : what shall be kept cannot be.
    ModelError : the model lacks that language model, or an option does not apply to it.
    """
    best: Composition[M] | None = None
    for drawn in range(1 + REDRAWS):
        seed = sampling.seed if not drawn else int(np.random.default_rng([sampling.seed, drawn]).integers(2**32))
        attempt = _compose(
            model, language_model, clips, known, replace(sampling, seed=seed), composition, beats_s, progress, on_words
        )
        if best is None or attempt.novelty.copied_share < best.novelty.copied_share:
            best = attempt
        if best.novelty.copied_share <= composition.max_copied:
            break
    assert best is not None
    if best is not attempt:
        on_words(0, [model.codec.lexicon.words_of(row) for row in best.ids])
    return replace(best, drawn=drawn + 1)


def _compose(
    model: DanceModel,
    language_model: str,
    clips: Sequence[M],
    known: Sequence[KnownDance],
    sampling: Sampling,
    composition: CompositionOptions,
    beats_s: Floats | None,
    progress: Progress,
    on_words: OnWords,
) -> Composition[M]:
    codec: Codec[M] = model.codec
    generated: list[Ids] = []

    def generate(after: M | None, seconds: float, seed: int) -> M:
        wanted = replace(sampling, seconds=seconds, seed=seed)
        nothing = np.empty((0, len(codec.places)), np.int64)
        opening, before = (nothing, clips[-1]) if after is None else opening_of(codec, [after])
        ids, dance = continue_dance(model, language_model, opening, before, wanted, progress, on_words)
        generated.append(ids)
        return smooth_to_match(dance, clips)

    fps = clips[0].fps
    alignment = None
    kept: Sequence[Stretch] = ()
    if composition.keep:
        real = fill_unseen(model, language_model, _holding(clips, composition.keep), sampling)
        lead = round(real.begin_s * fps)  # the times of what is kept are those of the video
        continues = composition.keep[-1].end_s < sampling.seconds  # one frame more then, so that the last step is whole
        kept = plan_stretches(composition.keep, lead + len(real), round(sampling.seconds * fps) + continues, fps)
        dance = fill_stretches(_from_the_beginning(real, lead), kept, generate, sampling.seed)
    else:
        dance = generate(
            None if composition.from_scratch else opening_of(codec, clips)[1],
            sampling.seconds + (0 if beats_s is None else SPARE_S),
            sampling.seed,
        )
        if beats_s is None:
            dance = dance[: round(sampling.seconds * fps) + 1]
        else:
            asked, seconds = dance, sampling.seconds + 1 / fps
            dance = retime(asked, beats_s, seconds)
            counting = beats_s[beats_s < seconds]
            before, after = (beat_alignment(counting, motion_beats(one)) for one in (asked[: len(dance)], dance))
            alignment = before, after
    novelty = _without(kept, fps, detect_copies(dance, known))
    # Where parts are chosen and cut, or retimed, the dance no longer holds all generated words at their own time.
    ids = generated[0] if not composition.keep and beats_s is None else _encode_new(codec, dance, kept)
    real_ids = [codec.encode(clip) for clip in clips]
    scores = score(dance, ids, clips, real_ids, codec.rows_per_second, novelty.copied_share)
    seams = [float(step_sizes(dance)[stretch.begin - 1]) for stretch in kept if stretch.begin]
    seam = max(seams) / large_step(clips) if seams else None
    if composition.mirror:
        dance = place_after(dance[:1], dance.mirrored())
    return Composition(language_model, sampling.seed, 1, ids, dance, novelty, scores, alignment, seam)


def _encode_new(codec: Codec[M], dance: M, kept: Sequence[Stretch]) -> Ids:
    """Return the words of a dance, without those of what is kept."""
    new = [dance[stretch.begin : stretch.end] for stretch in kept if not stretch.kept] or [dance]
    return np.concatenate([stretch for part in new for stretch in unbroken(codec.encode(part))])


def _holding(clips: Sequence[M], spans: Sequence[Span]) -> M:
    """Return the clip in which the dancer is seen through all of these seconds."""
    times = [Span(clip.begin_s, clip.begin_s + len(clip) / clip.fps) for clip in clips]
    for clip, time in zip(clips, times, strict=True):
        if time.begin_s <= spans[0].begin_s + 0.5 / clip.fps and spans[-1].end_s <= time.end_s:
            return clip
    seen = ", ".join(f"{math.ceil(10 * time.begin_s) / 10:g}-{math.floor(10 * time.end_s) / 10:g}" for time in times)
    raise PoseError(
        f"the dancer is not seen through all of the seconds {spans[0].begin_s:g} to {spans[-1].end_s:g}; "
        f"keep seconds within one of: {seen}"
    )


def _from_the_beginning(clip: M, lead: int) -> M:
    """Return the clip behind `lead` frames that stand still, so that frame numbers count from the video's start."""
    return clip.with_values(np.pad(clip.values, ((lead, 0), (0, 0)), mode="edge"))


def _without(kept: Sequence[Stretch], fps: float, novelty: Novelty) -> Novelty:
    """Return the novelty of the seconds in which nothing is kept; the others are marked as kept."""
    stays = [
        any(stretch.kept and stretch.begin < (second + 1) * fps and stretch.end > second * fps for stretch in kept)
        for second in range(len(novelty.seconds))
    ]
    seconds = list(zip(novelty.seconds, stays, strict=True))
    new = copied_share([nearest for nearest, is_kept in seconds if not is_kept])
    return Novelty(tuple(KEPT if is_kept else nearest for nearest, is_kept in seconds), new)
