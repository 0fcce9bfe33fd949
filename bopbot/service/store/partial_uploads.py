"""Resumable uploads: the bytes received so far, one file for each."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.utils import formatdate
from pathlib import Path
from typing import BinaryIO

from bopbot.service.errors import NoSuchJobError, NotReadyError, ServiceError, TooLargeError
from bopbot.service.limits import Limits
from bopbot.service.store.job import new_id
from bopbot.service.store.storage import ID, Storage

_UNKNOWN = "there is no such upload; it became a job, was deleted, or has expired"


class UploadLockedError(ServiceError):
    """Another request writes to the same upload."""

    status = 423


class Uploads:
    """Uploads that are incomplete, or not used by a job yet.

    Each is one file, `<id>.<length>`: its size is the number of received bytes, and whoever writes to it holds its
    lock, which the system releases when a process dies.
    """

    def __init__(self, storage: Storage, limits: Limits) -> None:
        self._storage = storage
        self._limits = limits

    @property
    def most_bytes(self) -> int:
        """The size of the largest upload that is accepted."""
        return self._limits.upload_bytes

    def create(self, n_bytes: int) -> str:
        """Start an upload of `n_bytes`; return its id.

        Raises
        ------
        TooLargeError : the upload would exceed the limit.
        FullError : the disk is full.
        """
        if n_bytes > self.most_bytes:
            raise TooLargeError(
                f"{n_bytes / 2**20:.0f} MiB are too large; at most {self.most_bytes / 2**20:.0f} MiB are accepted"
            )
        self._storage.check_room(n_bytes)
        upload_id = new_id()
        (self._storage.uploads / f"{upload_id}.{n_bytes}").touch(mode=0o600, exist_ok=False)
        return upload_id

    def find(self, upload_id: str) -> Upload:
        """Return an upload; raise NoSuchJobError for an unknown id."""
        # An id contains no special character of a pattern.
        found = list(self._storage.uploads.glob(f"{upload_id}.*")) if ID.fullmatch(upload_id) else []
        if not found:
            raise NoSuchJobError(_UNKNOWN)
        return Upload(found[0])

    @contextmanager
    def taking(self, upload_id: str) -> Iterator[Path]:
        """Yield the file of a complete upload, locked; it is removed at the end unless an error was raised.

        Raises
        ------
        NoSuchJobError : the id is unknown.
        NotReadyError : the upload is incomplete.
        UploadLockedError : another request uses it.
        """
        upload = self.find(upload_id)
        if upload.offset < upload.length:
            raise NotReadyError(f"only {upload.offset} of {upload.length} bytes were received; send the rest")
        with upload.locked():
            yield upload.path
            upload.path.unlink(missing_ok=True)

    def expire(self, before_s: float) -> None:
        """Remove uploads whose last write was before that time, in seconds since 1970."""
        for path in self._storage.uploads.iterdir():
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before_s:
                    path.unlink()

    def expires(self, upload: Upload) -> str:
        """Return the time at which an upload expires without further writes, as an HTTP date."""
        return formatdate(upload.stat().st_mtime + 3600 * self._limits.keep_h, usegmt=True)

    def check_room(self, n_bytes: int) -> None:
        """Raise FullError if there is no room for `n_bytes`."""
        self._storage.check_room(n_bytes)


class Upload:
    """One resumable upload.

    Parameters
    ----------
    path : its file; the suffix of the name is the announced length.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.length = int(path.suffix[1:])

    @property
    def offset(self) -> int:
        """The number of received bytes."""
        return self.stat().st_size

    def stat(self) -> os.stat_result:
        """Return the status of the file; raise NoSuchJobError if it was removed."""
        try:
            return self.path.stat()
        except FileNotFoundError as error:
            raise NoSuchJobError(_UNKNOWN) from error

    def check_fits(self, n_bytes: int) -> None:
        """Raise TooLargeError for more bytes than were announced."""
        if n_bytes > self.length:
            raise TooLargeError(
                f"the upload has more than the {self.length} bytes that were announced; start another upload"
            )

    @contextmanager
    def locked(self) -> Iterator[BinaryIO]:
        """Yield the file to append to, locked.

        Raises
        ------
        NoSuchJobError : the upload was removed.
        UploadLockedError : another request writes to it.
        """
        try:
            file = self.path.open("r+b")
        except FileNotFoundError as error:
            raise NoSuchJobError(_UNKNOWN) from error
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise UploadLockedError("another request writes to this upload; wait until it ends") from error
            self.stat()  # the holder of the lock may have removed it
            file.seek(0, os.SEEK_END)
            yield file
