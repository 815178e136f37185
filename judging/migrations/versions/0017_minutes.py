"""Keep the run that a meeting discusses, its minutes once it is closed, and in whose place a reserve moved up.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. Older rows keep NULL: the digests of their rows stay valid."""
    with op.batch_alter_table("meeting") as table:
        table.add_column(sa.Column("calibration_run_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("minutes", sa.JSON(), nullable=True))
        table.create_foreign_key(
            op.f("fk_meeting_calibration_run_id_calibration_run"), "calibration_run", ["calibration_run_id"], ["id"]
        )
    # Not in a batch, which would build the table anew: its triggers, which make it append-only, stay.
    op.add_column("decision", sa.Column("replaces", sa.String(length=60), nullable=True))


def downgrade() -> None:
    """Take back; minutes are lost."""
    op.drop_column("decision", "replaces")
    with op.batch_alter_table("meeting") as table:
        table.drop_constraint(op.f("fk_meeting_calibration_run_id_calibration_run"), type_="foreignkey")
        table.drop_column("minutes")
        table.drop_column("calibration_run_id")
