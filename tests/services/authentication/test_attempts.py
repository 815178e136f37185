"""Limits for repeated failures."""

from datetime import timedelta

from sqlmodel import Session, select

from judging import tables
from judging.services.authentication import attempts
from judging.services.authentication.attempts import Attempt
from tests.support.event import AT

ADDRESS = "192.0.2.1"


def test_after_ten_failures_an_email_waits_and_others_do_not(session: Session) -> None:
    for second in range(10):
        at = AT + timedelta(seconds=second)
        assert attempts.reserve(session, Attempt(email="a@example.org", address=f"192.0.2.{second}"), at=at) is None
    at = AT + timedelta(seconds=60)
    assert attempts.reserve(session, Attempt(email="a@example.org", address=ADDRESS), at=at) == timedelta(minutes=14)
    assert attempts.reserve(session, Attempt(email="b@example.org", address=ADDRESS), at=at) is None
    assert attempts.reserve(session, Attempt(email="a@example.org", address=ADDRESS), at=AT + attempts.WINDOW) is None


def test_after_fifty_failures_an_address_waits_whatever_the_email(session: Session) -> None:
    for number in range(50):
        address = f"2001:db8:0:1::{number:x}"
        assert attempts.reserve(session, Attempt(email=f"{number}@example.org", address=address), at=AT) is None
    assert (
        attempts.reserve(session, Attempt(email="new@example.org", address="2001:db8:0:1::ffff"), at=AT)
        == attempts.WINDOW
    )
    assert attempts.reserve(session, Attempt(email="new@example.org", address="2001:db8:0:2::1"), at=AT) is None


def test_a_clock_that_is_set_back_locks_nobody_out(session: Session) -> None:
    for second in range(10):
        at = AT + timedelta(hours=1, seconds=second)
        assert attempts.reserve(session, Attempt(email="a@example.org", address=ADDRESS), at=at) is None
    assert attempts.reserve(session, Attempt(email="a@example.org", address=ADDRESS), at=AT) is None


def test_old_attempts_are_thrown_away(session: Session) -> None:
    attempts.reserve(session, Attempt(email="a@example.org", address=ADDRESS), at=AT)
    attempts.reserve(session, Attempt(email="b@example.org", address=ADDRESS), at=AT + timedelta(days=1))
    assert [row.email for row in session.exec(select(tables.SignInAttempt))] == ["b@example.org"]


def test_failures_of_strangers_do_not_lock_a_browser_that_the_person_knows(session: Session) -> None:
    stranger = Attempt(email="a@example.org", address=ADDRESS)
    known = Attempt(email="a@example.org", address=ADDRESS, browser="mark")
    for _ in range(attempts.MOST_FAILURES_PER_ADDRESS):
        attempts.reserve(session, stranger, at=AT)
    assert attempts.wait_before(session, stranger, at=AT) == attempts.WINDOW
    assert attempts.wait_before(session, known, at=AT) is None
    for _ in range(10):
        assert attempts.reserve(session, known, at=AT) is None
    assert attempts.reserve(session, known, at=AT) == attempts.WINDOW


def test_each_kind_of_secret_has_a_limit_of_its_own(session: Session) -> None:
    for kind, most in attempts.MOST_FAILURES.items():
        attempt = Attempt(email="a@example.org", address=ADDRESS, kind=kind)
        waits = [attempts.reserve(session, attempt, at=AT) for _ in range(most + 1)]
        assert waits == [None] * most + [attempts.WINDOW]
