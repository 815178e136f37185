"""Conflicts of interest that the rosters suggest, for an organiser to confirm or refuse."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Message
from judging.schemas.cell_fields import folded
from judging.services.access import ROSTER_READERS, Actor, get_competition
from judging.services.competitions.definitions import definition_of

KIND_OF = {"email_domain": "employer", "affiliation": "employer", "mentoring": "mentoring"}
"""Where a suggestion comes from -> the kind of conflict that it would be."""
# Addresses there say nothing about where somebody works.
_PUBLIC_DOMAINS = frozenset(
    [
        "gmail.com",
        "googlemail.com",
        "outlook.com",
        "hotmail.com",
        "live.com",
        "msn.com",
        "yahoo.com",
        "yahoo.com.hk",
        "icloud.com",
        "me.com",
        "mac.com",
        "proton.me",
        "protonmail.com",
        "gmx.net",
        "gmx.com",
        "aol.com",
        "qq.com",
        "foxmail.com",
        "163.com",
        "126.com",
        "yeah.net",
        "sina.com",
        "sina.cn",
        "sohu.com",
        "139.com",
        "189.cn",
        "aliyun.com",
        "netvigator.com",
    ]
)


@dataclass(frozen=True, slots=True)
class ProposedConflict:
    """A pair that the rosters suggest, and why; somebody confirms or refuses it."""

    judge: tables.Judge
    proposal: tables.Proposal
    team: tables.Team
    origin: str
    why: Message

    @property
    def kind(self) -> str:
        """Return the kind of conflict that it would be."""
        return KIND_OF[self.origin]


def list_proposed(session: Session, actor: Actor, competition_key: str) -> list[ProposedConflict]:
    """Return the pairs that e-mail domains, affiliations and mentors suggest, without those decided or declared.

    A kind that the rules do not ask about is not suggested: in a contest of one school all have the same employer.
    """
    competition_row = get_competition(session, actor, competition_key, *ROSTER_READERS)
    asked = definition_of(competition_row).policies.conflicts
    decided = set(
        session.exec(
            select(tables.JudgeConflict.judge_id, tables.JudgeConflict.proposal_id)
            .join(tables.Judge, col(tables.Judge.id) == col(tables.JudgeConflict.judge_id))
            .where(tables.Judge.competition_id == competition_row.id)
        ).all()
    )
    declared = set(
        session.exec(
            select(tables.Judge.id, tables.ConflictOfInterest.proposal_id)
            .join(tables.Judge, col(tables.Judge.person_id) == col(tables.ConflictOfInterest.person_id))
            .where(tables.Judge.competition_id == competition_row.id)
        ).all()
    )
    judges = session.exec(
        select(tables.Judge, tables.Person.email)
        .outerjoin(tables.Person, col(tables.Person.id) == col(tables.Judge.person_id))
        .where(tables.Judge.competition_id == competition_row.id, col(tables.Judge.is_active))
        .order_by(tables.Judge.key)
    ).all()
    proposals = session.exec(
        select(tables.Proposal, tables.Team)
        .join(tables.Team, col(tables.Team.id) == col(tables.Proposal.team_id))
        .where(tables.Proposal.competition_id == competition_row.id, col(tables.Proposal.withdrawn_at).is_(None))
        .order_by(tables.Proposal.key)
    ).all()
    return [
        ProposedConflict(judge, proposal, team, origin, why)
        for judge, email in judges
        for proposal, team in proposals
        if (judge.pk, proposal.pk) not in decided | declared
        for origin, why in [one for one in _suggested(judge, email, team) if KIND_OF[one[0]] in asked][:1]
    ]


def _suggested(judge: tables.Judge, email: str | None, team: tables.Team) -> Iterator[tuple[str, Message]]:
    mentors = {folded(part) for part in (team.mentors or "").replace("，", ",").replace("、", ",").split(",")} - {""}
    if mentors & {folded(judge.key), folded(judge.name), folded(email or "")}:
        yield "mentoring", Message("{team} names this judge as a mentor", team=team.name)
    if judge.affiliation and team.affiliation and folded(judge.affiliation) == folded(team.affiliation):
        yield "affiliation", Message("both are of {name}", name=judge.affiliation)
    domain = (email or "").rpartition("@")[2].lower()
    if domain and domain not in _PUBLIC_DOMAINS and domain in {one.rpartition("@")[2].lower() for one in team.emails}:
        yield "email_domain", Message("both have an address of {domain}", domain=domain)
