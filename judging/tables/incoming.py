"""Uploaded files between their reading and their import, and how files of one shape were read."""

from datetime import datetime

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlmodel import Field

from judging.tables.types import JSONObject, JSONValue, KeyedRow, UTCDateTime


class IncomingFile(KeyedRow, table=True):
    """A file that a person has uploaded and not yet imported: nobody has to choose it again after looking at it."""

    __tablename__ = "incoming_file"

    competition_id: int = Field(foreign_key="competition.id", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    name: str = Field(max_length=200)
    content: bytes = Field(sa_type=LargeBinary)
    created_at: datetime = Field(sa_type=UTCDateTime)


class TableMappingRow(KeyedRow, table=True):
    """How an organiser had a file read, by the digest of its headings: the next one of the same shape is read so."""

    __tablename__ = "table_mapping"
    __table_args__ = (UniqueConstraint("competition_id", "kind", "headings_digest", name="uq_table_mapping_shape"),)

    competition_id: int = Field(foreign_key="competition.id", index=True)
    kind: str = Field(max_length=20)
    headings_digest: str = Field(max_length=64)
    mapping: JSONObject = Field(sa_type=JSONValue)
    saved_by: int = Field(foreign_key="person.id")
    saved_at: datetime = Field(sa_type=UTCDateTime)
