"""When an event cannot be moved as it is, and what to do first."""

from __future__ import annotations

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict
from judging.schemas.definitions.definition_files import load_round_dict
from judging.services.competitions.definitions import list_rounds
from judging.services.personal_data.concerned import DOMAIN
from judging.tables.jobs import UNFINISHED


def require_at_rest(session: Session, row: tables.Competition) -> None:
    """Raise Conflict while something is under way in an event, or when it would not be whole elsewhere."""
    named = select(tables.RemovedPersonalData.id).where(tables.RemovedPersonalData.competition_id == row.id)
    if row.personal_data_removed_at is not None or session.exec(named.limit(1)).first() is not None:
        raise Conflict(
            f"Personal data were removed from {row.key}, or their removal has begun: it stays where it is. Its bundles "
            "prove its results anywhere. Move an event before its personal data are removed, and remove them there."
        )
    if row.removal_due_at is not None:
        raise Conflict(
            f"A removal of personal data from {row.key} was asked for and waits. Let somebody stop it on the page "
            "Archive before the event moves, and ask for it there; or let it be done, and the event stays where it is."
        )
    rounds = list_rounds(session, row)
    if is_open := [one.key for one in rounds if one.state == "open"]:
        raise Conflict(
            f"Round {', '.join(is_open)} of {row.key} is open: judges would go on saving here. Close it first, "
            "move the event, and reopen it there."
        )
    job = tables.Job
    kinds = session.exec(
        select(job.kind).where(job.competition_id == row.id, col(job.state).in_(UNFINISHED)).distinct()
    ).all()
    if kinds:
        raise Conflict(
            f"Jobs of {row.key} are not finished: {', '.join(sorted(kinds))}. Wait until the worker has done them, or "
            "cancel them on the page Jobs."
        )
    message = tables.OutboxMessage
    waiting = session.exec(
        select(message.id).where(message.competition_id == row.id, col(message.state).in_(("queued", "sending")))
    ).all()
    if waiting:
        raise Conflict(
            f"{len(waiting)} e-mail messages of {row.key} wait to be sent. Let the worker send them (judging messages "
            f"{row.key} shows them): elsewhere they would be lost or sent twice."
        )
    change = tables.AccountChange
    if session.exec(
        select(change.id).where(change.competition_id == row.id, col(change.ended_at).is_(None)).limit(1)
    ).first():
        raise Conflict(
            f"An appointment in {row.key} waits to be confirmed. Let it be confirmed or refused first: it belongs to "
            "an account of this installation."
        )
    _require_own_scores(session, row, rounds)


def _require_own_scores(session: Session, row: tables.Competition, rounds: list[tables.Round]) -> None:
    """Raise Conflict when rules, present or sealed ones, count scoresheets of another event."""
    version = tables.RulesVersion
    of_rounds = session.exec(
        select(version.round_id, version.definition).where(col(version.round_id).in_([one.pk for one in rounds]))
    ).all()
    for one in rounds:
        definitions = [one.definition, *(definition for number, definition in of_rounds if number == one.pk)]
        policies = [load_round_dict(definition).calibration.earlier or () for definition in definitions]
        others = {each.competition for policy in policies for each in policy if each.competition} - {row.key}
        if others:
            raise Conflict(
                f"The rules of round {one.key} count scoresheets of {', '.join(sorted(others))}, which would not be "
                f"there: no result of this round could be computed again. {row.key} stays where that event is."
            )


def require_names(people: list[tables.Person]) -> None:
    """Raise Conflict when somebody has lost the name in another event: elsewhere, the pseudonym is somebody else."""
    gone = [person.name for person in people if person.email.endswith(f"@{DOMAIN}")]
    if gone:
        raise Conflict(
            f"{', '.join(gone)} took part and is under a pseudonym since personal data were removed from another "
            "event. A pseudonym means somebody at one installation only: this event stays where it is."
        )
