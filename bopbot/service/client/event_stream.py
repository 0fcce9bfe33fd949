"""A parser for server-sent events."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LONGEST_RETRY_S = 30.0
"""Longest pause before a reconnection, whatever the server asks for."""


@dataclass(frozen=True)
class Message:
    """One event: its kind, and its data as text."""

    kind: str
    data: str


class EventStream:
    """A stream of events over one connection or several; it keeps the id of the last event.

    As in the HTML standard, section 9.2.6, "Interpreting an event stream".

    Attributes
    ----------
    last_id : id of the last event, to be sent as ``Last-Event-ID``; empty if there was none.
    retry_s : seconds to wait before a reconnection.
    """

    def __init__(self) -> None:
        self.last_id = ""
        self.retry_s = 1.0

    def read(self, chunks: Iterable[bytes]) -> Iterator[Message]:
        """Yield the events of one connection; an incomplete event at its end is left out."""
        kind, data, last_id = "", list[str](), self.last_id
        for line in _lines(chunks):
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if not line:
                self.last_id = last_id
                if data:
                    yield Message(kind or "message", "\n".join(data))
                kind, data = "", []
            elif field == "event":
                kind = value
            elif field == "data":
                data.append(value)
            elif field == "id" and "\0" not in value:
                last_id = value
            elif field == "retry" and value.isascii() and value.isdigit():
                self.retry_s = min(int(value[:9]) / 1000, LONGEST_RETRY_S)


def _lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """Yield whole lines, with any line ending and however the chunks are split."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder("utf-8-sig")("replace"), translate=True)
    rest = ""
    for chunk in chunks:
        *lines, rest = (rest + decoder.decode(chunk)).split("\n")
        yield from lines
