"""Create the first tables.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_single_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "competition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("definition", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("is_simulated", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_competition")),
        sa.UniqueConstraint("key", name="uq_competition_key"),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("locale", sa.String(length=20), nullable=True),
        sa.Column("session_epoch", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("email = lower(email) AND email <> ''", name=op.f("ck_person_email_lower")),
        sa.CheckConstraint("session_epoch >= 0", name=op.f("ck_person_session_epoch_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name="uq_person_email"),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    with op.batch_alter_table("sign_in_attempt", schema=None) as batch_op:
        batch_op.create_index("ix_sign_in_attempt_address_at", ["address", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_sign_in_attempt_email"), ["email"], unique=False)

    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("competition_id", sa.Integer(), nullable=True),
        sa.Column("actor", sa.String(length=254), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["competition_id"], ["competition.id"], name=op.f("fk_audit_entry_competition_id_competition")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_audit_entry_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
        sa.UniqueConstraint("hash", name="uq_audit_entry_hash"),
        sa.UniqueConstraint("previous_hash", name="uq_audit_entry_previous_hash"),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_entry_action"), ["action"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_entry_competition_id"), ["competition_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_entry_person_id"), ["person_id"], unique=False)

    op.create_table(
        "judge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("competition_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("city", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("categories", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("languages", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("max_load", sa.Integer(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("max_load IS NULL OR max_load >= 0", name=op.f("ck_judge_max_load_not_negative")),
        sa.ForeignKeyConstraint(
            ["competition_id"], ["competition.id"], name=op.f("fk_judge_competition_id_competition")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_judge_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judge")),
        sa.UniqueConstraint("competition_id", "key", name="uq_judge_competition_id_key"),
        sa.UniqueConstraint("competition_id", "person_id", name="uq_judge_competition_id_person_id"),
    )
    with op.batch_alter_table("judge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_judge_competition_id"), ["competition_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_judge_person_id"), ["person_id"], unique=False)

    op.create_table(
        "role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("competition_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("city", sa.String(length=40), nullable=True),
        sa.CheckConstraint("role IN ('organiser', 'chair', 'judge', 'auditor')", name=op.f("ck_role_role_known")),
        sa.ForeignKeyConstraint(
            ["competition_id"], ["competition.id"], name=op.f("fk_role_competition_id_competition")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_role_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role")),
        sa.UniqueConstraint("person_id", "competition_id", "role", name="uq_role_person_competition_role"),
    )
    with op.batch_alter_table("role", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_role_competition_id"), ["competition_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_role_person_id"), ["person_id"], unique=False)

    op.create_table(
        "round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("competition_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("definition", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_round_closed_at_matches_state")
        ),
        sa.CheckConstraint("(state = 'draft') = (opened_at IS NULL)", name=op.f("ck_round_opened_at_matches_state")),
        sa.CheckConstraint("state IN ('draft', 'open', 'closed')", name=op.f("ck_round_state_known")),
        sa.CheckConstraint("position >= 1", name=op.f("ck_round_position_from_one")),
        sa.ForeignKeyConstraint(
            ["competition_id"], ["competition.id"], name=op.f("fk_round_competition_id_competition")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round")),
        sa.UniqueConstraint("competition_id", "key", name="uq_round_competition_id_key"),
        sa.UniqueConstraint("competition_id", "position", name="uq_round_competition_id_position"),
    )
    with op.batch_alter_table("round", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_round_competition_id"), ["competition_id"], unique=False)

    op.create_table(
        "sign_in_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sign_in_link_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_link")),
        sa.UniqueConstraint("token_hash", name="uq_sign_in_link_token_hash"),
    )
    with op.batch_alter_table("sign_in_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_link_person_id"), ["person_id"], unique=False)

    op.create_table(
        "team",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("competition_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("city", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["competition_id"], ["competition.id"], name=op.f("fk_team_competition_id_competition")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("competition_id", "key", name="uq_team_competition_id_key"),
    )
    with op.batch_alter_table("team", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_team_competition_id"), ["competition_id"], unique=False)

    op.create_table(
        "calibration_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(length=40), nullable=False),
        sa.Column("settings", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("input_digest", sa.String(length=64), nullable=False),
        sa.Column("rules_digest", sa.String(length=64), nullable=False),
        sa.Column("result_digest", sa.String(length=64), nullable=False),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("code_version", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_calibration_run_created_by_person")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_calibration_run_round_id_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibration_run")),
        sa.UniqueConstraint("round_id", "number", name="uq_calibration_run_round_id_number"),
    )
    with op.batch_alter_table("calibration_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_calibration_run_round_id"), ["round_id"], unique=False)

    op.create_table(
        "proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("competition_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("category", sa.String(length=60), nullable=True),
        sa.Column("language", sa.String(length=20), nullable=True),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("deck_url", sa.String(length=2000), nullable=True),
        sa.Column("video_url", sa.String(length=2000), nullable=True),
        sa.ForeignKeyConstraint(
            ["competition_id"], ["competition.id"], name=op.f("fk_proposal_competition_id_competition")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_proposal_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
        sa.UniqueConstraint("competition_id", "key", name="uq_proposal_competition_id_key"),
    )
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proposal_competition_id"), ["competition_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_proposal_team_id"), ["team_id"], unique=False)

    op.create_table(
        "assignment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("judge_id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("source IN ('import', 'plan', 'hand')", name=op.f("ck_assignment_source_known")),
        sa.CheckConstraint("state = 'active' OR reason <> ''", name=op.f("ck_assignment_reason_when_not_active")),
        sa.CheckConstraint("state IN ('active', 'recused', 'withdrawn')", name=op.f("ck_assignment_state_known")),
        sa.ForeignKeyConstraint(["judge_id"], ["judge.id"], name=op.f("fk_assignment_judge_id_judge")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_assignment_proposal_id_proposal")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_assignment_round_id_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sa.UniqueConstraint("round_id", "judge_id", "proposal_id", name="uq_assignment_round_id_judge_id_proposal_id"),
    )
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assignment_judge_id"), ["judge_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_assignment_proposal_id"), ["proposal_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_assignment_round_id"), ["round_id"], unique=False)

    op.create_table(
        "round_proposal",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_round_proposal_proposal_id_proposal")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_round_proposal_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", "proposal_id", name=op.f("pk_round_proposal")),
    )
    with op.batch_alter_table("round_proposal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_round_proposal_proposal_id"), ["proposal_id"], unique=False)

    op.create_table(
        "scoresheet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("comment", sa.String(), nullable=False),
        sa.Column("justification", sa.String(), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=True),
        sa.Column("confidence", sa.Integer(), nullable=True),
        sa.Column("identity_revealed", sa.Boolean(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("source IN ('form', 'api', 'import', 'workbook')", name=op.f("ck_scoresheet_source_known")),
        sa.CheckConstraint("state IN ('draft', 'submitted')", name=op.f("ck_scoresheet_state_known")),
        sa.CheckConstraint(
            "confidence IS NULL OR confidence BETWEEN 1 AND 3", name=op.f("ck_scoresheet_confidence_range")
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_scoresheet_version_from_one")),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_scoresheet_assignment_id_assignment")
        ),
        sa.ForeignKeyConstraint(["saved_by"], ["person.id"], name=op.f("fk_scoresheet_saved_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scoresheet")),
        sa.UniqueConstraint("assignment_id", "version", name="uq_scoresheet_assignment_id_version"),
    )
    with op.batch_alter_table("scoresheet", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_scoresheet_assignment_id"), ["assignment_id"], unique=False)

    op.create_table(
        "score",
        sa.Column("scoresheet_id", sa.Integer(), nullable=False),
        sa.Column("criterion", sa.String(length=60), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("comment", sa.String(), nullable=False),
        sa.CheckConstraint("value IS NOT NULL OR comment <> ''", name=op.f("ck_score_not_empty")),
        sa.ForeignKeyConstraint(["scoresheet_id"], ["scoresheet.id"], name=op.f("fk_score_scoresheet_id_scoresheet")),
        sa.PrimaryKeyConstraint("scoresheet_id", "criterion", name=op.f("pk_score")),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("score")
    with op.batch_alter_table("scoresheet", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scoresheet_assignment_id"))

    op.drop_table("scoresheet")
    with op.batch_alter_table("round_proposal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_round_proposal_proposal_id"))

    op.drop_table("round_proposal")
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assignment_round_id"))
        batch_op.drop_index(batch_op.f("ix_assignment_proposal_id"))
        batch_op.drop_index(batch_op.f("ix_assignment_judge_id"))

    op.drop_table("assignment")
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proposal_team_id"))
        batch_op.drop_index(batch_op.f("ix_proposal_competition_id"))

    op.drop_table("proposal")
    with op.batch_alter_table("calibration_run", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_calibration_run_round_id"))

    op.drop_table("calibration_run")
    with op.batch_alter_table("team", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_team_competition_id"))

    op.drop_table("team")
    with op.batch_alter_table("sign_in_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_link_person_id"))

    op.drop_table("sign_in_link")
    with op.batch_alter_table("round", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_round_competition_id"))

    op.drop_table("round")
    with op.batch_alter_table("role", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_role_person_id"))
        batch_op.drop_index(batch_op.f("ix_role_competition_id"))

    op.drop_table("role")
    with op.batch_alter_table("judge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_judge_person_id"))
        batch_op.drop_index(batch_op.f("ix_judge_competition_id"))

    op.drop_table("judge")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_entry_person_id"))
        batch_op.drop_index(batch_op.f("ix_audit_entry_competition_id"))
        batch_op.drop_index(batch_op.f("ix_audit_entry_action"))

    op.drop_table("audit_entry")
    with op.batch_alter_table("sign_in_attempt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_attempt_email"))
        batch_op.drop_index("ix_sign_in_attempt_address_at")

    op.drop_table("sign_in_attempt")
    op.drop_table("person")
    op.drop_table("competition")
    op.drop_table("audit_head")
