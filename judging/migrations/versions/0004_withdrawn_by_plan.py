"""Say in a column of its own that a plan took an assignment back.

Until now this was read from the text of the reason: "planned anew" meant that a plan may give the proposal to the same
judge again, any other reason was a person's ban.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and fill it from the reasons."""
    # A column constraint, so that SQLite can add it without copying a table that others refer to.
    op.execute(
        "ALTER TABLE assignment ADD COLUMN withdrawn_by_plan BOOLEAN DEFAULT false NOT NULL "
        "CONSTRAINT ck_assignment_by_plan_only_when_withdrawn CHECK (state = 'withdrawn' OR NOT withdrawn_by_plan)"
    )
    op.execute("UPDATE assignment SET withdrawn_by_plan = true WHERE state = 'withdrawn' AND reason = 'planned anew'")


def downgrade() -> None:
    """Drop the column; the reasons still say it."""
    op.execute("ALTER TABLE assignment DROP COLUMN withdrawn_by_plan")
