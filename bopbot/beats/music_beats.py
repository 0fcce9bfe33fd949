"""Beats of a piece of music."""

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
"""At most this much of a file is analysed: the tracker needs 3 MB per second."""
TRACKING_HZ = 22_050
"""Sample rate for the analysis: librosa's default."""
HOP_SAMPLES = 256
"""Samples between analysis frames: 12 ms."""
WINDOW_SAMPLES = 1024
"""Samples in an analysis frame, 46 ms: with librosa's default of 2,048 a click is detected twice as late."""
MEL_BANDS = 64
"""As many as a window this short can resolve."""
TEMPO_STD_OCTAVES = 0.3
"""Standard deviation of the local tempo around that of the whole piece: never its double or half."""
SILENCE_LEVEL = 1e-3
"""Sound that never exceeds this share of full scale, -60 dB, is silence."""
PADDING_FRAMES = 86
"""Silent analysis frames added before and after the sound, one second: the tracker misplaces beats at the ends."""
BLOCK_S = 10
"""Seconds decoded at a time."""


@dataclass(frozen=True, eq=False)
class Beats:
    """The beats of a piece of music.

    Parameters
    ----------
    times_s : float64 (n,), ascending, in seconds after the file's first frame, or after the beginning of
        the sound if there is no video.
    duration_s : how much of the sound was analysed, in seconds.
    """

    times_s: NDArray[np.float64]
    duration_s: float

    @property
    def tempo(self) -> float:
        """Mean tempo in beats per minute; 0 for fewer than two beats."""
        return 60 / float(np.diff(self.times_s).mean()) if len(self.times_s) > 1 else 0.0


def detect_beats(path: Path, seconds: float = MAX_LISTEN_S) -> Beats:
    """Return the beats in the sound of a video or sound file; silence has none.

    The tracker is librosa's: D. Ellis, "Beat Tracking by Dynamic Programming" (2007), guided by a varying
    tempo. Beats continue through a pause in the music, and noise has beats too.

    Parameters
    ----------
    path : a video or sound file.
    seconds : how much of the sound to analyse, from its beginning.

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
    """Return the sound as one channel at `RATE_HZ`, at least one sample."""
    blocks = []
    with closing(Sound(path)) as sound:
        end_s = Fraction(0)
        while end_s < seconds:
            end_s = min(end_s + BLOCK_S, Fraction(seconds))
            if (block := sound.read_until(end_s)) is None:
                break
            blocks.append(block.to_ndarray().mean(axis=0, dtype=np.float32))
    if not blocks:
        raise VideoError(f"the sound of {path} cannot be decoded; name another file, or none")
    return np.concatenate(blocks)


def _track_beats(sound: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the times of the beats in seconds; some may lie before or after the sound."""
    import librosa

    sound = librosa.resample(sound, orig_sr=RATE_HZ, target_sr=TRACKING_HZ)
    sound = librosa.util.fix_length(sound, size=max(len(sound), WINDOW_SAMPLES))
    onsets = librosa.onset.onset_strength(
        y=sound, sr=TRACKING_HZ, hop_length=HOP_SAMPLES, n_fft=WINDOW_SAMPLES, n_mels=MEL_BANDS
    )
    onsets = np.pad(onsets, PADDING_FRAMES)
    tempo_of = partial(librosa.feature.tempo, onset_envelope=onsets, sr=TRACKING_HZ, hop_length=HOP_SAMPLES)
    (overall_tempo,) = tempo_of()
    varying_tempo = tempo_of(start_bpm=overall_tempo, std_bpm=TEMPO_STD_OCTAVES, aggregate=None)
    _, beat_frames = librosa.beat.beat_track(
        onset_envelope=onsets, sr=TRACKING_HZ, hop_length=HOP_SAMPLES, bpm=varying_tempo, trim=False
    )
    # An onset is a rise from one analysis frame to the next, so it lies between them.
    return np.asarray((beat_frames - PADDING_FRAMES - 0.5) * HOP_SAMPLES / TRACKING_HZ)
