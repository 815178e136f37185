"""Conflicts of interest between people and proposals: declare, end those of others, what is hidden because of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, InvalidInput, Listed, Message, NotAllowed, NotFound
from judging.schemas.typed_decisions import ConflictSchema, load
from judging.services import audit
from judging.services.access import READERS, Actor, get_competition, require_person
from judging.services.assignments.declared_conflicts import close_conflicted
from judging.services.decisions.conflict_kinds import stored_kind


@dataclass(frozen=True, slots=True)
class DeclaredConflict:
    """A conflict of interest in force: the row, the proposal, and the name of the person."""

    row: tables.ConflictOfInterest
    proposal: tables.Proposal
    person: str


def declare(
    session: Session,
    actor: Actor,
    competition_key: str,
    *,
    proposal_key: str,
    kind: str,
    reason: str = "",
    at: datetime,
) -> tables.ConflictOfInterest:
    """Declare a conflict of interest of the actor; afterwards everything about the proposal is hidden from the actor.

    A judge steps back from it in every round that is not closed.

    Declaring again changes kind and reason, and reactivates a withdrawn declaration.
    """
    competition_row = get_competition(session, actor, competition_key, *READERS, "judge")
    person_id = require_person(actor, Message("A conflict of interest is a person's: sign in to declare it."))
    request = load(ConflictSchema, {"proposal": proposal_key, "kind": kind, "reason": reason})
    proposal = session.exec(
        select(tables.Proposal).where(
            tables.Proposal.competition_id == competition_row.id, tables.Proposal.key == request["proposal"]
        )
    ).one_or_none()
    if proposal is None:
        raise InvalidInput({"proposal": Message("there is no proposal `{proposal}`", proposal=request["proposal"])})
    stored, own_kind = stored_kind(competition_row, request["kind"])
    if request["kind"] == "other" and not request["reason"]:
        raise InvalidInput({"reason": Message("Please say in a few words why.")})
    row = session.exec(
        select(tables.ConflictOfInterest).where(
            tables.ConflictOfInterest.person_id == person_id,
            tables.ConflictOfInterest.proposal_id == proposal.id,
        )
    ).one_or_none() or tables.ConflictOfInterest(
        person_id=person_id, proposal_id=proposal.pk, kind=stored, declared_at=at
    )
    if (
        row.id is not None
        and row.withdrawn_at is None
        and (row.named_kind, row.reason) == (request["kind"], request["reason"])
    ):
        return row
    row.kind, row.own_kind, row.reason = stored, own_kind, request["reason"]
    row.declared_at, row.withdrawn_at = at, None
    session.add(row)
    session.flush()
    close_conflicted(session, competition_row)
    _record_declaration(session, actor, "conflict.declared", competition_row, proposal, row, at=at)
    return row


def withdraw(
    session: Session, actor: Actor, competition_key: str, *, proposal_key: str, person_id: int | None, at: datetime
) -> None:
    """End the declaration of another person, who made it by mistake or no longer has the tie.

    Nobody ends their own: a conflict of interest could then be withdrawn in order to look.

    Raises
    ------
    Conflict
        When the declaration is the actor's own.
    NotAllowed
        When the actor has a conflict of interest with the same proposal.
    """
    competition_row = get_competition(session, actor, competition_key, "chair", "organiser")
    if person_id is None or person_id == actor.person_id:
        raise Conflict(
            Message(
                "You declared this conflict of interest yourself. Another chair or an organiser can end it; you cannot."
            )
        )
    require_unhidden(session, actor, competition_row.pk, proposal_key)
    declaration_found = next(
        (
            declaration
            for declaration in list_declared(session, competition_row)
            if declaration.proposal.key == proposal_key and declaration.row.person_id == person_id
        ),
        None,
    )
    if declaration_found is None:
        raise NotFound
    declaration_found.row.withdrawn_at = at
    session.add(declaration_found.row)
    session.flush()
    _record_declaration(
        session, actor, "conflict.withdrawn", competition_row, declaration_found.proposal, declaration_found.row, at=at
    )


def list_declared(session: Session, competition_row: tables.Competition) -> list[DeclaredConflict]:
    """Return the conflicts in force in a competition, by person and proposal."""
    rows = session.exec(
        select(tables.ConflictOfInterest, tables.Proposal, tables.Person.name)
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.ConflictOfInterest.proposal_id))
        .join(tables.Person, col(tables.Person.id) == col(tables.ConflictOfInterest.person_id))
        .where(
            tables.Proposal.competition_id == competition_row.id,
            col(tables.ConflictOfInterest.withdrawn_at).is_(None),
        )
        .order_by(tables.Person.name, tables.Proposal.key)
    ).all()
    return [DeclaredConflict(row, proposal, name) for row, proposal, name in rows]


def list_own(session: Session, actor: Actor, competition_key: str) -> list[DeclaredConflict]:
    """Return the actor's own conflicts in force."""
    competition_row = get_competition(session, actor, competition_key, *READERS, "judge")
    return [
        declaration
        for declaration in list_declared(session, competition_row)
        if declaration.row.person_id == actor.person_id
    ]


def hidden_proposals(session: Session, actor: Actor, competition_id: int) -> frozenset[str]:
    """Return the keys of the proposals about which the actor may only see that they take part."""
    if actor.person_id is None:
        return frozenset()
    entered = session.exec(
        select(tables.Proposal.key)
        .join(tables.JudgeConflict, col(tables.JudgeConflict.proposal_id) == col(tables.Proposal.id))
        .join(tables.Judge, col(tables.Judge.id) == col(tables.JudgeConflict.judge_id))
        .where(
            tables.Proposal.competition_id == competition_id,
            tables.Judge.person_id == actor.person_id,
            tables.JudgeConflict.state == "in_force",
        )
    )
    return frozenset(entered) | frozenset(
        session.exec(
            select(tables.Proposal.key)
            .join(tables.ConflictOfInterest, col(tables.ConflictOfInterest.proposal_id) == col(tables.Proposal.id))
            .where(
                tables.Proposal.competition_id == competition_id,
                tables.ConflictOfInterest.person_id == actor.person_id,
                col(tables.ConflictOfInterest.withdrawn_at).is_(None),
            )
        )
    )


def people_in_conflict(session: Session, competition_id: int, proposal_key: str) -> list[str]:
    """Return the names of everybody with a conflict of interest in force with a proposal, in their order."""
    declared = (
        select(tables.Person.name)
        .join(tables.ConflictOfInterest, col(tables.ConflictOfInterest.person_id) == col(tables.Person.id))
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.ConflictOfInterest.proposal_id))
        .where(col(tables.ConflictOfInterest.withdrawn_at).is_(None))
    )
    entered = (
        select(tables.Judge.name)
        .join(tables.JudgeConflict, col(tables.JudgeConflict.judge_id) == col(tables.Judge.id))
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.JudgeConflict.proposal_id))
        .where(tables.JudgeConflict.state == "in_force")
    )
    of_this = (tables.Proposal.competition_id == competition_id, tables.Proposal.key == proposal_key)
    return sorted({name for rows in (declared, entered) for name in session.exec(rows.where(*of_this))})


def require_unhidden(session: Session, actor: Actor, competition_id: int, proposal_key: str) -> None:
    """Raise NotAllowed when the actor has a conflict of interest with the proposal."""
    if proposal_key in hidden_proposals(session, actor, competition_id):
        raise NotAllowed(
            Message(
                "You declared a conflict of interest with {proposal}: its scores, comments and decisions are hidden "
                "from you, and others decide on it.",
                proposal=proposal_key,
            )
        )


def require_nothing_hidden(session: Session, actor: Actor, competition_id: int) -> None:
    """Raise NotAllowed for a file with the complete content, when part of it is hidden from the actor."""
    hidden = hidden_proposals(session, actor, competition_id)
    if hidden:
        raise NotAllowed(
            Message(
                "This file would show you {proposals}, with which you declared a conflict of interest. Ask an "
                "organiser or another chair for what you need of it.",
                proposals=Listed(sorted(hidden)),
            )
        )


def _record_declaration(
    session: Session,
    actor: Actor,
    action: str,
    competition_row: tables.Competition,
    proposal: tables.Proposal,
    row: tables.ConflictOfInterest,
    *,
    at: datetime,
) -> None:
    subject = f"{competition_row.key} {proposal.key}"
    detail = {"kind": row.named_kind}
    audit.record(session, actor, action, subject, at=at, competition_id=competition_row.id, detail=detail)
