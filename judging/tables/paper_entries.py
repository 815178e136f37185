"""What people typed from scoresheets on paper."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from judging.tables.types import JSONObject, JSONValue, KeyedRow, UTCDateTime


class PaperEntry(KeyedRow, table=True):
    """One typing of a judge's scoresheet on paper by one person. Appended, never changed; a person's newest is valid.

    It counts for nothing by itself: when two independent people have typed the same, a version of the scoresheet does.
    """

    __tablename__ = "paper_entry"
    __table_args__ = (UniqueConstraint("assignment_id", "number", name="uq_paper_entry_assignment_id_number"),)

    assignment_id: int = Field(foreign_key="assignment.id")
    number: int
    # Scores, comments and the other fields of a scoresheet.
    content: JSONObject = Field(sa_type=JSONValue)
    typed_at: datetime = Field(sa_type=UTCDateTime)
    typed_by: int = Field(foreign_key="person.id", index=True)
