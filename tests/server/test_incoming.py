"""Bytes that arrive become a request when all are there."""

import pytest

from judging.server.incoming import Incoming, SenderLimits

HEAD = b"POST /sign-in HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"


@pytest.fixture
def incoming() -> Incoming:
    return Incoming(SenderLimits(head_seconds=10.0, body_seconds=20.0, bytes_per_second=100.0))


def read_all(incoming: Incoming) -> bytes:
    return b"".join(iter(lambda: incoming.recv(4), b""))


def test_a_request_is_complete_with_its_last_byte(incoming: Incoming) -> None:
    incoming.begin(at=0.0)
    states = []
    for place in range(len(HEAD) + 5):
        incoming.feed((HEAD + b"12345")[place : place + 1], at=1.0)
        states.append(incoming.is_complete)
    assert (states.count(True), states[-1]) == (1, True)
    assert read_all(incoming) == HEAD + b"12345"


def test_the_next_request_is_not_read_with_this_one(incoming: Incoming) -> None:
    incoming.begin(at=0.0)
    incoming.feed(HEAD + b"12345" + HEAD + b"678", at=0.0)
    assert read_all(incoming) == HEAD + b"12345"
    incoming.begin(at=1.0, idle_seconds=2.0)
    assert (incoming.is_complete, incoming.missing) == (False, 2)
    incoming.feed(b"90", at=1.0)
    assert read_all(incoming) == HEAD + b"67890"


def test_the_deadline_of_a_head_does_not_move_while_it_trickles_in(incoming: Incoming) -> None:
    incoming.begin(at=0.0, idle_seconds=3.0)
    assert incoming.deadline == 3.0
    for second in range(1, 9):
        incoming.feed(HEAD[second : second + 1], at=float(second))
    assert incoming.deadline == 11.0


def test_a_body_has_its_own_deadline_by_its_length(incoming: Incoming) -> None:
    incoming.begin(at=0.0)
    incoming.feed(b"POST / HTTP/1.1\r\nContent-Length: 1000\r\n\r\n", at=4.0)
    incoming.feed(b"x", at=6.0)
    assert incoming.deadline == 4.0 + 20.0 + 10.0


def test_a_cut_request_ends_after_its_head(incoming: Incoming) -> None:
    incoming.begin(at=0.0)
    incoming.feed(HEAD + b"12", at=0.0)
    incoming.cut()
    assert (incoming.is_complete, incoming.is_cut, read_all(incoming)) == (True, True, HEAD)


def test_a_head_without_end_is_too_long(incoming: Incoming) -> None:
    incoming.begin(at=0.0)
    incoming.feed(b"GET / HTTP/1.1\r\nX: " + b"a" * 32_000, at=0.0)
    assert incoming.is_too_long


@pytest.mark.parametrize("length", ["-1", "1e9", "5, 6", "٥", "9" * 40, ""])
def test_a_length_that_is_no_number_waits_for_nothing(incoming: Incoming, length: str) -> None:
    incoming.begin(at=0.0)
    incoming.feed(f"POST / HTTP/1.1\r\nContent-Length: {length}\r\n\r\n".encode(), at=0.0)
    assert incoming.is_complete
