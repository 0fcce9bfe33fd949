"""Server-sent events: as the standard says, wherever the network cuts them."""

from hypothesis import given
from hypothesis import strategies as st

from bopbot.service.client.event_stream import LONGEST_RETRY_S, EventStream, Message


def read(*chunks: bytes) -> list[tuple[str, str]]:
    return [(message.kind, message.data) for message in EventStream().read(chunks)]


def test_kinds_and_data_of_several_lines() -> None:
    assert read(b'event: state\ndata: {"a":\ndata: 1}\n\ndata:no space\n\n') == [
        ("state", '{"a":\n1}'),
        ("message", "no space"),
    ]


def test_comments_unknown_fields_and_events_without_data_say_nothing() -> None:
    assert read(b": ping\n\nevent: state\n\ncolour: red\ndata\n\n") == [("message", "")]


def test_an_event_that_was_cut_off_is_left_out_and_so_is_its_id() -> None:
    stream = EventStream()
    assert list(stream.read([b"id: 1\ndata: one\n\nid: 2\ndata: two\n"])) == [Message("message", "one")]
    assert stream.last_id == "1"
    assert list(stream.read([b"id: 2\ndata: two\n\n"])) == [Message("message", "two")]
    assert stream.last_id == "2"


def test_ids_stay_until_there_is_another() -> None:
    stream = EventStream()
    list(stream.read([b"id: 7\ndata: a\n\ndata: b\n\nid: 8\0\ndata: c\n\n"]))
    assert stream.last_id == "7"


def test_the_server_says_when_to_come_again() -> None:
    stream = EventStream()
    list(stream.read([b"retry: 250\nretry: soon\n\n"]))
    assert stream.retry_s == 0.25
    list(stream.read([b"retry: 99999999999999\n\n"]))
    assert stream.retry_s == LONGEST_RETRY_S


@given(st.data(), st.sampled_from([b"\n", b"\r\n", b"\r"]))
def test_where_it_is_cut_changes_nothing(data: st.DataObject, end: bytes) -> None:
    lines = [
        "\ufeffevent: words",
        "data: tänzerin",
        "id: 3",
        "",
        ": ping",
        "",
        "data: a",
        "data: \u2028b",
        "",
        "data: c",
    ]
    whole = end.join(line.encode() for line in lines) + end
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    chunks = [whole[begin:stop] for begin, stop in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert read(*chunks) == [("words", "tänzerin"), ("message", "a\n\u2028b")]
