"""The roster of a competition: judges, teams and proposals by key."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from sqlmodel import Session, col, select

from judging import tables


@dataclass(slots=True)
class CompetitionRoster:
    """All judges, teams and proposals of a competition by key, and the e-mail addresses of judges with an account."""

    competition_id: int
    judges: dict[str, tables.Judge]
    teams: dict[str, tables.Team]
    proposals: dict[str, tables.Proposal]
    emails: dict[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, session: Session, competition: tables.Competition) -> Self:
        """Load a competition's roster."""
        people = session.exec(
            select(tables.Judge.id, tables.Person.email)
            .join(tables.Person, col(tables.Person.id) == col(tables.Judge.person_id))
            .where(tables.Judge.competition_id == competition.id)
        ).all()
        judges = session.exec(select(tables.Judge).where(tables.Judge.competition_id == competition.id)).all()
        teams = session.exec(select(tables.Team).where(tables.Team.competition_id == competition.id)).all()
        proposals = session.exec(select(tables.Proposal).where(tables.Proposal.competition_id == competition.id)).all()
        return cls(
            competition.pk,
            {row.key: row for row in judges},
            {row.key: row for row in teams},
            {row.key: row for row in proposals},
            {judge_id: email for judge_id, email in people if judge_id is not None},
        )


def enter_round(session: Session, round_row: tables.Round, proposals: list[tables.Proposal]) -> int:
    """Add proposals to a round; return the number of those that were not in it."""
    present = set(
        session.exec(select(tables.RoundProposal.proposal_id).where(tables.RoundProposal.round_id == round_row.id))
    )
    ids = dict.fromkeys(proposal.pk for proposal in proposals)
    missing = [proposal_id for proposal_id in ids if proposal_id not in present]
    session.add_all(tables.RoundProposal(round_id=round_row.pk, proposal_id=proposal_id) for proposal_id in missing)
    session.flush()
    return len(missing)
