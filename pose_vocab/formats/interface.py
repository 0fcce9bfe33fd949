"""What a file format of poses is: how a file of it is recognized, read and written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pose_vocab.sequence import PoseSequence

DEFAULT_FPS = 30.0
"""Frames a second of poses that do not say it."""


@dataclass(frozen=True)
class PoseInput:
    """What is known about a file of poses beside what stands in it; it goes before what stands in it.

    Parameters
    ----------
    format : a row of `pose_vocab.formats.FORMATS`; None to find out.
    fps : frames a second; None for the file's own, or `DEFAULT_FPS` with a notice.
    skeleton : a row of `pose_vocab.skeletons.SKELETONS`, for arrays that name none.
    size_px : width and height of the filmed picture, for coordinates that are shares of it.
    """

    format: str | None = None
    fps: float | None = None
    skeleton: str | None = None
    size_px: tuple[int, int] | None = None


@dataclass(frozen=True)
class PosesRead:
    """What stands in a file of poses.

    Parameters
    ----------
    people : one sequence a person, the one most in the picture first; all of one length, frame rate and
        skeleton. Where somebody is not seen all their joints are missing.
    notices : what a user should know of how the file was understood, a line each.
    """

    people: tuple[PoseSequence, ...]
    notices: tuple[str, ...] = ()


class PoseFormat(Protocol):
    """One way in which poses lie on disk."""

    @property
    def name(self) -> str:
        """As `--format` takes it, e.g. ``openpose``."""
        ...

    @property
    def title(self) -> str:
        """As people call it, e.g. ``OpenPose JSON, a folder with one file a frame``."""
        ...

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Of its files, in small letters; none where a dance is a folder."""
        ...

    def recognizes(self, path: Path) -> bool:
        """Whether the file or folder, of one of the suffixes, looks like this format; a short look, never an error."""
        ...

    def read(self, path: Path, pose_input: PoseInput) -> PosesRead:
        """Read all people in it.

        Raises
        ------
        PoseError : damaged, or something must be told.
        """
        ...


class WritablePoseFormat(PoseFormat, Protocol):
    """A format that poses can also be written in."""

    @property
    def several_people(self) -> bool:
        """Whether a file holds more than one person."""
        ...

    def write(self, people: Sequence[PoseSequence], path: Path) -> Sequence[str] | None:
        """Write people, all of one length, frame rate and skeleton; `read` gives back what the format can hold.

        Returns
        -------
        What a user should know of how they were written, a line each, if there is anything.

        Raises
        ------
        OutputError : the path cannot be written to, or the format cannot hold these poses.
        """
        ...
