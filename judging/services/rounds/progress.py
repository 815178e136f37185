"""How far a round has come: who has handed in what, who is late, which proposals have too few scoresheets."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, and_, col, func, select

from judging import tables
from judging.services.competitions import rules_of
from judging.services.scoresheets.versions import is_newest


@dataclass(frozen=True, slots=True)
class JudgeProgress:
    """What one judge has done; ``n_started`` are saved and not handed in."""

    key: str
    name: str
    city: str
    n_assigned: int
    n_submitted: int
    n_started: int
    last_saved_at: datetime | None

    @property
    def n_open(self) -> int:
        """Return how many scoresheets are still to come."""
        return self.n_assigned - self.n_submitted


@dataclass(frozen=True, slots=True)
class ThinProposal:
    """A proposal with fewer submitted scoresheets than the rules ask for."""

    key: str
    title: str
    n_assigned: int
    n_submitted: int


@dataclass(frozen=True, slots=True)
class RoundProgress:
    """The state of a round's scoresheets.

    Attributes
    ----------
    judges : tuple of JudgeProgress
        Those with most still to do first.
    thin : tuple of ThinProposal
        Fewest submitted first.
    n_proposals, n_assigned, n_submitted, n_recused : int
    per_proposal : int
        Scoresheets that the rules ask for.
    """

    judges: tuple[JudgeProgress, ...]
    thin: tuple[ThinProposal, ...]
    n_proposals: int
    n_recused: int
    per_proposal: int

    @property
    def n_assigned(self) -> int:
        """Return how many scoresheets are asked for."""
        return sum(judge.n_assigned for judge in self.judges)

    @property
    def n_submitted(self) -> int:
        """Return how many of them are handed in."""
        return sum(judge.n_submitted for judge in self.judges)

    @property
    def n_judges_done(self) -> int:
        """Return how many judges have handed in everything."""
        return sum(judge.n_open == 0 for judge in self.judges)


def progress_of(session: Session, round_row: tables.Round) -> RoundProgress:
    """Count the scoresheets of a round by judge and by proposal."""
    per_proposal = rules_of(round_row).readings.per_proposal
    recused = session.exec(
        select(func.count(col(tables.Assignment.id))).where(
            tables.Assignment.round_id == round_row.id, tables.Assignment.state == "recused"
        )
    ).one()
    # Ten thousand narrow rows are counted here sooner than a database groups them over three joins.
    sheets = _sheets(session, round_row)
    proposals = _proposals(session, round_row, sheets)
    thin = [proposal for proposal in proposals if proposal.n_submitted < per_proposal]
    return RoundProgress(
        judges=tuple(sorted(_judges(session, sheets), key=lambda judge: (-judge.n_open, judge.key))),
        thin=tuple(sorted(thin, key=lambda proposal: (proposal.n_submitted, proposal.key))),
        n_proposals=len(proposals),
        n_recused=recused,
        per_proposal=per_proposal,
    )


@dataclass(frozen=True, slots=True)
class _Sheet:
    """An active assignment and the state of its newest scoresheet, None before the first."""

    judge_id: int
    proposal_id: int
    state: str | None
    saved_at: datetime | None


def _sheets(session: Session, round_row: tables.Round) -> list[_Sheet]:
    rows = session.exec(
        select(
            tables.Assignment.judge_id,
            tables.Assignment.proposal_id,
            tables.Scoresheet.state,
            tables.Scoresheet.saved_at,
        )
        .outerjoin(
            tables.Scoresheet, and_(col(tables.Scoresheet.assignment_id) == col(tables.Assignment.id), is_newest())
        )
        .where(tables.Assignment.round_id == round_row.id, tables.Assignment.state == "active")
    ).all()
    return [_Sheet(*row) for row in rows]


def _judges(session: Session, sheets: list[_Sheet]) -> list[JudgeProgress]:
    of_judge: dict[int, list[_Sheet]] = {}
    for sheet in sheets:
        of_judge.setdefault(sheet.judge_id, []).append(sheet)
    judges = session.exec(select(tables.Judge).where(col(tables.Judge.id).in_(list(of_judge)))).all()
    return [_progress_of_judge(judge, of_judge[judge.pk]) for judge in judges]


def _progress_of_judge(judge: tables.Judge, sheets: list[_Sheet]) -> JudgeProgress:
    return JudgeProgress(
        key=judge.key,
        name=judge.name,
        city=judge.city,
        n_assigned=len(sheets),
        n_submitted=sum(sheet.state == "submitted" for sheet in sheets),
        n_started=sum(sheet.state == "draft" for sheet in sheets),
        last_saved_at=max((sheet.saved_at for sheet in sheets if sheet.saved_at is not None), default=None),
    )


def _proposals(session: Session, round_row: tables.Round, sheets: list[_Sheet]) -> list[ThinProposal]:
    assigned = Counter(sheet.proposal_id for sheet in sheets)
    submitted = Counter(sheet.proposal_id for sheet in sheets if sheet.state == "submitted")
    listed = session.exec(
        select(tables.Proposal)
        .join(tables.RoundProposal, col(tables.RoundProposal.proposal_id) == col(tables.Proposal.id))
        .where(tables.RoundProposal.round_id == round_row.id)
    ).all()
    return [ThinProposal(row.key, row.title, assigned[row.pk], submitted[row.pk]) for row in listed]
