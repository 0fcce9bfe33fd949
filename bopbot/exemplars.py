"""Training dances that a model keeps as words, so that a new dance can be compared with them."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import numpy as np

from pose_vocab.errors import ModelError
from pose_vocab.ids import Ids

FORMAT = "bopbot-memory 2"
"""The version line of a file of exemplars."""
FLAT_FORMAT = "bopbot-memory 1"
"""The version before, which is still read: ids and lengths in words instead of rows."""
MOST_WORDS = 500_000
"""Most words that are kept: some 20 minutes of five words ten times a second take a megabyte. Of a larger corpus every
n-th dance is kept."""


@dataclass(frozen=True)
class Exemplar:
    """A dance that was trained on.

    Parameters
    ----------
    name : of its file.
    ids : its words (rows, places), no row without a word.
    """

    name: str
    ids: Ids


def select_exemplars(dances: Sequence[Exemplar]) -> tuple[Exemplar, ...]:
    """Return evenly spread dances of at most `MOST_WORDS` words together."""
    stride = max(1, -(-sum(dance.ids.size for dance in dances) // MOST_WORDS))
    lengths = accumulate(dance.ids.size for dance in dances[::stride])
    return tuple(dance for dance, length in zip(dances[::stride], lengths, strict=True) if length <= MOST_WORDS)


def save_exemplars(dances: Sequence[Exemplar], path: Path) -> None:
    """Write dances to a file; the caller writes beside and renames."""
    rows = [dance.ids for dance in dances] or [np.empty((0, 1), np.int64)]
    np.savez_compressed(
        path,
        format=np.array(FORMAT),
        names=np.array([dance.name for dance in dances], dtype=np.str_),
        lengths=np.array([len(dance.ids) for dance in dances], np.int64),
        ids=np.concatenate(rows).astype(np.int32),
    )


def load_exemplars(path: Path, places: int) -> tuple[Exemplar, ...]:
    """Read a file that `save_exemplars` wrote; without a file there are none.

    Parameters
    ----------
    places : words per row.

    Raises
    ------
    ModelError : it is damaged, or of another version.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            form, names = str(archive["format"]), archive["names"].tolist()
            lengths, ids = archive["lengths"].astype(np.int64), archive["ids"].astype(np.int64)
        if form == FLAT_FORMAT:
            lengths, ids = lengths // places, ids.reshape(-1, places)
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise ModelError(f"{path} is damaged: {error}") from error
    if form not in (FORMAT, FLAT_FORMAT) or len(names) != len(lengths) or lengths.sum() != len(ids):
        raise ModelError(f"{path} is no file of exemplars of this version: expected {FORMAT!r}, got {form!r}")
    return (
        tuple(Exemplar(name, rows) for name, rows in zip(names, np.split(ids, np.cumsum(lengths)[:-1]), strict=True))
        if names
        else ()
    )
