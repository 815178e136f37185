"""Keep the links with which the first organiser sets an installation up.

Revision ID: 0019
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "setup_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(used_at IS NULL) = (person_id IS NULL)", name=op.f("ck_setup_link_use_has_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_setup_link_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_setup_link")),
        sa.UniqueConstraint("token_hash", name="uq_setup_link_token_hash"),
    )
    op.create_index(op.f("ix_setup_link_person_id"), "setup_link", ["person_id"], unique=False)


def downgrade() -> None:
    """Take back; the first organiser may no longer make competitions unless they organise one."""
    op.drop_table("setup_link")
