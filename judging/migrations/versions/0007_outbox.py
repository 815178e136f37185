"""Keep e-mail messages and their state; sign-in links say who issued them, and by which channel they go.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    # Column constraints, so that SQLite can add them without copying tables that others refer to.
    timestamp = "TIMESTAMP WITH TIME ZONE" if op.get_bind().dialect.name == "postgresql" else "DATETIME"
    op.execute(f"ALTER TABLE person ADD COLUMN first_signed_in_at {timestamp}")
    # Every sign-in so far is in the audit log, whatever the method.
    op.execute(
        "UPDATE person SET first_signed_in_at = "
        "(SELECT min(at) FROM audit_entry WHERE action = 'signed_in' AND person_id = person.id)"
    )
    op.execute(
        "ALTER TABLE sign_in_link ADD COLUMN issued_by INTEGER "
        "CONSTRAINT fk_sign_in_link_issued_by_person REFERENCES person (id)"
    )
    # Until now, organisers saw the links that they asked for.
    op.execute(
        "ALTER TABLE sign_in_link ADD COLUMN channel VARCHAR(10) DEFAULT 'hand' NOT NULL "
        "CONSTRAINT ck_sign_in_link_channel_known CHECK (channel IN ('mail', 'hand', 'command'))"
    )
    op.create_table(
        "outbox_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("competition_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=True),
        sa.Column("token_seed", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claim", sa.String(length=32), nullable=False),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state IN ('queued', 'sending')) = (ended_at IS NULL)",
            name=op.f("ck_outbox_message_ended_at_matches_state"),
        ),
        sa.CheckConstraint("state <> 'sent' OR token_seed IS NULL", name=op.f("ck_outbox_message_sent_without_seed")),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'failed', 'uncertain')", name=op.f("ck_outbox_message_state_known")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_outbox_message_asked_by_person")),
        sa.ForeignKeyConstraint(
            ["competition_id"], ["competition.id"], name=op.f("fk_outbox_message_competition_id_competition")
        ),
        sa.ForeignKeyConstraint(["link_id"], ["sign_in_link.id"], name=op.f("fk_outbox_message_link_id_sign_in_link")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_outbox_message_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
        sa.UniqueConstraint("message_id", name="uq_outbox_message_message_id"),
    )
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_message_competition_id"), ["competition_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_outbox_message_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_outbox_message_state_next_attempt_at", ["state", "next_attempt_at"], unique=False)


def downgrade() -> None:
    """Take back."""
    op.drop_table("outbox_message")
    op.execute("ALTER TABLE sign_in_link DROP COLUMN channel")
    op.execute("ALTER TABLE sign_in_link DROP COLUMN issued_by")
    op.execute("ALTER TABLE person DROP COLUMN first_signed_in_at")
