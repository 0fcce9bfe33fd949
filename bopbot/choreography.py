"""The whole of BopBot in one function: a dance video in, new choreography out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bopbot.adapting import adapt, check_can_learn
from bopbot.copying import longest_common_run
from bopbot.dance_model import MODEL_FILES, STARTER, DanceModel
from bopbot.generation import Sampling, continue_dance, last_words
from bopbot.language_models import find_dancers, find_kind
from bopbot.layouts import LAYOUTS
from bopbot.progress import Progress, counted, of_stage, silent
from bopbot.report import DanceReport, Report, notices
from bopbot.sources import clips_in, clips_of
from pose_vocab.cleaning import CleaningOptions
from pose_vocab.errors import ModelError, VideoError
from pose_vocab.extraction import watch
from pose_vocab.files import check_apart, check_folder_writable
from pose_vocab.normalization import denormalize
from pose_vocab.resampling import resample
from pose_vocab.video import probe
from pose_vocab.vocabulary import Ids
from render.writer import check_video_path, write_video

OUTPUT_FPS = 30.0
"""Frames a second of the drawn dance."""


@dataclass(frozen=True)
class Wish:
    """What kind of new dance is wanted.

    Parameters
    ----------
    sampling : length, seed, and how words are chosen.
    language_model : a row of `bopbot.language_models.DANCERS`; several dances stand side by side.
    adapt : whether the model learns from this dancer first.
    dancer : which of several dancers, 1 for the one most in the picture.
    style : a row of `render.renderer.STYLES`.
    layout : a row of `bopbot.layouts.LAYOUTS`.
    audio : whether the video's sound goes along.
    cleaning : what is done about unsure, missing and shaky keypoints.
    """

    sampling: Sampling = field(default_factory=Sampling)
    language_model: str = "gpt2"
    adapt: bool = True
    dancer: int = 1
    style: str = "stick"
    layout: str = "dance"
    audio: bool = False
    cleaning: CleaningOptions = field(default_factory=CleaningOptions)


def choreograph(
    video: str | Path,
    output: str | Path,
    wish: Wish | None = None,
    model: str | Path | None = None,
    *,
    adapt_on: Sequence[str | Path] = (),
    save_model: str | Path | None = None,
    pose_model: str | Path | None = None,
    progress: Progress = silent,
) -> Report:
    """Watch a dance video and answer with a video of new choreography.

    Parameters
    ----------
    video : anything that `pose_vocab.video` reads.
    output : the .mp4 to write.
    wish : what kind of dance; a 15 s continuation by default.
    model : folder of a trained model; None for the starter, which the package carries. One that is
        adapted to a dancer already is taken as it is.
    adapt_on : more videos and pose files of the same dancer, or folders of them, to learn from.
    save_model : folder for the model that was adapted; given as `model` later, it need not learn again.
    pose_model : another MediaPipe pose landmarker bundle (.task).
    progress : told how far each stage is.

    Raises
    ------
    VideoError : the video cannot be read.
    NobodyDancingError : nobody is seen dancing in it, or too little of them.
    ModelError, VocabularyError : the model cannot be used.
    PoseError : a source in `adapt_on` does not exist.
    OutputError : an output cannot be written.
    """
    wish = wish or Wish()
    video, output = Path(video), Path(output)
    check_video_path(output)
    check_apart(output, video)
    if wish.audio and not probe(video).has_audio:
        raise VideoError(f"{video} has no sound to take along; leave --audio out")
    learned = DanceModel.load(STARTER if model is None else Path(model))
    language_models = find_dancers(wish.language_model)
    for name in language_models:
        learned.language_model(name)
    adapts = wish.adapt and learned.adapted_from is None
    if not adapts and (adapt_on or save_model):
        raise ModelError(
            f"nothing is learned from this dancer{'' if wish.adapt else ' as adapting is switched off'}, "
            "so there is no model to save and no use for more of their clips; adapt the starter or a trained model"
        )
    if adapts:
        check_can_learn(learned, language_models)
    if save_model is not None:
        check_folder_writable(save_model, MODEL_FILES)
        check_apart(save_model, output, video, model or STARTER)
    kind = learned.words.word_kind

    watched = watch(video, kind.fps, pose_model=pose_model, progress=of_stage(progress, "finding the dancer"))
    dancer = watched.dancer(wish.dancer)
    clips = clips_of(dancer.in_space if kind.dims == 3 else dancer.in_picture, kind, wish.cleaning)
    left_out: list[str] = []
    if adapts:
        sources = [Path(source) for source in adapt_on]
        more = clips_in(sources, kind, wish.cleaning, left_out.append, progress, pose_model) if sources else []
        learned = adapt(learned, [*more, *clips], language_models, wish.sampling.seed, progress)
        if save_model is not None:
            learned.save(Path(save_model))
    opening, before = last_words(learned, clips)
    written = {
        name: continue_dance(learned, name, opening, before, wish.sampling, progress) for name in language_models
    }
    drawn = {
        find_kind(name).title: resample(denormalize(dance), OUTPUT_FPS)[: round(wish.sampling.seconds * OUTPUT_FPS)]
        for name, (_, dance) in written.items()
    }
    n_frames = min(map(len, drawn.values()))
    frames = LAYOUTS[wish.layout](drawn, wish.style, video, dancer.in_picture)
    frames = counted(frames, progress, "drawing", n_frames)
    write_video(frames, output, OUTPUT_FPS, audio=video if wish.audio else None)

    danced = np.concatenate([learned.words.codec().encode(clip) for clip in clips])
    return Report(
        video=str(video),
        output=str(output),
        frames=len(dancer.in_picture),
        dancer_share=sum(len(clip) for clip in clips) / len(dancer.in_picture),
        notices=(*notices(watched), *left_out),
        model="starter" if model is None else str(model),
        adapted=adapts,
        vocabulary_size=learned.words.vocabulary.n_words,
        seed=wish.sampling.seed,
        seconds=n_frames / OUTPUT_FPS,
        opening=tuple(learned.words.vocabulary.words_of(opening)),
        dances=tuple(_report_of(learned, name, ids, danced) for name, (ids, _) in written.items()),
        words_fps=kind.fps,
    )


def _report_of(model: DanceModel, language_model: str, ids: Ids, danced: Ids) -> DanceReport:
    return DanceReport(
        language_model=language_model,
        words=tuple(model.words.vocabulary.words_of(ids)),
        distinct_words=len(set(ids.tolist())),
        own_share=None if model.adapted_from is None else float((ids >= model.adapted_from).mean()),
        longest_copied_s=longest_common_run(ids, danced) / model.words.word_kind.fps,
    )
