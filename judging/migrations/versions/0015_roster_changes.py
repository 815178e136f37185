"""Keep who has left, what was withdrawn, and every change of a roster's row.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_ACTIONS = "action IN ('added', 'changed', 'left', 'withdrawn', 'put_back')"


def upgrade() -> None:
    """Apply."""
    op.add_column("judge", sa.Column("left_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("judge", sa.Column("left_reason", sa.String(), nullable=True))
    op.add_column("judge", sa.Column("replaced_by", sa.String(length=40), nullable=True))
    op.add_column("proposal", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("proposal", sa.Column("withdrawn_reason", sa.String(), nullable=True))
    op.add_column("round_proposal", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "roster_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("competition_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("row_key", sa.String(length=60), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("file", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind IN ('judges', 'teams', 'proposals')", name=op.f("ck_roster_change_kind_known")),
        sa.CheckConstraint(_ACTIONS, name=op.f("ck_roster_change_action_known")),
        sa.ForeignKeyConstraint(["changed_by"], ["person.id"], name=op.f("fk_roster_change_changed_by_person")),
        sa.ForeignKeyConstraint(
            ["competition_id"], ["competition.id"], name=op.f("fk_roster_change_competition_id_competition")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_change")),
    )
    op.create_index("ix_roster_change_row", "roster_change", ["competition_id", "kind", "row_key"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        for action in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER roster_change_append_only_{action.lower()} BEFORE {action} ON roster_change "
                "BEGIN SELECT RAISE(ABORT, 'roster_change is append-only'); END"
            )
    else:
        op.execute(
            "CREATE TRIGGER roster_change_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON roster_change "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    """Take back; who has left and why, and the history of the rosters, are lost."""
    op.drop_table("roster_change")
    op.drop_column("round_proposal", "withdrawn_at")
    op.drop_column("proposal", "withdrawn_reason")
    op.drop_column("proposal", "withdrawn_at")
    op.drop_column("judge", "replaced_by")
    op.drop_column("judge", "left_reason")
    op.drop_column("judge", "left_at")
