"""The version of the tables: migrations forward and back, and whether a database has them all."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def is_behind(connection: Connection) -> bool:
    """Return whether the database lacks migrations of this code. It may have newer ones: during an upgrade."""
    revision = MigrationContext.configure(connection).get_current_revision()
    return revision is None or revision in _older_revisions()


@cache
def _older_revisions() -> frozenset[str]:
    scripts = ScriptDirectory.from_config(alembic_config("sqlite://"))
    return frozenset(script.revision for script in scripts.walk_revisions()) - {scripts.get_current_head() or ""}


def alembic_config(url: str) -> AlembicConfig:
    """Return the Alembic settings for the migrations inside this package."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(__file__).parents[1] / "migrations"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Migrate the database forward to a revision."""
    command.upgrade(alembic_config(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Migrate the database back to a revision (``base`` empties it)."""
    command.downgrade(alembic_config(url), revision)
