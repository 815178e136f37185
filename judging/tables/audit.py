"""The audit log: append-only and hash-chained."""

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from judging.tables.types import JSONObject, JSONValue, KeyedRow, UTCDateTime


class AuditEntry(KeyedRow, table=True):
    """Who did what, when and from which address; each hash includes the previous hash. Triggers refuse any change."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        UniqueConstraint("hash", name="uq_audit_entry_hash"),
        # The chain must not branch: two entries cannot both follow the same entry.
        UniqueConstraint("previous_hash", name="uq_audit_entry_previous_hash"),
    )

    at: datetime = Field(sa_type=UTCDateTime)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    competition_id: int | None = Field(default=None, foreign_key="competition.id", index=True)
    actor: str = Field(max_length=254)
    address: str = Field(default="", max_length=64)
    action: str = Field(max_length=60, index=True)
    subject: str = Field(max_length=200)
    detail: JSONObject = Field(default_factory=dict, sa_type=JSONValue)
    # Rows that the transaction stored, by name, each with its digest; None for a deleted row. See `row_digests`.
    stored: JSONObject | None = Field(default=None, sa_type=JSONValue)
    previous_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class AuditHead(SQLModel, table=True):
    """The last hash of the chain: one row, locked by the transaction that writes the next entry.

    Without it, two transactions on PostgreSQL could both read the same last entry, and one would fail at commit.
    """

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="single_row"),)

    id: int = Field(default=1, primary_key=True)
    hash: str = Field(max_length=64)
