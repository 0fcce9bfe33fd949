"""Read the dances of an evaluation from files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bopbot.codec_presets import CodecPreset
from bopbot.inputs.clips import FileClips, clips_by_file
from bopbot.inputs.discovery import files_in
from bopbot.progress import Progress, silent
from pose_vocab.cleaning import Cleaning
from pose_vocab.errors import ModelError
from pose_vocab.formats import PoseInput
from pose_vocab.normalization import Clip

Clips = Mapping[str, Sequence[Clip]]


@dataclass(frozen=True)
class Sources:
    """Files of dances, and folders of them.

    Parameters
    ----------
    held_out : real dances that no model was trained on.
    training : dances that the models were trained on; empty where they are not known.
    dances : other dances to measure.
    pose_input : format, frame rate and skeleton of pose files that do not state them.
    """

    held_out: Sequence[Path]
    training: Sequence[Path] = ()
    dances: Sequence[Path] = ()
    pose_input: PoseInput = field(default_factory=PoseInput)

    def check(self) -> None:
        """Raise PoseError if a source does not exist, ModelError if a dance is both held out and trained on."""
        both = self._identities(self.held_out) & self._identities(self.training)
        if both:
            raise ModelError(
                f"{min(both)} is both held out and learned from; hold out dances that no model was trained on"
            )
        self._identities(self.dances)

    def read(
        self, kind: CodecPreset[Any], cleaning: Cleaning, notice: Callable[[str], None], progress: Progress = silent
    ) -> Dataset:
        """Return cleaned dances at the frame rate of a preset; raise what `files_in` and `clips_by_file` raise."""

        def takes(sources: Sequence[Path]) -> list[FileClips]:
            if not sources:
                return []
            files = files_in(sources, self.pose_input, notice)
            return clips_by_file(files, kind, cleaning, notice, progress, pose_input=self.pose_input)

        return Dataset(
            _clips_by_name(takes(self.held_out)),
            _clips_by_name(takes(self.training)),
            {name: [clip for take in takes([source]) for clip in take.clips] for name, source in labels(self.dances)},
        )

    def _identities(self, sources: Sequence[Path]) -> set[Path]:
        return {path.resolve() for path in files_in(sources, self.pose_input)} if sources else set()


@dataclass(frozen=True, eq=False)
class Dataset:
    """The clips that `Sources.read` read.

    Parameters
    ----------
    held_out, training : the clips of each take, by the name of the take.
    dances : the clips of each source, by the name of the source.
    """

    held_out: Clips
    training: Clips
    dances: Clips


def labels(paths: Sequence[Path]) -> list[tuple[str, Path]]:
    """Return each path with its label: its name, or the whole path where two have the same name."""
    names = [path.name if path.is_dir() else path.stem for path in paths]
    return [(name if names.count(name) == 1 else str(path), path) for name, path in zip(names, paths, strict=True)]


def _clips_by_name(takes: Sequence[FileClips]) -> Clips:
    return {name: take.clips for (name, _), take in zip(labels([take.path for take in takes]), takes, strict=True)}
