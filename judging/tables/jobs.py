"""Jobs: long work that people ask for, its files, and the workers that do it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from judging.tables.types import JSONObject, JSONValue, KeyedRow, UTCDateTime, one_of

JOB_STATES = ("waiting", "running", "done", "failed", "cancelled")
UNFINISHED = ("waiting", "running")
FILE_ROLES = ("input", "output")


class Job(KeyedRow, table=True):
    """One piece of long work: who asked for it, how far it is, and what came of it.

    The row is written in the transaction of the request that asks, so that an answered request is never lost. While a
    job is unfinished, no second one with the same ``work_key`` exists: the button pressed twice is one job.
    """

    __tablename__ = "job"
    __table_args__ = (
        one_of("state", JOB_STATES, name="state_known"),
        CheckConstraint("progress >= 0 AND progress <= 1", name="progress_is_share"),
        CheckConstraint("(state IN ('waiting', 'running')) = (ended_at IS NULL)", name="ended_at_matches_state"),
        Index(
            "uq_job_work_key_unfinished",
            "work_key",
            unique=True,
            sqlite_where=text("state IN ('waiting', 'running')"),
            postgresql_where=text("state IN ('waiting', 'running')"),
        ),
        Index("ix_job_state", "state"),
    )

    kind: str = Field(max_length=20)
    work_key: str = Field(max_length=64)
    competition_id: int | None = Field(default=None, foreign_key="competition.id", index=True)
    round_id: int | None = Field(default=None, foreign_key="round.id", index=True)
    # Who asked for it; None for work that the clock started.
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    address: str = Field(default="", max_length=64)
    request: JSONObject = Field(default_factory=dict, sa_type=JSONValue)
    state: str = Field(default="waiting", max_length=20)
    # What is being done now, as a stored message, and the share of the work that is done.
    step: JSONObject | None = Field(default=None, sa_type=JSONValue)
    progress: float = 0.0
    result: JSONObject | None = Field(default=None, sa_type=JSONValue)
    # Why it failed: a stored message, and complaints by field.
    problem: JSONObject | None = Field(default=None, sa_type=JSONValue)
    attempts: int = 0
    worker: str = Field(default="", max_length=120)
    created_at: datetime = Field(sa_type=UTCDateTime)
    started_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    cancelled_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class JobFile(SQLModel, table=True):
    """The file that a job reads or makes; kept in the database, because its worker may run on another machine."""

    __tablename__ = "job_file"
    __table_args__ = (one_of("role", FILE_ROLES, name="role_known"),)

    job_id: int = Field(foreign_key="job.id", primary_key=True)
    role: str = Field(max_length=10, primary_key=True)
    name: str = Field(max_length=200)
    media_type: str = Field(max_length=100)
    content: bytes = Field(sa_type=LargeBinary)


class Worker(SQLModel, table=True):
    """A process that does jobs, and when it was last alive."""

    __tablename__ = "worker"

    name: str = Field(max_length=120, primary_key=True)
    started_at: datetime = Field(sa_type=UTCDateTime)
    seen_at: datetime = Field(sa_type=UTCDateTime)


class StoredResult(KeyedRow, table=True):
    """What a job computed, by the digest of everything that it depends on; it is computed once, whoever asks."""

    __tablename__ = "stored_result"
    __table_args__ = (UniqueConstraint("digest", name="uq_stored_result_digest"),)

    digest: str = Field(max_length=64)
    kind: str = Field(max_length=20)
    round_id: int = Field(foreign_key="round.id", index=True)
    result: JSONObject = Field(sa_type=JSONValue)
    created_at: datetime = Field(sa_type=UTCDateTime)
