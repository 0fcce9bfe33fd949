"""From the steps of mean moments to motion."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pose_vocab.errors import VocabularyError
from pose_vocab.files import write_beside
from pose_vocab.filters import low_pass

REACH = 2
"""How many frames before and after its own the linear decoder sees: with 4 the dance comes out 5 % too soft."""
CUTOFF_HZ = 7.0
"""Faster than this only the steps between moments are left. On held-out salsa, in words of two frames, reconstructions
move with 1.03 times the real acceleration without the filter, 0.96 at 8 Hz, 0.92 at 7 and 0.85 at 6 Hz; new dances of
a GPT-2 with 1.25, 1.19, 1.11 and 1.00 times."""
PRIOR_FRAMES = 1.0
"""Weight of the belief that mean moments are right as they are, in frames."""
FILE = "decoder.npz"
"""The file of a linear decoder."""
FORMAT = "bopbot-decoder 1"
"""The version line of a linear decoder."""

Rows = NDArray[np.float32]


class Decoder(Protocol):
    """Rows of features, as looked up from a lexicon, to the rows of a continuous motion."""

    def smooth(self, features: Rows, fps: float) -> Rows:
        """(frames, size) looked up from a lexicon, to (frames, size) without its steps."""
        ...


@dataclass(frozen=True)
class MeanDecoder:
    """Mean moments as they are, as in the seed."""

    def smooth(self, features: Rows, fps: float) -> Rows:
        return features


@dataclass(frozen=True)
class LowPassDecoder:
    """Mean moments through a zero-phase low-pass filter.

    The cut-off is chosen for the real dance's acceleration. On held-out salsa (takes 12 and 14, 20 fps,
    2D, one word a frame) mean poses as they are move with 2.3 times the acceleration of the real dance; at
    5 Hz it is 0.94 times with 500 words and 0.96 with 2,000, at 4 Hz 0.72, at 6 Hz 1.2; words of one clip of
    400 frames give 0.82.
    """

    cutoff_hz: float = 5.0

    def smooth(self, features: Rows, fps: float) -> Rows:
        return low_pass(features, self.cutoff_hz, fps)


@dataclass(frozen=True, eq=False)
class LinearDecoder:
    """Every frame as a weighted sum of the mean moments around it, with weights that were learned.

    The least-squares filter of N. Wiener, *Extrapolation, Interpolation, and Smoothing of Stationary Time
    Series* (1949), over all features at once and with weights of its own for each frame of a moment: what
    the legs do tells where the hips travel, and the first frame of a moment hears more of the moment before.
    A low-pass filter takes out the step that is left between moments.

    Parameters
    ----------
    weights : float32 (frames a moment, size * (2 * REACH + 1) + 1, size), what is added to each number.
    """

    weights: NDArray[np.float32]

    @classmethod
    def fit(cls, said: Sequence[Rows], danced: Sequence[Rows], frames: int) -> LinearDecoder:
        """Learn from dances as a lexicon says them and as they were danced.

        Parameters
        ----------
        said : each (frames, size), looked up from a lexicon.
        danced : the same frames as they were, NaN where something is not seen.
        frames : how many frames a moment has.
        """
        size = said[0].shape[1]
        width = size * (2 * REACH + 1) + 1
        squares = np.tile(PRIOR_FRAMES * np.eye(width), (frames, 1, 1))
        products = np.zeros((frames, width, size))
        for rows, real in zip(said, danced, strict=True):
            around = _around(rows).astype(np.float64)
            missed = np.nan_to_num(real - rows).astype(np.float64)
            for phase in range(frames):
                seen = around[phase::frames]
                squares[phase] += seen.T @ seen
                products[phase] += seen.T @ missed[phase::frames]
        return cls(np.linalg.solve(squares, products).astype(np.float32))

    def smooth(self, features: Rows, fps: float) -> Rows:
        """Raises VocabularyError where the features are not those that it learned."""
        frames, _, size = self.weights.shape
        if features.shape[1] != size:
            raise VocabularyError(f"a decoder of {size} numbers a frame cannot decode {features.shape[1]}")
        around, smoothed = _around(features), features.copy()
        for phase in range(frames):
            smoothed[phase::frames] += around[phase::frames] @ self.weights[phase]
        return low_pass(smoothed, CUTOFF_HZ, fps)

    def save(self, path: Path) -> None:
        """Write the weights to a file; raises OutputError where that fails."""
        with write_beside(path) as beside, beside.open("wb") as file:
            np.savez(file, format=np.array(FORMAT), weights=self.weights)

    @classmethod
    def load(cls, path: Path) -> LinearDecoder:
        """Read a file that `save` wrote; raises VocabularyError where there is none, or a damaged one."""
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
                form, weights = str(archive["format"]), archive["weights"]
            if form != FORMAT or weights.ndim != 3 or not np.isfinite(weights).all():
                raise VocabularyError(f"{path} is no decoder of this version: expected {FORMAT!r}, got {form!r}")
        except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
            raise VocabularyError(f"{path} cannot be read as a decoder: {error}") from error
        return cls(weights.astype(np.float32))


def _around(rows: Rows) -> Rows:
    """Each frame with those around it and a 1: (frames, size * (2 * REACH + 1) + 1); the ends are held."""
    held = np.pad(rows, ((REACH, REACH), (0, 0)), mode="edge")
    ones = np.ones((len(rows), 1), np.float32)
    return np.concatenate([*(held[i : i + len(rows)] for i in range(2 * REACH + 1)), ones], axis=1)
