"""Keep that a removal of personal data was asked for, until when it waits, and who confirmed or stopped it.

Revision ID: 0034
Revises: 0033
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_PEOPLE = ("removal_asked_by", "removal_confirmed_by", "removal_objected_by")


def upgrade() -> None:
    """Apply."""
    # Column constraints, so that SQLite can add them without copying a table that others refer to.
    for name in ("removal_asked_at", "removal_due_at"):
        op.add_column("competition", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    for name in _PEOPLE:
        op.execute(
            f"ALTER TABLE competition ADD COLUMN {name} INTEGER "
            f"CONSTRAINT fk_competition_{name}_person REFERENCES person (id)"
        )
    op.add_column("competition", sa.Column("removal_objection", sa.String(), nullable=True))


def downgrade() -> None:
    """Take back; a removal that waits is to be asked for again."""
    op.drop_column("competition", "removal_objection")
    for name in _PEOPLE:
        op.execute(f"ALTER TABLE competition DROP COLUMN {name}")
    for name in ("removal_asked_at", "removal_due_at"):
        op.drop_column("competition", name)
