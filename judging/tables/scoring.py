"""Assignments, and every version of every scoresheet."""

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint, false
from sqlmodel import Field, SQLModel

from judging.tables.types import KeyedRow, UTCDateTime, one_of

ASSIGNMENT_STATES = ("active", "recused", "withdrawn")
ASSIGNMENT_SOURCES = ("import", "plan", "hand")
SCORESHEET_STATES = ("draft", "submitted")
SCORESHEET_SOURCES = ("form", "api", "import", "workbook")


class Assignment(KeyedRow, table=True):
    """This judge is to score this proposal in this round."""

    __tablename__ = "assignment"
    __table_args__ = (
        UniqueConstraint("round_id", "judge_id", "proposal_id", name="uq_assignment_round_id_judge_id_proposal_id"),
        one_of("state", ASSIGNMENT_STATES, name="state_known"),
        one_of("source", ASSIGNMENT_SOURCES, name="source_known"),
        CheckConstraint("state = 'active' OR reason <> ''", name="reason_when_not_active"),
        CheckConstraint("state = 'withdrawn' OR NOT withdrawn_by_plan", name="by_plan_only_when_withdrawn"),
    )

    round_id: int = Field(foreign_key="round.id", index=True)
    judge_id: int = Field(foreign_key="judge.id", index=True)
    proposal_id: int = Field(foreign_key="proposal.id", index=True)
    state: str = Field(default="active", max_length=20)
    reason: str = ""
    # A later plan may assign the proposal to this judge again. An assignment that a person withdrew may not return.
    withdrawn_by_plan: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    source: str = Field(default="import", max_length=20)
    assigned_at: datetime = Field(sa_type=UTCDateTime)


class Scoresheet(KeyedRow, table=True):
    """One version of one judge's scores for one proposal. Appended, never changed: triggers refuse it.

    The current scoresheet of an assignment is the one with the highest version. Reopening appends a draft.
    """

    __tablename__ = "scoresheet"
    __table_args__ = (
        UniqueConstraint("assignment_id", "version", name="uq_scoresheet_assignment_id_version"),
        CheckConstraint("version >= 1", name="version_from_one"),
        one_of("state", SCORESHEET_STATES, name="state_known"),
        one_of("source", SCORESHEET_SOURCES, name="source_known"),
        CheckConstraint("confidence IS NULL OR confidence BETWEEN 1 AND 3", name="confidence_range"),
    )

    assignment_id: int = Field(foreign_key="assignment.id", index=True)
    version: int
    state: str = Field(max_length=20)
    source: str = Field(max_length=20)
    comment: str = ""
    # For the panel chair only, in no workbook and no bundle. NULL when there is none.
    chair_note: str | None = None
    justification: str = ""
    language: str | None = Field(default=None, max_length=20)
    confidence: int | None = None
    identity_revealed: bool = False
    saved_at: datetime = Field(sa_type=UTCDateTime)
    # None when no signed-in person entered it.
    saved_by: int | None = Field(default=None, foreign_key="person.id")
    # The session in which that person entered it; how it began says whether somebody else could have.
    sign_in_session_id: int | None = Field(default=None, foreign_key="sign_in_session.id")
    # The second person of a sheet that somebody else than the judge has entered.
    confirmed_by: int | None = Field(default=None, foreign_key="person.id")
    # The name of the file that it came from.
    entered_from: str | None = Field(default=None, max_length=200)
    # True where it was typed from paper, and a second person or the judge stands for it too; otherwise NULL.
    from_paper: bool | None = None


class Score(SQLModel, table=True):
    """One number or comment on one criterion of one scoresheet version. Missing is not zero: value may be None."""

    __tablename__ = "score"
    __table_args__ = (CheckConstraint("value IS NOT NULL OR comment <> ''", name="not_empty"),)

    scoresheet_id: int = Field(foreign_key="scoresheet.id", primary_key=True)
    criterion: str = Field(max_length=60, primary_key=True)
    value: float | None = None
    comment: str = ""
