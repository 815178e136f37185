"""Keep which comments of judges go into the letters to teams.

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "comment_choice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scoresheet_id", sa.Integer(), nullable=False),
        sa.Column("criterion", sa.String(length=60), nullable=False),
        sa.Column("is_sent", sa.Boolean(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_comment_choice_decided_by_person")),
        sa.ForeignKeyConstraint(
            ["scoresheet_id"], ["scoresheet.id"], name=op.f("fk_comment_choice_scoresheet_id_scoresheet")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment_choice")),
        sa.UniqueConstraint("scoresheet_id", "criterion", name="uq_comment_choice_scoresheet_id_criterion"),
    )
    for name in ("decided_by", "scoresheet_id"):
        op.create_index(op.f(f"ix_comment_choice_{name}"), "comment_choice", [name], unique=False)


def downgrade() -> None:
    """Take back; the choices are lost."""
    op.drop_table("comment_choice")
