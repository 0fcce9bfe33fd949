"""Decoders that turn the stepwise mean segments of a codec into continuous motion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import VocabularyError
from pose_vocab.files import write_beside
from pose_vocab.filters import low_pass
from pose_vocab.input_files import ARCHIVE_ERRORS

REACH = 2
"""Frames of context on either side in the linear decoder; with 4 the acceleration is 5 % too low."""
CUTOFF_HZ = 7.0
"""Above this frequency only the steps between segments are left. On held-out salsa, in words of two frames,
reconstructions move with 1.03 times the real acceleration without the filter, 0.96 at 8 Hz, 0.92 at 7 and 0.85 at
6 Hz; new dances of a GPT-2 with 1.25, 1.19, 1.11 and 1.00 times."""
PRIOR_FRAMES = 1.0
"""Ridge penalty on the learned correction of the mean segments, in frames."""
FILE = "decoder.npz"
"""The file of a linear decoder."""
FORMAT = "bopbot-decoder 1"
"""The version line of a linear decoder."""

Rows = NDArray[np.float32]


class Decoder(Protocol):
    """An object that turns features looked up from a lexicon into continuous motion."""

    def smooth(self, features: Rows, fps: float) -> Rows:
        """Return features (frames, size), looked up from a lexicon, without their steps."""
        ...


@dataclass(frozen=True)
class MeanDecoder:
    """A decoder that returns the mean segments unchanged, as in the seed repository."""

    def smooth(self, features: Rows, fps: float) -> Rows:
        return features


@dataclass(frozen=True)
class LowPassDecoder:
    """A decoder that applies a zero-phase low-pass filter to the mean segments.

    The cut-off frequency is chosen to match the acceleration of real dances. On held-out salsa (takes 12 and 14,
    20 fps, 2D, one word a frame) unfiltered mean poses move with 2.3 times the acceleration of the real dance; at
    5 Hz it is 0.94 times with 500 words and 0.96 with 2,000, at 4 Hz 0.72, at 6 Hz 1.2; words of one clip of
    400 frames give 0.82.
    """

    cutoff_hz: float = 5.0

    def smooth(self, features: Rows, fps: float) -> Rows:
        return low_pass(features, self.cutoff_hz, fps)


@dataclass(frozen=True, eq=False)
class LinearDecoder:
    """A decoder that adds to each frame a learned weighted sum of the frames around it.

    The least-squares filter of N. Wiener, *Extrapolation, Interpolation, and Smoothing of Stationary Time
    Series* (1949), over all features at once and with separate weights for each frame of a
    segment: the legs help to predict how the hips travel, and the first frame of a segment depends more on the
    segment before. A low-pass filter removes the steps that remain between segments.

    Parameters
    ----------
    weights : float32 (frames per segment, size * (2 * REACH + 1) + 1, size), the correction of each feature.
    """

    weights: NDArray[np.float32]

    @classmethod
    def fit(cls, decoded: Sequence[Rows], recorded: Sequence[Rows], frames: int) -> LinearDecoder:
        """Fit the weights to pairs of decoded and recorded dances.

        Parameters
        ----------
        decoded : each (frames, size), looked up from a lexicon.
        recorded : the same frames as recorded, NaN where a feature is missing.
        frames : number of frames per segment.
        """
        size = decoded[0].shape[1]
        width = size * (2 * REACH + 1) + 1
        squares = np.tile(PRIOR_FRAMES * np.eye(width), (frames, 1, 1))
        products = np.zeros((frames, width, size))
        for rows, real in zip(decoded, recorded, strict=True):
            around = _around(rows).astype(np.float64)
            error = np.nan_to_num(real - rows).astype(np.float64)
            for phase in range(frames):
                seen = around[phase::frames]
                squares[phase] += seen.T @ seen
                products[phase] += seen.T @ error[phase::frames]
        return cls(np.linalg.solve(squares, products).astype(np.float32))

    def smooth(self, features: Rows, fps: float) -> Rows:
        """Return the smoothed features; raises VocabularyError if their number differs from the fitted one."""
        frames, _, size = self.weights.shape
        if features.shape[1] != size:
            raise VocabularyError(f"a decoder of {size} numbers a frame cannot decode {features.shape[1]}")
        around, smoothed = _around(features), features.copy()
        for phase in range(frames):
            smoothed[phase::frames] += around[phase::frames] @ self.weights[phase]
        return low_pass(smoothed, CUTOFF_HZ, fps)

    def save(self, path: Path) -> None:
        """Write the weights to a file; raises OutputError if that fails."""
        with write_beside(path) as beside, beside.open("wb") as file:
            np.savez(file, format=np.array(FORMAT), weights=self.weights)

    @classmethod
    def load(cls, path: Path) -> LinearDecoder:
        """Read a file that `save` wrote; raises VocabularyError if there is none, or it is damaged."""
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
                version, weights = str(archive["format"]), archive["weights"]
            if version != FORMAT or weights.ndim != 3 or not np.isfinite(weights).all():
                raise VocabularyError(f"{path} is not a decoder of this version: expected {FORMAT!r}, got {version!r}")
        except (*ARCHIVE_ERRORS, KeyError) as error:
            raise VocabularyError(f"{path} cannot be read as a decoder: {error}") from error
        return cls(weights.astype(np.float32))


def _around(rows: Rows) -> Rows:
    """Return each frame with its neighbors and a constant 1, (frames, size * (2 * REACH + 1) + 1); the ends repeat."""
    padded = np.pad(rows, ((REACH, REACH), (0, 0)), mode="edge")
    ones = np.ones((len(rows), 1), np.float32)
    return np.concatenate([*(padded[i : i + len(rows)] for i in range(2 * REACH + 1)), ones], axis=1)
