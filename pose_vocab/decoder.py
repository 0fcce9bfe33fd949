"""From the steps of mean poses to motion."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pose_vocab.filters import low_pass


class Decoder(Protocol):
    """Rows of mean poses, one a word, to the rows of a continuous motion."""

    def smooth(self, features: NDArray[np.float32], fps: float) -> NDArray[np.float32]:
        """(frames, size) looked up from a vocabulary, to (frames, size) without its steps."""
        ...


@dataclass(frozen=True)
class LowPassDecoder:
    """Mean poses through a zero-phase low-pass filter.

    The cut-off is chosen for the real dance's acceleration. On held-out salsa (takes 12 and 14, 20 fps,
    2D) mean poses as they are move with 2.3 times the acceleration of the real dance; at 5 Hz it is
    0.94 times with 500 words and 0.96 with 2,000, at 4 Hz 0.72, at 6 Hz 1.2; words of one clip of 400
    frames give 0.82. New dances change words oftener than real ones: theirs came to 0.95 to 1.37 times
    over three videos and five seeds. Interpolating between the middles of held words was no better.
    """

    cutoff_hz: float = 5.0

    def smooth(self, features: NDArray[np.float32], fps: float) -> NDArray[np.float32]:
        return low_pass(features, self.cutoff_hz, fps)
