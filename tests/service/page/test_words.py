"""Words of a take in rows, from its events and its files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bopbot.service.page.words import Text, read_text
from bopbot.service.store.job import RecordedEvent


def row(seq: int, *places: str) -> RecordedEvent:
    return RecordedEvent(seq, "row", {"places": list(places)})


def words(seq: int, start: int, text: str) -> RecordedEvent:
    return RecordedEvent(seq, "words", {"start": start, "words": list(text)})


def test_a_restarted_dance_replaces_the_words_before_it(tmp_path: Path) -> None:
    events = [
        row(1, "a", "b"),
        words(2, 0, "abcdef"),
        RecordedEvent(3, "state", {"state": "running"}),
        words(4, 0, "uvwxy"),
        words(5, 5, "z"),
    ]
    assert read_text(events, tmp_path).lines == [list("uv"), list("wx"), list("yz")]


@pytest.mark.parametrize("places", [("body",), ("torso", "left arm", "right arm"), tuple("abcdefg")])
def test_the_codec_says_how_many_words_a_row_has(tmp_path: Path, places: tuple[str, ...]) -> None:
    text = read_text([row(1, *places), words(2, 0, "x" * 42)], tmp_path)
    assert text == Text([["x"] * len(places)] * (42 // len(places)), len(places), list(places))


def test_events_of_the_version_before_have_rows_as_in_the_file_of_the_take(tmp_path: Path) -> None:
    events = [words(1, 0, "abcdef")]
    assert read_text(events, tmp_path) == Text([[letter] for letter in "abcdef"], 1, [])
    (tmp_path / "dance.json").write_text(json.dumps({"words_per_row": 3}))
    assert read_text(events, tmp_path) == Text([list("abc"), list("def")], 3, [])


def test_no_words_are_no_lines(tmp_path: Path) -> None:
    assert read_text([], tmp_path).lines == []
