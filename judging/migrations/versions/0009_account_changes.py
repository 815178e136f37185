"""Keep changes of accounts that somebody else must confirm; roles say who gave them.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    # A column constraint, so that SQLite can add it without copying a table that others refer to.
    op.execute("ALTER TABLE role ADD COLUMN given_by INTEGER CONSTRAINT fk_role_given_by_person REFERENCES person (id)")
    op.create_table(
        "account_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("competition_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(length=20), nullable=True),
        sa.Column("city", sa.String(length=40), nullable=True),
        sa.Column("old_value", sa.String(length=254), nullable=False),
        sa.Column("new_value", sa.String(length=254), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("old_token_hash", sa.String(length=64), nullable=True),
        sa.Column("new_token_hash", sa.String(length=64), nullable=True),
        sa.Column("old_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("new_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.CheckConstraint("kind IN ('appointment', 'address', 'name')", name=op.f("ck_account_change_kind_known")),
        sa.CheckConstraint("outcome IN ('done', 'refused', 'expired')", name=op.f("ck_account_change_outcome_known")),
        sa.CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name=op.f("ck_account_change_end_has_outcome")),
        sa.CheckConstraint(
            "confirmed_by IS NULL OR confirmed_by <> asked_by", name=op.f("ck_account_change_second_person")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_account_change_asked_by_person")),
        sa.ForeignKeyConstraint(
            ["competition_id"], ["competition.id"], name=op.f("fk_account_change_competition_id_competition")
        ),
        sa.ForeignKeyConstraint(["confirmed_by"], ["person.id"], name=op.f("fk_account_change_confirmed_by_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_account_change_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_change")),
    )
    with op.batch_alter_table("account_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_change_competition_id"), ["competition_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_account_change_new_token_hash"), ["new_token_hash"], unique=False)
        batch_op.create_index(batch_op.f("ix_account_change_old_token_hash"), ["old_token_hash"], unique=False)
        batch_op.create_index(batch_op.f("ix_account_change_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            "uq_account_change_open",
            ["person_id", "kind"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )


def downgrade() -> None:
    """Take back."""
    op.drop_table("account_change")
    op.execute("ALTER TABLE role DROP COLUMN given_by")
