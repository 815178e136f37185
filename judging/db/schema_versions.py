"""The version of the tables: migrations forward and back, and whether a database has them all.

Alembic takes a tenth of a second to import; only what migrates loads it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config as AlembicConfig

_MIGRATIONS = Path(__file__).parents[1] / "migrations"


def is_behind(connection: Connection) -> bool:
    """Return whether the database lacks migrations of this code. It may have newer ones: during an upgrade."""
    revision = revision_of(connection)
    return revision is None or revision in _older_revisions()


def revision_of(connection: Connection) -> str | None:
    """Return the newest migration of a database; None when it has none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return revision


@cache
def _older_revisions() -> frozenset[str]:
    # The name of a migration begins with its number; a test compares these with Alembic's own list.
    numbers = sorted(path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*_*.py"))
    return frozenset(numbers[:-1])


def alembic_config(url: str) -> AlembicConfig:
    """Return the Alembic settings for the migrations inside this package."""
    from alembic.config import Config as AlembicConfig

    config = AlembicConfig()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Migrate the database forward to a revision."""
    from alembic import command

    command.upgrade(alembic_config(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Migrate the database back to a revision (``base`` empties it)."""
    from alembic import command

    command.downgrade(alembic_config(url), revision)
