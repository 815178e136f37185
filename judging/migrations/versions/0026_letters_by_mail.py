"""Let a message go to a team, keep which letter went to which address, and the organisers' own texts of e-mails.

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("team_id", sa.Integer(), nullable=True))
        batch_op.alter_column("person_id", existing_type=sa.Integer(), nullable=True)
        batch_op.create_foreign_key(batch_op.f("fk_outbox_message_team_id_team"), "team", ["team_id"], ["id"])
        batch_op.create_check_constraint(
            batch_op.f("ck_outbox_message_person_or_team"), "(person_id IS NULL) <> (team_id IS NULL)"
        )
    op.create_table(
        "team_letter_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team_letters_id", sa.Integer(), nullable=False),
        sa.Column("proposal", sa.String(length=60), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("queued_by", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["outbox_message.id"], name=op.f("fk_team_letter_message_message_id_outbox_message")
        ),
        sa.ForeignKeyConstraint(["queued_by"], ["person.id"], name=op.f("fk_team_letter_message_queued_by_person")),
        sa.ForeignKeyConstraint(
            ["team_letters_id"], ["team_letters.id"], name=op.f("fk_team_letter_message_team_letters_id_team_letters")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_letter_message")),
        sa.UniqueConstraint("message_id", name="uq_team_letter_message_message_id"),
        sa.UniqueConstraint(
            "team_letters_id", "proposal", "recipient", name="uq_team_letter_message_team_letters_id_proposal_recipient"
        ),
    )
    op.create_index(op.f("ix_team_letter_message_queued_by"), "team_letter_message", ["queued_by"], unique=False)
    op.create_table(
        "mail_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("competition_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("body", sa.String(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=False),
        sa.CheckConstraint("(subject IS NULL) = (body IS NULL)", name=op.f("ck_mail_text_both_or_neither")),
        sa.ForeignKeyConstraint(
            ["competition_id"], ["competition.id"], name=op.f("fk_mail_text_competition_id_competition")
        ),
        sa.ForeignKeyConstraint(["saved_by"], ["person.id"], name=op.f("fk_mail_text_saved_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_text")),
        sa.UniqueConstraint(
            "competition_id",
            "kind",
            "language",
            "version",
            name="uq_mail_text_competition_id_kind_language_version",
        ),
    )
    op.create_index(op.f("ix_mail_text_saved_by"), "mail_text", ["saved_by"], unique=False)
    for table in ("team_letter_message", "mail_text"):
        _append_only(table)


def _append_only(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for action in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_append_only_{action.lower()} BEFORE {action} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    else:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    """Take back; which letters were sent by e-mail, and the messages to teams, are lost."""
    op.drop_table("mail_text")
    op.drop_table("team_letter_message")
    op.execute("DELETE FROM outbox_message WHERE team_id IS NOT NULL")
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_outbox_message_person_or_team"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_outbox_message_team_id_team"), type_="foreignkey")
        batch_op.alter_column("person_id", existing_type=sa.Integer(), nullable=False)
        batch_op.drop_column("team_id")
