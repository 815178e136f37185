"""Keep how many hours before its deadline a round reminds its judges by itself.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. Older rows keep NULL, which is: no reminder by itself."""
    op.add_column("round", sa.Column("reminder_hours", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Take back; schedules are lost."""
    op.drop_column("round", "reminder_hours")
