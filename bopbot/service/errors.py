"""What the service answers with instead of what was asked for: one sentence each, and the status of HTTP it goes by."""

from __future__ import annotations

from pose_vocab.errors import BopBotError


class ServiceError(BopBotError):
    """Base of what the service refuses; `retry_after_s` says when asking again may help."""

    status = 400

    def __init__(self, message: str, retry_after_s: int | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class NoSuchJobError(ServiceError):
    """Nothing has that id: it never was, has expired, or was deleted."""

    status = 404


class NotReadyError(ServiceError):
    """It cannot be done yet, or not any more."""

    status = 409


class TooLargeError(ServiceError):
    """More bytes than are taken."""

    status = 413


class InvalidOptionsError(ServiceError):
    """A field says what cannot be."""

    status = 422


class TooManyError(ServiceError):
    """Too many requests from one address."""

    status = 429


class BusyError(ServiceError):
    """Too much waits to be done."""

    status = 503


class FullError(ServiceError):
    """There is no room on the disk."""

    status = 507


class SandboxLimitError(BopBotError):
    """A dance needed more time or memory than a worker gives it."""


class NotWantedError(BopBotError):
    """Nobody wants this dance any more: it was cancelled or deleted."""
