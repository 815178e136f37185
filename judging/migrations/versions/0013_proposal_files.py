"""Keep decks and videos of proposals, and the pages of decks.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "proposal_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("n_bytes", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind IN ('deck', 'video')", name=op.f("ck_proposal_file_kind_known")),
        sa.CheckConstraint("n_bytes > 0", name=op.f("ck_proposal_file_n_bytes_positive")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_file_proposal_id_proposal")),
        sa.ForeignKeyConstraint(["removed_by"], ["person.id"], name=op.f("fk_proposal_file_removed_by_person")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["person.id"], name=op.f("fk_proposal_file_uploaded_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_file")),
    )
    op.create_index(op.f("ix_proposal_file_digest"), "proposal_file", ["digest"], unique=False)
    op.create_index(op.f("ix_proposal_file_proposal_id"), "proposal_file", ["proposal_id"], unique=False)
    op.create_index(
        "uq_proposal_file_in_use",
        "proposal_file",
        ["proposal_id", "kind"],
        unique=True,
        sqlite_where=sa.text("removed_at IS NULL"),
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_table(
        "rendered_deck",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("pages", sa.JSON(), nullable=False),
        sa.Column("problem", sa.JSON(), nullable=True),
        sa.Column("rendered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('ready', 'failed')", name=op.f("ck_rendered_deck_state_known")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_rendered_deck")),
    )


def downgrade() -> None:
    """Take back; the files themselves stay in their folder."""
    op.drop_table("rendered_deck")
    op.drop_table("proposal_file")
