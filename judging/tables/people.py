"""People who sign in, what they may do, and how they got in."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from judging.tables.types import KeyedRow, UTCDateTime, one_of

ROLES = ("organiser", "chair", "judge", "auditor")


class Person(KeyedRow, table=True):
    """Someone who can sign in, by personal link or by password."""

    __tablename__ = "person"
    __table_args__ = (
        UniqueConstraint("email", name="uq_person_email"),
        # Two spellings of one address must not become two people.
        CheckConstraint("email = lower(email) AND email <> ''", name="email_lower"),
        CheckConstraint("session_epoch >= 0", name="session_epoch_not_negative"),
    )

    email: str = Field(max_length=254)
    name: str = Field(max_length=200)
    password_hash: str | None = None
    locale: str | None = Field(default=None, max_length=20)
    # Part of every session cookie: raising it signs the person out everywhere.
    session_epoch: int = 0
    is_active: bool = True
    created_at: datetime = Field(sa_type=UTCDateTime)


class Role(KeyedRow, table=True):
    """What a person may do in one competition."""

    __tablename__ = "role"
    __table_args__ = (
        UniqueConstraint("person_id", "competition_id", "role", name="uq_role_person_competition_role"),
        one_of("role", ROLES, name="role_known"),
    )

    person_id: int = Field(foreign_key="person.id", index=True)
    competition_id: int = Field(foreign_key="competition.id", index=True)
    role: str = Field(max_length=20)
    city: str | None = Field(default=None, max_length=40)


class SignInLink(KeyedRow, table=True):
    """A personal link that signs one person in once.

    Only the SHA-256 of its token is stored: a copy of the database signs nobody in.
    """

    __tablename__ = "sign_in_link"
    __table_args__ = (UniqueConstraint("token_hash", name="uq_sign_in_link_token_hash"),)

    person_id: int = Field(foreign_key="person.id", index=True)
    token_hash: str = Field(max_length=64)
    created_at: datetime = Field(sa_type=UTCDateTime)
    expires_at: datetime = Field(sa_type=UTCDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class SignInAttempt(KeyedRow, table=True):
    """One failed sign-in, kept only to slow the next one down."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index("ix_sign_in_attempt_address_at", "address", "at"),)

    email: str = Field(max_length=254, index=True)
    address: str = Field(max_length=64)
    at: datetime = Field(sa_type=UTCDateTime)
