"""Scoresheets that somebody else than the judge has entered: from a file, or from paper.

They are two people's work. An organiser enters them: they are stored as drafts and count for nothing. Then another
organiser or a chair, who has compared them with what the judge handed in, confirms them: the next version is the same
sheet, submitted, and names both. A judge who has an account may submit the draft instead: then it is the judge's own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, Message, NotFound
from judging.schemas.scoresheets import SheetContent
from judging.services import audit
from judging.services.access import READERS, Actor, get_round, require_confirmed, require_person
from judging.services.decisions.conflicts_of_interest import hidden_proposals
from judging.services.people.independence import Lineage, are_independent, second_people
from judging.services.scoresheets.versions import IMPORTED, CurrentSheet, NewVersion, append, current_scoresheets
from judging.tables.row_digests import sheet_key

CONFIRMERS = ("organiser", "chair")


@dataclass(frozen=True, slots=True, kw_only=True)
class EnteredSheet:
    """A scoresheet that waits for a second person.

    Attributes
    ----------
    entered_by : str or None
        Name; None for the command line.
    entered_from : str or None
        The name of the file.
    is_own : bool
        Whether the reader has entered it.
    may_confirm : bool
        Whether the reader is a second person; see ``independence.second_people``.
    """

    judge: str
    judge_name: str
    proposal: str
    entered_by: str | None
    entered_from: str | None
    is_own: bool
    may_confirm: bool
    current: CurrentSheet

    @property
    def sheet(self) -> SheetContent:
        """Return the scores and comments."""
        return self.current.version.sheet


@dataclass(frozen=True, slots=True)
class EnteredSheets:
    """What waits in a round, and the digest that a confirmation names: nobody confirms what was not shown."""

    sheets: tuple[EnteredSheet, ...]
    digest: str

    @property
    def to_confirm(self) -> tuple[EnteredSheet, ...]:
        """Return those that the reader may confirm."""
        return tuple(sheet for sheet in self.sheets if sheet.may_confirm)


def is_waiting(source: str, state: str) -> bool:
    """Return whether a version waits for a second person."""
    return source == IMPORTED and state == "draft"


def list_entered(session: Session, actor: Actor, competition_key: str, round_key: str) -> EnteredSheets:
    """Return the scoresheets of a round that wait for a second person, by judge and proposal."""
    _, round_row = get_round(session, actor, competition_key, round_key, *READERS)
    return _entered(session, actor, round_row)


def confirm(session: Session, actor: Actor, competition_key: str, round_key: str, *, digest: str, at: datetime) -> int:
    """Confirm every waiting scoresheet that somebody else has entered; return their number.

    Raises
    ------
    ConfirmationNeeded
        When the actor has not confirmed with a second factor lately, and must.
    Conflict
        When the round is not open, when nothing is to be confirmed, or when something else waits now than was shown.
    """
    _, round_row = get_round(session, actor, competition_key, round_key, *CONFIRMERS)
    person_id = require_person(actor, Message("A confirmation names a person: sign in to confirm."))
    require_confirmed(actor)
    # A shared lock with judges who are saving, as for an import.
    session.refresh(round_row, with_for_update={"read": True})
    if round_row.state != "open":
        raise Conflict(Message("Scores can be confirmed in an open round only. Open the round first."))
    entered = _entered(session, actor, round_row)
    if entered.digest != digest:
        raise Conflict(Message("What waits has changed since it was shown. Look at it again before you confirm it."))
    new = [
        NewVersion(
            assignment_id=sheet.current.version.assignment_id,
            version=sheet.current.version.version + 1,
            state="submitted",
            sheet=sheet.sheet,
            scored_at=sheet.current.version.saved_at,
            saved_by=sheet.current.version.saved_by,
            entered_from=sheet.current.version.entered_from,
        )
        for sheet in entered.to_confirm
    ]
    if not new:
        raise Conflict(
            Message(
                "Nothing waits for you: who has entered scores cannot confirm them, nor can an organiser whom this "
                "person brought in."
            )
        )
    append(session, new, source=IMPORTED, at=at, saved_by=None, confirmed_by=person_id)
    record_sheets(session, actor, "scoresheet.confirmed", round_row, new, at=at)
    return len(new)


def find_confirmer(session: Session, email: str, competition_id: int) -> int:
    """Return the key of an organiser or chair of a competition, for the command line.

    Raises
    ------
    NotFound
        When nobody with this address is one.
    """
    person_id = session.exec(
        select(tables.Person.id)
        .join(tables.Role, col(tables.Role.person_id) == col(tables.Person.id))
        .where(
            tables.Person.email == email.strip().lower(),
            col(tables.Person.is_active),
            tables.Role.competition_id == competition_id,
            col(tables.Role.role).in_(CONFIRMERS),
        )
        .limit(1)
    ).first()
    if person_id is None:
        raise NotFound(Message("{email} is no organiser or chair of this competition.", email=email))
    return person_id


def record_sheets(
    session: Session,
    actor: Actor,
    action: str,
    round_row: tables.Round,
    new: Sequence[NewVersion],
    *,
    at: datetime,
) -> None:
    """Append one entry to the audit log for each stored sheet, all with the same few statements."""
    places = session.exec(
        select(tables.Assignment.id, tables.Proposal.key, tables.Judge.key)
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .where(tables.Assignment.round_id == round_row.pk)
    )
    subjects = {number: f"{round_row.key}/{proposal}/{judge}" for number, proposal, judge in places}
    entries = [
        audit.values_of(
            actor,
            action,
            subjects[sheet.assignment_id],
            at=at,
            competition_id=round_row.competition_id,
            detail={"version": sheet.version, "source": IMPORTED, "state": sheet.state},
            stored=audit.take(session, [sheet_key(sheet.assignment_id, sheet.version)]),
        )
        for sheet in new
    ]
    audit.append_many(session, entries)


def names_of(session: Session, person_ids: set[int | None]) -> dict[int | None, str]:
    """Return the names of people by key."""
    keys = [person_id for person_id in person_ids if person_id is not None]
    rows = session.exec(select(tables.Person.id, tables.Person.name).where(col(tables.Person.id).in_(keys))).all()
    return dict(rows)


def _entered(session: Session, actor: Actor, round_row: tables.Round) -> EnteredSheets:
    hidden = hidden_proposals(session, actor, round_row.competition_id)
    waiting = [
        current
        for current in current_scoresheets(session, round_row.pk)
        if is_waiting(current.version.source, current.version.state)
    ]
    names = names_of(session, {current.version.saved_by for current in waiting})
    judges = {
        row.pk: row
        for row in session.exec(select(tables.Judge).where(tables.Judge.competition_id == round_row.competition_id))
    }
    proposals = dict(
        session.exec(
            select(tables.Proposal.id, tables.Proposal.key).where(
                tables.Proposal.competition_id == round_row.competition_id
            )
        ).all()
    )
    lineage = second_people(session, round_row.competition_id)
    sheets = [
        EnteredSheet(
            judge=judges[current.judge_id].key,
            judge_name=judges[current.judge_id].name,
            proposal=proposals[current.proposal_id],
            entered_by=names.get(current.version.saved_by),
            entered_from=current.version.entered_from,
            is_own=actor.person_id is not None and current.version.saved_by == actor.person_id,
            may_confirm=_may_confirm(lineage, actor, current.version.saved_by),
            current=current,
        )
        for current in waiting
        if proposals[current.proposal_id] not in hidden
    ]
    sheets.sort(key=lambda sheet: (sheet.judge, sheet.proposal))
    named = repr([(sheet.current.version.scoresheet_id, sheet.may_confirm) for sheet in sheets])
    return EnteredSheets(tuple(sheets), hashlib.sha256(named.encode()).hexdigest())


def _may_confirm(lineage: Lineage, actor: Actor, entered_by: int | None) -> bool:
    if actor.person_id is None:
        return False
    # Who runs the server could do everything anyway; whoever confirms is a second person.
    return entered_by is None or are_independent(lineage, actor.person_id, entered_by)
