"""The chain of events: every byte of it counts."""

import pytest

from equipoise.errors import InputError
from equipoise.leaderboard.events import EVENTS_FILE, following, read_events, write_events


@pytest.fixture
def board(tmp_path):
    events = []
    for kind, submission, note in (
        ("edition", "", "first"), ("add", "a-1", "of\u2028two lines\x85or\x1cmore"), ("withdraw", "a-1", "ö\n"),
    ):  # fmt: skip
        events.append(following(events, kind, "2026.1", submission, note, files={"a": "0"}, n=1.5))
    write_events(tmp_path, events)
    return tmp_path


def test_are_read_as_they_were_written(board):
    events = read_events(board)
    assert [event.seq for event in events] == [1, 2, 3]
    assert events[1].note == "of\u2028two lines\x85or\x1cmore"
    assert events[2].previous == events[1].hash


def test_every_changed_byte_is_found(board):
    path = board / EVENTS_FILE
    content = path.read_bytes()
    for at in range(len(content)):
        other = ord("\t") if content[at] == ord(" ") else content[at] ^ 1
        path.write_bytes(content[:at] + bytes([other]) + content[at + 1 :])
        with pytest.raises(InputError) as error:
            read_events(board)
        assert error.value.line or "UTF-8" in error.value.message


@pytest.mark.parametrize("change", ["removed", "put in", "swapped", "cut off", "blank"])
def test_changed_lines_are_found(board, change):
    path = board / EVENTS_FILE
    one, two, three = path.read_bytes().splitlines(keepends=True)
    now = {
        "removed": [one, three], "put in": [one, one, two, three], "swapped": [two, one, three],
        "cut off": [one, two, three[:-1]], "blank": [one, b"\n", two, three],
    }  # fmt: skip
    path.write_bytes(b"".join(now[change]))
    with pytest.raises(InputError, match=r"breaks the chain|is no event|is cut off"):
        read_events(board)


def test_a_lost_end_shows_in_the_head_only(board):
    events = read_events(board)
    write_events(board, events[:2])
    assert read_events(board)[-1].hash == events[1].hash != events[2].hash


def test_no_file(tmp_path):
    with pytest.raises(InputError, match="expected the events of a board"):
        read_events(tmp_path)
