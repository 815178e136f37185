"""Keep of a message that a mail server has reported it as returned or delayed, and the address that it refuses.

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    # A column constraint, so that SQLite can add it without copying a table that others refer to.
    op.execute(
        "ALTER TABLE outbox_message ADD COLUMN returned VARCHAR(10) "
        "CONSTRAINT ck_outbox_message_returned_known CHECK (returned IN ('bounced', 'delayed'))"
    )
    op.add_column("outbox_message", sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("outbox_message", sa.Column("refused_address", sa.String(length=254), nullable=True))
    op.create_index("ix_outbox_message_refused_address", "outbox_message", ["refused_address"], unique=False)


def downgrade() -> None:
    """Take back; what mail servers have reported is lost."""
    op.drop_index("ix_outbox_message_refused_address", table_name="outbox_message")
    op.drop_column("outbox_message", "refused_address")
    op.drop_column("outbox_message", "returned_at")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE outbox_message DROP CONSTRAINT ck_outbox_message_returned_known")
    op.execute("ALTER TABLE outbox_message DROP COLUMN returned")
