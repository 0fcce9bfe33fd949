"""Uploads that are not whole yet: what came so far of each is one file."""

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

_UNKNOWN = "there is no such upload; it became a job, was deleted, or was given up for too long"


class UploadLockedError(ServiceError):
    """Another part of the same upload is on its way."""

    status = 423


class Uploads:
    """Uploads that are not whole yet, or not asked for yet.

    Each is one file, `<id>.<length>`, so that all that is known of it comes and goes at once: how
    much was received is its size, and who writes holds its lock, which the system gives back when
    a process dies.
    """

    def __init__(self, storage: Storage, limits: Limits) -> None:
        self._storage = storage
        self._limits = limits

    @property
    def most_bytes(self) -> int:
        """The largest upload that is taken."""
        return self._limits.upload_bytes

    def create(self, n_bytes: int) -> str:
        """Begin an upload of so many bytes; returns its id.

        Raises
        ------
        TooLargeError : more than is taken.
        FullError : no room for them.
        """
        if n_bytes > self.most_bytes:
            raise TooLargeError(f"that is too large; at most {self.most_bytes / 2**20:.0f} MiB are taken")
        self._storage.check_room(n_bytes)
        upload_id = new_id()
        (self._storage.uploads / f"{upload_id}.{n_bytes}").touch(mode=0o600, exist_ok=False)
        return upload_id

    def find(self, upload_id: str) -> Upload:
        """Raises NoSuchJobError where there is none of that id."""
        # An id may hold no letter that means something in a pattern.
        found = list(self._storage.uploads.glob(f"{upload_id}.*")) if ID.fullmatch(upload_id) else []
        if not found:
            raise NoSuchJobError(_UNKNOWN)
        return Upload(found[0])

    @contextmanager
    def taking(self, upload_id: str) -> Iterator[Path]:
        """The file of a whole upload, held alone; it is removed in the end, unless something went wrong.

        Raises
        ------
        NoSuchJobError : there is none of that id.
        NotReadyError : it is not whole.
        UploadLockedError : somebody else has it.
        """
        upload = self.find(upload_id)
        if upload.offset < upload.length:
            raise NotReadyError(f"only {upload.offset} of {upload.length} bytes of the upload are here; send the rest")
        with upload.growing():
            yield upload.path
            upload.path.unlink(missing_ok=True)

    def expire(self, before_s: float) -> None:
        """Remove uploads to which nothing was added since that time, in seconds since 1970."""
        for path in self._storage.uploads.iterdir():
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before_s:
                    path.unlink()

    def expires(self, upload: Upload) -> str:
        """When it will be removed unless something is added, as HTTP writes dates."""
        return formatdate(upload.stat().st_mtime + 3600 * self._limits.keep_h, usegmt=True)

    def check_room(self, n_bytes: int) -> None:
        """Raises FullError where there is no room for so many more."""
        self._storage.check_room(n_bytes)


class Upload:
    """One file on its way.

    Parameters
    ----------
    path : where it lies; the suffix of its name is its length.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.length = int(path.suffix[1:])

    @property
    def offset(self) -> int:
        """How many bytes are here."""
        return self.stat().st_size

    def stat(self) -> os.stat_result:
        """What the system knows of its file; raises NoSuchJobError where it was removed."""
        try:
            return self.path.stat()
        except FileNotFoundError as error:
            raise NoSuchJobError(_UNKNOWN) from error

    def check_fits(self, n_bytes: int) -> None:
        """Raises TooLargeError for more bytes than were announced."""
        if n_bytes > self.length:
            raise TooLargeError(f"more bytes than the {self.length} that were announced; announce another upload")

    @contextmanager
    def growing(self) -> Iterator[BinaryIO]:
        """Its file to add to, held alone.

        Raises
        ------
        NoSuchJobError : it was removed.
        UploadLockedError : somebody else adds to it.
        """
        try:
            file = self.path.open("r+b")
        except FileNotFoundError as error:
            raise NoSuchJobError(_UNKNOWN) from error
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise UploadLockedError("another part of this upload is on its way; wait for it") from error
            self.stat()  # who had the lock before may have removed it
            file.seek(0, os.SEEK_END)
            yield file
