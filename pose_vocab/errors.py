"""The errors of all four packages, one hierarchy.

Every message says what was wrong, with the value, and what would work. The command line prints it as one
line and exits with 1. A traceback is never shown to a user.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class BopBotError(Exception):
    """Base class of every error that BopBot raises on purpose."""


class VideoError(BopBotError):
    """A video cannot be read: missing, not a video, no picture in it, too short."""


class NobodyDancingError(BopBotError):
    """A video or pose file contains no dancer."""


class PoseError(BopBotError):
    """Invalid poses: wrong shape, unknown skeleton, unreadable pose file."""


class VocabularyError(BopBotError):
    """A vocabulary cannot be built or read, or does not match these words."""


class ModelError(BopBotError):
    """A model cannot be trained or read, or belongs to another vocabulary."""


class OutputError(BopBotError):
    """A result cannot be written: no permission, full disk, unknown file type."""


@contextmanager
def named_in_errors(path: Path) -> Iterator[None]:
    """Put `path` in front of the message of a PoseError raised inside the ``with`` block."""
    try:
        yield
    except PoseError as error:
        raise PoseError(f"{path}: {error}") from error
