"""A judge gives an assignment back: by a recusal, which declares a conflict of interest, or by an abstention.

Both close the scoresheet to the judge, it no longer counts, and no plan assigns the proposal to this judge again. A
recusal is undone by the organiser only. An abstention says nothing about a conflict; the judge may take it back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from judging import tables
from judging.competition import ABSTENTION_KINDS, CONFLICT_KINDS
from judging.errors import Conflict, InvalidInput, Message, NotFound
from judging.schemas.scoresheets import MAX_JUSTIFICATION, clean
from judging.services import audit
from judging.services.access import Actor, get_round, require_role
from judging.services.appeals.open_readings import is_open_for
from judging.services.assignments.permitted import PermittedPairs
from judging.services.competitions.definitions import definition_of, rules_of
from judging.services.mail.mailer import Mailer
from judging.services.mail.outbox import new_message, recipient_of
from judging.services.scoresheets.saving import CLOSED_TEXT, RECUSED_TEXT
from judging.services.scoresheets.scoring import get_judge

_ABSTAINED = "abstained/"


@dataclass(frozen=True, slots=True)
class GivenBack:
    """Why an assignment was given back; ``kind`` is of ABSTENTION_KINDS or CONFLICT_KINDS, or text of a file."""

    is_abstention: bool
    kind: str
    text: str


def given_back(reason: str) -> GivenBack:
    """Return the stored reason of an assignment that was given back.

    >>> given_back("abstained/files: the deck does not open")
    GivenBack(is_abstention=True, kind='files', text='the deck does not open')
    >>> given_back("family")
    GivenBack(is_abstention=False, kind='family', text='')
    """
    kind, _colon, text = reason.removeprefix(_ABSTAINED).partition(": ")
    return GivenBack(reason.startswith(_ABSTAINED), kind, text)


def recuse(
    session: Session,
    actor: Actor,
    assignment_id: int,
    *,
    reason: str,
    text: str,
    at: datetime,
    mailer: Mailer | None = None,
) -> None:
    """Recuse the judge from an assignment, with a kind of conflict of interest as the reason; organisers are told.

    Raises
    ------
    InvalidInput
        When the reason is no kind of conflict of the competition, or the text is missing or too long.
    Conflict
        When the round is closed, or the assignment was given back already.
    NotFound
        When the assignment is not the actor's.
    """
    text = _checked(reason, text, _conflict_kinds(session, assignment_id, reason))
    _lock_for_writing(session, actor, assignment_id)
    _set_state(session, assignment_id, "recused", f"{reason}: {text}" if text else reason)
    _tell_organisers(session, mailer, actor, assignment_id, at=at)
    _record(session, actor, "assignment.recused", assignment_id, at=at, reason=reason)


def abstain(
    session: Session,
    actor: Actor,
    assignment_id: int,
    *,
    reason: str,
    text: str,
    at: datetime,
    mailer: Mailer | None = None,
) -> None:
    """Give an assignment back without a conflict of interest; the reason is one of ABSTENTION_KINDS.

    It raises what ``recuse`` raises.
    """
    text = _checked(reason, text, ABSTENTION_KINDS)
    _lock_for_writing(session, actor, assignment_id)
    _set_state(session, assignment_id, "recused", _ABSTAINED + (f"{reason}: {text}" if text else reason))
    _tell_organisers(session, mailer, actor, assignment_id, at=at)
    _record(session, actor, "assignment.abstained", assignment_id, at=at, reason=reason)


def take_back_abstention(session: Session, actor: Actor, assignment_id: int, *, at: datetime) -> None:
    """Let the judge score a proposal again from which the judge had abstained.

    Raises
    ------
    Conflict
        When the round is closed, or the judge did not abstain: a recusal is undone by the organiser.
    NotFound
        When the assignment is not the actor's.
    """
    _lock_for_writing(session, actor, assignment_id, given_back_too=True)
    assignment = session.get_one(tables.Assignment, assignment_id)
    if assignment.state != "recused" or not given_back(assignment.reason).is_abstention:
        raise Conflict(Message("You have not abstained from this proposal."))
    _set_state(session, assignment_id, "active", "")
    _record(session, actor, "assignment.abstention_undone", assignment_id, at=at)


def return_to_judge(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    *,
    judge_key: str,
    proposal_key: str,
    at: datetime,
) -> None:
    """Give an assignment back to the judge who had given it back; the organiser's to do. See ``undo_recusal``."""
    _, round_row = get_round(session, actor, competition_key, round_key, "organiser")
    assignment_id = session.exec(
        select(tables.Assignment.id)
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
        .where(
            tables.Assignment.round_id == round_row.id,
            tables.Judge.key == judge_key,
            tables.Proposal.key == proposal_key,
        )
    ).one_or_none()
    if assignment_id is None:
        raise NotFound
    undo_recusal(session, actor, assignment_id, at=at)


def undo_recusal(session: Session, actor: Actor, assignment_id: int, *, at: datetime) -> None:
    """Give an assignment back to the judge who had given it back; the organiser's to do.

    Raises
    ------
    Conflict
        When the judge has not given it back, or the round is closed: a sheet submitted before would count again.
    """
    assignment = session.get(tables.Assignment, assignment_id)
    if assignment is None:
        raise NotFound
    round_row = session.get_one(tables.Round, assignment.round_id)
    require_role(actor, round_row.competition_id, "organiser")
    if round_row.state == "closed":
        raise Conflict(Message("The round is closed. Reopen it before you give a proposal back to a judge."))
    if assignment.state != "recused":
        raise Conflict(Message("The judge has not stepped back from this proposal."))
    permitted = PermittedPairs.of(session, round_row, at_most=False)
    judge, proposal = (
        session.get_one(tables.Judge, assignment.judge_id),
        session.get_one(tables.Proposal, assignment.proposal_id),
    )
    if refusal := permitted.refusal(judge, proposal):
        raise Conflict(refusal)
    _set_state(session, assignment_id, "active", "")
    _record(session, actor, "assignment.recusal_undone", assignment_id, at=at)


def _checked(reason: str, text: str, kinds: tuple[str, ...]) -> str:
    text = " ".join(clean(text).split())
    complaints: dict[str, str] = {}
    if reason not in kinds:
        complaints["reason"] = Message("Choose a reason.")
    elif reason == "other" and not text:
        complaints["text"] = Message("Please say in a few words why.")
    if len(text) > MAX_JUSTIFICATION:
        complaints["text"] = Message(
            "This text has {length} characters; at most {limit} fit.", length=len(text), limit=MAX_JUSTIFICATION
        )
    if complaints:
        raise InvalidInput(complaints)
    return text


def _set_state(session: Session, assignment_id: int, state: str, reason: str) -> None:
    assignment = session.get_one(tables.Assignment, assignment_id)
    assignment.state, assignment.reason = state, reason
    session.add(assignment)


def _conflict_kinds(session: Session, assignment_id: int, reason: str) -> tuple[str, ...]:
    """Return the kinds of conflicts; those of the competition's own only where the reason is none of the others."""
    if reason in CONFLICT_KINDS:
        return CONFLICT_KINDS
    competition = session.exec(
        select(tables.Competition)
        .join(tables.Round, col(tables.Round.competition_id) == col(tables.Competition.id))
        .join(tables.Assignment, col(tables.Assignment.round_id) == col(tables.Round.id))
        .where(tables.Assignment.id == assignment_id)
    ).one_or_none()
    own = () if competition is None else definition_of(competition).policies.own_conflict_keys
    return (*CONFLICT_KINDS, *own)


def _lock_for_writing(session: Session, actor: Actor, assignment_id: int, *, given_back_too: bool = False) -> None:
    # The same locks as those of a save: nobody saves this sheet or closes the round at the same time.
    assignment = session.get(
        tables.Assignment, assignment_id, with_for_update={"key_share": True}, populate_existing=True
    )
    if assignment is None:
        raise NotFound
    round_row = session.get_one(
        tables.Round, assignment.round_id, with_for_update={"read": True}, populate_existing=True
    )
    judge = get_judge(session, actor, round_row.competition_id)
    if assignment.judge_id != judge.id or assignment.state == "withdrawn" or round_row.state == "draft":
        raise NotFound
    if assignment.state == "recused" and not given_back_too:
        raise Conflict(RECUSED_TEXT)
    if round_row.state != "open" and not is_open_for(session, assignment_id):
        raise Conflict(CLOSED_TEXT)


def _tell_organisers(
    session: Session, mailer: Mailer | None, actor: Actor, assignment_id: int, *, at: datetime
) -> None:
    """Queue a message to every organiser: somebody else is to score the proposal."""
    if mailer is None:
        return
    assignment = session.get_one(tables.Assignment, assignment_id)
    round_row = session.get_one(tables.Round, assignment.round_id)
    people = session.exec(
        select(tables.Person)
        .join(tables.Role, col(tables.Role.person_id) == col(tables.Person.id))
        .where(
            tables.Role.competition_id == round_row.competition_id,
            tables.Role.role == "organiser",
            col(tables.Person.is_active),
        )
        .order_by(col(tables.Person.id))
    ).all()
    content = {
        "round": rules_of(round_row).name.by_language,
        "judge": session.get_one(tables.Judge, assignment.judge_id).name,
        "title": session.get_one(tables.Proposal, assignment.proposal_id).title,
    }
    session.add_all(
        new_message(
            mailer,
            actor,
            "given_back",
            recipient_of(person),
            at=at,
            competition_id=round_row.competition_id,
            content=content,
        )
        for person in people
    )


def _record(session: Session, actor: Actor, action: str, assignment_id: int, *, at: datetime, **detail: object) -> None:
    assignment = session.get_one(tables.Assignment, assignment_id)
    round_row = session.get_one(tables.Round, assignment.round_id)
    proposal = session.get_one(tables.Proposal, assignment.proposal_id)
    judge = session.get_one(tables.Judge, assignment.judge_id)
    audit.record(
        session,
        actor,
        action,
        f"{round_row.key}/{proposal.key}/{judge.key}",
        at=at,
        competition_id=round_row.competition_id,
        detail=dict(detail),
    )
