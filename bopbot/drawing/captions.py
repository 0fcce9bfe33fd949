"""What stands below a drawn dance: its words, and its beats."""

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
"""A caption stands at least so long: nobody reads faster."""


def words_danced(poses: PoseSequence, model: DanceModel) -> Captions:
    """The words of a dance: every `HOLD_S` those of the moment that begins.

    Raises
    ------
    NobodyDancingError : nowhere is enough of the dancer seen.
    PoseError : the model's words are 3D, the poses are not.
    """
    codec = model.codec
    captions: list[tuple[float, str]] = []
    for clip in clips_of(poses, find_codec_preset(codec.preset), Cleaning()):
        rows = codec.encode(clip)
        step = max(round(HOLD_S * codec.rows_per_second), 1)
        for k in range(0, len(rows), step):
            said = codec.lexicon.words_of(rows[k][rows[k] != GAP])
            captions.append((clip.poses.begin_s + k / codec.rows_per_second, " ".join(said)))
        captions.append((clip.poses.begin_s + len(clip) / clip.poses.fps, ""))
    return captions


def beats_below(poses: PoseSequence, audio: Path | None) -> Sequence[float]:
    """The beats of the sound that goes along, in seconds, also where it begins again; without one, those of the dance.

    Raises
    ------
    VideoError : the sound cannot be read.
    NobodyDancingError : there is no sound, and nobody is seen.
    """
    if audio is None:
        return list(motion_beats(normalize(to_dancer(poses))))
    beats = detect_beats(audio)
    turns = int(poses.duration_s // beats.duration_s) + 1 if beats.duration_s < MAX_LISTEN_S else 1
    return list((np.arange(turns)[:, None] * beats.duration_s + beats.times_s).flatten())
