"""Changes of accounts that somebody else must confirm: an appointment, another address, another name."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from judging.tables.types import KeyedRow, UTCDateTime, one_of

CHANGE_KINDS = ("appointment", "address", "name")
CHANGE_OUTCOMES = ("done", "refused", "expired")


class AccountChange(KeyedRow, table=True):
    """A change of one account that waits for confirmation, or how it ended.

    An appointment is confirmed by a second person of the competition. Another address is confirmed by its mailbox, and
    by the old mailbox or a second person. Another name is confirmed by the mailbox.
    """

    __tablename__ = "account_change"
    __table_args__ = (
        one_of("kind", CHANGE_KINDS, name="kind_known"),
        one_of("outcome", CHANGE_OUTCOMES, name="outcome_known"),
        CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name="end_has_outcome"),
        CheckConstraint("confirmed_by IS NULL OR confirmed_by <> asked_by", name="second_person"),
        # One open change of a kind, person and competition: a second proposal replaces nothing silently.
        Index(
            "uq_account_change_open",
            "person_id",
            "kind",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    kind: str = Field(max_length=20)
    person_id: int = Field(foreign_key="person.id", index=True)
    # None when the person asked for it.
    competition_id: int | None = Field(default=None, foreign_key="competition.id", index=True)
    role: str | None = Field(default=None, max_length=20)
    city: str | None = Field(default=None, max_length=40)
    old_value: str = Field(default="", max_length=254)
    new_value: str = Field(default="", max_length=254)
    asked_by: int = Field(foreign_key="person.id")
    asked_at: datetime = Field(sa_type=UTCDateTime)
    # SHA-256 of the tokens that went to the old and the new mailbox.
    old_token_hash: str | None = Field(default=None, max_length=64, index=True)
    new_token_hash: str | None = Field(default=None, max_length=64, index=True)
    old_confirmed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    new_confirmed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    confirmed_by: int | None = Field(default=None, foreign_key="person.id")
    confirmed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    outcome: str | None = Field(default=None, max_length=20)
