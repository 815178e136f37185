"""The database: engines, sessions and transactions, and the version of its tables. Use it as ``db.transaction``."""

from judging.db.engines import POSTGRESQL_OPTIONS, create_engine_for, make_private
from judging.db.schema_versions import alembic_config, downgrade, is_behind, revision_of, upgrade
from judging.db.transactions import durable_reading, is_outage, is_writing, open_session, transaction
from judging.db.writers import LOCK_WAIT_SECONDS, queue_of

__all__ = [
    "LOCK_WAIT_SECONDS",
    "POSTGRESQL_OPTIONS",
    "alembic_config",
    "create_engine_for",
    "downgrade",
    "durable_reading",
    "is_behind",
    "is_outage",
    "is_writing",
    "make_private",
    "open_session",
    "queue_of",
    "revision_of",
    "transaction",
    "upgrade",
]
