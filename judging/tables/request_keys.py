"""Idempotency keys of requests to the API."""

from datetime import datetime

from sqlalchemy import Column, LargeBinary, UniqueConstraint
from sqlmodel import Field

from judging.tables.types import JSONValue, KeyedRow, UTCDateTime


class RequestKey(KeyedRow, table=True):
    """A key that a person's program gave to a request, stored with what the request has changed.

    ``status``, ``headers`` and ``body`` are its answer; they are NULL until the answer is made, and remain so when the
    process ended before.
    """

    __tablename__ = "request_key"
    __table_args__ = (UniqueConstraint("person_id", "key", name="uq_request_key_person_id_key"),)

    person_id: int = Field(foreign_key="person.id")
    key: str = Field(max_length=255)
    request_digest: str = Field(max_length=64)
    created_at: datetime = Field(sa_type=UTCDateTime, index=True)
    status: int | None = None
    headers: list[list[str]] | None = Field(default=None, sa_column=Column(JSONValue, nullable=True))
    body: bytes | None = Field(default=None, sa_type=LargeBinary)
