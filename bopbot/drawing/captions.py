"""The captions below a drawn dance: its words and its beats."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bopbot.beats.motion_beats import motion_beats
from bopbot.beats.music_beats import MAX_LISTEN_S, detect_beats
from bopbot.codec_presets import find_codec_preset
from bopbot.dance_model import DanceModel
from bopbot.inputs.clips import clips_of
from pose_vocab.cleaning import Cleaning
from pose_vocab.ids import GAP
from pose_vocab.joint_mapping import to_dancer
from pose_vocab.normalization import normalize
from pose_vocab.sequence import PoseSequence
from render.scenery import Captions

HOLD_S = 0.8
"""Shortest time for which a caption is shown, so that it can be read."""


def word_captions(poses: PoseSequence, model: DanceModel) -> Captions:
    """Return the words of a dance: every `HOLD_S` those of the segment that begins.

    Raises
    ------
    NobodyDancingError : too little of the dancer is seen.
    PoseError : the model's words are 3D, the poses are not.
    """
    codec = model.codec
    captions: list[tuple[float, str]] = []
    for clip in clips_of(poses, find_codec_preset(codec.preset), Cleaning()):
        rows = codec.encode(clip)
        step = max(round(HOLD_S * codec.rows_per_second), 1)
        for k in range(0, len(rows), step):
            words = codec.lexicon.words_of(rows[k][rows[k] != GAP])
            captions.append((clip.poses.begin_s + k / codec.rows_per_second, " ".join(words)))
        captions.append((clip.poses.begin_s + len(clip) / clip.poses.fps, ""))
    return captions


def beat_times(poses: PoseSequence, audio: Path | None, begin_s: float = 0.0) -> Sequence[float]:
    """Return the beats, in seconds, of the sound, which is repeated; without sound, those of the dance.

    Parameters
    ----------
    begin_s : where in the sound the dance begins.

    Raises
    ------
    VideoError : the sound cannot be read.
    NobodyDancingError : there is no sound, and nobody is seen.
    """
    if audio is None:
        return list(motion_beats(normalize(to_dancer(poses))))
    beats = detect_beats(audio)
    turns = int((begin_s + poses.duration_s) // beats.duration_s) + 1 if beats.duration_s < MAX_LISTEN_S else 1
    times_s = (np.arange(turns)[:, None] * beats.duration_s + beats.times_s).flatten() - begin_s
    return list(times_s[times_s >= 0])
