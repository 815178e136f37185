"""The roster of a competition: judges, teams and proposals by key."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, Listed, Message
from judging.services.competitions.definitions import is_practice, rules_of


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


def without_practice(
    session: Session, proposals: list[tables.Proposal], round_row: tables.Round
) -> list[tables.Proposal]:
    """Return the proposals that may enter a round.

    Practice proposals enter the round that names them, and no other; withdrawn proposals enter none.
    """
    practice = _practice_rounds(session, round_row.competition_id)
    own = round_row.pk if is_practice(round_row) else None
    return [proposal for proposal in proposals if practice.get(proposal.key) == own and proposal.withdrawn_at is None]


def _practice_rounds(session: Session, competition_id: int) -> dict[str, int]:
    """Return the round of each practice proposal, by the proposal's key."""
    rounds = session.exec(select(tables.Round).where(tables.Round.competition_id == competition_id))
    named = ((row.pk, rules_of(row).practice) for row in rounds)
    return {proposal.key: pk for pk, practice in named if practice for proposal in practice.proposals}


def enter_round(session: Session, round_row: tables.Round, proposals: list[tables.Proposal]) -> int:
    """Add proposals to a round; return the number of those that were not in it.

    Raises
    ------
    Conflict
        When a practice proposal would enter a round that is ranked, or another proposal a round of practice, or a
        proposal has been withdrawn.
    """
    if withdrawn := sorted({proposal.named for proposal in proposals if proposal.withdrawn_at is not None}):
        raise Conflict(Message("{proposals} has been withdrawn; put it back first.", proposals=Listed(withdrawn)))
    allowed = {proposal.pk for proposal in without_practice(session, proposals, round_row)}
    if refused := sorted({proposal.named for proposal in proposals if proposal.pk not in allowed}):
        names = Listed(refused)
        if is_practice(round_row):
            raise Conflict(
                Message(
                    "Round {round} is practice, and its rules do not name {proposals}.",
                    round=round_row.key,
                    proposals=names,
                )
            )
        raise Conflict(
            Message(
                "{proposals} is for practice and takes part in no round that is ranked.",
                proposals=names,
            )
        )
    present = set(
        session.exec(select(tables.RoundProposal.proposal_id).where(tables.RoundProposal.round_id == round_row.id))
    )
    ids = dict.fromkeys(proposal.pk for proposal in proposals)
    missing = [proposal_id for proposal_id in ids if proposal_id not in present]
    session.add_all(tables.RoundProposal(round_id=round_row.pk, proposal_id=proposal_id) for proposal_id in missing)
    session.flush()
    return len(missing)
