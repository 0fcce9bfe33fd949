"""The dances of an evaluation, read from files."""

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
    """Where the dances lie: files, and folders of them.

    Parameters
    ----------
    held_out : real dances that nothing was learned from.
    learned : those that were learned, where that is known.
    dances : others to be measured.
    pose_input : what is known about the files of poses.
    """

    held_out: Sequence[Path]
    learned: Sequence[Path] = ()
    dances: Sequence[Path] = ()
    pose_input: PoseInput = field(default_factory=PoseInput)

    def check(self) -> None:
        """Raises PoseError where one does not exist, and ModelError where one was held out and learned."""
        both = self._identities(self.held_out) & self._identities(self.learned)
        if both:
            raise ModelError(f"{min(both)} is both held out and learned from; measure on others")
        self._identities(self.dances)

    def read(
        self, kind: CodecPreset[Any], cleaning: Cleaning, notice: Callable[[str], None], progress: Progress = silent
    ) -> Material:
        """The dances, ready for words of that kind; raises what `files_in` and `clips_by_file` raise."""

        def takes(sources: Sequence[Path]) -> list[FileClips]:
            if not sources:
                return []
            files = files_in(sources, self.pose_input, notice)
            return clips_by_file(files, kind, cleaning, notice, progress, pose_input=self.pose_input)

        return Material(
            _named(takes(self.held_out)),
            _named(takes(self.learned)),
            {name: [clip for take in takes([source]) for clip in take.clips] for name, source in labels(self.dances)},
        )

    def _identities(self, sources: Sequence[Path]) -> set[Path]:
        return {path.resolve() for path in files_in(sources, self.pose_input)} if sources else set()


@dataclass(frozen=True, eq=False)
class Material:
    """What `Sources.read` found.

    Parameters
    ----------
    held_out, learned : the clips of each take, by the take's name.
    dances : the clips of each source, by its name.
    """

    held_out: Clips
    learned: Clips
    dances: Clips


def labels(paths: Sequence[Path]) -> list[tuple[str, Path]]:
    """Each path with what it is called among them: its name, or all of it where two have the same name."""
    names = [path.name if path.is_dir() else path.stem for path in paths]
    return [(name if names.count(name) == 1 else str(path), path) for name, path in zip(names, paths, strict=True)]


def _named(takes: Sequence[FileClips]) -> Clips:
    return {name: take.clips for (name, _), take in zip(labels([take.path for take in takes]), takes, strict=True)}
