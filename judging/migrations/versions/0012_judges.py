"""Keep a judge's private note to the panel chair, and who has accepted the code of conduct.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("scoresheet", sa.Column("chair_note", sa.String(), nullable=True))
    op.create_table(
        "conduct_acceptance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("judge_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["judge_id"], ["judge.id"], name=op.f("fk_conduct_acceptance_judge_id_judge")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conduct_acceptance")),
        sa.UniqueConstraint("judge_id", "digest", name="uq_conduct_acceptance_judge_id_digest"),
    )
    op.create_index(op.f("ix_conduct_acceptance_judge_id"), "conduct_acceptance", ["judge_id"], unique=False)


def downgrade() -> None:
    """Take back; the notes are lost, and the digests of the sheets that had one no longer fit."""
    op.drop_table("conduct_acceptance")
    op.drop_column("scoresheet", "chair_note")
