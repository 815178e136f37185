"""Results of other methods, brought from outside for comparison with a run.

They are shown beside the engine's own comparison. Ranking, shortlist and release never read them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from judging import tables
from judging.calibration.report.whole import Report
from judging.calibration.sensitivity.outside import OutsideOutcome, compare_outside
from judging.competition import digest_of
from judging.errors import Conflict, InvalidInput, Listed, Message, NotAllowed, NotFound
from judging.schemas.outside_comparisons import load_outside
from judging.services import audit
from judging.services.access import READERS, Actor, get_round, require_person
from judging.services.competitions.numbering import next_number
from judging.services.decisions.conflicts_of_interest import hidden_proposals
from judging.services.decisions.proposals import list_proposals

MOST_IN_ROUND = 50
_PERSON = Message("A comparison from outside records who brought it: sign in.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """One comparison from outside, without what is hidden from the reader.

    Attributes
    ----------
    row : tables.OutsideComparison
    brought_by : str
        Name of the person.
    values, errors : mapping of proposal to value and to standard error
    outcome : OutsideOutcome
    """

    row: tables.OutsideComparison
    brought_by: str
    values: Mapping[str, float]
    errors: Mapping[str, float]
    outcome: OutsideOutcome

    @property
    def is_shown(self) -> bool:
        """Return whether it was not taken back."""
        return self.row.taken_back_at is None


def bring(
    session: Session, actor: Actor, competition_key: str, round_key: str, typed: Mapping[str, Any], *, at: datetime
) -> tables.OutsideComparison:
    """Store a value for each proposal by another method, with its name, its direction and the person's.

    Raises
    ------
    InvalidInput
        When something is missing, or a proposal is not one of this round that the actor may see.
    Conflict
        When the round has ``MOST_IN_ROUND`` already, or this one.
    """
    competition_row, round_row = get_round(session, actor, competition_key, round_key, *READERS)
    person_id = require_person(actor, _PERSON)
    brought = load_outside(typed)
    known = set(list_proposals(session, round_row)) - hidden_proposals(session, actor, competition_row.pk)
    unknown = [entry["proposal"] for entry in brought.content["values"] if entry["proposal"] not in known]
    if unknown:
        text = Message("This round has no proposal {proposal}.", proposal=Listed(unknown[:10]))
        raise InvalidInput({"values": text})
    session.refresh(round_row, with_for_update={"key_share": True})
    digest = digest_of(brought.content)
    present = _rows(session, round_row)
    if any(row.digest == digest and row.taken_back_at is None for row, _ in present):
        raise Conflict(Message("This result was brought before. Nothing was stored."))
    if len(present) >= MOST_IN_ROUND:
        raise Conflict(Message("This round has {n} results from outside. No more are kept.", n=MOST_IN_ROUND))
    row = tables.OutsideComparison(
        round_id=round_row.pk,
        number=next_number(session, tables.OutsideComparison, round_row),
        method=brought.method,
        direction=brought.direction,
        content=brought.content,
        digest=digest,
        brought_at=at,
        brought_by=person_id,
    )
    session.add(row)
    session.flush()
    detail = {"digest": digest, "method": row.method, "direction": row.direction, "values": len(row.content["values"])}
    audit.record_in_round(
        session,
        actor,
        "comparison.brought",
        competition_row,
        round_row,
        f"comparison {row.number}",
        at=at,
        detail=detail,
    )
    return row


def take_back(
    session: Session, actor: Actor, competition_key: str, round_key: str, number: int, *, at: datetime
) -> tables.OutsideComparison:
    """Take a comparison from outside back: it is no longer shown beside the engine's. Its row stays.

    Raises
    ------
    NotAllowed
        Unless the actor has brought it or is a chair.
    Conflict
        When that was done before.
    """
    competition_row, round_row = get_round(session, actor, competition_key, round_key, *READERS)
    row = _get(session, round_row, number)
    if row.brought_by != actor.person_id and not actor.has_role(competition_row.pk, "chair"):
        raise NotAllowed
    session.refresh(row, with_for_update={"key_share": True})
    if row.taken_back_at is not None:
        raise Conflict(Message("This result was taken back before."))
    row.taken_back_at = at
    session.add(row)
    audit.record_in_round(
        session,
        actor,
        "comparison.taken_back",
        competition_row,
        round_row,
        f"comparison {row.number}",
        at=at,
        detail={"digest": row.digest},
    )
    return row


def list_outside(
    session: Session, round_row: tables.Round, report: Report | None, hidden: Collection[str]
) -> list[Outside]:
    """Return the comparisons from outside, oldest first, those that were taken back too; the caller checks the role.

    Parameters
    ----------
    session : Session
    round_row : tables.Round
    report : Report or None
        Of the run that they are compared with, without what is hidden from the reader.
    hidden : collection of str
    """
    listed = list_proposals(session, round_row)
    among = {key for key, entry in listed.items() if not entry.is_withdrawn and key not in hidden}
    return [_compared(row, name, report, among) for row, name in _rows(session, round_row)]


def find_outside(
    session: Session, round_row: tables.Round, number: int, report: Report | None, hidden: Collection[str]
) -> Outside:
    """Return one comparison from outside; NotFound without it. See ``list_outside``."""
    found = next((one for one in list_outside(session, round_row, report, hidden) if one.row.number == number), None)
    if found is None:
        raise _not_there(number)
    return found


def _compared(row: tables.OutsideComparison, name: str, report: Report | None, among: Collection[str]) -> Outside:
    entries = [entry for entry in row.content["values"] if entry["proposal"] in among]
    values = {entry["proposal"]: float(entry["value"]) for entry in entries}
    errors = {
        entry["proposal"]: float(entry["standard_error"]) for entry in entries if entry["standard_error"] is not None
    }
    ranks = {} if report is None else {one.proposal: one.rank for one in report.proposals if one.rank is not None}
    line = None if report is None else report.shortlist
    outcome = compare_outside(
        values,
        lower_is_better=row.direction == "lower",
        run_ranks=ranks,
        selected=None if line is None else [key for key in line.selected if key in among],
        among=among,
    )
    return Outside(row=row, brought_by=name, values=values, errors=errors, outcome=outcome)


def _rows(session: Session, round_row: tables.Round) -> list[tuple[tables.OutsideComparison, str]]:
    return list(
        session.exec(
            select(tables.OutsideComparison, tables.Person.name)
            .join(tables.Person, col(tables.Person.id) == col(tables.OutsideComparison.brought_by))
            .where(tables.OutsideComparison.round_id == round_row.id)
            .order_by(col(tables.OutsideComparison.number))
        )
    )


def _get(session: Session, round_row: tables.Round, number: int) -> tables.OutsideComparison:
    row = next((row for row, _ in _rows(session, round_row) if row.number == number), None)
    if row is None:
        raise _not_there(number)
    return row


def _not_there(number: int) -> NotFound:
    return NotFound(Message("This round has no result {number} from outside.", number=number))
