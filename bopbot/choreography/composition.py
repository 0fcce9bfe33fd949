"""One new dance as it was wished for: continued, opened anew or filled in, on the beat, and not a copy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bopbot.beats.motion_beats import motion_beats
from bopbot.beats.time_warping import retime
from bopbot.choreography.copy_detection import KEPT, Known, Novelty, copied_share, detect_copies
from bopbot.choreography.generation import Sampling, continue_dance, follow_on, last_words
from bopbot.choreography.inbetweening import Span, Stretch, fill, plan
from bopbot.choreography.options import Direction
from bopbot.choreography.scoring import Marks, mark
from bopbot.choreography.smoothing import calmed
from bopbot.choreography.transitions import large_step, steps
from bopbot.dance_model import DanceModel
from bopbot.metrics.beat_alignment import beat_alignment
from bopbot.metrics.motion import Floats
from bopbot.progress import Heard, Progress, silent, unheard
from pose_vocab.codec.codec import Codec, without_gaps
from pose_vocab.codec.vocabulary import Ids
from pose_vocab.errors import PoseError
from pose_vocab.normalization import Clip

SPARE_S = 3.0
"""A dance that is put on a beat is drawn so much longer: so far it can be hurried."""
REDRAWS = 2
"""A dance that copies too much is drawn anew so often."""


@dataclass(frozen=True)
class Composition:
    """A new dance.

    Parameters
    ----------
    language_model : which one wrote it.
    seed : what gives it again.
    drawn : how often it was drawn until it was new enough.
    ids : the new words.
    dance : the motion, in its place.
    novelty : what its seconds are like.
    marks : what it measures beside the dancer's own.
    beat_alignment : of the music's beats, before and after the dance was put on them; None without music.
    seam : the largest step from frame to frame where kept and new parts meet, over the 99th percentile of the dancer's
        own steps; None where nothing is kept.
    """

    language_model: str
    seed: int
    drawn: int
    ids: Ids
    dance: Clip
    novelty: Novelty
    marks: Marks
    beat_alignment: tuple[float, float] | None = None
    seam: float | None = None


def known_dances(model: DanceModel, clips: Sequence[Clip], more: Sequence[Clip] = ()) -> list[Known]:
    """What a new dance may be like: the video that it is made after, more clips, and what the model remembers.

    Each as it is and as in a mirror, as it was learned.
    """
    known = [Known("the video", clip, clip.poses.begin_s) for clip in clips]
    known += [Known("more clips", clip, clip.poses.begin_s) for clip in more]
    if model.memory:
        codec = model.words.codec()
        whole = codec.decode(np.concatenate([take.ids for take in model.memory]))
        ends = np.cumsum([len(take.ids) // codec.row * codec.moments.frames for take in model.memory])
        parts = [whole[end - length : end] for end, length in zip(ends, np.diff(ends, prepend=0), strict=True)]
        known += [Known(take.name, part) for take, part in zip(model.memory, parts, strict=True)]
    return [*known, *(replace(one, name=f"{one.name}, mirrored", clip=one.clip.mirrored()) for one in known)]


def compose(
    model: DanceModel,
    language_model: str,
    clips: Sequence[Clip],
    known: Sequence[Known],
    sampling: Sampling,
    direction: Direction,
    beats_s: Floats | None = None,
    progress: Progress = silent,
    heard: Heard = unheard,
) -> Composition:
    """The first of at most 1 + `REDRAWS` dances that is new enough; of none, the one that copies least.

    Parameters
    ----------
    model : adapted to the dancer or not.
    clips : of the dancer.
    known : see `known_dances`.
    beats_s : the music's beats; None where there is no music.
    heard : is told the words of each dance that is drawn, while they are written; last those of the one that is given,
        unless parts of it are kept or put on a beat.

    Raises
    ------
    NobodyDancingError : too little of the dancer is seen to go on from.
    PoseError : what shall be kept cannot be.
    ModelError : the model lacks that language model, or cannot be directed so.
    """
    best: Composition | None = None
    for drawn in range(1 + REDRAWS):
        seed = sampling.seed if not drawn else int(np.random.default_rng([sampling.seed, drawn]).integers(2**32))
        attempt = _compose(
            model, language_model, clips, known, replace(sampling, seed=seed), direction, beats_s, progress, heard
        )
        if best is None or attempt.novelty.copied_share < best.novelty.copied_share:
            best = attempt
        if best.novelty.copied_share <= direction.max_copied:
            break
    assert best is not None
    if best is not attempt:
        heard(0, model.words.lexicon.words_of(best.ids))
    return replace(best, drawn=drawn + 1)


def _compose(
    model: DanceModel,
    language_model: str,
    clips: Sequence[Clip],
    known: Sequence[Known],
    sampling: Sampling,
    direction: Direction,
    beats_s: Floats | None,
    progress: Progress,
    heard: Heard,
) -> Composition:
    words: list[Ids] = []

    def drawn(after: Clip | None, seconds: float, seed: int) -> Clip:
        wanted = replace(sampling, seconds=seconds, seed=seed)
        opening, before = (np.empty(0, np.int64), clips[-1]) if after is None else last_words(model, [after])
        ids, dance = continue_dance(model, language_model, opening, before, wanted, progress, heard)
        words.append(ids)
        return calmed(dance, clips)

    fps = clips[0].poses.fps
    alignment = None
    kept: Sequence[Stretch] = ()
    if direction.keep:
        real = _from_the_beginning(_holding(clips, direction.keep))
        goes_on = direction.keep[-1].end_s < sampling.seconds  # one frame more then, so that the last moment is whole
        kept = plan(direction.keep, len(real), round(sampling.seconds * fps) + goes_on, fps)
        dance = fill(real, kept, drawn, sampling.seed)
    else:
        dance = drawn(
            None if direction.from_scratch else last_words(model, clips)[1],
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
    codec = model.words.codec()
    # Of what was drawn not all is danced where parts are chosen and cut, and not at its own time on a beat.
    ids = words[0] if not direction.keep and beats_s is None else _said(codec, dance, kept)
    real_ids = [codec.encode(clip) for clip in clips]
    marks = mark(dance, ids, clips, real_ids, codec.words_per_second, novelty.copied_share)
    seams = [float(steps(dance)[stretch.begin - 1]) for stretch in kept if stretch.begin]
    seam = max(seams) / large_step(clips) if seams else None
    if direction.mirror:
        dance = follow_on(dance.mirrored(), dance[:1])
    return Composition(language_model, sampling.seed, 1, ids, dance, novelty, marks, alignment, seam)


def _said(codec: Codec, dance: Clip, kept: Sequence[Stretch]) -> Ids:
    """The words of a dance, without those of what is kept."""
    new = [dance[stretch.begin : stretch.end] for stretch in kept if not stretch.kept] or [dance]
    return np.concatenate([stream for part in new for stream in without_gaps(codec.encode(part))])


def _holding(clips: Sequence[Clip], spans: Sequence[Span]) -> Clip:
    """The clip in which the dancer is seen through all of these seconds."""
    times = [Span(clip.poses.begin_s, clip.poses.begin_s + clip.poses.duration_s) for clip in clips]
    for clip, time in zip(clips, times, strict=True):
        if time.begin_s <= spans[0].begin_s + 0.5 / clip.poses.fps and spans[-1].end_s <= time.end_s:
            return clip
    seen = ", ".join(f"{math.ceil(10 * time.begin_s) / 10:g}-{math.floor(10 * time.end_s) / 10:g}" for time in times)
    raise PoseError(
        f"the dancer is not seen through all of the seconds {spans[0].begin_s:g} to {spans[-1].end_s:g}; "
        f"keep seconds within one of: {seen}"
    )


def _from_the_beginning(clip: Clip) -> Clip:
    """The clip behind unseen frames, so that its times are those of the video that it was cut from."""
    frames = (round(clip.poses.begin_s * clip.poses.fps), 0)
    poses = replace(
        clip.poses,
        keypoints=np.pad(clip.poses.keypoints, (frames, (0, 0), (0, 0))),
        confidence=np.pad(clip.poses.confidence, (frames, (0, 0))),
        begin_s=0.0,
    )
    hip_path = np.pad(clip.placement.hip_path, (frames, (0, 0)), mode="edge")
    return Clip(poses, replace(clip.placement, hip_path=hip_path))


def _without(kept: Sequence[Stretch], fps: float, novelty: Novelty) -> Novelty:
    """The same of the seconds in which nothing is kept; the others are said to be kept, whatever they are like."""
    stays = [
        any(stretch.kept and stretch.begin < (second + 1) * fps and stretch.end > second * fps for stretch in kept)
        for second in range(len(novelty.seconds))
    ]
    seconds = list(zip(novelty.seconds, stays, strict=True))
    new = copied_share([nearest for nearest, is_kept in seconds if not is_kept])
    return Novelty(tuple(KEPT if is_kept else nearest for nearest, is_kept in seconds), new)
