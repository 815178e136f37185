"""Keep uploaded files until they are imported, how files of one shape were read, and which file a sheet came from.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("ALTER TABLE scoresheet ADD COLUMN entered_from VARCHAR(200)")
    op.create_table(
        "incoming_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("competition_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["competition_id"], ["competition.id"], name=op.f("fk_incoming_file_competition_id_competition")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_incoming_file_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incoming_file")),
    )
    op.create_index(op.f("ix_incoming_file_competition_id"), "incoming_file", ["competition_id"], unique=False)
    op.create_index(op.f("ix_incoming_file_person_id"), "incoming_file", ["person_id"], unique=False)
    op.create_table(
        "table_mapping",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("competition_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("headings_digest", sa.String(length=64), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["competition_id"], ["competition.id"], name=op.f("fk_table_mapping_competition_id_competition")
        ),
        sa.ForeignKeyConstraint(["saved_by"], ["person.id"], name=op.f("fk_table_mapping_saved_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_table_mapping")),
        sa.UniqueConstraint("competition_id", "kind", "headings_digest", name="uq_table_mapping_shape"),
    )
    op.create_index(op.f("ix_table_mapping_competition_id"), "table_mapping", ["competition_id"], unique=False)


def downgrade() -> None:
    """Take back."""
    op.drop_table("table_mapping")
    op.drop_table("incoming_file")
    op.execute("ALTER TABLE scoresheet DROP COLUMN entered_from")
