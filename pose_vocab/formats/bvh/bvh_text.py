"""The text of a BVH file: any encoding and line end, no comments, and tokens with their line numbers."""

from __future__ import annotations

import codecs
import math
import re
from collections.abc import Sequence
from pathlib import Path

from pose_vocab.errors import PoseError
from pose_vocab.input_files import read_within

MAX_BYTES = 2**29
"""Maximum file size: an hour of 60 joints at 60 frames per second is smaller."""
BINARY_CHECK_CHARS = 200
"""A binary file has a zero among this many characters at its beginning; a text has none."""

_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # begins like UTF-16, so it comes first
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_COMMENT = re.compile(r"(?:^|\s)(?:#|//).*")
_LINE_END = re.compile(r"\r\n|\r|\n")


def decode(data: bytes) -> str:
    """Return bytes as text: in the encoding of the byte order mark, else UTF-8, else Latin-1."""
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def read_lines(path: Path) -> list[str]:
    """Return the lines of a file; comments are blank, so that lines keep their numbers.

    Raises
    ------
    PoseError : no such file, not readable, too large, or not a text.
    """
    text = decode(read_within(path, MAX_BYTES, "split it into shorter takes"))
    if "\0" in text[:BINARY_CHECK_CHARS]:
        raise PoseError(f"{path} is not a BVH file: expected plain text that begins with HIERARCHY")
    return [_COMMENT.sub("", line) if "#" in line or "//" in line else line for line in _LINE_END.split(text)]


def to_number(token: str) -> float:
    """Return a finite number, with a decimal point or comma, or NaN."""
    try:
        value = float(token.replace(",", "."))
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


class Tokens:
    """The tokens of lines of text with their line numbers, for error messages; a brace is a token of its own."""

    def __init__(self, path: Path, lines: Sequence[str]) -> None:
        self._path = path
        self._tokens = [
            (token, number)
            for number, line in enumerate(lines, 1)
            for token in line.replace("{", " { ").replace("}", " } ").split()
        ]
        self._next = 0
        self._end_line = len(lines)

    @property
    def line(self) -> int:
        """The line of the last token read."""
        return self._tokens[self._next - 1][1] if self._next else 1

    def peek(self) -> str:
        """Return the next token without reading it, empty at the end."""
        return self._tokens[self._next][0] if self._next < len(self._tokens) else ""

    def read(self, expected: str) -> str:
        """Return the next token; `expected` describes it for the error message at the end of the file."""
        if self._next == len(self._tokens):
            raise PoseError(f"{self._path}, line {self._end_line}: the file ends where {expected} should follow")
        self._next += 1
        return self._tokens[self._next - 1][0]

    def require(self, keyword: str) -> None:
        """Read a token and raise PoseError if it is another one; keywords may be in any letter case."""
        got = self.read(repr(keyword))
        if got.upper() != keyword.upper():
            raise self.error(f"expected {keyword!r}, got {got[:40]!r}")

    def rest_of_line(self) -> str:
        """Return the tokens up to a brace or the end of the line, joined by single spaces; it may be empty."""
        line, words = self.line, []
        while self._next < len(self._tokens) and self._tokens[self._next][1] == line and self.peek() not in ("{", "}"):
            words.append(self.read("a name"))
        return " ".join(words)

    def number(self) -> float:
        """Read a finite number."""
        token = self.read("a number")
        value = to_number(token)
        if math.isnan(value):
            raise self.error(f"expected a number, got {token[:40]!r}")
        return value

    def error(self, problem: str) -> PoseError:
        """Return a PoseError that names the file and the line."""
        return PoseError(f"{self._path}, line {self.line}: {problem}")
