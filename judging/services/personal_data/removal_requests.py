"""A removal of personal data is asked for, waits, and can be stopped; or a second person confirms it at once.

One organiser alone cannot remove what others need to check the event. Everybody reads on its pages until when a removal
waits; a chair or an auditor stops it with a reason, or confirms it. Whoever has the command line needs none of this.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, InvalidInput, Message
from judging.services import audit
from judging.services.access import Actor, get_competition, load_actor, require_confirmed, require_person
from judging.services.jobs.job_requests import request_job
from judging.services.mail.mailer import Mailer
from judging.services.people.independence import CONFIRMERS, are_independent, lineage_of
from judging.services.people.notices import tell_removal_asked
from judging.services.personal_data.preview import require_removable
from judging.tables.jobs import UNFINISHED

WITNESSES = ("chair", "auditor")
"""Roles whose people confirm a removal or stop it."""
LONGEST_REASON = 500
_WHO = Message("A removal records who asks for it: sign in.")


def ask(
    session: Session,
    actor: Actor,
    key: str,
    *,
    typed: str,
    wait: timedelta,
    at: datetime,
    mailer: Mailer | None = None,
) -> tables.Competition:
    """Ask for a removal that may begin after a time of waiting; chairs and auditors are told. The organiser's to do.

    Raises
    ------
    Conflict
        Unless the competition is archived and has its personal data, or when a removal waits already.
    InvalidInput
        When what was typed is not its key.
    """
    row = _locked(session, actor, key, "organiser")
    person = require_person(actor, _WHO)
    if row.removal_due_at is not None:
        raise Conflict(Message("A removal of personal data has been asked for already."))
    require_typed(row, typed)
    row.removal_asked_at, row.removal_asked_by, row.removal_due_at = at, person, at + wait
    row.removal_objection = row.removal_objected_by = row.removal_confirmed_by = None
    _record(session, actor, "removal.asked", row, at=at, due_at=row.removal_due_at.isoformat())
    if mailer is not None:
        tell_removal_asked(session, mailer, actor, row, days=wait.days, at=at)
    return row


def confirm(session: Session, actor: Actor, key: str, *, at: datetime) -> tables.Job:
    """Let a removal begin at once, as a second person; it is done for the organiser who asked.

    Raises
    ------
    Conflict
        When none waits, or this person asked for it, or the two are in one chain of who gave whom the role.
    """
    row = _locked(session, actor, key, *WITNESSES)
    person = require_person(actor, _WHO)
    asked_by = _waiting(row)
    if asked_by == person:
        raise Conflict(Message("You have asked for this yourself: somebody else has to confirm it."))
    if not are_independent(lineage_of(session, row.pk, (*CONFIRMERS, "auditor")), asked_by, person):
        raise Conflict(
            Message(
                "You and whoever asked for this are not independent: one of you was brought in by the other or by the "
                "same organiser. The removal waits its time."
            )
        )
    asker = load_actor(session, asked_by, address=actor.address)
    if not asker.has_role(row.pk, "organiser"):
        raise Conflict(Message("Whoever asked for this is no organiser any more. An organiser asks again."))
    row.removal_confirmed_by = person
    _record(session, actor, "removal.confirmed", row, at=at)
    return request_job(session, asker, "removal", competition=row, request={"competition": row.key}, at=at)


def object_to(session: Session, actor: Actor, key: str, *, reason: str, at: datetime) -> tables.Competition:
    """Stop a removal that waits, with a reason that everybody of the event reads.

    Raises
    ------
    Conflict
        When none waits, or it has begun.
    """
    row = _locked(session, actor, key, *WITNESSES)
    person = require_person(actor, _WHO)
    _waiting(row)
    reason = " ".join(reason.split())
    if not reason:
        raise InvalidInput({"reason": Message("Say why; everyone who checks this competition will read it.")})
    if len(reason) > LONGEST_REASON:
        raise InvalidInput({"reason": Message("At most {n} characters.", n=LONGEST_REASON)})
    job = tables.Job
    begun = select(job.id).where(job.competition_id == row.id, job.kind == "removal", col(job.state).in_(UNFINISHED))
    if session.exec(begun.limit(1)).first() is not None:
        raise Conflict(Message("The removal has begun already."))
    forget_request(row)
    row.removal_objection, row.removal_objected_by = reason, person
    _record(session, actor, "removal.stopped", row, at=at, reason=reason)
    return row


def forget_request(row: tables.Competition) -> None:
    """Take back that a removal was asked for."""
    row.removal_asked_at = row.removal_due_at = row.removal_asked_by = row.removal_confirmed_by = None
    row.removal_objection = row.removal_objected_by = None


def require_approved(row: tables.Competition, *, at: datetime) -> None:
    """Raise Conflict unless a removal has waited its time, or a second person has confirmed it."""
    if row.removal_due_at is None:
        raise Conflict(Message("Ask for the removal first: it waits, so that chairs and auditors can object."))
    if row.removal_confirmed_by is None and at < row.removal_due_at:
        raise Conflict(
            Message(
                "The removal waits until {time} (UTC), unless a chair or an auditor confirms it before.",
                time=f"{row.removal_due_at:%Y-%m-%d %H:%M}",
            )
        )


def require_typed(row: tables.Competition, typed: str) -> None:
    """Raise InvalidInput unless the key of the competition was typed."""
    if typed.strip() != row.key:
        raise InvalidInput({"typed": Message("Type the key of the competition, {key}, to confirm.", key=row.key)})


def _waiting(row: tables.Competition) -> int:
    if row.removal_due_at is None or row.removal_asked_by is None:
        raise Conflict(Message("No removal of personal data waits."))
    return row.removal_asked_by


def _locked(session: Session, actor: Actor, key: str, *roles: str) -> tables.Competition:
    row = get_competition(session, actor, key, *roles)
    require_confirmed(actor)
    session.refresh(row, with_for_update={"key_share": True})
    require_removable(row)
    return row


def _record(
    session: Session, actor: Actor, action: str, row: tables.Competition, *, at: datetime, **detail: object
) -> None:
    session.add(row)
    session.flush()
    audit.record(session, actor, action, row.key, at=at, competition_id=row.id, detail=dict(detail))
