"""What the host does: call a team, start its clock, go on, pause, go back, let a team come later or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from judging import tables
from judging.errors import Conflict, Message, NotFound
from judging.services import audit
from judging.services.access import Actor
from judging.services.decisions.conflicts_of_interest import require_unhidden
from judging.services.pitches.moves import CLOCKED, HOSTS, Stage, append_move, find_move, get_stage
from judging.services.pitches.running_order import PlacedPitch, order_with_places, put_last

ABOUT_ONE = ("later", "leave_out", "take_in")
"""Moves that name a proposal."""
_FROM = {
    "next": ("before", *CLOCKED, "ended"),
    "pitch": ("called",),
    "questions": ("pitch",),
    "scoring": ("pitch", "questions"),
}
"""Move on -> the phases from which it leads on."""
_NOT_NOW = Message("This cannot be done now. Nothing was changed; this is where the pitches are.")


def next_action(stage: Stage) -> str | None:
    """Return the move that comes next in the usual course; None when all pitches are over."""
    if stage.phase == "pitch" and not stage.policy.questions_minutes:
        return "scoring"
    return {"before": "next", "called": "pitch", "pitch": "questions", "questions": "scoring", "scoring": "next"}.get(
        stage.phase
    )


def move(
    session: Session,
    actor: Actor,
    competition_key: str,
    round_key: str,
    *,
    action: str,
    number: int,
    proposal: str = "",
    at: datetime,
) -> None:
    """Move the pitches of an open round on.

    Parameters
    ----------
    session : Session
    actor : Actor
        A chair or an organiser.
    competition_key, round_key : str
    action : one of schemas.pitches.MOVES
    number : int
        Of the newest move that the host has seen; 0 before the first.
    proposal : str
        Key of the proposal that comes later, is left out or is taken in again.
    at : datetime
        The clock starts here.

    Raises
    ------
    Conflict
        When another host has moved on in the meantime, when the action does not fit the phase, when the round is not
        open, or when a chair with a conflict of interest would move that team.
    NotFound
        When there is no such proposal in the round.
    """
    stage = get_stage(session, actor, competition_key, round_key, *HOSTS, number=number)
    if stage.round_row.state != "open":
        raise Conflict(Message("The pitches begin when the round is open: judges cannot score before."))
    placed = order_with_places(session, stage.round_row)
    if action in ABOUT_ONE:
        made = _about_one(session, actor, stage, placed, action, proposal, at=at)
    elif action in ("pause", "resume"):
        made = _clock(stage, action, at=at)
    elif action == "back":
        made = _back(session, stage, placed, at=at)
    else:
        made = _on(session, stage, placed, action, at=at)
    append_move(session, actor, stage, made)
    about = proposal or next((one.proposal.key for one in placed if _is(one, made.pitch_id)), "")
    audit.record_in_round(
        session,
        actor,
        "pitches.moved",
        stage.competition_row,
        stage.round_row,
        about,
        at=at,
        detail={"action": action, "phase": made.phase, "number": made.number},
    )


def _on(
    session: Session, stage: Stage, placed: Sequence[PlacedPitch], action: str, *, at: datetime
) -> tables.PitchMove:
    if stage.phase not in _FROM[action] or (action == "questions" and not stage.policy.questions_minutes):
        raise Conflict(_NOT_NOW)
    if action == "next":
        return _call(stage, placed, action, at=at)
    if action == "pitch":
        for one in placed:
            if _is(one, stage.pitch_id) and one.pitch is not None:
                one.pitch.began_at = at
                session.add(one.pitch)
    return stage.moved(action, action, stage.pitch_id, at=at)


def _call(stage: Stage, placed: Sequence[PlacedPitch], action: str, *, at: datetime, but: str = "") -> tables.PitchMove:
    """Return the move that calls the next team; after the last one, the pitches end."""
    waiting = [one for one in placed if one.waits and one.proposal.key != but]
    if waiting and waiting[0].pitch is not None:
        return stage.moved(action, "called", waiting[0].pitch.pk, at=at)
    if stage.phase == "ended":
        raise Conflict(_NOT_NOW)
    return stage.moved(action, "ended", None, at=at)


def _clock(stage: Stage, action: str, *, at: datetime) -> tables.PitchMove:
    if stage.phase not in CLOCKED or stage.is_paused != (action == "resume"):
        raise Conflict(_NOT_NOW)
    made = stage.unmoved(action, at=at)
    made.used_seconds = stage.used(at)
    made.running_since = at if action == "resume" else None
    return made


def _back(session: Session, stage: Stage, placed: Sequence[PlacedPitch], *, at: datetime) -> tables.PitchMove:
    """Return the move that restores the phase before; its clock has gone on meanwhile, unless it was paused."""
    if stage.newest is None or stage.phase == "before":
        raise Conflict(Message("The pitches have not begun; there is nothing to take back."))
    before = find_move(session, stage.round_row, stage.newest.back_to)
    made = tables.PitchMove(
        round_id=stage.round_row.pk,
        number=stage.number + 1,
        action="back",
        phase="before" if before is None else before.phase,
        pitch_id=None if before is None else before.pitch_id,
        used_seconds=0.0 if before is None else before.used_seconds,
        running_since=None if before is None else before.running_since,
        back_to=0 if before is None else before.back_to,
        moved_at=at,
    )
    for one in placed:
        if _is(one, made.pitch_id) and one.pitch is not None:
            one.pitch.is_left_out = False
            # Called again: its clock has not been started.
            one.pitch.began_at = None if made.phase == "called" else one.pitch.began_at
            session.add(one.pitch)
    return made


def _about_one(
    session: Session,
    actor: Actor,
    stage: Stage,
    placed: Sequence[PlacedPitch],
    action: str,
    proposal: str,
    *,
    at: datetime,
) -> tables.PitchMove:
    one = next((one for one in placed if one.proposal.key == proposal), None)
    if one is None or one.pitch is None:
        raise NotFound
    # Who has a tie to a team decides nothing about it, not even when it comes.
    require_unhidden(session, actor, stage.round_row.competition_id, proposal)
    if one.began_at is not None or one.is_left_out != (action == "take_in"):
        raise Conflict(_NOT_NOW)
    is_called = _is(one, stage.pitch_id)
    if action == "later":
        put_last(session, placed, one.pitch)
    else:
        one.pitch.is_left_out = action == "leave_out"
        session.add(one.pitch)
    if not is_called:
        return stage.unmoved(action, at=at)
    if action == "later" and not any(other.waits and other is not one for other in placed):
        raise Conflict(Message("No other team waits; there is nobody to call before this one."))
    return _call(stage, placed, action, at=at, but=proposal)


def _is(one: PlacedPitch, pitch_id: int | None) -> bool:
    return one.pitch is not None and one.pitch.id == pitch_id
