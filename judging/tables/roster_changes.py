"""What was changed in the rosters, row by row."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from judging.tables.types import JSONObject, JSONValue, KeyedRow, UTCDateTime, one_of

ROSTER_KINDS = ("judges", "teams", "proposals")
ROSTER_ACTIONS = ("added", "changed", "left", "withdrawn", "put_back")
"""``left`` is a judge's, ``withdrawn`` a proposal's; ``put_back`` undoes either."""


class RosterChange(KeyedRow, table=True):
    """One change of one judge, team or proposal. Appended, never changed: triggers refuse it."""

    __tablename__ = "roster_change"
    __table_args__ = (
        Index("ix_roster_change_row", "competition_id", "kind", "row_key"),
        one_of("kind", ROSTER_KINDS, name="kind_known"),
        one_of("action", ROSTER_ACTIONS, name="action_known"),
    )

    competition_id: int = Field(foreign_key="competition.id")
    kind: str = Field(max_length=20)
    row_key: str = Field(max_length=60)
    action: str = Field(max_length=20)
    # Field -> [before, after], as texts.
    changes: JSONObject = Field(default_factory=dict, sa_type=JSONValue)
    reason: str = ""
    # The name of the file that it came from; empty when somebody changed it by hand.
    file: str = Field(default="", max_length=200)
    changed_at: datetime = Field(sa_type=UTCDateTime)
    # None is the command line.
    changed_by: int | None = Field(default=None, foreign_key="person.id")
