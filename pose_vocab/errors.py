"""What can go wrong on the way from a video to words: one hierarchy for all four packages.

Every message names what was wrong, with the value, and what would work. The command line prints it
as one line and exits with 1; nothing else is ever shown to a user as a traceback.
"""


class BopBotError(Exception):
    """Base of every error that BopBot raises on purpose."""


class VideoError(BopBotError):
    """A video cannot be read: missing, not a video, no picture in it, too short."""


class NobodyDancingError(BopBotError):
    """A video or pose file holds nobody whose dance could be read."""


class PoseError(BopBotError):
    """Poses do not fit: wrong shape, unknown skeleton, unreadable pose file."""


class VocabularyError(BopBotError):
    """A vocabulary cannot be built, read, or does not belong to these words."""


class ModelError(BopBotError):
    """A model cannot be trained, read, or belongs to another vocabulary."""


class OutputError(BopBotError):
    """A result cannot be written: no permission, full disk, unknown file type."""
