"""Keep the letters to teams as they were made from a release, and the links to them.

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "team_letters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_team_letters_made_by_person")),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_team_letters_release_id_release")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_letters")),
        sa.UniqueConstraint("release_id", name="uq_team_letters_release_id"),
    )
    op.create_index(op.f("ix_team_letters_made_by"), "team_letters", ["made_by"], unique=False)
    op.create_table(
        "team_letter_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team_letters_id", sa.Integer(), nullable=False),
        sa.Column("proposal", sa.String(length=60), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.Integer(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["issued_by"], ["person.id"], name=op.f("fk_team_letter_link_issued_by_person")),
        sa.ForeignKeyConstraint(
            ["team_letters_id"], ["team_letters.id"], name=op.f("fk_team_letter_link_team_letters_id_team_letters")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_letter_link")),
        sa.UniqueConstraint("token_hash", name="uq_team_letter_link_token_hash"),
    )
    for name in ("issued_by", "team_letters_id"):
        op.create_index(op.f(f"ix_team_letter_link_{name}"), "team_letter_link", [name], unique=False)
    if op.get_bind().dialect.name == "sqlite":
        for action in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER team_letters_append_only_{action.lower()} BEFORE {action} ON team_letters "
                "BEGIN SELECT RAISE(ABORT, 'team_letters is append-only'); END"
            )
    else:
        op.execute(
            "CREATE TRIGGER team_letters_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON team_letters "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    """Take back; the letters and the salts of their proofs are lost."""
    op.drop_table("team_letter_link")
    op.drop_table("team_letters")
