"""What a person signs in or confirms with besides links and passwords."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from judging.tables.types import KeyedRow, UTCDateTime


class Passkey(KeyedRow, table=True):
    """A WebAuthn credential of a person. Only its public key is here: a copy of the database signs nobody in."""

    __tablename__ = "passkey"
    __table_args__ = (UniqueConstraint("credential_id", name="uq_passkey_credential_id"),)

    person_id: int = Field(foreign_key="person.id", index=True)
    # Base64url, as browsers send it.
    credential_id: str = Field(max_length=1400)
    public_key: bytes
    # A counter that does not go up means that the key was copied; many passkeys always say 0.
    sign_count: int = 0
    name: str = Field(max_length=80)
    created_at: datetime = Field(sa_type=UTCDateTime)
    last_used_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class Authenticator(SQLModel, table=True):
    """The secret that a person's authenticator app makes its codes from, encrypted with a key of the settings."""

    __tablename__ = "authenticator"

    person_id: int = Field(foreign_key="person.id", primary_key=True)
    encrypted_secret: str
    created_at: datetime = Field(sa_type=UTCDateTime)
    # None until the person has entered a first code: before that, nothing is asked of the app.
    confirmed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    # The time step of the newest code that was accepted: none is accepted twice.
    last_step: int | None = None


class RecoveryCode(KeyedRow, table=True):
    """One of the codes for the day on which the other factors are lost: shown once, usable once, stored as SHA-256."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("person_id", "code_hash", name="uq_recovery_code_person_id_code_hash"),)

    person_id: int = Field(foreign_key="person.id", index=True)
    code_hash: str = Field(max_length=64)
    created_at: datetime = Field(sa_type=UTCDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class UsedChallenge(SQLModel, table=True):
    """A challenge that a passkey has signed. It is not accepted again; after its end, the row may go."""

    __tablename__ = "used_challenge"

    challenge_hash: str = Field(max_length=64, primary_key=True)
    expires_at: datetime = Field(sa_type=UTCDateTime)


class SingleSignOnIdentity(KeyedRow, table=True):
    """Who a person is at the provider of the single sign-on, fixed at the first sign-in there.

    Later sign-ins are recognised by the subject: an e-mail address may be given to somebody else one day.
    """

    __tablename__ = "single_sign_on_identity"
    __table_args__ = (
        UniqueConstraint("issuer", "subject", name="uq_single_sign_on_identity_issuer_subject"),
        UniqueConstraint("person_id", "issuer", name="uq_single_sign_on_identity_person_id_issuer"),
    )

    person_id: int = Field(foreign_key="person.id", index=True)
    issuer: str = Field(max_length=300)
    subject: str = Field(max_length=300)
    first_used_at: datetime = Field(sa_type=UTCDateTime)
