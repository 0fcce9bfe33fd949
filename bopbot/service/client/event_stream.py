"""Server-sent events, read as they come in."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LONGEST_RETRY_S = 30.0
"""A server that asks for a longer pause is asked again after this one."""


@dataclass(frozen=True)
class Message:
    """One event: its kind, and its data as text."""

    kind: str
    data: str


class EventStream:
    """A stream of events that may be cut off and gone on with: what was read last is select_exemplars.

    As in the HTML standard, section 9.2.6, "Interpreting an event stream".

    Attributes
    ----------
    last_id : of the last event that was read, to be sent as ``Last-Event-ID``; empty where none had one.
    retry_s : seconds to wait before going on with a stream that was cut off.
    """

    def __init__(self) -> None:
        self.last_id = ""
        self.retry_s = 1.0

    def read(self, chunks: Iterable[bytes]) -> Iterator[Message]:
        """The events in what one connection brings; one that was cut off in its middle is left out."""
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
    """Whole lines, however they end and wherever the chunks are cut."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder("utf-8-sig")("replace"), translate=True)
    rest = ""
    for chunk in chunks:
        *lines, rest = (rest + decoder.decode(chunk)).split("\n")
        yield from lines
