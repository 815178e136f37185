"""Save a scoresheet with few statements: one reads the place and what is stored, a few write.

``find_place`` and ``compare`` need a reading session only: a double click, a conflict and an incomplete sheet are
answered without waiting for a writer. ``store`` checks in its write transaction that what was read still holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlmodel import Session

from judging import tables
from judging.competition import RoundRules
from judging.errors import Conflict, InvalidInput, Message, NotFound, Unavailable
from judging.schemas.scoresheets import IncomingSheet, SheetContent, complaints_on_submit
from judging.services import audit
from judging.services.access import Actor, Claim, require_role
from judging.services.competitions.definitions import rules_by_digest
from judging.services.scoresheets.save_statements import CONTENT, append, bound_sheet, rows_by_assignment, rows_by_keys
from judging.services.scoresheets.versions import Version

RECUSED_TEXT = Message("You stepped back from this proposal. The organiser can give it back to you.")
PRACTICE_TEXT = Message("A practice scoresheet stays as it was submitted: its comparison has been shown.")
CLOSED_TEXT = Message("This round is closed. Scores can be read, but no longer changed.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One judge's assignment, and what is stored for it.

    Attributes
    ----------
    actor : Actor
        The judge; when read by ``find_place``, with the role of a judge only.
    assignment_id, competition_id : int
    subject : str
        Round, proposal and judge by key, for the audit log.
    assignment_state, round_state : str
    rules : RoundRules
    rules_digest : str
    current : Version or None
        The newest version of the scoresheet.
    """

    actor: Actor
    assignment_id: int
    competition_id: int
    subject: str
    assignment_state: str
    round_state: str
    rules: RoundRules
    rules_digest: str
    current: Version | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSheet:
    """The stored state; ``total`` is None while a score is missing, ``saved_at`` is None while nothing is stored."""

    version: int
    total: float | None
    saved_at: datetime | None
    state: str
    sheet: SheetContent


def find_place(session: Session, claim: Claim, competition_key: str, round_key: str, proposal_key: str) -> Place | None:
    """Return a judge's own assignment of a proposal, in one statement; None when anything is missing."""
    keys = {"competition_key": competition_key, "round_key": round_key, "proposal_key": proposal_key}
    signed = {"person_id": claim.person_id, "token_hash": claim.token_hash, "earliest": claim.earliest}
    rows = rows_by_keys(session, {**signed, **keys})
    if not rows:
        return None
    actor = Actor(
        person_id=claim.person_id,
        name=rows[0].person_name,
        address=claim.address,
        roles={rows[0].competition_id: frozenset({"judge"})},
        session_id=rows[0].session_id,
        token=claim.token,
    )
    return _place(session, actor, rows)


def get_place_of(session: Session, actor: Actor, assignment_id: int) -> Place:
    """Return the actor's own assignment by its key; NotFound for any other."""
    session.flush()
    place = _place(session, actor, rows_by_assignment(session, actor.person_id, assignment_id))
    if place is None:
        assignment = session.get(tables.Assignment, assignment_id)
        if assignment is not None:
            require_role(actor, session.get_one(tables.Round, assignment.round_id).competition_id, "judge")
        raise NotFound
    return place


def stored_sheet(rules: RoundRules, version: Version | None) -> StoredSheet:
    """Return what is stored, with its total."""
    if version is None:
        return StoredSheet(version=0, total=None, saved_at=None, state="draft", sheet=SheetContent())
    return StoredSheet(
        version=version.version,
        total=rules.rubric.total_if_complete(version.sheet.scores),
        saved_at=version.saved_at,
        state=version.state,
        sheet=version.sheet,
    )


def compare(place: Place, incoming: IncomingSheet) -> StoredSheet | None:
    """Return the stored sheet when it is the same as the incoming one; None when the incoming one is to be stored.

    A sheet equal to the stored one is not stored again, whatever version it is based on. Therefore a double click and a
    resend after a lost response have no effect.

    Raises
    ------
    Conflict
        When the round is not open, the judge is recused, or the sheet is based on another version.
    InvalidInput
        When an incomplete sheet is submitted.
    """
    _require_writable(place.assignment_state, place.round_state)
    if incoming.submit and (complaints := complaints_on_submit(place.rules.rubric, incoming.sheet)):
        raise InvalidInput(complaints)
    stored = stored_sheet(place.rules, place.current)
    if _state_of(incoming) == stored.state and incoming.sheet == stored.sheet:
        return stored
    if place.rules.practice is not None and stored.state == "submitted":
        # The judge has seen the agreed scores by now.
        raise Conflict(PRACTICE_TEXT)
    if incoming.base_version != stored.version:
        raise _saved_elsewhere(stored.version)
    return None


def confirm(session: Session, place: Place, incoming: IncomingSheet) -> StoredSheet:
    """Return the stored sheet that ``compare`` found the same, read again; see ``db.durable_reading``.

    Raises
    ------
    Conflict
        When it is no longer the newest version, or the round was closed or the judge recused in the meantime.
    Unavailable
        When it is no longer there and the incoming one is to be stored: the judge's page sends it again.
    """
    same = compare(get_place_of(session, place.actor, place.assignment_id), incoming)
    if same is None:
        raise Unavailable
    return same


def store(session: Session, place: Place, incoming: IncomingSheet, *, source: str, at: datetime) -> StoredSheet:
    """Append the incoming sheet as the next version of the place, if everything is still as it was read.

    Raises
    ------
    NotFound
        When the person is no longer this judge, or the session has ended.
    Conflict
        When the round was closed, the judge recused, or another version was saved in the meantime.
    Unavailable
        When the rules changed in the meantime: the sheet was checked against other rules.
    """
    session.flush()
    version, state = (place.current.version if place.current else 0) + 1, _state_of(incoming)
    sheet = {
        "assignment_id": place.assignment_id,
        "rules_digest": place.rules_digest,
        "saved_by": place.actor.person_id,
        "sign_in_session_id": place.actor.session_id,
        **{name: getattr(incoming.sheet, name) for name in CONTENT},
        # NULL without a note: sheets without one have the digest that they had before there were notes.
        "chair_note": incoming.sheet.chair_note or None,
        "version": version,
        "state": state,
        "source": source,
        "saved_at": at,
    }
    lines = _lines(incoming.sheet)
    entry = audit.values_of(
        place.actor,
        "scoresheet.submitted" if state == "submitted" else "scoresheet.saved",
        place.subject,
        at=at,
        competition_id=place.competition_id,
        detail={"version": version, "source": source},
        stored=bound_sheet(sheet, lines),
    )
    if not append(session, sheet, lines, entry):
        return _refused(session, place, incoming)
    total = place.rules.rubric.total_if_complete(incoming.sheet.scores)
    return StoredSheet(version=version, total=total, saved_at=at, state=state, sheet=incoming.sheet)


def _refused(session: Session, place: Place, incoming: IncomingSheet) -> StoredSheet:
    """Raise why the sheet could not be appended, or return what somebody stored in the meantime when it is the same."""
    present = get_place_of(session, place.actor, place.assignment_id)
    if present.rules_digest != place.rules_digest:
        raise Unavailable(Message("The rules of this round changed at the same moment. Please send your scores again."))
    same = compare(present, incoming)
    if same is None:
        # The session has ended, or the person is no longer active or no longer a judge.
        raise NotFound
    return same


def _saved_elsewhere(version: int) -> Conflict:
    return Conflict(
        Message(
            "This scoresheet was saved elsewhere in the meantime: version {version}. Nothing of it was overwritten.",
            version=version,
        )
    )


def _state_of(incoming: IncomingSheet) -> str:
    return "submitted" if incoming.submit else "draft"


def _require_writable(assignment_state: str, round_state: str) -> None:
    if assignment_state == "withdrawn" or round_state == "draft":
        raise NotFound
    if assignment_state == "recused":
        raise Conflict(RECUSED_TEXT)
    if round_state != "open":
        raise Conflict(CLOSED_TEXT)


def _lines(sheet: SheetContent) -> list[dict[str, Any]]:
    return [
        {
            "criterion": criterion,
            "value": sheet.scores.get(criterion),
            "comment": sheet.comments.get(criterion, ""),
        }
        for criterion in dict.fromkeys((*sheet.scores, *sheet.comments))
    ]


def _place(session: Session, actor: Actor, rows: Sequence[Row[Any]]) -> Place | None:
    if not rows or actor.person_id is None:
        return None
    first = rows[0]
    if first.assignment_state == "withdrawn" or first.is_withdrawn or first.round_state == "draft":
        return None
    return Place(
        assignment_id=first.assignment_id,
        actor=actor,
        competition_id=first.competition_id,
        subject=f"{first.round_key}/{first.proposal_key}/{first.judge_key}",
        assignment_state=first.assignment_state,
        round_state=first.round_state,
        rules=rules_by_digest(session, first.round_id, first.digest),
        rules_digest=first.digest,
        current=None if first.sheet_id is None else _version(first, rows),
    )


def _version(first: Row[Any], rows: Sequence[Row[Any]]) -> Version:
    return Version(
        scoresheet_id=first.sheet_id,
        assignment_id=first.assignment_id,
        version=first.sheet_version,
        state=first.sheet_state,
        source=first.sheet_source,
        saved_at=first.sheet_saved_at,
        saved_by=first.sheet_saved_by,
        sheet=SheetContent(
            scores={row.criterion: row.value for row in rows if row.value is not None},
            comments={row.criterion: row.line for row in rows if row.line},
            **{name: getattr(first, f"sheet_{name}") for name in CONTENT if name != "chair_note"},
            chair_note=first.sheet_chair_note or "",
        ),
    )
