"""Sessions become rows, so that they can be listed and ended; everybody signs in again after this migration.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

WITH_SESSION = ("scoresheet", "rules_consent", "decision", "signature")
CONFIRMED = ("rules_consent", "decision", "signature")
FACTORS = ("single_sign_on_identity", "used_challenge", "recovery_code", "authenticator", "passkey")
_COLUMNS = """id INTEGER NOT NULL, email VARCHAR(254) NOT NULL, name VARCHAR(200) NOT NULL, password_hash VARCHAR,
    locale VARCHAR(20), is_active BOOLEAN NOT NULL, created_at DATETIME NOT NULL"""
_CONSTRAINTS = """CONSTRAINT pk_person PRIMARY KEY (id), CONSTRAINT uq_person_email UNIQUE (email),
    CONSTRAINT ck_person_email_lower CHECK (email = lower(email) AND email <> '')"""


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "sign_in_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("how", sa.String(length=20), nullable=False),
        sa.Column("sign_in_link_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("browser", sa.String(length=300), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(length=30), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.String(length=20), nullable=True),
        sa.Column("id_token", sa.String(), nullable=True),
        sa.CheckConstraint(
            "how IN ('link', 'password', 'passkey', 'single_sign_on')", name=op.f("ck_sign_in_session_how_known")
        ),
        sa.CheckConstraint(
            "end_reason IN ('signed_out', 'signed_out_everywhere', 'ended', 'replaced', 'password', 'revoked', "
            "'deactivated', 'restored')",
            name=op.f("ck_sign_in_session_end_reason_known"),
        ),
        sa.CheckConstraint(
            "confirmed_by IN ('passkey', 'code', 'recovery_code')", name=op.f("ck_sign_in_session_confirmed_by_known")
        ),
        sa.CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name=op.f("ck_sign_in_session_end_has_reason")),
        sa.CheckConstraint(
            "(confirmed_at IS NULL) = (confirmed_by IS NULL)", name=op.f("ck_sign_in_session_confirmation_has_method")
        ),
        sa.CheckConstraint("sign_in_link_id IS NULL OR how = 'link'", name=op.f("ck_sign_in_session_link_began_it")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sign_in_session_person_id_person")),
        sa.ForeignKeyConstraint(
            ["sign_in_link_id"], ["sign_in_link.id"], name=op.f("fk_sign_in_session_sign_in_link_id_sign_in_link")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_session")),
        sa.UniqueConstraint("token_hash", name="uq_sign_in_session_token_hash"),
    )
    op.create_index(op.f("ix_sign_in_session_person_id"), "sign_in_session", ["person_id"], unique=False)
    _create_factors()
    # With the constraints in the column, SQLite adds it without copying a table of facts and losing its triggers.
    op.execute(
        "ALTER TABLE sign_in_attempt ADD COLUMN kind VARCHAR(20) DEFAULT 'password' NOT NULL CONSTRAINT "
        "ck_sign_in_attempt_kind_known CHECK (kind IN ('password', 'password_change', 'second_factor'))"
    )
    op.execute("ALTER TABLE sign_in_attempt ADD COLUMN browser VARCHAR(64) DEFAULT '' NOT NULL")
    for table in WITH_SESSION:
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN sign_in_session_id INTEGER "
            f"CONSTRAINT fk_{table}_sign_in_session_id_sign_in_session REFERENCES sign_in_session (id)"
        )
    for table in CONFIRMED:
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN confirmed_by VARCHAR(20) CONSTRAINT ck_{table}_confirmed_by_known "
            "CHECK (confirmed_by IN ('passkey', 'code', 'recovery_code'))"
        )
    # The number that ended all sessions of a person at once.
    if op.get_bind().dialect.name == "sqlite":
        _copy_people(_COLUMNS)
    else:
        op.drop_column("person", "session_epoch")


def downgrade() -> None:
    """Take back; everybody signs in again."""
    epoch = (
        "session_epoch INTEGER DEFAULT 0 NOT NULL "
        "CONSTRAINT ck_person_session_epoch_not_negative CHECK (session_epoch >= 0)"
    )
    if op.get_bind().dialect.name == "sqlite":
        _copy_people(f"{_COLUMNS}, {epoch}")
    else:
        op.execute(f"ALTER TABLE person ADD COLUMN {epoch}")
    for table in CONFIRMED:
        op.execute(f"ALTER TABLE {table} DROP COLUMN confirmed_by")
    for table in WITH_SESSION:
        op.execute(f"ALTER TABLE {table} DROP COLUMN sign_in_session_id")
    for column in ("browser", "kind"):
        op.execute(f"ALTER TABLE sign_in_attempt DROP COLUMN {column}")
    for table in FACTORS:
        op.drop_table(table)
    op.drop_table("sign_in_session")


def _copy_people(columns: str) -> None:
    """Make the table of people again, on SQLite, which cannot drop a column that a constraint names.

    Other tables refer to it: their references are checked at the end of the transaction, when all people are back.
    """
    names = "id, email, name, password_hash, locale, is_active, created_at"
    op.execute("PRAGMA defer_foreign_keys=ON")
    op.execute(f"CREATE TABLE person_copy AS SELECT {names} FROM person")
    op.execute("DROP TABLE person")
    op.execute(f"CREATE TABLE person ({columns}, {_CONSTRAINTS})")
    op.execute(f"INSERT INTO person ({names}) SELECT {names} FROM person_copy")
    op.execute("DROP TABLE person_copy")


def _create_factors() -> None:
    op.create_table(
        "passkey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.String(length=1400), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_passkey_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name="uq_passkey_credential_id"),
    )
    op.create_index(op.f("ix_passkey_person_id"), "passkey", ["person_id"], unique=False)
    op.create_table(
        "authenticator",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("encrypted_secret", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_authenticator_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_authenticator")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_recovery_code_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("person_id", "code_hash", name="uq_recovery_code_person_id_code_hash"),
    )
    op.create_index(op.f("ix_recovery_code_person_id"), "recovery_code", ["person_id"], unique=False)
    op.create_table(
        "used_challenge",
        sa.Column("challenge_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("challenge_hash", name=op.f("pk_used_challenge")),
    )
    op.create_table(
        "single_sign_on_identity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("first_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_single_sign_on_identity_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_single_sign_on_identity")),
        sa.UniqueConstraint("issuer", "subject", name="uq_single_sign_on_identity_issuer_subject"),
        sa.UniqueConstraint("person_id", "issuer", name="uq_single_sign_on_identity_person_id_issuer"),
    )
    op.create_index(
        op.f("ix_single_sign_on_identity_person_id"), "single_sign_on_identity", ["person_id"], unique=False
    )
