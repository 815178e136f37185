"""An event in which one organiser alone appoints and hands out links: what tests of its links share."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from judging.services.authentication.sessions import SessionLimits
from tests.support.event import AT, Event, appoint_alone, make_event

LATER = AT + timedelta(hours=1)
PASSWORD = "seven quiet harbours at dawn"


def make_own_event(session: Session) -> Event:
    """Store the event without scores, and let its organiser alone appoint; commit."""
    event = make_event(session, n_proposals=4, n_judges=6, scored=False)
    appoint_alone(session)
    return event


def limits_at(at: datetime) -> SessionLimits:
    """Return which sessions are over at a time: begun a month ago, or not used for two weeks."""
    return SessionLimits(begun_after=at - timedelta(days=30), used_after=at - timedelta(days=14))
