"""Conflicts of interest of judges: organisers enter them, and confirm or refuse those that the rosters suggest.

While one is in force, the pair is never assigned, scored or opened: the judge has stepped back from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, InvalidInput, Message
from judging.schemas.cell_fields import folded
from judging.schemas.typed_decisions import JudgeConflictSchema, WithdrawalSchema, load
from judging.services import audit
from judging.services.access import ROSTER_READERS, Actor, get_competition
from judging.services.assignments.declared_conflicts import close_conflicted

_KIND_OF = {"email_domain": "employer", "affiliation": "employer", "mentoring": "mentoring"}
ORIGINS = ("hand", *_KIND_OF)
"""Where a conflict can come from."""
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
class EnteredConflict:
    """A conflict that an organiser entered or confirmed."""

    row: tables.JudgeConflict
    judge: tables.Judge
    proposal: tables.Proposal


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
        return _KIND_OF[self.origin]


def list_entered(session: Session, actor: Actor, competition_key: str) -> list[EnteredConflict]:
    """Return the conflicts in force that organisers entered or confirmed, by judge and proposal."""
    competition_row = get_competition(session, actor, competition_key, *ROSTER_READERS)
    rows = session.exec(
        select(tables.JudgeConflict, tables.Judge, tables.Proposal)
        .join(tables.Judge, col(tables.Judge.id) == col(tables.JudgeConflict.judge_id))
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.JudgeConflict.proposal_id))
        .where(tables.Judge.competition_id == competition_row.id, tables.JudgeConflict.state == "in_force")
        .order_by(tables.Judge.key, tables.Proposal.key)
    ).all()
    return [EnteredConflict(*row) for row in rows]


def list_proposed(session: Session, actor: Actor, competition_key: str) -> list[ProposedConflict]:
    """Return the pairs that e-mail domains, affiliations and mentors suggest, without those decided or declared."""
    competition_row = get_competition(session, actor, competition_key, *ROSTER_READERS)
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
        for origin, why in [*_suggested(judge, email, team)][:1]
    ]


def enter(
    session: Session,
    actor: Actor,
    competition_key: str,
    *,
    judge_key: str,
    proposal_key: str,
    kind: str,
    reason: str = "",
    origin: str = "hand",
    at: datetime,
) -> list[tuple[str, str]]:
    """Enter a conflict of a judge, or confirm a proposed one; return the pairs that are closed by it.

    The judge steps back from the proposal in every round that is not closed; a submitted scoresheet no longer counts.

    Raises
    ------
    InvalidInput
        When judge or proposal are not on the rosters, or the kind is unknown; ``other`` needs a reason.
    """
    competition_row = get_competition(session, actor, competition_key, "organiser")
    typed = {"judge": judge_key, "proposal": proposal_key, "kind": kind, "reason": reason}
    request = load(JudgeConflictSchema, typed)
    if request["kind"] == "other" and not request["reason"]:
        raise InvalidInput({"reason": Message("Please say in a few words why.")})
    judge, proposal = _pair(session, competition_row, request["judge"], request["proposal"])
    row = _row(session, judge, proposal)
    if row is None:
        row = tables.JudgeConflict(
            judge_id=judge.pk, proposal_id=proposal.pk, kind=request["kind"], origin=origin, state="", decided_at=at
        )
    row.kind, row.reason, row.origin, row.state = request["kind"], request["reason"], origin, "in_force"
    row.decided_at, row.decided_by = at, actor.person_id
    session.add(row)
    session.flush()
    closed = close_conflicted(session, competition_row)
    _record(session, actor, "conflict.entered", competition_row, judge, proposal, row, at=at, closed=closed)
    return closed


def refuse(
    session: Session,
    actor: Actor,
    competition_key: str,
    *,
    judge_key: str,
    proposal_key: str,
    origin: str,
    at: datetime,
) -> None:
    """Refuse a proposed conflict: it is none, and is not proposed again.

    Raises
    ------
    Conflict
        When it is in force.
    """
    competition_row = get_competition(session, actor, competition_key, "organiser")
    judge, proposal = _pair(session, competition_row, judge_key, proposal_key)
    row = _row(session, judge, proposal)
    if row is not None and row.state == "in_force":
        raise Conflict(Message("This conflict of interest is in force; end it instead."))
    if row is None:
        row = tables.JudgeConflict(
            judge_id=judge.pk,
            proposal_id=proposal.pk,
            kind=_KIND_OF.get(origin, "other"),
            origin=origin if origin in _KIND_OF else "hand",
            state="refused",
            decided_at=at,
        )
    row.state, row.decided_at, row.decided_by = "refused", at, actor.person_id
    session.add(row)
    session.flush()
    _record(session, actor, "conflict.refused", competition_row, judge, proposal, row, at=at)


def end(
    session: Session,
    actor: Actor,
    competition_key: str,
    *,
    judge_key: str,
    proposal_key: str,
    reason: str,
    at: datetime,
) -> None:
    """End a conflict that an organiser entered; what the judge stepped back from is given back by hand.

    Raises
    ------
    InvalidInput
        Without a reason.
    Conflict
        When there is none in force.
    """
    competition_row = get_competition(session, actor, competition_key, "organiser")
    request = load(WithdrawalSchema, {"reason": reason})
    judge, proposal = _pair(session, competition_row, judge_key, proposal_key)
    row = _row(session, judge, proposal)
    if row is None or row.state != "in_force":
        raise Conflict(Message("No conflict of interest of this judge with this proposal is in force."))
    row.state, row.reason, row.decided_at, row.decided_by = "ended", request["reason"], at, actor.person_id
    session.add(row)
    session.flush()
    _record(session, actor, "conflict.ended", competition_row, judge, proposal, row, at=at)


def _suggested(judge: tables.Judge, email: str | None, team: tables.Team) -> Iterator[tuple[str, Message]]:
    mentors = {folded(part) for part in (team.mentors or "").replace("，", ",").replace("、", ",").split(",")} - {""}
    if mentors & {folded(judge.key), folded(judge.name), folded(email or "")}:
        yield "mentoring", Message("{team} names this judge as a mentor", team=team.name)
    if judge.affiliation and team.affiliation and folded(judge.affiliation) == folded(team.affiliation):
        yield "affiliation", Message("both are of {name}", name=judge.affiliation)
    domain = (email or "").rpartition("@")[2].lower()
    if domain and domain not in _PUBLIC_DOMAINS and domain == (team.email or "").rpartition("@")[2].lower():
        yield "email_domain", Message("both have an address of {domain}", domain=domain)


def _pair(
    session: Session, competition_row: tables.Competition, judge_key: str, proposal_key: str
) -> tuple[tables.Judge, tables.Proposal]:
    judge = session.exec(
        select(tables.Judge).where(tables.Judge.competition_id == competition_row.id, tables.Judge.key == judge_key)
    ).one_or_none()
    proposal = session.exec(
        select(tables.Proposal).where(
            tables.Proposal.competition_id == competition_row.id, tables.Proposal.key == proposal_key
        )
    ).one_or_none()
    complaints: dict[str, str] = {}
    if judge is None:
        complaints["judge"] = Message("there is no judge `{judge}`", judge=judge_key)
    if proposal is None:
        complaints["proposal"] = Message("there is no proposal `{proposal}`", proposal=proposal_key)
    if judge is None or proposal is None:
        raise InvalidInput(complaints)
    return judge, proposal


def _row(session: Session, judge: tables.Judge, proposal: tables.Proposal) -> tables.JudgeConflict | None:
    return session.exec(
        select(tables.JudgeConflict).where(
            tables.JudgeConflict.judge_id == judge.id, tables.JudgeConflict.proposal_id == proposal.id
        )
    ).one_or_none()


def _record(
    session: Session,
    actor: Actor,
    action: str,
    competition_row: tables.Competition,
    judge: tables.Judge,
    proposal: tables.Proposal,
    row: tables.JudgeConflict,
    *,
    at: datetime,
    closed: list[tuple[str, str]] | None = None,
) -> None:
    detail: dict[str, object] = {"kind": row.kind, "origin": row.origin}
    if row.reason:
        detail["reason"] = row.reason
    if closed:
        detail["stepped_back"] = [list(pair) for pair in closed]
    audit.record(
        session,
        actor,
        action,
        f"{competition_row.key} {judge.key} {proposal.key}",
        at=at,
        competition_id=competition_row.pk,
        detail=detail,
    )
