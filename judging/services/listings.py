"""Paged lists of judges, teams, proposals and assignments, for organisers and auditors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, func, select

from judging import tables
from judging.services.access import ROSTER_READERS, Actor, get_competition, get_round
from judging.services.competitions.definitions import definition_of
from judging.services.people.conduct import conduct_digest
from judging.services.scoresheets.versions import is_effective

PAGE_SIZE = 100

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """The filters of a list; an empty value does not filter."""

    text: str = ""
    city: str = ""
    category: str = ""
    state: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class ListedPage(Generic[T]):
    """One page of a list."""

    rows: Sequence[T]
    n_rows: int
    page: int

    @property
    def n_pages(self) -> int:
        """Return the number of pages; an empty list has one."""
        return max(1, -(-self.n_rows // PAGE_SIZE))


@dataclass(frozen=True, slots=True)
class ListedJudge:
    """A judge, the address of the account (None without one), and assignments over all rounds.

    ``accepted_at`` is when the judge accepted the present code of conduct; None before, and where there is no code.
    """

    row: tables.Judge
    email: str | None
    n_assigned: int
    accepted_at: datetime | None


@dataclass(frozen=True, slots=True)
class ListedTeam:
    """A team and the number of its proposals."""

    row: tables.Team
    n_proposals: int


@dataclass(frozen=True, slots=True)
class ListedProposal:
    """A proposal, its team, and assignments over all rounds."""

    row: tables.Proposal
    team: tables.Team
    n_assigned: int


@dataclass(frozen=True, slots=True)
class ListedAssignment:
    """An assignment; ``sheet`` is the state of the newest scoresheet, ``source`` how it came; None before.

    ``entered_by`` and ``entered_from`` say who saved it and from which file; they matter when the judge has not.
    """

    row: tables.Assignment
    judge: tables.Judge
    proposal: tables.Proposal
    sheet: str | None
    source: str | None
    entered_by: str | None
    entered_from: str | None
    from_paper: bool | None


def list_judges(session: Session, actor: Actor, competition_key: str, filters: Filters) -> ListedPage[ListedJudge]:
    """Return a page of judges by key."""
    competition = get_competition(session, actor, competition_key, *ROSTER_READERS)
    where = [
        col(tables.Judge.competition_id) == competition.id,
        *_contains(filters.text, tables.Judge.key, tables.Judge.name),
        *_equals(filters.city, tables.Judge.city),
    ]
    n_assigned = _n_assigned(col(tables.Assignment.judge_id) == col(tables.Judge.id))
    accepted = and_(
        col(tables.ConductAcceptance.judge_id) == col(tables.Judge.id),
        col(tables.ConductAcceptance.digest) == conduct_digest(definition_of(competition)),
    )
    statement = (
        select(tables.Judge, tables.Person.email, n_assigned, tables.ConductAcceptance.accepted_at)
        .outerjoin(tables.Person, col(tables.Person.id) == col(tables.Judge.person_id))
        .outerjoin(tables.ConductAcceptance, accepted)
        .where(*where)
        .order_by(tables.Judge.key)
    )
    return _page(session, statement, filters, lambda row: ListedJudge(*row))


def list_teams(session: Session, actor: Actor, competition_key: str, filters: Filters) -> ListedPage[ListedTeam]:
    """Return a page of teams by key."""
    competition = get_competition(session, actor, competition_key, *ROSTER_READERS)
    n_proposals = select(func.count()).where(col(tables.Proposal.team_id) == col(tables.Team.id))
    statement = (
        select(tables.Team, n_proposals.correlate(tables.Team).scalar_subquery())
        .where(
            col(tables.Team.competition_id) == competition.id,
            *_contains(filters.text, tables.Team.key, tables.Team.name),
            *_equals(filters.city, tables.Team.city),
        )
        .order_by(tables.Team.key)
    )
    return _page(session, statement, filters, lambda row: ListedTeam(*row))


def list_proposals(
    session: Session, actor: Actor, competition_key: str, filters: Filters
) -> ListedPage[ListedProposal]:
    """Return a page of proposals by key."""
    competition = get_competition(session, actor, competition_key, *ROSTER_READERS)
    n_assigned = _n_assigned(col(tables.Assignment.proposal_id) == col(tables.Proposal.id))
    statement = (
        select(tables.Proposal, tables.Team, n_assigned)
        .join(tables.Team, col(tables.Team.id) == col(tables.Proposal.team_id))
        .where(
            col(tables.Proposal.competition_id) == competition.id,
            *_contains(filters.text, tables.Proposal.key, tables.Proposal.title, tables.Team.key, tables.Team.name),
            *_equals(filters.city, tables.Team.city),
            *_equals(filters.category, tables.Proposal.category),
        )
        .order_by(tables.Proposal.key)
    )
    return _page(session, statement, filters, lambda row: ListedProposal(*row))


def list_assignments(
    session: Session, actor: Actor, competition_key: str, round_key: str, filters: Filters
) -> ListedPage[ListedAssignment]:
    """Return a page of a round's assignments by judge and proposal."""
    _, round_row = get_round(session, actor, competition_key, round_key, *ROSTER_READERS)
    newest = and_(
        col(tables.Scoresheet.assignment_id) == col(tables.Assignment.id),
        is_effective(),
    )
    where = [
        col(tables.Assignment.round_id) == round_row.id,
        *_contains(filters.text, tables.Judge.key, tables.Judge.name, tables.Proposal.key, tables.Proposal.title),
        *_equals(filters.city, tables.Judge.city),
    ]
    if filters.state in ("recused", "withdrawn"):
        where.append(col(tables.Assignment.state) == filters.state)
    elif filters.state:
        sheet_state = col(tables.Scoresheet.state)
        where.append(col(tables.Assignment.state) == "active")
        where.append(sheet_state.is_(None) if filters.state == "empty" else sheet_state == filters.state)
    statement = (
        select(tables.Assignment, tables.Judge, tables.Proposal, tables.Scoresheet.state)
        .add_columns(col(tables.Scoresheet.source), col(tables.Person.name), col(tables.Scoresheet.entered_from))
        .add_columns(col(tables.Scoresheet.from_paper))
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
        .outerjoin(tables.Scoresheet, newest)
        .outerjoin(tables.Person, col(tables.Person.id) == col(tables.Scoresheet.saved_by))
        .where(*where)
        .order_by(tables.Judge.key, tables.Proposal.key)
    )
    return _page(session, statement, filters, lambda row: ListedAssignment(*row))


def _page(session: Session, statement: Any, filters: Filters, make_row: Any) -> ListedPage[Any]:
    n_rows = session.exec(select(func.count()).select_from(statement.order_by(None).subquery())).one()
    page = min(max(filters.page, 1), max(1, -(-n_rows // PAGE_SIZE)))
    rows = session.exec(statement.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)).all()
    return ListedPage([make_row(row) for row in rows], n_rows, page)


def _n_assigned(condition: ColumnElement[bool]) -> Any:
    active = select(func.count()).where(condition, col(tables.Assignment.state) == "active")
    return active.correlate(tables.Judge, tables.Proposal).scalar_subquery()


def _contains(text: str, *columns: Any) -> list[ColumnElement[bool]]:
    return [or_(*(col(column).icontains(text, autoescape=True) for column in columns))] if text else []


def _equals(value: str, column: Any) -> list[ColumnElement[bool]]:
    return [col(column) == value] if value else []
