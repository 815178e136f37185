"""The stage of a round, and how a move is appended: the newest move is where the pitches are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Conflict, Message
from judging.round_policies import PitchPolicy
from judging.services.access import Actor, get_round
from judging.services.competitions.definitions import rules_of

HOSTS = ("chair", "organiser")
"""Roles that lead through the pitches."""
CLOCKED = ("pitch", "questions", "scoring")
"""Phases with a clock."""
NO_PITCHES = Message("This round has no pitches: its rules say nothing of `pitches`.")
_MOVED_ON = Message("Somebody else has moved on in the meantime. Nothing was done; this is where the pitches are now.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A round with pitches, and its newest move; without one, the pitches are before their begin.

    ``number`` is that of the newest move, 0 without any.
    """

    competition_row: tables.Competition
    round_row: tables.Round
    policy: PitchPolicy
    newest: tables.PitchMove | None

    @property
    def number(self) -> int:
        """Return the number of the newest move."""
        return 0 if self.newest is None else self.newest.number

    @property
    def phase(self) -> str:
        """Return where the pitches are."""
        return "before" if self.newest is None else self.newest.phase

    @property
    def pitch_id(self) -> int | None:
        """Return the pitch that is called or on the stage."""
        return None if self.newest is None else self.newest.pitch_id

    @property
    def limit(self) -> int | None:
        """Return the seconds of the clock; None in a phase without one."""
        return limit_of(self.policy, self.phase)

    def used(self, at: datetime) -> float:
        """Return the seconds that the clock has used until a time."""
        if self.newest is None:
            return 0.0
        since = self.newest.running_since
        return self.newest.used_seconds + (0.0 if since is None else max(0.0, (at - since).total_seconds()))

    def remaining(self, at: datetime) -> float | None:
        """Return the seconds that are left at a time, below 0 when it is over; None without a clock."""
        return None if self.limit is None else self.limit - self.used(at)

    @property
    def is_paused(self) -> bool:
        """Return whether the clock of a phase with a clock stands still."""
        return self.phase in CLOCKED and self.newest is not None and self.newest.running_since is None

    def moved(self, action: str, phase: str, pitch_id: int | None, *, at: datetime) -> tables.PitchMove:
        """Return the move into a phase, with its clock started."""
        return tables.PitchMove(
            round_id=self.round_row.pk,
            number=self.number + 1,
            action=action,
            phase=phase,
            pitch_id=pitch_id,
            running_since=at if phase in CLOCKED else None,
            back_to=self.number,
            moved_at=at,
        )

    def unmoved(self, action: str, *, at: datetime) -> tables.PitchMove:
        """Return a move that changes neither phase nor clock; "back" leads from it where it led before."""
        newest = self.newest
        return tables.PitchMove(
            round_id=self.round_row.pk,
            number=self.number + 1,
            action=action,
            phase=self.phase,
            pitch_id=self.pitch_id,
            used_seconds=0.0 if newest is None else newest.used_seconds,
            running_since=None if newest is None else newest.running_since,
            back_to=0 if newest is None else newest.back_to,
            moved_at=at,
        )


def limit_of(policy: PitchPolicy, phase: str) -> int | None:
    """Return the seconds of a phase; None in a phase without a clock."""
    minutes = {
        "pitch": policy.pitch_minutes,
        "questions": policy.questions_minutes,
        "scoring": policy.scoring_minutes,
    }.get(phase)
    return None if minutes is None else 60 * minutes


def find_move(session: Session, round_row: tables.Round, number: int | None = None) -> tables.PitchMove | None:
    """Return a move of a round by its number, or the newest one; one read of an index."""
    query = select(tables.PitchMove).where(tables.PitchMove.round_id == round_row.id)
    if number is not None:
        query = query.where(tables.PitchMove.number == number)
    return session.exec(query.order_by(col(tables.PitchMove.number).desc()).limit(1)).one_or_none()


def find_stage(session: Session, competition_row: tables.Competition, round_row: tables.Round) -> Stage | None:
    """Return the stage of a round, or None when its rules have no pitches; the caller checks permissions."""
    policy = rules_of(round_row).pitches
    if policy is None:
        return None
    newest = find_move(session, round_row)
    return Stage(competition_row=competition_row, round_row=round_row, policy=policy, newest=newest)


def get_stage(session: Session, actor: Actor, competition_key: str, round_key: str, *roles: str, number: int) -> Stage:
    """Return the stage for a person who wants to change something and has seen the move ``number``.

    Raises
    ------
    NotFound, NotAllowed
        As ``access.get_round``.
    Conflict
        When the round has no pitches or is closed, or somebody has moved on in the meantime.
    """
    stage = find_stage(session, *get_round(session, actor, competition_key, round_key, *roles))
    if stage is None:
        raise Conflict(NO_PITCHES)
    if stage.round_row.state == "closed":
        raise Conflict(Message("This round is closed. Its pitches can be read, but no longer changed."))
    if stage.number != number:
        raise Conflict(_MOVED_ON)
    return stage


def append_move(session: Session, actor: Actor, stage: Stage, move: tables.PitchMove) -> None:
    """Append a move with whatever else has changed; Conflict when somebody else has appended one at the same moment."""
    move.moved_by = actor.person_id
    store_unless_moved_on(session, [move])


def store_unless_moved_on(session: Session, rows: Sequence[tables.Pitch | tables.PitchMove]) -> None:
    """Store new rows; Conflict when somebody else has stored the same ones at the same moment."""
    try:
        with session.begin_nested():
            session.add_all(rows)
    except IntegrityError as error:
        raise Conflict(_MOVED_ON) from error
