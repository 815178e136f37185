"""Keep when a competition was archived, and let personal data be removed from appended rows that are named first.

The triggers of four tables admit one kind of change: of named columns, in a row that `removed_personal_data` names.

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

# Table -> the columns that may hold personal data.
CHANGEABLE = {
    "audit_entry": ("actor", "address", "subject", "detail"),
    "roster_change": ("changes", "reason", "file"),
    "team_letter_message": ("recipient",),
    "team_letters": ("content",),
}
FIXED = {
    "audit_entry": ("id", "at", "person_id", "competition_id", "action", "stored", "previous_hash", "hash"),
    "roster_change": ("id", "competition_id", "kind", "row_key", "action", "changed_at", "changed_by"),
    "team_letter_message": ("id", "team_letters_id", "proposal", "message_id", "queued_at", "queued_by"),
    "team_letters": ("id", "release_id", "root", "made_at", "made_by"),
}


def upgrade() -> None:
    """Apply."""
    for name in ("archived_at", "personal_data_removed_at"):
        op.add_column("competition", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("competition", sa.Column("archived_reason", sa.String(), nullable=True))
    op.create_table(
        "removed_personal_data",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("competition_id", sa.Integer(), nullable=False),
        sa.Column("table_name", sa.String(length=40), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("row_digest", sa.String(length=64), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["competition_id"], ["competition.id"], name=op.f("fk_removed_personal_data_competition_id_competition")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_removed_personal_data")),
    )
    op.create_index(
        op.f("ix_removed_personal_data_competition_id"), "removed_personal_data", ["competition_id"], unique=False
    )
    op.create_index("ix_removed_personal_data_row", "removed_personal_data", ["table_name", "row_id"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        for action in ("UPDATE", "DELETE"):
            op.execute(_refusing_of_sqlite("removed_personal_data", action))
        for table, fixed in FIXED.items():
            op.execute(f"DROP TRIGGER {table}_append_only_update")
            changed = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in fixed)
            op.execute(_refusing_of_sqlite(table, "UPDATE", f"WHEN NOT EXISTS ({_named(table)}) OR {changed} "))
        return
    op.execute(_refusing_of_postgresql("removed_personal_data", "UPDATE OR DELETE OR TRUNCATE"))
    op.execute(
        "CREATE FUNCTION refuse_change_of_facts() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF EXISTS (SELECT 1 FROM removed_personal_data WHERE table_name = TG_TABLE_NAME AND row_id = OLD.id) "
        "AND to_jsonb(NEW) - TG_ARGV = to_jsonb(OLD) - TG_ARGV THEN RETURN NEW; END IF; "
        "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    for table, columns in CHANGEABLE.items():
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        op.execute(_refusing_of_postgresql(table, "DELETE OR TRUNCATE"))
        names = ", ".join(f"'{column}'" for column in columns)
        op.execute(
            f"CREATE TRIGGER {table}_append_only_update BEFORE UPDATE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION refuse_change_of_facts({names})"
        )


def downgrade() -> None:
    """Take back; which rows had personal data removed is lost, so the audit log no longer verifies where any had."""
    if op.get_bind().dialect.name == "sqlite":
        for table in FIXED:
            op.execute(f"DROP TRIGGER {table}_append_only_update")
            op.execute(_refusing_of_sqlite(table, "UPDATE"))
    else:
        for table in CHANGEABLE:
            op.execute(f"DROP TRIGGER {table}_append_only_update ON {table}")
            op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
            op.execute(_refusing_of_postgresql(table, "UPDATE OR DELETE OR TRUNCATE"))
        op.execute("DROP FUNCTION refuse_change_of_facts()")
    op.drop_table("removed_personal_data")
    for name in ("archived_reason", "personal_data_removed_at", "archived_at"):
        op.drop_column("competition", name)


def _named(table: str) -> str:
    return f"SELECT 1 FROM removed_personal_data WHERE table_name = '{table}' AND row_id = OLD.id"


def _refusing_of_sqlite(table: str, action: str, condition: str = "") -> str:
    return (
        f"CREATE TRIGGER {table}_append_only_{action.lower()} BEFORE {action} ON {table} {condition}"
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )


def _refusing_of_postgresql(table: str, actions: str) -> str:
    return (
        f"CREATE TRIGGER {table}_append_only BEFORE {actions} ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
