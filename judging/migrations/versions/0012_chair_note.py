"""Keep a judge's private note to the panel chair beside the comments to the team.

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


def downgrade() -> None:
    """Take back; the notes are lost, and the digests of the sheets that had one no longer fit."""
    op.drop_column("scoresheet", "chair_note")
