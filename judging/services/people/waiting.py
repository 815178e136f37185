"""Judges who wait for a sign-in link, and those who score on paper and wait for none."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from judging import tables
from judging.services.access import Actor
from judging.services.authentication.sessions import SessionLimits
from judging.services.people.invitations import uninvited
from judging.services.people.new_links import locked_out, with_new_link


def n_waiting_for_link(
    session: Session, actor: Actor, competition_id: int, *, at: datetime, limits: SessionLimits, has_mail: bool
) -> int:
    """Return of how many judges the organiser still has to see to a link.

    A judge without an account scores on paper, and waits for none. With a mail server, whoever was invited once asks
    for another link on the sign-in page. Without one, everybody waits who cannot sign in, and whom the organiser may
    give a link; sessions outside ``limits`` are over.
    """
    if has_mail:
        return len(uninvited(session, competition_id))
    people = session.exec(
        select(tables.Person)
        .join(tables.Judge, col(tables.Judge.person_id) == col(tables.Person.id))
        .where(tables.Judge.competition_id == competition_id, col(tables.Judge.is_active), col(tables.Person.is_active))
    ).all()
    waiting = locked_out(session, [person.pk for person in people], at=at, limits=limits)
    used = [person for person in people if person.pk in waiting and person.first_signed_in_at is not None]
    return len(waiting) - len(used) + len(with_new_link(session, actor, used))
