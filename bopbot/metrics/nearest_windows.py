"""Exact nearest-neighbour search of windows of a dance in reference dances, with missing joints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bopbot.metrics.motion import check_alike
from pose_vocab.errors import PoseError
from pose_vocab.motion import Floats, Motion

MIN_SEEN = 0.5
"""Windows are compared if both show this share of the joints at the same time: few joints are similar by chance."""
PIECE_FRAMES = 512
"""Number of reference windows that are compared at a time: a dance of 20 s at 20 fps takes 4 MB."""


@dataclass(frozen=True, eq=False)
class NearestWindows:
    """The most similar window of the reference for each window of a dance, (windows,) each.

    Parameters
    ----------
    distances : root of the mean squared distance of joints around the hips, in torso lengths.
    clips : index of the clip of the reference.
    frames : first frame of the window in that clip.
    """

    distances: Floats
    clips: NDArray[np.int64]
    frames: NDArray[np.int64]


def nearest_windows(dance: Motion, reference: Sequence[Motion], frames: int) -> NearestWindows:
    """Return the window of the reference that is nearest to each window of a dance, the first of equal ones.

    The dance is cut into consecutive windows of `frames` frames, and a shorter rest is dropped; in the reference a
    window begins at every frame. Only joints that both windows show at the same time count. The mirror image of a
    dance is another dance.

    Raises
    ------
    PoseError : the clips differ in kind, the dance or the whole reference is shorter than a window, or
        the reference has none that shows at least `MIN_SEEN` of the joints that a window of the dance shows.
    """
    check_alike([dance, *reference])
    n_windows = len(dance) // frames
    if not n_windows:
        raise PoseError(f"a dance of {len(dance)} frames holds no window of {frames}; give a longer one")
    queries = _parts(dance[: n_windows * frames].centred)
    factor = np.hstack([queries.squares, -2 * queries.known, queries.seen])
    distances, clips, starts = np.full(n_windows, np.inf), *np.zeros((2, n_windows), np.int64)
    for clip, start, piece in _pieces(reference, frames):
        apart = _mean_squares(factor, queries.seen, _parts(piece), frames)
        nearest = apart.argmin(axis=1)
        least = np.sqrt(apart[np.arange(n_windows), nearest])
        nearer = least < distances
        distances[nearer], clips[nearer], starts[nearer] = least[nearer], clip, start + nearest[nearer]
    if np.isinf(distances).any():
        first = int(np.isinf(distances).argmax()) * frames
        raise PoseError(
            f"{len(reference)} dances hold no {frames} consecutive frames with enough of the joints that the dance "
            f"shows from frame {first} on; give longer ones, filmed from head to foot"
        )
    return NearestWindows(distances, clips, starts)


def _pieces(reference: Sequence[Motion], frames: int) -> Iterator[tuple[int, int, Floats]]:
    """Yield clip index, first frame and joints of pieces that overlap so that every window is in one of them."""
    for number, clip in enumerate(reference):
        for start in range(0, len(clip) - frames + 1, PIECE_FRAMES):
            yield number, start, clip[start : start + PIECE_FRAMES + frames - 1].centred


def _mean_squares(factor: Floats, seen_a: Floats, piece: _Parts, frames: int) -> Floats:
    """Return the mean squared distance of joints, (windows, positions); infinite where too few are seen in both.

    One matrix product gives the distance of all pairs of frames, |a|^2 - 2 a.b + |b|^2, restricted to joints that are
    seen in both. A pair of windows is a diagonal of that table. `factor` holds the terms of a, whose joints are seen
    in `seen_a`; it is the same for all pieces.
    """
    apart = factor @ np.hstack([piece.seen, piece.known, piece.squares]).T
    seen = seen_a @ piece.seen.T
    squares, counts = (_diagonals(table, frames) for table in (apart, seen))
    enough = counts >= MIN_SEEN * frames * seen_a.shape[1]
    return np.divide(np.maximum(squares, 0), counts, out=np.full_like(squares, np.inf), where=enough)


class _Parts(NamedTuple):
    """Seen joints (frames, joints), coordinates (frames, joints x dims) and squared lengths; 0 instead of NaN."""

    seen: Floats
    known: Floats
    squares: Floats


def _parts(joints: Floats) -> _Parts:
    seen = ~np.isnan(joints).any(axis=2)
    known = np.where(seen[..., None], joints, 0.0)
    return _Parts(seen.astype(np.float64), known.reshape(len(joints), -1), (known**2).sum(axis=2))


def _diagonals(table: Floats, frames: int) -> Floats:
    """Return sums along the diagonals, (windows, positions), of a table (windows x frames, positions + frames - 1)."""
    rows = table.reshape(-1, frames, table.shape[1])
    positions = table.shape[1] - frames + 1
    sums = np.zeros((len(rows), positions))
    for frame in range(frames):
        sums += rows[:, frame, frame : frame + positions]
    return sums
