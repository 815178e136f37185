"""Keep appeals: what was asked, whether it could change anything, who was to score again, and how it ended.

Revision ID: 0029
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_TABLES = ("appeal", "appeal_effect", "appeal_reading", "appeal_outcome")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "appeal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Integer(), nullable=False),
        sa.CheckConstraint("reason <> '' AND asked_by <> ''", name=op.f("ck_appeal_reason_given")),
        sa.ForeignKeyConstraint(["entered_by"], ["person.id"], name=op.f("fk_appeal_entered_by_person")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_appeal_proposal_id_proposal")),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_appeal_release_id_release")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_appeal_round_id_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
        sa.UniqueConstraint("round_id", "number", name="uq_appeal_round_id_number"),
    )
    op.create_table(
        "appeal_effect",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appeal_id", sa.Integer(), nullable=False),
        sa.Column("judge_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("computed_by", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeal.id"], name=op.f("fk_appeal_effect_appeal_id_appeal")),
        sa.ForeignKeyConstraint(["computed_by"], ["person.id"], name=op.f("fk_appeal_effect_computed_by_person")),
        sa.ForeignKeyConstraint(["judge_id"], ["judge.id"], name=op.f("fk_appeal_effect_judge_id_judge")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_effect")),
    )
    op.create_index(op.f("ix_appeal_effect_appeal_id"), "appeal_effect", ["appeal_id"], unique=False)
    op.create_table(
        "appeal_reading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appeal_id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeal.id"], name=op.f("fk_appeal_reading_appeal_id_appeal")),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_appeal_reading_assignment_id_assignment")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_appeal_reading_asked_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_reading")),
        sa.UniqueConstraint("assignment_id", name="uq_appeal_reading_assignment_id"),
    )
    op.create_index(op.f("ix_appeal_reading_appeal_id"), "appeal_reading", ["appeal_id"], unique=False)
    op.create_table(
        "appeal_outcome",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appeal_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by", sa.Integer(), nullable=False),
        sa.Column("sign_in_session_id", sa.Integer(), nullable=True),
        sa.Column("confirmed_by", sa.String(length=20), nullable=True),
        sa.CheckConstraint("outcome IN ('stands', 'changed')", name=op.f("ck_appeal_outcome_outcome_known")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_appeal_outcome_reason_given")),
        sa.CheckConstraint(
            "(outcome = 'changed') = (release_id IS NOT NULL)", name=op.f("ck_appeal_outcome_changed_by_release")
        ),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeal.id"], name=op.f("fk_appeal_outcome_appeal_id_appeal")),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_appeal_outcome_release_id_release")),
        sa.ForeignKeyConstraint(["settled_by"], ["person.id"], name=op.f("fk_appeal_outcome_settled_by_person")),
        sa.ForeignKeyConstraint(
            ["sign_in_session_id"],
            ["sign_in_session.id"],
            name=op.f("fk_appeal_outcome_sign_in_session_id_sign_in_session"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_outcome")),
        sa.UniqueConstraint("appeal_id", name="uq_appeal_outcome_appeal_id"),
    )
    for table in _TABLES:
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
    """Take back; all appeals are lost."""
    for table in reversed(_TABLES):
        op.drop_table(table)
