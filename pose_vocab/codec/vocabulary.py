"""A vocabulary of mean poses: each word is one mean pose, and a pose is encoded as the nearest one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pose_vocab.codec.kmeans import cluster, whole_frames
from pose_vocab.codec.nearest import LARGEST, nearest
from pose_vocab.codec.word_names import make_words
from pose_vocab.errors import VocabularyError
from pose_vocab.files import write_beside
from pose_vocab.ids import GAP, Ids
from pose_vocab.input_files import ARCHIVE_ERRORS

if TYPE_CHECKING:
    import pandas as pd

MIN_SEEN = 0.5
"""A frame with a smaller share of visible features is a gap."""

FORMAT = "bopbot-vocabulary 1"
"""The version line of a vocabulary."""
ARRAYS, TABLE = "vocabulary.npz", "words.csv"
"""The files of a vocabulary's folder: the arrays that are loaded, and a human-readable table of them."""


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Words and their mean poses, independent of what the features mean.

    Parameters
    ----------
    words : one word per cluster, all different, without spaces.
    centroids : float32 (n_words, n_features), the mean pose of each word; all different.
    counts : int64 (n_words,), the number of frames of which each mean pose is the mean.
    errors : float32 (n_words,), mean Euclidean distance of those frames to the mean pose, in the
        unit of the features.

    Raises
    ------
    VocabularyError : the shapes do not match, there is no word, a word or a mean pose occurs twice, or
        a number is not finite.
    """

    words: tuple[str, ...]
    centroids: NDArray[np.float32]
    counts: NDArray[np.int64]
    errors: NDArray[np.float32]

    def __post_init__(self) -> None:
        words = tuple(self.words)
        centroids = np.array(self.centroids, dtype=np.float32)
        counts = np.array(self.counts, dtype=np.int64)
        errors = np.array(self.errors, dtype=np.float32)
        if not words or centroids.ndim != 2 or len(centroids) != len(words) or not centroids.shape[1]:
            raise VocabularyError(
                f"{len(words)} words need mean poses of shape ({len(words)}, features), at least one each, "
                f"got {centroids.shape}"
            )
        for name, values in (("counts", counts), ("errors", errors)):
            if values.shape != (len(words),) or not (np.isfinite(values) & (values >= 0)).all():
                raise VocabularyError(
                    f"{name} of {len(words)} words must be that many numbers from 0 up, got shape {values.shape}"
                )
        if not (np.abs(centroids) <= LARGEST).all():
            raise VocabularyError(f"mean poses must be finite numbers up to {LARGEST:g}")
        bad = next((word for word in words if word.split() != [word] or not word.isprintable()), None)
        if bad is not None:
            raise VocabularyError(f"{bad!r} is not a valid word; a word is not empty, printable and without spaces")
        if len(set(words)) != len(words):
            raise VocabularyError("a word occurs twice in the vocabulary; all words must be different")
        if len(np.unique(centroids, axis=0)) != len(words):
            raise VocabularyError("two words share one mean pose; leave one of them out")
        for name, array in (("centroids", centroids), ("counts", counts), ("errors", errors)):
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        object.__setattr__(self, "words", words)

    @classmethod
    def fit(cls, features: NDArray[Any], n_words: int, seed: int, mask: NDArray[np.bool_] | None = None) -> Vocabulary:
        """Cluster frames into words, the most frequent first.

        Parameters
        ----------
        features : (frames, n_features), finite where the mask is true.
        n_words : maximum number of words. There are fewer if a cluster becomes empty, or if there are no
            more than `n_words` different poses: then each pose is a word.
        seed : the same seed gives the same vocabulary, names included.
        mask : bool (frames, n_features), true where a feature is visible; None if all are.

        Frames with less than `MIN_SEEN` of their features visible are left out; `kmeans.whole_frames`
        describes how other incomplete frames are used.

        Raises
        ------
        VocabularyError : there is no usable frame, a wrong shape, a number is not finite, a feature is
            visible in no frame, or `n_words` is below 1 or above the number of available names.
        """
        if n_words < 1:
            raise VocabularyError(f"a vocabulary needs at least one word, got {n_words}")
        words = make_words(n_words, seed)
        rows, seen = _checked(features, mask)
        if seen is not None:
            enough = seen.mean(axis=1) >= MIN_SEEN
            rows, seen = rows[enough], seen[enough]
        if not len(rows):
            raise VocabularyError(f"there is no frame to learn words from; at least {MIN_SEEN:.0%} of one must be seen")
        clusters = cluster(rows if seen is None else whole_frames(rows, seen, n_words), n_words, seed)
        return cls(tuple(words[: len(clusters.counts)]), *clusters)

    def joined(self, other: Vocabulary) -> Vocabulary:
        """Return these words followed by those of `other` with different mean poses, under new names.

        Raises
        ------
        VocabularyError : the number of features differs, or there are not enough names.
        """
        if other.n_features != self.n_features:
            raise VocabularyError(f"words of {other.n_features} numbers cannot join words of {self.n_features}")
        known_poses = {row.tobytes() for row in self.centroids}
        new = [i for i, row in enumerate(other.centroids) if row.tobytes() not in known_poses]
        used_words = set(self.words)
        names = [name for name in make_words(self.n_words + len(new), seed=0) if name not in used_words]
        return Vocabulary(
            (*self.words, *names[: len(new)]),
            np.concatenate([self.centroids, other.centroids[new]]),
            np.concatenate([self.counts, other.counts[new]]),
            np.concatenate([self.errors, other.errors[new]]),
        )

    @property
    def n_words(self) -> int:
        return len(self.words)

    @property
    def n_features(self) -> int:
        return int(self.centroids.shape[1])

    @cached_property
    def fingerprint(self) -> str:
        """Return the hex SHA-256 of words and mean poses; a model only loads with the vocabulary it was trained on."""
        digest = hashlib.sha256(f"{FORMAT} {self.centroids.shape} {' '.join(self.words)}\n".encode())
        digest.update(self.centroids.astype("<f4").tobytes())
        return digest.hexdigest()

    def quantize(self, features: NDArray[Any], mask: NDArray[np.bool_] | None = None) -> Ids:
        """Return the id of the nearest mean pose for each frame, int64 (frames,); on ties the first.

        Parameters
        ----------
        features : (frames, n_features), finite where the mask is true.
        mask : bool (frames, n_features), true where a feature is visible; None if all are. The distance
            is computed over these; a frame with less than `MIN_SEEN` of them is a GAP.

        The search is exact, so ``quantize(look_up(ids))`` is `ids`.

        Raises
        ------
        VocabularyError : a wrong shape, or a visible feature is not finite.
        """
        rows, seen = _checked(features, mask)
        if rows.shape[1] != self.n_features:
            raise VocabularyError(f"frames of {rows.shape[1]} numbers do not fit words of {self.n_features}")
        if seen is None:
            return nearest(rows, self.centroids)
        ids = np.full(len(rows), GAP, dtype=np.int64)
        enough = seen.mean(axis=1) >= MIN_SEEN
        ids[enough] = nearest(rows[enough], self.centroids, seen[enough])
        return ids

    def look_up(self, ids: Ids) -> NDArray[np.float32]:
        """Return the mean poses (frames, n_features) of ids (frames,).

        Raises
        ------
        VocabularyError : an id is out of range, or GAP.
        """
        return self.centroids[self._checked_ids(ids)]

    def _checked_ids(self, ids: Ids) -> Ids:
        ids = np.asarray(ids)
        if ids.size == 0:
            return ids.astype(np.int64)
        if not np.issubdtype(ids.dtype, np.integer):
            raise VocabularyError(f"ids of words must be integers, got {ids.dtype}")
        wrong = ids[(ids < 0) | (ids >= self.n_words)]
        if wrong.size and wrong[0] == GAP:
            raise VocabularyError(f"a gap ({GAP}) stands for no word; cut the stream at its gaps first")
        if wrong.size:
            raise VocabularyError(f"there is no word {wrong[0]}; ids run from 0 to {self.n_words - 1}")
        return ids

    def table(self) -> pd.DataFrame:
        """Return a table with one row per word: id, word, number of frames and their mean error."""
        import pandas as pd

        return pd.DataFrame({"id": range(self.n_words), "word": self.words, "count": self.counts, "error": self.errors})

    def save(self, folder: str | Path) -> None:
        """Write the vocabulary as a folder that `load` reads, with a human-readable ``words.csv``.

        Raises
        ------
        OutputError : the folder cannot be written, or holds other files, which would be lost.
        """
        with write_beside(folder, {ARRAYS, TABLE}) as beside:
            beside.mkdir()
            np.savez(
                beside / ARRAYS,
                format=np.array(FORMAT),
                words=np.array(self.words),
                centroids=self.centroids,
                counts=self.counts,
                errors=self.errors,
            )
            self.table().to_csv(beside / TABLE, index=False)

    @classmethod
    def load(cls, folder: str | Path) -> Vocabulary:
        """Read a folder that `save` wrote; nothing in it is executed.

        Raises
        ------
        VocabularyError : there is no vocabulary, it is damaged, or it is of another version.
        """
        arrays = _read_arrays(Path(folder))
        if str(arrays.get("format")) != FORMAT:
            raise VocabularyError(
                f"{folder} is not a vocabulary of this version: expected {FORMAT!r}, got {arrays.get('format')}"
            )
        try:
            words = tuple(str(word) for word in arrays["words"].tolist())
            return cls(words, arrays["centroids"], arrays["counts"], arrays["errors"])
        except (KeyError, TypeError, ValueError, VocabularyError) as error:
            raise VocabularyError(f"{folder} is a damaged vocabulary: {error}") from error


def _checked(
    features: NDArray[Any], mask: NDArray[np.bool_] | None
) -> tuple[NDArray[np.float32], NDArray[np.bool_] | None]:
    """Return the checked features as float32 and their mask, which is None if all are visible."""
    with np.errstate(over="ignore"):  # an overflow becomes infinite and is rejected below
        rows = np.asarray(features, dtype=np.float32)
    if rows.ndim != 2 or not rows.shape[1]:
        raise VocabularyError(f"features must be (frames, n_features), got shape {rows.shape}")
    seen = None if mask is None else np.asarray(mask, dtype=np.bool_)
    if seen is not None and seen.shape != rows.shape:
        raise VocabularyError(f"the mask must be {rows.shape} like the features, got {seen.shape}")
    unusable = ~(np.abs(rows) <= LARGEST)
    if seen is not None:
        unusable &= seen
    if unusable.any():
        frame, feature = np.argwhere(unusable)[0]
        raise VocabularyError(
            f"feature {feature} of frame {frame} is {rows[frame, feature]}; features must be finite numbers "
            f"up to {LARGEST:g}, and unseen ones masked"
        )
    return rows, None if seen is None or seen.all() else seen


def _read_arrays(folder: Path) -> dict[str, NDArray[Any]]:
    path = folder / ARRAYS
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (FileNotFoundError, NotADirectoryError):
        raise VocabularyError(f"{folder} holds no vocabulary: there is no file {path}") from None
    except ARCHIVE_ERRORS as error:
        raise VocabularyError(f"{path} cannot be read as a vocabulary: {error}") from error
