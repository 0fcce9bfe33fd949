"""The training data of language models: a codec, and dances as rows of words, some of them held out."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import numpy as np

from bopbot.codec_presets import find_codec_preset
from bopbot.codecs import build_codec, load_codec, save_codec
from bopbot.exemplars import Exemplar, load_exemplars, save_exemplars, select_exemplars
from bopbot.inputs.clips import clips_by_file
from bopbot.inputs.discovery import files_in, identity_of
from bopbot.progress import Progress, silent
from bopbot.training.augmentation import at_tempos, mirrored_too
from pose_vocab.cleaning import Cleaning
from pose_vocab.codec.codec import Codec
from pose_vocab.errors import ModelError, NobodyDancingError
from pose_vocab.files import write_beside
from pose_vocab.formats import PoseInput
from pose_vocab.ids import Ids, unbroken
from pose_vocab.motion import M

MIN_STRETCH_S = 1.0
"""Shortest stretch of rows that is trained on."""
WORDS, DANCES, EXEMPLARS, DESCRIPTION = "words", "streams.npz", "memory.npz", "corpus.json"
CORPUS_FILES = (WORDS, DANCES, EXEMPLARS, DESCRIPTION)
"""Names of the files of a corpus' folder."""
FORMAT = "bopbot-corpus 3"
"""The version line of a corpus."""


@dataclass(frozen=True)
class CorpusOptions:
    """How a corpus is made from dances.

    Parameters
    ----------
    kind : name of a row of `bopbot.codec_presets.CODEC_PRESETS`.
    n_words : count of the words of all places together; None for a third of the segments in each.
    max_words : most words, where `n_words` is None; None for as many as suit the preset.
    vocabulary : folder of a codec to use instead; the three above are ignored then.
    held_out : the files to hold out: a share of them, or a pattern of their names.
    augment : whether dances are trained on mirrored, faster and slower too.
    seed : of the clustering, and of the choice of the files that are held out.
    cleaning : how uncertain, missing and shaky keypoints are treated.
    pose_input : what is known about the files of poses.
    """

    kind: str
    n_words: int | None
    max_words: int | None
    vocabulary: Path | None
    held_out: str
    augment: bool
    seed: int
    cleaning: Cleaning
    pose_input: PoseInput = field(default_factory=PoseInput)

    def identity(self, sources: Sequence[Path]) -> str:
        """Return a hex digest of these options and of the files as they are now."""
        files = [identity_of(path) for path in files_in(sources, self.pose_input)]
        words = None if self.vocabulary is None else load_codec(self.vocabulary).lexicon.fingerprint
        described = json.dumps([asdict(self), words, files], default=str)
        return hashlib.sha256(described.encode()).hexdigest()


@dataclass(frozen=True)
class Corpus:
    """Dances as rows of words.

    Parameters
    ----------
    codec : motion to words and back.
    dances : ids (rows, places) of each stretch, to train on.
    held_out : the same, of other files, to score; perhaps none.
    frames : count of the frames that `dances` were made of, without mirrored and otherwise changed ones.
    exemplars : dances that the model keeps, neither mirrored nor otherwise changed.
    """

    codec: Codec[Any]
    dances: list[Ids]
    held_out: list[Ids]
    frames: int
    exemplars: tuple[Exemplar, ...] = ()

    def save(self, folder: Path, identity: str) -> None:
        """Write the corpus as a folder; `load` gives it back. Raises OutputError if it cannot be written."""
        described = {"format": FORMAT, "identity": identity, "frames": self.frames, "learned": len(self.dances)}
        with write_beside(folder, CORPUS_FILES) as beside:
            beside.mkdir()
            save_codec(self.codec, beside / WORDS)
            save_exemplars(self.exemplars, beside / EXEMPLARS)
            np.savez(beside / DANCES, *self.dances, *self.held_out)
            (beside / DESCRIPTION).write_text(json.dumps(described) + "\n")

    @classmethod
    def load(cls, folder: Path, identity: str) -> Corpus:
        """Read a folder that `save` wrote.

        Raises
        ------
        ModelError : it is of other dances, was made with other options, or is damaged.
        """
        try:
            described = json.loads((folder / DESCRIPTION).read_text())
            if (described["format"], described["identity"]) != (FORMAT, identity):
                raise ModelError(
                    f"{folder} is left from a training on other dances or with other options; "
                    f"delete {folder.parent} to start again, or repeat the command that started it"
                )
            with (folder / DANCES).open("rb") as file, np.load(file, allow_pickle=False) as archive:
                dances = [archive[name] for name in archive.files]
            n_trained, frames = described["learned"], described["frames"]
        except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
            raise ModelError(f"{folder} is damaged: {error}; delete {folder.parent} to start again") from error
        codec = load_codec(folder / WORDS)
        exemplars = load_exemplars(folder / EXEMPLARS, len(codec.places))
        return cls(codec, dances[:n_trained], dances[n_trained:], frames, exemplars)


def build_corpus(
    sources: Sequence[Path],
    options: CorpusOptions,
    notice: Callable[[str], None],
    progress: Progress = silent,
    kept: Path | None = None,
) -> Corpus:
    """Read the dances in files and folders, build a codec, and encode them.

    `kept` is a folder for the poses of each video: when an interrupted run starts again, no video is read twice.

    Raises
    ------
    PoseError, NobodyDancingError : a source does not exist, or there is no dance in them.
    ModelError : every file would be held out.
    VocabularyError : the vocabulary cannot be used.
    """
    codec: Codec[Any] | None = None if options.vocabulary is None else load_codec(options.vocabulary)
    preset = find_codec_preset(options.kind if codec is None else codec.preset)
    files = files_in(sources, options.pose_input, notice)
    held_out = split(files, options.held_out, options.seed)
    recordings = clips_by_file(
        files, preset, options.cleaning, notice, progress, pose_input=options.pose_input, cache=kept
    )
    named = [(one.path.stem, clip) for one in recordings for clip in one.clips if one.path not in held_out]
    clips = [clip for _, clip in named]
    scored = [clip for one in recordings for clip in one.clips if one.path in held_out]
    if not clips:
        raise NobodyDancingError("only files that are held out hold a dance; hold others out with --held-out")
    shown = mirrored_too(clips) if options.augment else clips
    codec = codec or build_codec(shown, options.kind, options.n_words, options.seed, options.max_words)
    exemplars = [Exemplar(name, stretch) for name, clip in named for stretch in stretches_in(codec, clip)]
    return Corpus(
        codec,
        stretches_of(codec, at_tempos(shown) if options.augment else shown),
        stretches_of(codec, scored) if scored else [],
        frames=sum(map(len, clips)),
        exemplars=select_exemplars(exemplars),
    )


def split(files: Sequence[Path], held_out: str, seed: int) -> set[Path]:
    """Return the files that are held out: whole ones, never some frames of one.

    Raises
    ------
    ModelError : `held_out` is neither a share in 0..1 nor a pattern that some, but not all, of the names match.
    """
    try:
        share = float(held_out)
    except ValueError:
        chosen = {path for path in files if fnmatch(path.name, held_out)}
        if not chosen:
            raise ModelError(
                f"no file's name matches {held_out!r}, so there is nothing to hold out; "
                "expected a share like 0.1 or a pattern like '*_12_*'"
            ) from None
    else:
        if not 0 <= share < 1:
            raise ModelError(f"the share of files that are held out must be at least 0 and below 1, got {held_out}")
        n_held_out = min(max(1, round(share * len(files))), len(files) - 1) if share else 0
        chosen = {files[i] for i in np.random.default_rng(seed).permutation(len(files))[:n_held_out]}
    if len(chosen) == len(files):
        raise ModelError(f"all {len(files)} files would be held out, and none is left to learn from; hold out fewer")
    return chosen


def stretches_in(codec: Codec[M], clip: M) -> list[Ids]:
    """Return the unbroken stretches of rows in a clip that are long enough to train on; perhaps none."""
    return unbroken(codec.encode(clip), round(MIN_STRETCH_S * codec.rows_per_second))


def stretches_of(codec: Codec[M], clips: Sequence[M]) -> list[Ids]:
    """Return the unbroken stretches of rows in clips that are long enough to train on.

    Raises
    ------
    NobodyDancingError : there is none.
    """
    stretches = [stretch for clip in clips for stretch in stretches_in(codec, clip)]
    if not stretches:
        raise NobodyDancingError(
            f"none of the {len(clips)} clips holds a second of unbroken dance; "
            "use a longer video in which the dancer is seen from head to foot"
        )
    return stretches
