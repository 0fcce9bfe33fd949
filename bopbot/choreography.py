"""The whole of BopBot in one function: a dance video in, new choreography out."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from bopbot.dance_model import DanceModel
from bopbot.generation import Sampling, continue_dance, last_words
from bopbot.layouts import LAYOUTS
from bopbot.learning import learn_from_upload
from bopbot.presets import DEFAULT_PRESET, find_preset
from bopbot.progress import Progress, counted, of_stage, silent
from bopbot.report import Report, notices
from bopbot.sources import clips_of
from pose_vocab.cleaning import CleaningOptions
from pose_vocab.errors import VideoError
from pose_vocab.extraction import watch
from pose_vocab.files import check_apart
from pose_vocab.normalization import denormalize
from pose_vocab.resampling import resample
from pose_vocab.video import probe
from render.writer import check_video_path, write_video

OUTPUT_FPS = 30.0
"""Frames a second of the drawn dance."""


@dataclass(frozen=True)
class Wish:
    """What kind of new dance is wanted.

    Parameters
    ----------
    sampling : length, seed, and how words are chosen.
    dancer : which of several dancers, 1 for the one most in the picture.
    style : a row of `render.renderer.STYLES`.
    layout : a row of `bopbot.layouts.LAYOUTS`.
    audio : whether the video's sound goes along.
    cleaning : what is done about unsure, missing and shaky keypoints.
    """

    sampling: Sampling = field(default_factory=Sampling)
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
    pose_model: str | Path | None = None,
    progress: Progress = silent,
) -> Report:
    """Watch a dance video and answer with a video of new choreography.

    Parameters
    ----------
    video : anything that `pose_vocab.video` reads.
    output : the .mp4 to write.
    wish : what kind of dance; a 15 s continuation by default.
    model : folder of a trained model; None learns words and moves from this very video.
    pose_model : another MediaPipe pose landmarker bundle (.task).
    progress : told how far each stage is.

    Raises
    ------
    VideoError : the video cannot be read.
    NobodyDancingError : nobody is seen dancing in it, or too little of them.
    ModelError, VocabularyError : the model cannot be used.
    OutputError : the output cannot be written.
    """
    wish = wish or Wish()
    video, output = Path(video), Path(output)
    check_video_path(output)
    check_apart(output, video)
    if wish.audio and not probe(video).has_audio:
        raise VideoError(f"{video} has no sound to take along; leave --audio out")
    learned = None if model is None else DanceModel.load(Path(model))
    preset_name = DEFAULT_PRESET if learned is None else learned.words.preset
    preset = find_preset(preset_name)

    watched = watch(video, preset.fps, pose_model=pose_model, progress=of_stage(progress, "finding the dancer"))
    dancer = watched.dancer(wish.dancer)
    clips = clips_of(dancer.in_space if preset.dims == 3 else dancer.in_picture, preset, wish.cleaning)
    dancing = learned or learn_from_upload(clips, preset_name, wish.sampling.seed, progress)
    opening, before = last_words(dancing, clips)
    ids, dance = continue_dance(dancing, opening, before, wish.sampling, progress)
    drawn = resample(denormalize(dance), OUTPUT_FPS)[: round(wish.sampling.seconds * OUTPUT_FPS)]
    frames = LAYOUTS[wish.layout](drawn, wish.style, video, dancer.in_picture)
    frames = counted(frames, progress, "drawing", len(drawn))
    write_video(frames, output, OUTPUT_FPS, audio=video if wish.audio else None)

    vocabulary = dancing.words.vocabulary
    return Report(
        video=str(video),
        output=str(output),
        frames=len(dancer.in_picture),
        dancer_share=sum(len(clip) for clip in clips) / len(dancer.in_picture),
        notices=notices(watched),
        model="learned from this video" if model is None else str(model),
        vocabulary_size=len(vocabulary.words),
        seed=wish.sampling.seed,
        seconds=len(drawn) / OUTPUT_FPS,
        opening=tuple(vocabulary.words_of(opening)),
        words=tuple(vocabulary.words_of(ids)),
        words_fps=preset.fps,
    )
