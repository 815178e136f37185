"""How far a round has come: who has handed in what, who is late, which proposals have too few scoresheets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, and_, case, col, func, select

from judging import tables
from judging.services.competitions import rules_of
from judging.services.ratings import newest_version


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


_NEWEST = and_(
    col(tables.Scoresheet.assignment_id) == col(tables.Assignment.id),
    col(tables.Scoresheet.version) == newest_version(),
)
_N_SUBMITTED = func.sum(case((col(tables.Scoresheet.state) == "submitted", 1), else_=0))
_N_STARTED = func.sum(case((col(tables.Scoresheet.state) == "draft", 1), else_=0))


def progress_of(session: Session, round_row: tables.Round) -> RoundProgress:
    """Count the scoresheets of a round by judge and by proposal."""
    per_proposal = rules_of(round_row).readings.per_proposal
    recused = session.exec(
        select(func.count()).where(tables.Assignment.round_id == round_row.id, tables.Assignment.state == "recused")
    ).one()
    proposals = _proposals(session, round_row)
    thin = [proposal for proposal in proposals if proposal.n_submitted < per_proposal]
    return RoundProgress(
        judges=tuple(sorted(_judges(session, round_row), key=lambda judge: (-judge.n_open, judge.key))),
        thin=tuple(sorted(thin, key=lambda proposal: (proposal.n_submitted, proposal.key))),
        n_proposals=len(proposals),
        n_recused=recused,
        per_proposal=per_proposal,
    )


def _judges(session: Session, round_row: tables.Round) -> list[JudgeProgress]:
    rows = session.exec(
        select(
            tables.Judge,
            func.count(col(tables.Assignment.id)),
            _N_SUBMITTED,
            _N_STARTED,
            func.max(tables.Scoresheet.saved_at),
        )
        .join(tables.Assignment, col(tables.Assignment.judge_id) == col(tables.Judge.id))
        .outerjoin(tables.Scoresheet, _NEWEST)
        .where(tables.Assignment.round_id == round_row.id, tables.Assignment.state == "active")
        .group_by(*tables.Judge.__table__.columns)
    ).all()
    return [
        JudgeProgress(judge.key, judge.name, judge.city, assigned, submitted, started, last)
        for judge, assigned, submitted, started, last in rows
    ]


def _proposals(session: Session, round_row: tables.Round) -> list[ThinProposal]:
    active = and_(
        col(tables.Assignment.proposal_id) == col(tables.Proposal.id),
        col(tables.Assignment.round_id) == round_row.id,
        col(tables.Assignment.state) == "active",
    )
    rows = session.exec(
        select(tables.Proposal.key, tables.Proposal.title, func.count(col(tables.Assignment.id)), _N_SUBMITTED)
        .join(tables.RoundProposal, col(tables.RoundProposal.proposal_id) == col(tables.Proposal.id))
        .outerjoin(tables.Assignment, active)
        .outerjoin(tables.Scoresheet, _NEWEST)
        .where(tables.RoundProposal.round_id == round_row.id)
        .group_by(col(tables.Proposal.id), tables.Proposal.key, tables.Proposal.title)
    ).all()
    return [ThinProposal(key, title, assigned, submitted) for key, title, assigned, submitted in rows]
