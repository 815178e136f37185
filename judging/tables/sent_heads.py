"""Which heads of the audit log were e-mailed."""

from datetime import datetime

from sqlmodel import Field

from judging.tables.types import KeyedRow, UTCDateTime


class SentHead(KeyedRow, table=True):
    """A signed head that was queued as e-mail, so that the next one is queued once, by whichever worker."""

    __tablename__ = "sent_head"

    # The newest entry of the audit log at that moment, and its hash.
    position: int
    hash: str = Field(max_length=64)
    # The day (UTC, YYYY-MM-DD) whose head it is; None for one that was sent because something was sealed.
    day: str | None = Field(default=None, max_length=10)
    queued_at: datetime = Field(sa_type=UTCDateTime)
