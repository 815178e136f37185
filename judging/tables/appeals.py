"""Appeals of teams after a release. Every row is appended, never changed."""

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from judging.tables.types import JSONObject, JSONValue, KeyedRow, UTCDateTime, one_of

APPEAL_OUTCOMES = ("stands", "changed")


class Appeal(KeyedRow, table=True):
    """A team's appeal against a release: who asked, and why."""

    __tablename__ = "appeal"
    __table_args__ = (
        UniqueConstraint("round_id", "number", name="uq_appeal_round_id_number"),
        CheckConstraint("reason <> '' AND asked_by <> ''", name="reason_given"),
    )

    round_id: int = Field(foreign_key="round.id")
    proposal_id: int = Field(foreign_key="proposal.id")
    # The release in force when it was entered.
    release_id: int = Field(foreign_key="release.id")
    number: int
    # The name of whoever asked for the team; teams have no accounts.
    asked_by: str = Field(max_length=200)
    reason: str
    entered_at: datetime = Field(sa_type=UTCDateTime)
    entered_by: int = Field(foreign_key="person.id")


class AppealEffect(KeyedRow, table=True):
    """Whether a further scoresheet of one judge could change the decision, as it was computed."""

    __tablename__ = "appeal_effect"

    appeal_id: int = Field(foreign_key="appeal.id", index=True)
    judge_id: int = Field(foreign_key="judge.id")
    content: JSONObject = Field(sa_type=JSONValue)
    computed_at: datetime = Field(sa_type=UTCDateTime)
    computed_by: int = Field(foreign_key="person.id")


class AppealReading(KeyedRow, table=True):
    """A judge who is to score the proposal because of an appeal, also in a closed round, until it is settled."""

    __tablename__ = "appeal_reading"
    __table_args__ = (UniqueConstraint("assignment_id", name="uq_appeal_reading_assignment_id"),)

    appeal_id: int = Field(foreign_key="appeal.id", index=True)
    assignment_id: int = Field(foreign_key="assignment.id")
    asked_at: datetime = Field(sa_type=UTCDateTime)
    asked_by: int = Field(foreign_key="person.id")


class AppealOutcome(KeyedRow, table=True):
    """How an appeal ended: the decision stands, or a later release that all required chairs signed has changed it."""

    __tablename__ = "appeal_outcome"
    __table_args__ = (
        UniqueConstraint("appeal_id", name="uq_appeal_outcome_appeal_id"),
        one_of("outcome", APPEAL_OUTCOMES, name="outcome_known"),
        CheckConstraint("reason <> ''", name="reason_given"),
        CheckConstraint("(outcome = 'changed') = (release_id IS NOT NULL)", name="changed_by_release"),
    )

    appeal_id: int = Field(foreign_key="appeal.id")
    outcome: str = Field(max_length=20)
    reason: str
    release_id: int | None = Field(default=None, foreign_key="release.id")
    settled_at: datetime = Field(sa_type=UTCDateTime)
    settled_by: int = Field(foreign_key="person.id")
    sign_in_session_id: int | None = Field(default=None, foreign_key="sign_in_session.id")
    confirmed_by: str | None = Field(default=None, max_length=20)
