"""Which appended rows have had personal data removed from them."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from judging.tables.types import KeyedRow, UTCDateTime


class RemovedPersonalData(KeyedRow, table=True):
    """A row of facts that has lost its personal data, and its digest since then. Appended, never changed.

    The trigger of the table named here admits the change of a row only when it is named, and only in the columns that
    may hold personal data. Of an audit entry this digest is what remains to verify its content by.
    """

    __tablename__ = "removed_personal_data"
    __table_args__ = (Index("ix_removed_personal_data_row", "table_name", "row_id"),)

    competition_id: int = Field(foreign_key="competition.id", index=True)
    table_name: str = Field(max_length=40)
    row_id: int
    row_digest: str = Field(max_length=64)
    removed_at: datetime = Field(sa_type=UTCDateTime)
