"""People who can sign in, their roles, and their sign-in links and attempts."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from judging.tables.types import KeyedRow, UTCDateTime, one_of

LINK_CHANNELS = ("mail", "hand", "command")
ROLES = ("organiser", "chair", "judge", "auditor")


class Person(KeyedRow, table=True):
    """A person who can sign in with a personal link or a password."""

    __tablename__ = "person"
    __table_args__ = (
        UniqueConstraint("email", name="uq_person_email"),
        # Two spellings of one address must not create two people.
        CheckConstraint("email = lower(email) AND email <> ''", name="email_lower"),
        CheckConstraint("session_epoch >= 0", name="session_epoch_not_negative"),
    )

    email: str = Field(max_length=254)
    name: str = Field(max_length=200)
    password_hash: str | None = None
    locale: str | None = Field(default=None, max_length=20)
    # Part of every session cookie: increasing it ends all sessions of the person.
    session_epoch: int = 0
    is_active: bool = True
    # The account has been used since then: a sign-in link for it is no longer handed over.
    first_signed_in_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
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
    # Whose wish it was; None is the command line.
    given_by: int | None = Field(default=None, foreign_key="person.id")


class SignInLink(KeyedRow, table=True):
    """A personal link with which one person can sign in once.

    Only the SHA-256 of its token is stored: with a copy of the database nobody can sign in.
    """

    __tablename__ = "sign_in_link"
    __table_args__ = (
        UniqueConstraint("token_hash", name="uq_sign_in_link_token_hash"),
        one_of("channel", LINK_CHANNELS, name="channel_known"),
    )

    person_id: int = Field(foreign_key="person.id", index=True)
    # Who caused it: None is the command line, or the person who asked on the sign-in page.
    issued_by: int | None = Field(default=None, foreign_key="person.id")
    # Where it goes: to the mailbox of the account, to an organiser who hands it over, or to the command line.
    channel: str = Field(max_length=10)
    token_hash: str = Field(max_length=64)
    created_at: datetime = Field(sa_type=UTCDateTime)
    expires_at: datetime = Field(sa_type=UTCDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class SignInAttempt(KeyedRow, table=True):
    """One failed sign-in, stored only to delay the next attempts."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index("ix_sign_in_attempt_address_at", "address", "at"),)

    email: str = Field(max_length=254, index=True)
    address: str = Field(max_length=64)
    at: datetime = Field(sa_type=UTCDateTime)
