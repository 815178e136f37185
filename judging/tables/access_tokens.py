"""Tokens with which a person's programs use the API."""

from datetime import datetime

from sqlalchemy import Column, UniqueConstraint
from sqlmodel import Field

from judging.tables.types import JSONValue, KeyedRow, UTCDateTime


class AccessToken(KeyedRow, table=True):
    """A token of one person, with the scopes that it was made for.

    Its session (``how`` is ``token``) contains the SHA-256 of its text, and ends when it is revoked: whatever names a
    session, such as a version of a scoresheet, thereby names the token. ``window_began_at`` and ``n_in_window`` count
    its requests, so that the limit holds for all processes together.
    """

    __tablename__ = "access_token"
    __table_args__ = (UniqueConstraint("sign_in_session_id", name="uq_access_token_sign_in_session_id"),)

    person_id: int = Field(foreign_key="person.id", index=True)
    sign_in_session_id: int = Field(foreign_key="sign_in_session.id")
    name: str = Field(max_length=80)
    scopes: list[str] = Field(sa_column=Column(JSONValue, nullable=False))
    created_at: datetime = Field(sa_type=UTCDateTime)
    expires_at: datetime = Field(sa_type=UTCDateTime)
    last_used_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    window_began_at: datetime = Field(sa_type=UTCDateTime)
    n_in_window: int = 0
