"""Compile what librosa compiles at its first use, in one process and before any test.

    python -m tests.warm_caches

Numba keeps machine code beside librosa's modules. Two processes that write it at once can leave code that ends a
process with a segmentation fault (https://github.com/numba/numba/issues/10128); it also takes most of a minute.
"""

import tempfile
from pathlib import Path

import numpy as np
from scipy.io import wavfile

from bopbot.beats.music_beats import detect_beats

RATE_HZ = 22_050

if __name__ == "__main__":
    sound = np.zeros(10 * RATE_HZ, np.int16)
    sound[:: RATE_HZ // 2] = 20_000
    with tempfile.TemporaryDirectory() as folder:
        wavfile.write(Path(folder, "clicks.wav"), RATE_HZ, sound)
        beats = detect_beats(Path(folder, "clicks.wav"))
    print(f"{len(beats.times_s)} beats heard; librosa is compiled")
