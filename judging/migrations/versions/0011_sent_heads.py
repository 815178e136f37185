"""Keep which heads of the audit log were e-mailed, and wishes for links; bind sessions to the log.

The sessions that there are get one entry, ``log.extended``, as in 0008.

Revision ID: 0011
Revises: 0010
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from judging.tables.row_digests import digest_of_row, key_of

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "sent_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_head")),
    )
    op.create_table(
        "link_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_request")),
    )
    _bind_sessions(op.get_bind())


def _bind_sessions(connection: sa.Connection) -> None:
    known = sa.MetaData()
    known.reflect(connection, only=["sign_in_session", "audit_entry", "audit_head"])
    entry, head, begun = (known.tables[name] for name in ("audit_entry", "audit_head", "sign_in_session"))
    stored = {
        key_of(begun, row): digest_of_row(begun, row)
        for row in connection.execute(sa.select(begun).order_by(begun.c.id)).mappings()
    }
    if not stored:
        return
    values: dict[str, Any] = {
        "at": datetime.now(UTC),
        "person_id": None,
        "competition_id": None,
        "actor": "migration",
        "address": "",
        "action": "log.extended",
        "subject": f"revision {revision}",
        "detail": {"rows": len(stored)},
        "stored": stored,
        "previous_hash": connection.execute(sa.select(head.c.hash).with_for_update()).scalar_one(),
    }
    content = values | {"at": values["at"].isoformat()}
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    values["hash"] = hashlib.sha256(canonical.encode()).hexdigest()
    connection.execute(sa.insert(entry), values)
    connection.execute(sa.update(head).values(hash=values["hash"]))


def downgrade() -> None:
    """Take back."""
    op.drop_table("link_request")
    op.drop_table("sent_head")
