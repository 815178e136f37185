"""The pitches of a round: the running order, and every move of those who lead through it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint, false
from sqlmodel import Field

from judging.tables.types import KeyedRow, UTCDateTime, one_of

PITCH_PHASES = ("before", "called", "pitch", "questions", "scoring", "ended")
"""``before`` the first team is called, ``called`` to the stage, three phases with a clock, the end of all pitches."""


class Pitch(KeyedRow, table=True):
    """The place of a proposal in the running order; one without a row comes after those that have one."""

    __tablename__ = "pitch"
    __table_args__ = (
        UniqueConstraint("round_id", "proposal_id", name="uq_pitch_round_id_proposal_id"),
        CheckConstraint("place >= 1", name="place_from_one"),
    )

    round_id: int = Field(foreign_key="round.id")
    proposal_id: int = Field(foreign_key="proposal.id", index=True)
    # Two places may be equal for a moment while the order is changed, so no constraint says that they differ.
    place: int
    is_left_out: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    # When its clock was started first; NULL while the team still waits.
    began_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class PitchMove(KeyedRow, table=True):
    """One move: where the pitches are after it. Appended, never changed: triggers refuse it.

    The newest move of a round is the state. Two people who press at once get the same number, and the database refuses
    the second.
    """

    __tablename__ = "pitch_move"
    __table_args__ = (
        UniqueConstraint("round_id", "number", name="uq_pitch_move_round_id_number"),
        one_of("phase", PITCH_PHASES, name="phase_known"),
        CheckConstraint("number >= 1", name="number_from_one"),
        CheckConstraint("back_to >= 0 AND back_to < number", name="back_to_earlier"),
        CheckConstraint("(phase IN ('before', 'ended')) = (pitch_id IS NULL)", name="pitch_matches_phase"),
        CheckConstraint("used_seconds >= 0", name="used_seconds_not_negative"),
    )

    round_id: int = Field(foreign_key="round.id")
    number: int
    action: str = Field(max_length=20)
    phase: str = Field(max_length=20)
    pitch_id: int | None = Field(default=None, foreign_key="pitch.id", index=True)
    # The clock of the phase has used `used_seconds` before `running_since`; it stands still when that is NULL.
    used_seconds: float = 0.0
    running_since: datetime | None = Field(default=None, sa_type=UTCDateTime)
    # The move whose state "back" restores; 0 is the state before the first move.
    back_to: int
    moved_at: datetime = Field(sa_type=UTCDateTime)
    moved_by: int | None = Field(default=None, foreign_key="person.id")
