"""What a model learned from, as words: so that a new dance can say whose moves it is like."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import numpy as np

from pose_vocab.codec.vocabulary import Ids
from pose_vocab.errors import ModelError

FORMAT = "bopbot-memory 1"
"""The version line of a memory."""
LONGEST_WORDS = 500_000
"""A memory holds no more words than this: some 20 minutes of five words ten times a second take a megabyte. Of a
larger corpus every n-th dance is select_exemplars."""


@dataclass(frozen=True)
class Take:
    """A dance that was learned from.

    Parameters
    ----------
    name : of the file that held it.
    ids : its words, whole rows without a gap.
    """

    name: str
    ids: Ids


def select_exemplars(takes: Sequence[Take]) -> tuple[Take, ...]:
    """Those of the takes that a memory has room for."""
    stride = max(1, -(-sum(len(take.ids) for take in takes) // LONGEST_WORDS))
    lengths = accumulate(len(take.ids) for take in takes[::stride])
    return tuple(take for take, length in zip(takes[::stride], lengths, strict=True) if length <= LONGEST_WORDS)


def save_exemplars(takes: Sequence[Take], path: Path) -> None:
    """Write takes to a file; the caller writes beside and renames."""
    np.savez_compressed(
        path,
        format=np.array(FORMAT),
        names=np.array([take.name for take in takes], dtype=np.str_),
        lengths=np.array([len(take.ids) for take in takes], np.int64),
        ids=np.concatenate([np.empty(0, np.int32), *(take.ids for take in takes)]).astype(np.int32),
    )


def load_exemplars(path: Path) -> tuple[Take, ...]:
    """Read a file that `save_exemplars` wrote; a model without one remembers nothing.

    Raises
    ------
    ModelError : it is damaged, or of another version.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            form, names = str(archive["format"]), archive["names"].tolist()
            ends, ids = np.cumsum(archive["lengths"]), archive["ids"].astype(np.int64)
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise ModelError(f"{path} is damaged: {error}") from error
    if form != FORMAT or len(names) != len(ends) or (len(ends) and ends[-1] != len(ids)):
        raise ModelError(f"{path} is no memory of this version: expected {FORMAT!r}, got {form!r}")
    return tuple(Take(name, row) for name, row in zip(names, np.split(ids, ends[:-1]), strict=True)) if names else ()
