"""The words of a take as the page shows them: one line for each row of words."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bopbot.service.store.file_names import DANCE
from bopbot.service.store.job import RecordedEvent


@dataclass(frozen=True)
class Text:
    """Words in rows.

    Parameters
    ----------
    lines : the words of each row.
    per_row : number of words in a row.
    places : names of the places of a row; empty where they are unknown.
    """

    lines: list[list[str]]
    per_row: int
    places: list[str]


def read_text(events: Iterable[RecordedEvent], take: Path) -> Text:
    """Return the words that a take has so far.

    Where the dance was restarted, earlier words are left out. Events of the version before name no places; then the
    number of words in a row comes from the files of the take, and is 1 until they exist.

    Parameters
    ----------
    events : all events of the take in their order.
    take : its folder.
    """
    words: list[str] = []
    places: list[str] = []
    for event in events:
        if event.kind == "row":
            places = event.data["places"]
        elif event.kind == "words":
            words[event.data["start"] :] = event.data["words"]
    per_row = len(places) or _recorded_per_row(take)
    return Text([words[k : k + per_row] for k in range(0, len(words), per_row)], per_row, places)


def _recorded_per_row(take: Path) -> int:
    with suppress(FileNotFoundError, KeyError):
        return int(json.loads((take / DANCE).read_bytes())["words_per_row"])
    return 1
