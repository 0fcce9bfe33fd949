"""What the studio does for a job, step by step: each leaves its files in the job's folder, and the next begins there.

A step writes one file last; where that lies already there is nothing left to do.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from bopbot.choreography import pipeline
from bopbot.choreography.composition import compose
from bopbot.choreography.generation import Sampling
from bopbot.choreography.options import ChoreographyOptions, CompositionOptions
from bopbot.choreography.pipeline import at_output_rate, learn, report_on
from bopbot.codec_presets import find_codec_preset
from bopbot.dance_model import STARTER, DanceModel
from bopbot.inputs.clips import clips_of
from bopbot.inputs.source_dance import SourceDance, read_source_dance
from bopbot.language_models import find_kind
from bopbot.service.events import Event, Notice, Progress, Row, Words
from bopbot.service.limits import Limits
from bopbot.service.options import DancerOptions, TakeOptions
from bopbot.service.store.durable_write import durable_write, fsync
from bopbot.service.store.file_names import (
    DANCE,
    FILM,
    GIF,
    KEYPOINTS,
    MODEL,
    PLAYER,
    POSES,
    POSES_JSON,
    SEEN,
    TAKES,
    UPLOAD,
)
from bopbot.service.worker.dancer_cache import CachedDancer, DancerInfo, load_dancer
from bopbot.service.worker.error_redaction import redact
from bopbot.service.worker.pose_json import write_pose_json
from bopbot.service.worker.video_limits import check_upload, media_type
from pose_vocab.extraction.process_pool import keep_workers_ready
from pose_vocab.normalization import denormalize
from pose_vocab.resampling import resample
from pose_vocab.sequence import PoseSequence
from render.player import write_player
from render.renderer import DanceRenderer
from render.writer import write_video

GIF_PX, GIF_FPS = 360, 15.0
IDLE_S = 7 * 24 * 3600
"""So long the processes that watch videos wait for the next one."""
REHEARSED_S = 4.0
"""Length of the dance that a studio learns and draws before its first job."""
STAGES = {
    "finding the dancer": "finding",
    "learning the moves": "learning",
    "writing words": "writing",
    "drawing": "drawing",
}
"""How the stages of the line begin, and what they are called here."""

Emit = Callable[[Event], None]

# Nets as small as these learn about as quickly with one thread, and the other cores are needed meanwhile. What they
# learn hangs on the number of threads in its last digits: so it is the same whatever worker learns it.
torch.set_num_threads(1)


def prepare(folder: Path, dancer: dict[str, Any], limits: Limits, *, emit: Emit) -> None:
    """Watch the upload and learn from its dancer; last written is ``dancer.json``.

    Raises
    ------
    VideoError : it is no video, or more than the limits allow.
    NobodyDancingError : nobody dances in it.
    """
    if DancerInfo.is_complete(folder):
        return
    video, wanted = folder / UPLOAD, DancerOptions(**dancer)
    with redact(folder):
        emit(Progress("reading", 0, 1))
        info, kind_of_file = check_upload(video, limits), media_type(video)
        emit(Progress("reading", 1, 1))
        seen = read_source_dance(video, wanted.dancer, find_codec_preset(_starter().codec.preset), _progress_to(emit))
        clips = clips_of(seen.poses, find_codec_preset(_starter().codec.preset), ChoreographyOptions().cleaning)
        for notice in seen.notices:
            emit(Notice(notice))
        size_px = info.width, info.height
        seen.poses.save(folder / POSES)
        seen.drawn.save(folder / SEEN)
        write_pose_json(seen.drawn, folder / KEYPOINTS, size_px)
        learned, known = learn(_starter(), clips, [wanted.language_model], progress=_progress_to(emit))
        learned.save(folder / MODEL)
        share = sum(map(len, clips)) / seen.frames
        DancerInfo(seen.frames, seen.notices, kind_of_file, *size_px, info.duration_s, share).save(folder)
        load_dancer(folder, known)


def dance(
    folder: Path, number: int, dancer: dict[str, Any], options: dict[str, Any], limits: Limits, *, emit: Emit
) -> None:
    """Generate the words of a take and decode them; the file written last is ``dance.json``."""
    take = folder / TAKES / str(number)
    if (take / DANCE).exists():
        return
    wanted = choreography_options(TakeOptions(**options), DancerOptions(**dancer))
    with redact(folder):
        of = _prepared(folder, dancer, limits, emit)
        places = of.model.codec.places
        emit(Row(tuple(place.replace("_", " ") for place in places)))

        def on_words(row: int, words: Sequence[Sequence[str]]) -> None:
            emit(Words(row * len(places), tuple(word for of_row in words for word in of_row)))

        made = compose(
            of.model,
            wanted.language_model,
            of.clips,
            of.known,
            wanted.sampling,
            wanted.composition,
            progress=_progress_to(emit),
            on_words=on_words,
        )
        poses = at_output_rate(made.dance, wanted.sampling.seconds)
        report = report_on(of.model, of.seen, of.clips, {Path(FILM): [made]}, wanted.sampling, source_name="the video")
        for place in (folder / TAKES, take):
            place.mkdir(exist_ok=True)
            fsync(place.parent)
        poses.save(take / POSES)
        write_pose_json(poses, take / POSES_JSON, (of.about.width, of.about.height))
        write_player([poses], take / PLAYER, title="BopBot")
        said = {
            "words": report.words,
            "words_per_second": report.words_per_second,
            "words_per_row": len(places),
            "report": json.loads(report.to_json()),
        }
        with durable_write(take / DANCE) as beside:
            beside.write_text(json.dumps(said) + "\n")


def draw(
    folder: Path, number: int, dancer: dict[str, Any], options: dict[str, Any], limits: Limits, *, emit: Emit
) -> None:
    """Render a take; the file written is ``dance.mp4``."""
    take = folder / TAKES / str(number)
    if (take / FILM).exists():
        return
    wanted = choreography_options(TakeOptions(**options), DancerOptions(**dancer))
    with redact(folder):
        dances = {find_kind(wanted.language_model).title: PoseSequence.load(take / POSES)}
        with durable_write(take / FILM) as beside:
            seen = _prepared(folder, dancer, limits, emit).seen
            pipeline.write(dances, beside, wanted, seen, progress=_progress_to(emit))
    keep_workers_ready(IDLE_S)


def gif(folder: Path, number: int, dancer: dict[str, Any], options: dict[str, Any], *, emit: Emit) -> None:
    """Draw the new dance of a take once more, smaller; writes ``dance.gif``."""
    take = folder / TAKES / str(number)
    if (take / GIF).exists():
        return
    with redact(folder):
        poses = resample(PoseSequence.load(take / POSES), GIF_FPS)
        with durable_write(take / GIF) as beside:
            write_video(DanceRenderer(TakeOptions(**options).style, GIF_PX, GIF_PX).frames(poses), beside, GIF_FPS)


TASKS: dict[str, Callable[..., None]] = {"prepare": prepare, "dance": dance, "draw": draw, "gif": gif}


def warm() -> None:
    """Have ready what the first job would wait for: learn and draw a short dance that the starter remembers."""
    keep_workers_ready(IDLE_S)
    starter, options = (
        _starter(),
        ChoreographyOptions(sampling=Sampling(REHEARSED_S), composition=CompositionOptions(max_copied=1)),
    )
    codec = starter.codec
    n_rows = round(REHEARSED_S * codec.rows_per_second)
    clips = [codec.decode(starter.exemplars[0].ids[:n_rows])]
    learned, known = learn(starter, clips, [options.language_model])
    made = compose(learned, options.language_model, clips, known, options.sampling, options.composition)
    real = denormalize(clips[0])
    seen = SourceDance(real, real, None, len(real), ())
    with TemporaryDirectory(prefix="bopbot-") as folder:
        pipeline.write({"": at_output_rate(made.dance, REHEARSED_S)}, Path(folder) / FILM, options, seen)


def choreography_options(take: TakeOptions, dancer: DancerOptions) -> ChoreographyOptions:
    """The same wishes as the line takes them."""
    return ChoreographyOptions(
        sampling=Sampling(take.seconds, take.seed, take.temperature, energy=take.energy),
        composition=CompositionOptions(take.from_scratch, mirror=take.mirror),
        language_model=dancer.language_model,
        dancer=dancer.dancer,
        style=take.style,
        layout=take.layout,
    )


def _prepared(folder: Path, dancer: dict[str, Any], limits: Limits, emit: Emit) -> CachedDancer:
    """Return the dancer of a job, learned again where another version of BopBot prepared it."""
    prepare(folder, dancer, limits, emit=emit)
    return load_dancer(folder)


@cache
def _starter() -> DanceModel:
    return DanceModel.load(STARTER)


def _progress_to(emit: Emit) -> Callable[[str, int, int], None]:
    """Progress of the line, told as that of a job; stages that are over at once are left out."""

    def progress(stage: str, done: int, total: int) -> None:
        for begins, called in STAGES.items():
            if stage.startswith(begins):
                emit(Progress(called, done, total))

    return progress
