"""Limits for repeated failures: of passwords, of old passwords when one is changed, of second factors.

A lock must keep guessers out and nobody else. Therefore the failures of strange browsers count by e-mail address and by
network, and those of a browser in which the person has signed in before count by themselves: whoever fails elsewhere
does not lock the person out there. Links, passkeys and single sign-on are never locked: nobody can guess them.
"""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete
from sqlmodel import Session, col, select

from judging import tables
from judging.incoming_text import normalised

WINDOW = timedelta(minutes=15)
MOST_FAILURES = {"password": 10, "password_change": 10, "second_factor": 5}
"""Failures of one person in the window, by kind."""
MOST_FAILURES_PER_ADDRESS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Who enters which secret, from where.

    Attributes
    ----------
    email : str
        As it was entered; nobody need have it.
    address : str
    kind : str
        One of ``MOST_FAILURES``.
    browser : str
        The mark of a browser in which this person has signed in before; empty for a strange one.
    """

    email: str
    address: str
    kind: str = "password"
    browser: str = ""


def reserve(session: Session, attempt: Attempt, *, at: datetime) -> timedelta | None:
    """Count one more attempt, or return how long to wait.

    The attempt is counted before the secret is checked, so that simultaneous attempts are all counted, and in a
    separate transaction, because a failed request is rolled back. :func:`forget` removes it after success.
    """
    if (wait := wait_before(session, attempt, at=at)) is not None:
        return wait
    session.execute(delete(tables.SignInAttempt).where(col(tables.SignInAttempt.at) < at - 4 * WINDOW))
    session.add(
        tables.SignInAttempt(
            email=attempt.email[:254],
            address=network_of(attempt.address),
            kind=attempt.kind,
            browser=attempt.browser,
            at=at,
        )
    )
    return None


def wait_before(session: Session, attempt: Attempt, *, at: datetime) -> timedelta | None:
    """Return how long to wait before the next attempt, or None. It only reads."""
    waits = [_wait(session, _by_person(attempt), MOST_FAILURES[attempt.kind], at)]
    if not attempt.browser:
        by_network = and_(
            col(tables.SignInAttempt.address) == network_of(attempt.address), col(tables.SignInAttempt.browser) == ""
        )
        waits.append(_wait(session, by_network, MOST_FAILURES_PER_ADDRESS, at))
    return max((wait for wait in waits if wait is not None), default=None)


def forget(session: Session, attempt: Attempt) -> None:
    """Delete the failed attempts before a success; those from other networks and browsers remain."""
    session.execute(
        delete(tables.SignInAttempt).where(
            _by_person(attempt), col(tables.SignInAttempt.address) == network_of(attempt.address)
        )
    )


def network_of(address: str) -> str:
    """Return the network by which attempts are counted: an IPv4 address, or the /64 prefix of one IPv6 customer.

    >>> network_of("2001:db8:1:2:3:4:5:6"), network_of("192.0.2.7")
    ('2001:db8:1:2::/64', '192.0.2.7')
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return normalised(address, "NFKC", limit=64)[:64]
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((int(parsed), 64), strict=False))


def _by_person(attempt: Attempt) -> ColumnElement[bool]:
    return and_(
        col(tables.SignInAttempt.email) == attempt.email[:254],
        col(tables.SignInAttempt.kind) == attempt.kind,
        col(tables.SignInAttempt.browser) == attempt.browser,
    )


def _wait(session: Session, condition: ColumnElement[bool], most: int, at: datetime) -> timedelta | None:
    oldest_counted = session.exec(
        select(tables.SignInAttempt.at)
        # Two-sided: after the clock was set back, nobody waits until it is where it was.
        .where(condition, col(tables.SignInAttempt.at) > at - WINDOW, col(tables.SignInAttempt.at) < at + WINDOW)
        .order_by(col(tables.SignInAttempt.at).desc())
        .offset(most - 1)
        .limit(1)
    ).first()
    return oldest_counted + WINDOW - at if oldest_counted else None
