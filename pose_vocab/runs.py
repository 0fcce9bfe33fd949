"""Stretches of time in which something holds."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import find_objects, label


def runs(flags: NDArray[np.bool_]) -> list[slice]:
    """The stretches in which `flags` (frames,) holds, as slices in order of time."""
    return [found[0] for found in find_objects(label(flags)[0])]
