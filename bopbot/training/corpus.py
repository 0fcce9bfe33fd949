"""What language models learn from: words, and dances as streams of them, some held out to be foreseen."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatch
from pathlib import Path

import numpy as np

from bopbot.codec_presets import find_codec_preset
from bopbot.codecs import PoseCodec, build_codec, load_codec, save_codec
from bopbot.exemplars import Take, load_exemplars, save_exemplars, select_exemplars
from bopbot.inputs.clips import clips_by_file
from bopbot.inputs.discovery import files_in, identity_of
from bopbot.progress import Progress, silent
from bopbot.training.augmentation import at_tempos, mirrored_too
from pose_vocab.cleaning import Cleaning
from pose_vocab.codec.codec import without_gaps
from pose_vocab.codec.vocabulary import Ids
from pose_vocab.errors import ModelError, NobodyDancingError
from pose_vocab.files import write_beside
from pose_vocab.formats import PoseInput
from pose_vocab.normalization import Clip

MIN_STREAM_S = 1.0
"""A shorter stream teaches nothing."""
WORDS, STREAMS, MEMORY, DESCRIPTION = "words", "streams.npz", "memory.npz", "corpus.json"
CORPUS_FILES = (WORDS, STREAMS, MEMORY, DESCRIPTION)
"""What a corpus' folder holds."""
FORMAT = "bopbot-corpus 2"
"""The version line of a corpus."""


@dataclass(frozen=True)
class CorpusOptions:
    """How a corpus is made of dances.

    Parameters
    ----------
    kind : name of a row of `bopbot.codec_presets.CODEC_PRESETS`; the kind of words.
    n_words : how many words to make, of all parts of the body together; None for a third of the moments in each.
    max_words : how many at most, where `n_words` is None; None for as many as suit the kind.
    vocabulary : folder of words to use instead; then the three above are not asked.
    held_out : which takes are held out: a share of them, or a pattern of their file names.
    augment : whether dances are learned mirrored, faster and slower too.
    seed : of the clustering, and of the choice of the takes that are held out.
    cleaning : what is done about unsure, missing and shaky keypoints.
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
        """Tells a corpus by this recipe and of these files, as they are now, from any other: a hex digest."""
        files = [identity_of(path) for path in files_in(sources, self.pose_input)]
        words = None if self.vocabulary is None else load_codec(self.vocabulary).lexicon.fingerprint
        described = json.dumps([asdict(self), words, files], default=str)
        return hashlib.sha256(described.encode()).hexdigest()


@dataclass(frozen=True)
class Corpus:
    """Dances as streams of words.

    Parameters
    ----------
    words : what a pose is called.
    streams : rows of ids to learn from.
    held_out : rows of ids to foresee, of other takes; perhaps none.
    frames : how many frames of dance the streams were made of, without mirrored and otherwise changed ones.
    memory : the dances themselves, neither mirrored nor otherwise changed, as far as they are select_exemplars.
    """

    words: PoseCodec
    streams: list[Ids]
    held_out: list[Ids]
    frames: int
    memory: tuple[Take, ...] = ()

    def save(self, folder: Path, identity: str) -> None:
        """Write the corpus as a folder; `load` gives it back. Raises OutputError if it cannot be written."""
        described = {"format": FORMAT, "identity": identity, "frames": self.frames, "learned": len(self.streams)}
        with write_beside(folder, CORPUS_FILES) as beside:
            beside.mkdir()
            save_codec(self.words, beside / WORDS)
            save_exemplars(self.memory, beside / MEMORY)
            np.savez(beside / STREAMS, *self.streams, *self.held_out)
            (beside / DESCRIPTION).write_text(json.dumps(described) + "\n")

    @classmethod
    def load(cls, folder: Path, identity: str) -> Corpus:
        """Read a folder that `save` wrote.

        Raises
        ------
        ModelError : it is of other dances, was made in another way, or is damaged.
        """
        try:
            described = json.loads((folder / DESCRIPTION).read_text())
            if (described["format"], described["identity"]) != (FORMAT, identity):
                raise ModelError(
                    f"{folder} is what is left of a training on other dances or with other options; "
                    f"delete {folder.parent} to begin anew, or repeat the command that began it"
                )
            with (folder / STREAMS).open("rb") as file, np.load(file, allow_pickle=False) as archive:
                streams = [archive[name] for name in archive.files]
            learned, frames = described["learned"], described["frames"]
        except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
            raise ModelError(f"{folder} is damaged: {error}; delete {folder.parent} to begin anew") from error
        words, memory = load_codec(folder / WORDS), load_exemplars(folder / MEMORY)
        return cls(words, streams[:learned], streams[learned:], frames, memory)


def build_corpus(
    sources: Sequence[Path],
    recipe: CorpusOptions,
    notice: Callable[[str], None],
    progress: Progress = silent,
    kept: Path | None = None,
) -> Corpus:
    """Read the dances in files and folders, make words of them, and say them in words.

    `kept` is a folder for the poses of each video: cut off and called again, no video is watched twice.

    Raises
    ------
    PoseError, NobodyDancingError : a source does not exist, or there is no dance in them.
    ModelError : every take would be held out.
    VocabularyError : the vocabulary cannot be used.
    """
    words = None if recipe.vocabulary is None else load_codec(recipe.vocabulary)
    kind = recipe.kind if words is None else words.kind
    files = files_in(sources, recipe.pose_input, notice)
    held_out = split(files, recipe.held_out, recipe.seed)
    takes = clips_by_file(
        files, find_codec_preset(kind), recipe.cleaning, notice, progress, pose_input=recipe.pose_input, cache=kept
    )
    named = [(take.path.stem, clip) for take in takes for clip in take.clips if take.path not in held_out]
    clips = [clip for _, clip in named]
    foreseen = [clip for take in takes for clip in take.clips if take.path in held_out]
    if not clips:
        raise NobodyDancingError("only files that are held out hold a dance; hold others out with --held-out")
    shown = mirrored_too(clips) if recipe.augment else clips
    words = words or build_codec(shown, kind, recipe.n_words, recipe.seed, recipe.max_words)
    return Corpus(
        words,
        streams_of(words, at_tempos(shown) if recipe.augment else shown),
        streams_of(words, foreseen) if foreseen else [],
        frames=sum(map(len, clips)),
        memory=select_exemplars([Take(name, stream) for name, clip in named for stream in streams_in(words, clip)]),
    )


def split(files: Sequence[Path], held_out: str, seed: int) -> set[Path]:
    """The files that are held out: whole ones, never some frames of one.

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
            raise ModelError(f"the share that is held out must be at least 0 and below 1, got {held_out}")
        n_held_out = min(max(1, round(share * len(files))), len(files) - 1) if share else 0
        chosen = {files[i] for i in np.random.default_rng(seed).permutation(len(files))[:n_held_out]}
    if len(chosen) == len(files):
        raise ModelError(f"all {len(files)} files would be held out, and none is left to learn from; hold out fewer")
    return chosen


def streams_in(words: PoseCodec, clip: Clip) -> list[Ids]:
    """The unbroken streams of words in a clip, those too short to teach left out; perhaps none."""
    codec = words.codec()
    return without_gaps(codec.encode(clip), round(MIN_STREAM_S * codec.rows_per_second) * codec.row)


def streams_of(words: PoseCodec, clips: Sequence[Clip]) -> list[Ids]:
    """The unbroken streams of words in clips, those too short to teach left out.

    Raises
    ------
    NobodyDancingError : there is none.
    """
    streams = [stream for clip in clips for stream in streams_in(words, clip)]
    if not streams:
        raise NobodyDancingError(
            f"none of the {len(clips)} clips holds a second of unbroken dance; "
            "a longer video in which the dancer is seen from head to foot would do"
        )
    return streams
