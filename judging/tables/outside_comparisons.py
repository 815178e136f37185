"""Results of other methods that somebody has computed outside and brought back to be compared."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from judging.tables.types import JSONObject, JSONValue, KeyedRow, UTCDateTime, one_of

DIRECTIONS = ("higher", "lower")
"""Which value is better."""


class OutsideComparison(KeyedRow, table=True):
    """A value for each proposal of a round, by a method that is not the engine's; it never decides anything.

    ``content`` has method, direction, note and values as they were brought, and ``digest`` is its SHA-256 as canonical
    JSON. A comparison that was taken back keeps its row.
    """

    __tablename__ = "outside_comparison"
    __table_args__ = (
        UniqueConstraint("round_id", "number", name="uq_outside_comparison_round_id_number"),
        one_of("direction", DIRECTIONS, name="direction_known"),
    )

    round_id: int = Field(foreign_key="round.id", index=True)
    number: int
    method: str = Field(max_length=200)
    direction: str = Field(max_length=10)
    content: JSONObject = Field(sa_type=JSONValue)
    digest: str = Field(max_length=64)
    brought_at: datetime = Field(sa_type=UTCDateTime)
    brought_by: int = Field(foreign_key="person.id")
    taken_back_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
