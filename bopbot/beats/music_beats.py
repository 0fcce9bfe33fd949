"""The beats of a piece of music."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import VideoError
from render.sound import RATE_HZ, Sound

MAX_LISTEN_S = 300.0
"""No more seconds of a file are listened to: the tracker takes 3 MB for each."""
TRACKING_HZ = 22_050
"""Samples a second of the sound that is listened to: librosa's own."""
HOP_SAMPLES = 256
"""Samples from one look at the sound to the next: 12 ms."""
WINDOW_SAMPLES = 1024
"""Samples in a look, 46 ms: librosa's own 2,048 find a click twice as late."""
MEL_BANDS = 64
"""As many as a window this short can tell apart."""
TEMPO_STD_OCTAVES = 0.3
"""How far the tempo may wander from that of the whole piece, a standard deviation: never to its double or half."""
SILENCE_LEVEL = 1e-3
"""A sound that never rises above this share of full scale, -60 dB, is silence."""
PADDING_FRAMES = 86
"""Looks at silence put before and after the sound, a second: the tracker misplaces beats at the very ends."""
BLOCK_S = 10
"""How much is decoded at a time."""


@dataclass(frozen=True, eq=False)
class Beats:
    """The beats of a piece of music.

    Parameters
    ----------
    times_s : float64 (n,), rising, in seconds from the file's first picture on, or from the beginning
        of the sound where there is no picture.
    duration_s : how much of the sound was listened to.
    """

    times_s: NDArray[np.float64]
    duration_s: float

    @property
    def tempo(self) -> float:
        """Mean tempo in beats a minute; 0 where there are fewer than two beats."""
        return 60 / float(np.diff(self.times_s).mean()) if len(self.times_s) > 1 else 0.0


def detect_beats(path: Path, seconds: float = MAX_LISTEN_S) -> Beats:
    """Find the beats in the sound of a video or sound file; in silence there are none.

    The tracker is librosa's: D. Ellis, "Beat Tracking by Dynamic Programming" (2007), led by a tempo
    that may drift. Beats go on through a pause in the music, and noise has beats too.

    Parameters
    ----------
    seconds : how much of the sound to listen to, from its beginning on.

    Raises
    ------
    VideoError : no such file, not a video or sound file, no sound in it.
    """
    sound = _read_mono(path, min(seconds, MAX_LISTEN_S))
    duration_s = len(sound) / RATE_HZ
    if np.abs(sound).max() < SILENCE_LEVEL:
        return Beats(np.empty(0), duration_s)
    times_s = _track_beats(sound)
    return Beats(times_s[(times_s >= 0) & (times_s < duration_s)], duration_s)


def _read_mono(path: Path, seconds: float) -> NDArray[np.float32]:
    """The sound as one channel of samples at `RATE_HZ`, one at least."""
    blocks = []
    with closing(Sound(path)) as sound:
        end_s = Fraction(0)
        while end_s < seconds:
            end_s = min(end_s + BLOCK_S, Fraction(seconds))
            if (block := sound.read_until(end_s)) is None:
                break
            blocks.append(block.to_ndarray().mean(axis=0, dtype=np.float32))
    if not blocks:
        raise VideoError(f"nothing of the sound of {path} can be decoded; name a file with sound, or none")
    return np.concatenate(blocks)


def _track_beats(sound: NDArray[np.float32]) -> NDArray[np.float64]:
    """The times of the beats in seconds, some of them perhaps before or after the sound."""
    import librosa

    sound = librosa.resample(sound, orig_sr=RATE_HZ, target_sr=TRACKING_HZ)
    sound = librosa.util.fix_length(sound, size=max(len(sound), WINDOW_SAMPLES))
    onsets = librosa.onset.onset_strength(
        y=sound, sr=TRACKING_HZ, hop_length=HOP_SAMPLES, n_fft=WINDOW_SAMPLES, n_mels=MEL_BANDS
    )
    onsets = np.pad(onsets, PADDING_FRAMES)
    tempo_of = partial(librosa.feature.tempo, onset_envelope=onsets, sr=TRACKING_HZ, hop_length=HOP_SAMPLES)
    (whole,) = tempo_of()
    drifting = tempo_of(start_bpm=whole, std_bpm=TEMPO_STD_OCTAVES, aggregate=None)
    _, looks = librosa.beat.beat_track(
        onset_envelope=onsets, sr=TRACKING_HZ, hop_length=HOP_SAMPLES, bpm=drifting, trim=False
    )
    # An onset is a rise from one look to the next: it lies between them.
    return np.asarray((looks - PADDING_FRAMES - 0.5) * HOP_SAMPLES / TRACKING_HZ)
