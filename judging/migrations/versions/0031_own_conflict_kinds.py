"""Keep which of the competition's own kinds a conflict of interest is.

Revision ID: 0031
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_TABLES = ("conflict_of_interest", "judge_conflict")


def upgrade() -> None:
    """Apply."""
    for table in _TABLES:
        op.add_column(table, sa.Column("own_kind", sa.String(length=60), nullable=True))


def downgrade() -> None:
    """Take back; conflicts of a kind of the competition's own become others."""
    for table in _TABLES:
        op.drop_column(table, "own_kind")
