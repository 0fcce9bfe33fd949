"""A streaming parser for multipart forms: short fields in memory, and one video that goes straight to a file.

Source of the format: RFC 7578.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from bopbot.service.errors import InvalidOptionsError

VIDEO = "video"
"""The field with the file. The file's name is ignored."""
FIELD_BYTES = 4096
"""Largest size of any other field."""


class MultipartForm:
    """A form that is parsed piece by piece; only one piece and the short fields are held in memory.

    Parameters
    ----------
    content_type : the header of the request.
    names : of the fields that are allowed beside the video.
    folder : where the video is written, under a fixed name.

    Attributes
    ----------
    fields : name -> text.
    digest : SHA-256 of the video.
    n_bytes : size of the video; 0 without one.

    Raises
    ------
    InvalidOptionsError : from each method: the body is no multipart form, or a field is unknown, too long or repeated.
    """

    def __init__(self, content_type: str, names: Collection[str], folder: Path) -> None:
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data" or not options.get(b"boundary"):
            raise InvalidOptionsError(f"send the video as multipart/form-data, in the field {VIDEO}")
        self.fields: dict[str, str] = {}
        self.digest = hashlib.sha256()
        self.n_bytes = 0
        self.video = folder / VIDEO
        self._names = names
        self._header: tuple[bytes, bytes] = (b"", b"")
        self._disposition = b""
        self._name = ""
        self._value = b""
        self._file: BinaryIO | None = None
        self._whole = False
        try:
            self._parser = MultipartParser(
                options[b"boundary"],
                {
                    "on_part_begin": self._begin,
                    "on_header_field": self._add_header_name,
                    "on_header_value": self._add_header_value,
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._open,
                    "on_part_data": self._add,
                    "on_part_end": self._close,
                    "on_end": self._end,
                },
            )
        except FormParserError as error:
            raise _unreadable(error) from error

    def write(self, piece: bytes) -> None:
        """Parse the next piece of the body."""
        try:
            self._parser.write(piece)
        except FormParserError as error:
            raise _unreadable(error) from error

    def finish(self) -> None:
        """Raise InvalidOptionsError if the body ended before the form did."""
        if not self._whole:
            raise InvalidOptionsError("the form is incomplete; send it again")

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def _begin(self) -> None:
        self._disposition, self._name, self._value = b"", "", b""

    def _add_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header = self._header[0] + data[start:end], b""

    def _add_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header = self._header[0], self._header[1] + data[start:end]

    def _end_header(self) -> None:
        name, value = self._header
        if name.lower() == b"content-disposition":
            self._disposition = value
        self._header = b"", b""

    def _open(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        if self._name in self.fields or (self._name == VIDEO and self._file is not None):
            raise InvalidOptionsError(f"the form has the field {self._name} twice; send it once")
        if self._name == VIDEO:
            self._file = self.video.open("xb")
        elif self._name not in self._names:
            raise InvalidOptionsError(
                f"there is no field {self._name[:40]!r}; choose from {', '.join((VIDEO, *self._names))}"
            )

    def _add(self, data: bytes, start: int, end: int) -> None:
        piece = data[start:end]
        if self._name == VIDEO:
            assert self._file is not None  # it was opened with the part
            self._file.write(piece)
            self.digest.update(piece)
            self.n_bytes += len(piece)
            return
        self._value += piece
        if len(self._value) > FIELD_BYTES:
            raise InvalidOptionsError(f"the field {self._name} is longer than {FIELD_BYTES} bytes")

    def _close(self) -> None:
        if self._name == VIDEO:
            self.close()
            return
        try:
            self.fields[self._name] = self._value.decode()
        except UnicodeDecodeError as error:
            raise InvalidOptionsError(f"the field {self._name} is not valid UTF-8") from error

    def _end(self) -> None:
        self._whole = True


def _unreadable(error: FormParserError) -> InvalidOptionsError:
    return InvalidOptionsError(f"the form cannot be read: {error}")
