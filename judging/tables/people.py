"""People who can sign in, their roles, and their sign-in links and attempts."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from judging.tables.types import KeyedRow, UTCDateTime, one_of

LINK_CHANNELS = ("mail", "hand", "command")
ROLES = ("organiser", "chair", "judge", "auditor")
BEGINNINGS = ("link", "password", "passkey", "single_sign_on", "token")
"""How a session can begin; ``token`` is that of an access token, for a program."""
ENDINGS = ("signed_out", "signed_out_everywhere", "ended", "replaced", "password", "revoked", "deactivated", "restored")
"""Why a session can end before its time: ``ended`` is one that its person ended from another browser."""
ATTEMPTS = ("password", "password_change", "second_factor")
CONFIRMATIONS = ("passkey", "code", "recovery_code")
"""The second factors with which a person can confirm."""


class Person(KeyedRow, table=True):
    """A person who can sign in with a personal link or a password."""

    __tablename__ = "person"
    __table_args__ = (
        UniqueConstraint("email", name="uq_person_email"),
        # Two spellings of one address must not create two people.
        CheckConstraint("email = lower(email) AND email <> ''", name="email_lower"),
    )

    email: str = Field(max_length=254)
    name: str = Field(max_length=200)
    password_hash: str | None = None
    locale: str | None = Field(default=None, max_length=20)
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


class SignInSession(KeyedRow, table=True):
    """One sign-in of one person in one browser, until it ends.

    The cookie contains a random token, of which only the SHA-256 is stored. ``last_used_at`` is the time of the last
    write other than a scoresheet, because a GET writes nothing; scoresheets name their session themselves.
    """

    __tablename__ = "sign_in_session"
    __table_args__ = (
        UniqueConstraint("token_hash", name="uq_sign_in_session_token_hash"),
        one_of("how", BEGINNINGS, name="how_known"),
        one_of("end_reason", ENDINGS, name="end_reason_known"),
        one_of("confirmed_by", CONFIRMATIONS, name="confirmed_by_known"),
        CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name="end_has_reason"),
        CheckConstraint("(confirmed_at IS NULL) = (confirmed_by IS NULL)", name="confirmation_has_method"),
        CheckConstraint("sign_in_link_id IS NULL OR how = 'link'", name="link_began_it"),
    )

    person_id: int = Field(foreign_key="person.id", index=True)
    token_hash: str = Field(max_length=64)
    began_at: datetime = Field(sa_type=UTCDateTime)
    how: str = Field(max_length=20)
    sign_in_link_id: int | None = Field(default=None, foreign_key="sign_in_link.id")
    address: str = Field(max_length=64)
    browser: str = Field(max_length=300)
    last_used_at: datetime = Field(sa_type=UTCDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    end_reason: str | None = Field(default=None, max_length=30)
    confirmed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    confirmed_by: str | None = Field(default=None, max_length=20)
    # What the provider of a single sign-on is shown when the person signs out there.
    id_token: str | None = None
    # Of a session at another installation, which facts of an event that came from there name: which installation it
    # was, and who had made the link that began it, for which channel. It signs nobody in.
    former_log_id: int | None = Field(default=None, foreign_key="former_log.id")
    link_issued_by: int | None = Field(default=None, foreign_key="person.id")
    link_channel: str | None = Field(default=None, max_length=10)


class SignInAttempt(KeyedRow, table=True):
    """One failed attempt to enter a secret, stored only to delay the next attempts."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        Index("ix_sign_in_attempt_address_at", "address", "at"),
        one_of("kind", ATTEMPTS, name="kind_known"),
    )

    email: str = Field(max_length=254, index=True)
    address: str = Field(max_length=64)
    at: datetime = Field(sa_type=UTCDateTime)
    kind: str = Field(default="password", max_length=20)
    # Of a browser in which the person has signed in before, the hash of its mark; empty for a strange browser.
    browser: str = Field(default="", max_length=64)
