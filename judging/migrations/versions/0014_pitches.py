"""Keep the running order of pitches, and every move of those who lead through them.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_PHASES = "phase IN ('before', 'called', 'pitch', 'questions', 'scoring', 'ended')"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "pitch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("is_left_out", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("place >= 1", name=op.f("ck_pitch_place_from_one")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_pitch_proposal_id_proposal")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_pitch_round_id_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pitch")),
        sa.UniqueConstraint("round_id", "proposal_id", name="uq_pitch_round_id_proposal_id"),
    )
    op.create_index(op.f("ix_pitch_proposal_id"), "pitch", ["proposal_id"], unique=False)
    op.create_table(
        "pitch_move",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("phase", sa.String(length=20), nullable=False),
        sa.Column("pitch_id", sa.Integer(), nullable=True),
        sa.Column("used_seconds", sa.Float(), nullable=False),
        sa.Column("running_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("back_to", sa.Integer(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(_PHASES, name=op.f("ck_pitch_move_phase_known")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_pitch_move_number_from_one")),
        sa.CheckConstraint("back_to >= 0 AND back_to < number", name=op.f("ck_pitch_move_back_to_earlier")),
        sa.CheckConstraint(
            "(phase IN ('before', 'ended')) = (pitch_id IS NULL)", name=op.f("ck_pitch_move_pitch_matches_phase")
        ),
        sa.CheckConstraint("used_seconds >= 0", name=op.f("ck_pitch_move_used_seconds_not_negative")),
        sa.ForeignKeyConstraint(["moved_by"], ["person.id"], name=op.f("fk_pitch_move_moved_by_person")),
        sa.ForeignKeyConstraint(["pitch_id"], ["pitch.id"], name=op.f("fk_pitch_move_pitch_id_pitch")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_pitch_move_round_id_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pitch_move")),
        sa.UniqueConstraint("round_id", "number", name="uq_pitch_move_round_id_number"),
    )
    op.create_index(op.f("ix_pitch_move_pitch_id"), "pitch_move", ["pitch_id"], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        for action in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER pitch_move_append_only_{action.lower()} BEFORE {action} ON pitch_move "
                "BEGIN SELECT RAISE(ABORT, 'pitch_move is append-only'); END"
            )
    else:
        op.execute(
            "CREATE TRIGGER pitch_move_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON pitch_move "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    """Take back; which team was on the stage when is lost."""
    op.drop_table("pitch_move")
    op.drop_table("pitch")
