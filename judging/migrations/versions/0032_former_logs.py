"""Keep the audit log that an event had at another installation, and how its sessions there began.

Revision ID: 0032
Revises: 0031
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

FIXED = (
    *("id", "former_log_id", "competition_id", "number", "at", "person_id", "former_person_id"),
    *("former_competition_id", "action", "stored", "previous_hash", "hash"),
)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "former_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("competition_id", sa.Integer(), nullable=False),
        sa.Column("installation", sa.String(length=64), nullable=False),
        sa.Column("head", sa.String(length=400), nullable=False),
        sa.Column("head_position", sa.Integer(), nullable=False),
        sa.Column("head_hash", sa.String(length=64), nullable=False),
        sa.Column("file_digest", sa.String(length=64), nullable=False),
        sa.Column("exported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["competition_id"], ["competition.id"], name="fk_former_log_competition_id_competition"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_former_log"),
    )
    op.create_index("ix_former_log_competition_id", "former_log", ["competition_id"], unique=False)
    op.create_table(
        "former_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("former_log_id", sa.Integer(), nullable=False),
        sa.Column("competition_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("former_person_id", sa.Integer(), nullable=True),
        sa.Column("former_competition_id", sa.Integer(), nullable=True),
        sa.Column("actor", sa.String(length=254), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("stored", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["competition_id"], ["competition.id"], name="fk_former_entry_competition_id_competition"
        ),
        sa.ForeignKeyConstraint(["former_log_id"], ["former_log.id"], name="fk_former_entry_former_log_id_former_log"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_former_entry_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_former_entry"),
        sa.UniqueConstraint("former_log_id", "number", name="uq_former_entry_former_log_id_number"),
    )
    for name in ("competition_id", "person_id"):
        op.create_index(f"ix_former_entry_{name}", "former_entry", [name], unique=False)
    # In SQL: Alembic adds a foreign key in SQLite only by copying the table.
    for column, referred in (("former_log_id", "former_log"), ("link_issued_by", "person")):
        op.execute(
            f"ALTER TABLE sign_in_session ADD COLUMN {column} INTEGER "
            f"CONSTRAINT fk_sign_in_session_{column}_{referred} REFERENCES {referred} (id)"
        )
    op.add_column("sign_in_session", sa.Column("link_channel", sa.String(length=10), nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        for table in ("former_log", "former_entry"):
            _refuse_on_sqlite(table, "DELETE")
        _refuse_on_sqlite("former_log", "UPDATE")
        named = "SELECT 1 FROM removed_personal_data WHERE table_name = 'former_entry' AND row_id = OLD.id"
        changed = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in FIXED)
        _refuse_on_sqlite("former_entry", "UPDATE", f"WHEN NOT EXISTS ({named}) OR {changed} ")
        return
    for table, actions in (("former_log", "UPDATE OR DELETE OR TRUNCATE"), ("former_entry", "DELETE OR TRUNCATE")):
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE {actions} ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute(
        "CREATE TRIGGER former_entry_append_only_update BEFORE UPDATE ON former_entry "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change_of_facts('actor', 'address', 'subject', 'detail')"
    )


def downgrade() -> None:
    """Take back; what former installations recorded is lost, and the log of an event that came from one has faults."""
    for name in ("link_channel", "link_issued_by", "former_log_id"):
        op.drop_column("sign_in_session", name)
    op.drop_table("former_entry")
    op.drop_table("former_log")


def _refuse_on_sqlite(table: str, action: str, condition: str = "") -> None:
    op.execute(
        f"CREATE TRIGGER {table}_append_only_{action.lower()} BEFORE {action} ON {table} {condition}"
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )
