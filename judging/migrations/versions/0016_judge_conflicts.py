"""Keep the conflicts of interest that organisers enter or decide on, and what they are proposed from.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_KINDS = "kind IN ('family', 'employer', 'mentoring', 'sponsor', 'other')"
_ORIGINS = "origin IN ('hand', 'email_domain', 'affiliation', 'mentoring')"


def upgrade() -> None:
    """Apply."""
    op.add_column("judge", sa.Column("affiliation", sa.String(length=200), nullable=True))
    op.add_column("team", sa.Column("affiliation", sa.String(length=200), nullable=True))
    op.add_column("team", sa.Column("email", sa.String(length=254), nullable=True))
    op.add_column("team", sa.Column("mentors", sa.String(length=500), nullable=True))
    op.create_table(
        "judge_conflict",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("judge_id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(_KINDS, name=op.f("ck_judge_conflict_kind_known")),
        sa.CheckConstraint(_ORIGINS, name=op.f("ck_judge_conflict_origin_known")),
        sa.CheckConstraint("state IN ('in_force', 'refused', 'ended')", name=op.f("ck_judge_conflict_state_known")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_judge_conflict_decided_by_person")),
        sa.ForeignKeyConstraint(["judge_id"], ["judge.id"], name=op.f("fk_judge_conflict_judge_id_judge")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_judge_conflict_proposal_id_proposal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judge_conflict")),
        sa.UniqueConstraint("judge_id", "proposal_id", name="uq_judge_conflict_judge_id_proposal_id"),
    )
    op.create_index(op.f("ix_judge_conflict_proposal_id"), "judge_conflict", ["proposal_id"], unique=False)


def downgrade() -> None:
    """Take back; the conflicts that organisers entered are lost."""
    op.drop_table("judge_conflict")
    op.drop_column("team", "mentors")
    op.drop_column("team", "email")
    op.drop_column("team", "affiliation")
    op.drop_column("judge", "affiliation")
