"""Keep what was typed from scoresheets on paper, and mark the versions that come from them.

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("scoresheet", sa.Column("from_paper", sa.Boolean(), nullable=True))
    op.create_table(
        "paper_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("typed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("typed_by", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_paper_entry_assignment_id_assignment")
        ),
        sa.ForeignKeyConstraint(["typed_by"], ["person.id"], name=op.f("fk_paper_entry_typed_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_entry")),
        sa.UniqueConstraint("assignment_id", "number", name="uq_paper_entry_assignment_id_number"),
    )
    op.create_index(op.f("ix_paper_entry_typed_by"), "paper_entry", ["typed_by"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        for action in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER paper_entry_append_only_{action.lower()} BEFORE {action} ON paper_entry "
                "BEGIN SELECT RAISE(ABORT, 'paper_entry is append-only'); END"
            )
    else:
        op.execute(
            "CREATE TRIGGER paper_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON paper_entry "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    """Take back; what was typed and the marks of paper are lost."""
    op.drop_table("paper_entry")
    op.drop_column("scoresheet", "from_paper")
