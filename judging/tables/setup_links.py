"""Links with which the first organiser of an installation sets it up."""

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from judging.tables.types import KeyedRow, UTCDateTime


class SetupLink(KeyedRow, table=True):
    """A link that makes one visitor the first organiser. Only the SHA-256 of its token is stored."""

    __tablename__ = "setup_link"
    __table_args__ = (
        UniqueConstraint("token_hash", name="uq_setup_link_token_hash"),
        CheckConstraint("(used_at IS NULL) = (person_id IS NULL)", name="use_has_person"),
    )

    token_hash: str = Field(max_length=64)
    created_at: datetime = Field(sa_type=UTCDateTime)
    expires_at: datetime = Field(sa_type=UTCDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    # The first organiser, who may make competitions before there is any.
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
