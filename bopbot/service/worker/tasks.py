"""The tasks of the sandbox: each reads and writes files in the folder of a job.

A task writes one file last; where that file exists already, the task returns at once.
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
"""Time that idle processes for pose extraction wait for the next video."""
WARM_UP_DANCE_S = 4.0
"""Length of the dance that a new sandbox learns and draws before its first job."""
STAGES = {
    "finding the dancer": "finding",
    "learning the moves": "learning",
    "generating words": "writing",
    "drawing": "drawing",
}
"""Beginnings of the stage names of `bopbot.choreography`, with the stages of the service."""

Emit = Callable[[Event], None]

# Models as small as these train about as quickly with one thread, and leave the other cores free. The last digits of
# a trained model depend on the number of threads: with one, every worker trains the same model.
torch.set_num_threads(1)


def prepare(folder: Path, dancer: dict[str, Any], limits: Limits, *, emit: Emit) -> None:
    """Extract the poses of an upload and fine-tune the model; the file written last is ``dancer.json``.

    Raises
    ------
    VideoError : the upload is no video, or exceeds the limits.
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
        content = {
            "words": report.words,
            "words_per_second": report.words_per_second,
            "words_per_row": len(places),
            "report": json.loads(report.to_json()),
        }
        with durable_write(take / DANCE) as beside:
            beside.write_text(json.dumps(content) + "\n")


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
    """Draw a take as a small animation; the file written is ``dance.gif``."""
    take = folder / TAKES / str(number)
    if (take / GIF).exists():
        return
    with redact(folder):
        poses = resample(PoseSequence.load(take / POSES), GIF_FPS)
        with durable_write(take / GIF) as beside:
            write_video(DanceRenderer(TakeOptions(**options).style, GIF_PX, GIF_PX).frames(poses), beside, GIF_FPS)


TASKS: dict[str, Callable[..., None]] = {"prepare": prepare, "dance": dance, "draw": draw, "gif": gif}


def warm() -> None:
    """Load everything that the first job needs, by learning and drawing a short dance of the starter model."""
    keep_workers_ready(IDLE_S)
    starter = _starter()
    options = ChoreographyOptions(sampling=Sampling(WARM_UP_DANCE_S), composition=CompositionOptions(max_copied=1))
    codec = starter.codec
    n_rows = round(WARM_UP_DANCE_S * codec.rows_per_second)
    clips = [codec.decode(starter.exemplars[0].ids[:n_rows])]
    learned, known = learn(starter, clips, [options.language_model])
    made = compose(learned, options.language_model, clips, known, options.sampling, options.composition)
    real = denormalize(clips[0])
    seen = SourceDance(real, real, None, len(real), ())
    with TemporaryDirectory(prefix="bopbot-") as folder:
        pipeline.write({"": at_output_rate(made.dance, WARM_UP_DANCE_S)}, Path(folder) / FILM, options, seen)


def choreography_options(take: TakeOptions, dancer: DancerOptions) -> ChoreographyOptions:
    """Return the options of a take and its dancer as `bopbot.choreography` takes them."""
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
    """Return a progress callback that emits the stages of the service; very short stages are left out."""

    def progress(stage: str, done: int, total: int) -> None:
        for beginning, name in STAGES.items():
            if stage.startswith(beginning):
                emit(Progress(name, done, total))

    return progress
