"""The interface of a pose file format, and the options for reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from pose_vocab.formats.parsed import Parsed
from pose_vocab.sequence import PoseSequence

DEFAULT_FPS = 30.0
"""Frames per second of poses in files that state none."""


@dataclass(frozen=True)
class PoseInput:
    """What a user states about a source of poses; it takes precedence over what the file says.

    Parameters
    ----------
    format : a row of `pose_vocab.formats.FORMATS`; None to detect it.
    fps : frames a second; None for the file's own, or `DEFAULT_FPS` with a notice.
    skeleton : a row of `pose_vocab.skeletons.SKELETONS`, for arrays that name none.
    size_px : width and height of the filmed picture, for coordinates that are fractions of it.
    pose_model : for videos, another MediaPipe pose landmarker bundle (.task).
    up : the axis that points up, a key of `pose_vocab.formats.body_axes.TO_Y_UP`; None: the bodies tell it.
    joint_map : a JSON file that names the dancer's joints in an unknown rig.
    """

    format: str | None = None
    fps: float | None = None
    skeleton: str | None = None
    size_px: tuple[int, int] | None = None
    pose_model: Path | None = None
    up: str | None = None
    joint_map: Path | None = None


@dataclass(frozen=True)
class PosesRead:
    """The contents of a pose file.

    Parameters
    ----------
    people : one sequence per person, the most visible one first; all of one length, frame rate and
        skeleton. In frames in which a person is not seen all their joints are missing.
    notices : what a user should know about how the file was interpreted, one line each.
    """

    people: tuple[PoseSequence, ...]
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class FormatNotes:
    """What ``docs/formats.md`` says of a format, in half sentences.

    Parameters
    ----------
    reads : what is read.
    writes : what is written; empty for a format that is only read.
    guesses : what is guessed in this format and said in a notice, beyond what is guessed in all formats.
    """

    reads: str
    writes: str = ""
    guesses: str = ""


class PoseFormat(Protocol):
    """A file format of poses."""

    @property
    def name(self) -> str:
        """The value of ``--format``, e.g. ``openpose``."""
        ...

    @property
    def title(self) -> str:
        """What people call it, e.g. ``OpenPose JSON, a folder with one file a frame``."""
        ...

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Suffixes of its files in lower case."""
        ...

    @property
    def notes(self) -> FormatNotes:
        """What the documentation says of it."""
        ...

    def recognizes(self, path: Path) -> bool:
        """Return whether a file or folder with one of the suffixes looks like this format; fast, and never raises."""
        ...

    def parse(self, path: Path, pose_input: PoseInput) -> Parsed:
        """Return all people in it as the file states them; `pose_vocab.formats.normalize_read` interprets it.

        Raises
        ------
        PoseError : the file is damaged, or an option is needed to read it.
        """
        ...


class WritablePoseFormat(PoseFormat, Protocol):
    """A format that can also be written."""

    @property
    def several_people(self) -> bool:
        """Whether a file can store more than one person."""
        ...

    @property
    def extra(self) -> str:
        """The extra of BopBot that it needs, a key of `pose_vocab.formats.extras.MODULES`; empty for none."""
        ...

    def write(self, people: Sequence[PoseSequence], path: Path) -> Sequence[str] | None:
        """Write people, all of one length, frame rate and skeleton; `parse` returns what the format can store.

        Returns
        -------
        What a user should know about the written file, one line each, or None.

        Raises
        ------
        OutputError : the path is not writable, or the format cannot store these poses.
        """
        ...


@runtime_checkable
class TakesFormat(WritablePoseFormat, Protocol):
    """A format whose files can store several takes of the same people."""

    def write_takes(self, takes: Mapping[str, Sequence[PoseSequence]], path: Path) -> Sequence[str]:
        """Write the people of each take by its name, as `write` writes those of one.

        Raises
        ------
        OutputError : as `write`; the takes have different people.
        """
        ...
