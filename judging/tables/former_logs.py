"""What came with an event from another installation: that installation's audit log of the event, to read only."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from judging.tables.types import JSONObject, JSONValue, KeyedRow, UTCDateTime


class FormerLog(KeyedRow, table=True):
    """An installation that an event was at before, and what its log was then. Appended, never changed."""

    __tablename__ = "former_log"

    competition_id: int = Field(foreign_key="competition.id", index=True)
    # The public key of that installation, and the newest head of its log, signed; empty where it had no key.
    installation: str = Field(default="", max_length=64)
    head: str = Field(default="", max_length=400)
    head_position: int
    head_hash: str = Field(max_length=64)
    # SHA-256 of the file that the event came in.
    file_digest: str = Field(max_length=64)
    exported_at: datetime = Field(sa_type=UTCDateTime)
    imported_at: datetime = Field(sa_type=UTCDateTime)


class FormerEntry(KeyedRow, table=True):
    """An entry of a former log as it was there, with its number and its hash. Appended, never changed.

    ``former_person_id`` and ``former_competition_id`` are the keys of that installation, which the hash covers;
    ``person_id`` is the same person here.
    """

    __tablename__ = "former_entry"
    __table_args__ = (UniqueConstraint("former_log_id", "number", name="uq_former_entry_former_log_id_number"),)

    former_log_id: int = Field(foreign_key="former_log.id")
    competition_id: int = Field(foreign_key="competition.id", index=True)
    number: int
    at: datetime = Field(sa_type=UTCDateTime)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    former_person_id: int | None = None
    former_competition_id: int | None = None
    actor: str = Field(max_length=254)
    address: str = Field(default="", max_length=64)
    action: str = Field(max_length=60)
    subject: str = Field(max_length=200)
    detail: JSONObject = Field(default_factory=dict, sa_type=JSONValue)
    stored: JSONObject | None = Field(default=None, sa_type=JSONValue)
    previous_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64)
