"""Let the names be removed from appeals that are named in `removed_personal_data` first, as from other facts.

Revision ID: 0030
Revises: 0029
"""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

FIXED = ("id", "round_id", "proposal_id", "release_id", "number", "entered_at", "entered_by")


def upgrade() -> None:
    """Apply."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER appeal_append_only_update")
        named = "SELECT 1 FROM removed_personal_data WHERE table_name = 'appeal' AND row_id = OLD.id"
        changed = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in FIXED)
        _refuse_updates_of_sqlite(f"WHEN NOT EXISTS ({named}) OR {changed} ")
        return
    op.execute("DROP TRIGGER appeal_append_only ON appeal")
    _refuse_on_postgresql("DELETE OR TRUNCATE")
    op.execute(
        "CREATE TRIGGER appeal_append_only_update BEFORE UPDATE ON appeal "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change_of_facts('asked_by', 'reason')"
    )


def downgrade() -> None:
    """Take back: no row of an appeal can be changed."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER appeal_append_only_update")
        _refuse_updates_of_sqlite("")
        return
    op.execute("DROP TRIGGER appeal_append_only_update ON appeal")
    op.execute("DROP TRIGGER appeal_append_only ON appeal")
    _refuse_on_postgresql("UPDATE OR DELETE OR TRUNCATE")


def _refuse_updates_of_sqlite(condition: str) -> None:
    op.execute(
        f"CREATE TRIGGER appeal_append_only_update BEFORE UPDATE ON appeal {condition}"
        "BEGIN SELECT RAISE(ABORT, 'appeal is append-only'); END"
    )


def _refuse_on_postgresql(actions: str) -> None:
    op.execute(
        f"CREATE TRIGGER appeal_append_only BEFORE {actions} ON appeal "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
