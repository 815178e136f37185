"""Keep access tokens: with them, a person's programs use the API.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_BEFORE = "how IN ('link', 'password', 'passkey', 'single_sign_on')"
_AFTER = "how IN ('link', 'password', 'passkey', 'single_sign_on', 'token')"


def upgrade() -> None:
    """Apply."""
    _change_check(_BEFORE, _AFTER)
    op.create_table(
        "access_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("sign_in_session_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("scopes", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("window_began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("n_in_window", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_access_token_person_id_person")),
        sa.ForeignKeyConstraint(
            ["sign_in_session_id"],
            ["sign_in_session.id"],
            name=op.f("fk_access_token_sign_in_session_id_sign_in_session"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_token")),
        sa.UniqueConstraint("sign_in_session_id", name="uq_access_token_sign_in_session_id"),
    )
    op.create_index(op.f("ix_access_token_person_id"), "access_token", ["person_id"], unique=False)


def downgrade() -> None:
    """Take back. Scoresheets may name the sessions of tokens, so these stay, ended, under another beginning."""
    op.drop_table("access_token")
    op.execute(
        "UPDATE sign_in_session SET how = 'password', ended_at = coalesce(ended_at, began_at), "
        "end_reason = coalesce(end_reason, 'revoked') WHERE how = 'token'"
    )
    _change_check(_AFTER, _BEFORE)


def _change_check(before: str, after: str) -> None:
    """Replace a CHECK of sign_in_session.

    SQLite has no statement for it. To rebuild the table would mean to drop it while others refer to it; its text in the
    schema is changed instead, as section 7 of SQLite's page on ALTER TABLE describes for constraints.
    """
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        op.drop_constraint(op.f("ck_sign_in_session_how_known"), "sign_in_session", type_="check")
        op.create_check_constraint(op.f("ck_sign_in_session_how_known"), "sign_in_session", after)
        return
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    changed = connection.execute(
        sa.text(
            "UPDATE sqlite_schema SET sql = replace(sql, :before, :after) "
            "WHERE type = 'table' AND name = 'sign_in_session' AND instr(sql, :before) > 0"
        ),
        {"before": before, "after": after},
    )
    if changed.rowcount != 1:
        raise RuntimeError("The table sign_in_session is not as an earlier migration has made it.")
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")
