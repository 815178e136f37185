"""The appeals of a round: enter one, list them, settle one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, InvalidInput, Message, NotFound
from judging.schemas.appeals import AppealSchema, OutcomeSchema
from judging.schemas.typed_decisions import load
from judging.services import audit
from judging.services.access import READERS, Actor, get_round, require_confirmed, require_person
from judging.services.competitions.definitions import definition_of
from judging.services.competitions.numbering import next_number
from judging.services.decisions.conflicts_of_interest import hidden_proposals, require_unhidden
from judging.services.releases.in_force import SignedRelease, in_force, list_signed
from judging.services.scoresheets.entered import names_of
from judging.services.scoresheets.versions import has_submitted

ENTERERS = ("organiser", "chair")
_NEEDS_PERSON = Message("An appeal records who did what: sign in.")


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealJudge:
    """A judge who is asked to score because of an appeal."""

    judge: str
    name: str
    asked_at: datetime
    is_submitted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealEffectShown:
    """Whether a further scoresheet of a judge could change anything; ``content`` is that of `appeal_effects`."""

    judge: str
    name: str
    computed_at: datetime
    content: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedAppeal:
    """An appeal with all that was done about it."""

    row: tables.Appeal
    proposal: str
    title: str
    release: int
    entered_by: str
    effects: tuple[AppealEffectShown, ...]
    judges: tuple[AppealJudge, ...]
    outcome: tables.AppealOutcome | None
    settled_by: str
    changed_by: int | None

    @property
    def state(self) -> str:
        """Return ``open``, or the outcome."""
        return "open" if self.outcome is None else self.outcome.outcome


def list_appeals(session: Session, actor: Actor, competition_key: str, round_key: str) -> list[ListedAppeal]:
    """Return the appeals of a round, newest first, without those of proposals that are hidden from the actor."""
    competition_row, round_row = get_round(session, actor, competition_key, round_key, *READERS)
    hidden = hidden_proposals(session, actor, competition_row.pk)
    return [one for one in appeals_of(session, round_row) if one.proposal not in hidden]


def get_appeal(session: Session, actor: Actor, competition_key: str, round_key: str, number: int) -> ListedAppeal:
    """Return one appeal; NotFound without one."""
    for one in list_appeals(session, actor, competition_key, round_key):
        if one.row.number == number:
            return one
    raise NotFound


def enter_appeal(
    session: Session, actor: Actor, competition_key: str, round_key: str, typed: dict[str, Any], *, at: datetime
) -> tables.Appeal:
    """Enter the appeal of a team; the caller commits.

    Raises
    ------
    InvalidInput
        Without a name, a reason, or a proposal of this round.
    Conflict
        When nothing has been released, or an appeal of the same proposal is open.
    """
    request = load(AppealSchema, typed)
    competition_row, round_row = get_round(session, actor, competition_key, round_key, *ENTERERS)
    session.refresh(round_row, with_for_update={"key_share": True})
    person = require_person(actor, _NEEDS_PERSON)
    signed = _in_force(session, competition_row, round_row)
    if signed is None:
        raise Conflict(Message("Nothing has been released in this round yet."))
    require_unhidden(session, actor, competition_row.pk, request["proposal"])
    proposal = session.exec(
        select(tables.Proposal)
        .join(tables.RoundProposal, col(tables.RoundProposal.proposal_id) == col(tables.Proposal.id))
        .where(
            tables.RoundProposal.round_id == round_row.id,
            tables.Proposal.key == request["proposal"],
            col(tables.RoundProposal.withdrawn_at).is_(None),
        )
    ).one_or_none()
    if proposal is None:
        raise InvalidInput({"proposal": [Message("There is no such proposal in this round.")]})
    if any(one.row.proposal_id == proposal.pk and one.outcome is None for one in appeals_of(session, round_row)):
        raise Conflict(Message("An appeal about {proposal} is open. Settle it first.", proposal=proposal.named))
    row = tables.Appeal(
        round_id=round_row.pk,
        proposal_id=proposal.pk,
        release_id=signed.row.pk,
        number=next_number(session, tables.Appeal, round_row),
        asked_by=request["asked_by"],
        reason=request["reason"],
        entered_at=at,
        entered_by=person,
    )
    session.add(row)
    session.flush()
    audit.record_in_round(
        session,
        actor,
        "appeal.entered",
        competition_row,
        round_row,
        f"appeal {row.number} {proposal.key}",
        at=at,
        detail={"asked_by": row.asked_by, "reason": row.reason, "release": signed.row.number},
    )
    return row


def settle_appeal(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    number: int,
    typed: dict[str, Any],
    *,
    at: datetime,
) -> tables.AppealOutcome:
    """Settle an appeal: the decision stands, or a later release has changed it. The caller commits.

    Raises
    ------
    ConfirmationNeeded
        When the actor has not confirmed with a second factor lately, and must.
    Conflict
        When it is settled already, a judge who was asked has not submitted, or it is to be changed and no release that
        all required chairs signed came after it.
    """
    request = load(OutcomeSchema, typed)
    competition_row, round_row = get_round(session, actor, competition_key, round_key, "chair")
    session.refresh(round_row, with_for_update={"key_share": True})
    person = require_person(actor, _NEEDS_PERSON)
    require_confirmed(actor)
    appeal = get_appeal(session, actor, competition_key, round_key, number)
    require_open(appeal)
    waiting = [one.name for one in appeal.judges if not one.is_submitted]
    if waiting:
        raise Conflict(Message("{name} was asked to score and has not submitted yet.", name=waiting[0]))
    release_id = None
    if request["outcome"] == "changed":
        signed = _in_force(session, competition_row, round_row)
        if signed is None or signed.row.number <= appeal.release:
            raise Conflict(
                Message(
                    "The released list changes only by a new release that the chairs have signed. Calibrate again, "
                    "propose a release, and let it be signed; then settle the appeal."
                )
            )
        release_id = signed.row.pk
    outcome = tables.AppealOutcome(
        appeal_id=appeal.row.pk,
        outcome=request["outcome"],
        reason=request["reason"],
        release_id=release_id,
        settled_at=at,
        settled_by=person,
        sign_in_session_id=actor.session_id,
        confirmed_by=actor.confirmed_by,
    )
    session.add(outcome)
    session.flush()
    audit.record_in_round(
        session,
        actor,
        "appeal.settled",
        competition_row,
        round_row,
        f"appeal {number} {appeal.proposal}",
        at=at,
        detail={"outcome": outcome.outcome, "reason": outcome.reason, "confirmed_by": actor.confirmed_by},
    )
    return outcome


def require_open(appeal: ListedAppeal) -> None:
    """Raise Conflict for an appeal that is settled."""
    if appeal.outcome is not None:
        raise Conflict(Message("Appeal {number} is settled.", number=appeal.row.number))


def appeals_of(session: Session, round_row: tables.Round) -> list[ListedAppeal]:
    """Return the appeals of a round, newest first; the caller checks permissions."""
    rows = session.exec(
        select(tables.Appeal, tables.Proposal, tables.Release.number)
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Appeal.proposal_id))
        .join(tables.Release, col(tables.Release.id) == col(tables.Appeal.release_id))
        .where(tables.Appeal.round_id == round_row.id)
        .order_by(col(tables.Appeal.number).desc())
    ).all()
    keys = [row.pk for row, _, _ in rows]
    outcomes = {
        one.appeal_id: one
        for one in session.exec(select(tables.AppealOutcome).where(col(tables.AppealOutcome.appeal_id).in_(keys)))
    }
    releases = dict(
        session.exec(
            select(col(tables.Release.id), tables.Release.number).where(tables.Release.round_id == round_row.id)
        ).all()
    )
    effects, judges = _effects(session, keys), _judges(session, keys)
    people = {row.entered_by for row, _, _ in rows} | {one.settled_by for one in outcomes.values()}
    names = names_of(session, set(people))
    return [
        ListedAppeal(
            row=row,
            proposal=proposal.key,
            title=proposal.title,
            release=release,
            entered_by=names.get(row.entered_by, ""),
            effects=tuple(effects.get(row.pk, ())),
            judges=tuple(judges.get(row.pk, ())),
            outcome=outcome,
            settled_by="" if outcome is None else names.get(outcome.settled_by, ""),
            changed_by=None if outcome is None or outcome.release_id is None else releases[outcome.release_id],
        )
        for row, proposal, release in rows
        for outcome in (outcomes.get(row.pk),)
    ]


def _effects(session: Session, keys: Sequence[int]) -> dict[int, list[AppealEffectShown]]:
    found: dict[int, list[AppealEffectShown]] = {}
    for effect, judge in session.exec(
        select(tables.AppealEffect, tables.Judge)
        .join(tables.Judge, col(tables.Judge.id) == col(tables.AppealEffect.judge_id))
        .where(col(tables.AppealEffect.appeal_id).in_(keys))
        .order_by(col(tables.AppealEffect.id).desc())
    ):
        shown = AppealEffectShown(
            judge=judge.key, name=judge.name, computed_at=effect.computed_at, content=effect.content
        )
        found.setdefault(effect.appeal_id, []).append(shown)
    return found


def _judges(session: Session, keys: Sequence[int]) -> dict[int, list[AppealJudge]]:
    found: dict[int, list[AppealJudge]] = {}
    for reading, judge in session.exec(
        select(tables.AppealReading, tables.Judge)
        .join(tables.Assignment, col(tables.Assignment.id) == col(tables.AppealReading.assignment_id))
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .where(col(tables.AppealReading.appeal_id).in_(keys), tables.Assignment.state == "active")
        .order_by(col(tables.AppealReading.id))
    ):
        asked = AppealJudge(
            judge=judge.key,
            name=judge.name,
            asked_at=reading.asked_at,
            is_submitted=has_submitted(session, reading.assignment_id),
        )
        found.setdefault(reading.appeal_id, []).append(asked)
    return found


def _in_force(session: Session, competition_row: tables.Competition, round_row: tables.Round) -> SignedRelease | None:
    return in_force(list_signed(session, definition_of(competition_row), round_row))
