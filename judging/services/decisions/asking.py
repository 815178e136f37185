"""Messages to those who are asked: chairs whose consent or signature is missing, judges with a further scoresheet."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, select

from judging import tables
from judging.services.access import Actor
from judging.services.competitions.definitions import definition_of, rules_of
from judging.services.consents import RequiredConsents
from judging.services.mail.mailer import Mailer
from judging.services.mail.outbox import queue_message


def tell_chairs(
    session: Session,
    mailer: Mailer | None,
    actor: Actor,
    kind: str,
    competition_row: tables.Competition,
    round_row: tables.Round,
    *,
    number: int,
    given: Collection[str] = (),
    at: datetime,
) -> None:
    """Queue a message to every other chair who can still agree; without a mail server, none.

    Parameters
    ----------
    session, mailer, actor
    kind : {"consent_waits", "signature_waits"}
    competition_row, round_row
    number : int
        Of the version of the rules, or of the release.
    given : collection of str
        Cities whose chair has agreed.
    at : datetime
    """
    if mailer is None:
        return
    required = RequiredConsents.of(definition_of(competition_row), given)
    chairs = session.exec(
        select(tables.Person, tables.Role.city)
        .join(tables.Role, col(tables.Role.person_id) == col(tables.Person.id))
        .where(
            tables.Role.competition_id == competition_row.id,
            tables.Role.role == "chair",
            col(tables.Person.is_active),
            col(tables.Person.id) != actor.person_id,
        )
        .order_by(col(tables.Person.id))
    ).all()
    content = {"round": rules_of(round_row).name.by_language, "asker": actor.name, "number": number}
    for person, city in chairs:
        if required.accepts(city):
            queue_message(
                session, mailer, actor, kind, person, at=at, competition_id=competition_row.pk, content=content
            )


def tell_judge(
    session: Session,
    mailer: Mailer | None,
    actor: Actor,
    competition_row: tables.Competition,
    round_row: tables.Round,
    judge: tables.Judge,
    proposal: tables.Proposal,
    *,
    at: datetime,
) -> None:
    """Queue a message to a judge who is asked for a further scoresheet; none without an account or a mail server."""
    person = None if judge.person_id is None else session.get(tables.Person, judge.person_id)
    if mailer is None or person is None or not person.is_active:
        return
    content = {"round": rules_of(round_row).name.by_language, "title": proposal.title}
    queue_message(
        session, mailer, actor, "reading_asked", person, at=at, competition_id=competition_row.pk, content=content
    )
