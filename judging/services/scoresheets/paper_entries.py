"""Scoresheets on paper: two people type each, the second without seeing the first, and only then it counts.

Or one types it, and the judge confirms on the own page that this stands on the paper (``paper_by_judge``).

What somebody types is a row of ``paper_entry``. When two independent people have typed the same, the next version of
the scoresheet is that, submitted, names both and is marked as from paper. When they have not, the differences are
shown, and one of them corrects the own typing, or a third person types it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from judging import tables
from judging.competition import RoundRules
from judging.errors import Conflict, InvalidInput, Message, NotFound
from judging.schemas.scoresheets import SheetContent, complaints_on_submit
from judging.services import audit
from judging.services.access import READERS, Actor, get_round, require_confirmed, require_person
from judging.services.competitions.definitions import rules_of
from judging.services.competitions.taking_part import is_not_withdrawn
from judging.services.decisions.conflicts_of_interest import hidden_proposals
from judging.services.people.independence import Lineage, second_people
from judging.services.scoresheets import paper_comparing as comparing
from judging.services.scoresheets.entered import CONFIRMERS, names_of, record_sheets
from judging.services.scoresheets.paper_comparing import PaperDifference, Typing
from judging.services.scoresheets.saving import CLOSED_TEXT
from judging.services.scoresheets.versions import (
    IMPORTED,
    NewVersion,
    append,
    assignments_with_own_sheets,
    find_current,
    is_confirmed_by_its_judge,
)

_OWN = Message(
    "The judge has saved or confirmed this scoresheet in the service: it is the judge's own, and nobody else types it."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperSheet:
    """A scoresheet that may be typed from paper; ``state`` is one of `paper_comparing`.

    ``own`` is the newest typing of the reader, ``may_type`` says whether the reader may type it now.
    """

    judge: tables.Judge
    proposal: tables.Proposal
    assignment_id: int
    state: str
    typings: tuple[Typing, ...]
    own: Typing | None
    may_type: bool

    @property
    def differences(self) -> list[PaperDifference]:
        """Return where the typings differ; nothing while only one person has typed: the second types blind."""
        return comparing.differences_of(self.typings) if self.state == comparing.DIFFERENT else []


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperRound:
    """The scoresheets of a round that may be typed from paper, by judge and proposal.

    ``n_confirmed_by_judges`` counts those that were typed once, and that their judges have confirmed.
    """

    round: tables.Round
    rules: RoundRules
    sheets: tuple[PaperSheet, ...]
    n_confirmed_by_judges: int = 0


def list_paper(session: Session, actor: Actor, competition_key: str, round_key: str) -> PaperRound:
    """Return every scoresheet of a round that no judge has touched, without the hidden ones."""
    _, round_row = get_round(session, actor, competition_key, round_key, *READERS)
    hidden = hidden_proposals(session, actor, round_row.competition_id)
    own_sheets = assignments_with_own_sheets(session, round_row.pk)
    rows = session.exec(
        select(tables.Assignment, tables.Judge, tables.Proposal)
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
        .where(tables.Assignment.round_id == round_row.id, tables.Assignment.state == "active", is_not_withdrawn())
        .order_by(tables.Judge.key, tables.Proposal.key)
    ).all()
    listed = [row for row in rows if row[0].pk not in own_sheets and row[2].key not in hidden]
    typings = typings_of(session, round_row)
    lineage = second_people(session, round_row.competition_id)
    sheets = tuple(
        _sheet(actor, round_row, assignment, judge, proposal, typings.get(assignment.pk, ()), lineage)
        for assignment, judge, proposal in listed
    )
    confirmed = session.exec(
        select(func.count(func.distinct(tables.Assignment.id)))
        .select_from(tables.Scoresheet)
        .join(tables.Assignment, col(tables.Assignment.id) == col(tables.Scoresheet.assignment_id))
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .where(tables.Assignment.round_id == round_row.id, is_confirmed_by_its_judge())
    ).one()
    return PaperRound(round=round_row, rules=rules_of(round_row), sheets=sheets, n_confirmed_by_judges=confirmed)


def get_paper(
    session: Session, actor: Actor, competition_key: str, round_key: str, judge_key: str, proposal_key: str
) -> tuple[PaperRound, PaperSheet]:
    """Return one scoresheet that may be typed from paper; NotFound without one, Conflict when it is the judge's own."""
    listed = list_paper(session, actor, competition_key, round_key)
    for sheet in listed.sheets:
        if (sheet.judge.key, sheet.proposal.key) == (judge_key, proposal_key):
            return listed, sheet
    assigned = session.exec(
        select(tables.Assignment.id)
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
        .where(
            tables.Assignment.round_id == listed.round.id,
            tables.Assignment.state == "active",
            tables.Judge.key == judge_key,
            tables.Proposal.key == proposal_key,
        )
    ).one_or_none()
    if assigned is not None and assigned in assignments_with_own_sheets(session, listed.round.pk):
        raise Conflict(_OWN)
    raise NotFound


def type_sheet(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    judge_key: str,
    proposal_key: str,
    sheet: SheetContent,
    *,
    at: datetime,
) -> str:
    """Store what somebody typed; it counts when an independent person has typed the same. Return the state after it.

    Raises
    ------
    InvalidInput
        When the sheet could not be submitted by its judge.
    Conflict
        When the round is not open, the sheet is the judge's own, or the reader is its judge or typed the same before.
    """
    _, round_row = get_round(session, actor, competition_key, round_key, *CONFIRMERS)
    person_id = require_person(actor, Message("A typing names a person: sign in to type a scoresheet."))
    require_confirmed(actor)
    # The same locks as those of a judge who saves: nobody saves this sheet or closes the round at the same time.
    session.refresh(round_row, with_for_update={"read": True})
    listed, place = get_paper(session, actor, competition_key, round_key, judge_key, proposal_key)
    session.get_one(tables.Assignment, place.assignment_id, with_for_update={"key_share": True}, populate_existing=True)
    listed, place = get_paper(session, actor, competition_key, round_key, judge_key, proposal_key)
    if round_row.state != "open":
        raise Conflict(CLOSED_TEXT)
    if place.judge.person_id == person_id:
        raise Conflict(Message("This is your own scoresheet: fill it in on its page."))
    if complaints := complaints_on_submit(listed.rules.rubric, sheet):
        raise InvalidInput(complaints)
    typing = Typing(
        number=max((one.number for one in place.typings), default=0) + 1,
        typed_by=person_id,
        name=actor.name,
        typed_at=at,
        sheet=sheet,
    )
    if place.own is not None and not comparing.differences_of([place.own, typing]):
        raise Conflict(Message("You have typed exactly this before. A second person is to type it."))
    session.add(
        tables.PaperEntry(
            assignment_id=place.assignment_id,
            number=typing.number,
            content=comparing.to_stored(sheet),
            typed_at=at,
            typed_by=person_id,
        )
    )
    session.flush()
    others = [one for one in place.typings if one.typed_by != person_id]
    lineage = second_people(session, round_row.competition_id)
    state = comparing.state_of([*others, typing], lineage)
    audit.record(
        session,
        actor,
        "paper.typed",
        f"{round_row.key}/{proposal_key}/{judge_key}",
        at=at,
        competition_id=round_row.competition_id,
        detail={"number": typing.number, "state": state},
    )
    pair = comparing.agreeing([*others, typing], lineage)
    if pair is not None:
        _count(session, actor, round_row, place, pair, at=at)
    return state


def _count(
    session: Session,
    actor: Actor,
    round_row: tables.Round,
    place: PaperSheet,
    pair: tuple[Typing, Typing],
    *,
    at: datetime,
) -> None:
    first, second = pair
    current = find_current(session, place.assignment_id)
    counted = Typing(
        number=0, typed_by=0, name="", typed_at=at, sheet=SheetContent() if current is None else current.sheet
    )
    is_same = current is not None and current.state == "submitted" and not comparing.differences_of([first, counted])
    if is_same:
        return
    new = NewVersion(
        assignment_id=place.assignment_id,
        version=1 if current is None else current.version + 1,
        state="submitted",
        sheet=first.sheet,
        saved_by=first.typed_by,
        from_paper=True,
    )
    append(session, [new], source=IMPORTED, at=at, saved_by=None, confirmed_by=second.typed_by)
    record_sheets(session, actor, "scoresheet.confirmed", round_row, [new], at=at)


def typings_of(
    session: Session, round_row: tables.Round, *, assignment_id: int | None = None
) -> dict[int, list[Typing]]:
    """Return the newest typing of each person by assignment, in the order of the numbers; the caller checks access."""
    conditions = [col(tables.Assignment.round_id) == round_row.id]
    if assignment_id is not None:
        conditions.append(col(tables.PaperEntry.assignment_id) == assignment_id)
    rows = session.exec(
        select(tables.PaperEntry)
        .join(tables.Assignment, col(tables.Assignment.id) == col(tables.PaperEntry.assignment_id))
        .where(*conditions)
        .order_by(col(tables.PaperEntry.assignment_id), col(tables.PaperEntry.number))
    ).all()
    names = names_of(session, {row.typed_by for row in rows})
    newest: dict[tuple[int, int], Typing] = {}
    for row in rows:
        key = row.assignment_id, row.typed_by
        before = newest.pop(key, None)
        newest[key] = Typing(
            number=row.number,
            typed_by=row.typed_by,
            name=names.get(row.typed_by, ""),
            typed_at=row.typed_at,
            sheet=comparing.from_stored(row.content),
            n_typed=1 if before is None else before.n_typed + 1,
        )
    found: dict[int, list[Typing]] = {}
    for (assignment_id, _), typing in newest.items():
        found.setdefault(assignment_id, []).append(typing)
    return found


def _sheet(
    actor: Actor,
    round_row: tables.Round,
    assignment: tables.Assignment,
    judge: tables.Judge,
    proposal: tables.Proposal,
    typings: Sequence[Typing],
    lineage: Lineage,
) -> PaperSheet:
    own = next((typing for typing in typings if typing.typed_by == actor.person_id), None)
    may_type = (
        round_row.state == "open"
        and actor.has_role(round_row.competition_id, *CONFIRMERS)
        and actor.person_id is not None
        and judge.person_id != actor.person_id
    )
    return PaperSheet(
        judge=judge,
        proposal=proposal,
        assignment_id=assignment.pk,
        state=comparing.state_of(typings, lineage),
        typings=tuple(typings),
        own=own,
        may_type=may_type,
    )
