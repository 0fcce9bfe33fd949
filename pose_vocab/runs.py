"""Runs of true values."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import find_objects, label


def runs(flags: NDArray[np.bool_]) -> list[slice]:
    """Return the runs in which `flags` (frames,) is true, as slices in time order."""
    return [found[0] for found in find_objects(label(flags)[0])]
