"""Errors of the service, each with its HTTP status."""

from __future__ import annotations

from pose_vocab.errors import BopBotError


class ServiceError(BopBotError):
    """Base class of errors that become HTTP responses; `retry_after_s` tells when a retry may succeed."""

    status = 400

    def __init__(self, message: str, retry_after_s: int | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class NoSuchJobError(ServiceError):
    """The id is unknown: the job never existed, has expired, or was deleted."""

    status = 404


class NotReadyError(ServiceError):
    """The request is not possible in the current state."""

    status = 409


class TooLargeError(ServiceError):
    """The body is larger than allowed."""

    status = 413


class InvalidOptionsError(ServiceError):
    """A field has an invalid value."""

    status = 422


class TooManyError(ServiceError):
    """Too many requests from one address."""

    status = 429


class BusyError(ServiceError):
    """The queue is full."""

    status = 503


class FullError(ServiceError):
    """The disk is full."""

    status = 507


class SandboxLimitError(BopBotError):
    """A task exceeded its limit of time or memory."""


class NotWantedError(BopBotError):
    """The take was cancelled or deleted."""
