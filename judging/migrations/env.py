"""Run the migrations on the database that ``judging.db`` or the environment names."""

from typing import Any, Literal

from alembic import context
from sqlmodel import AutoString

from judging import tables
from judging.db import create_engine_for
from judging.tables.types import UTCDateTime


def render_item(kind: str, item: Any, autogen_context: Any) -> str | Literal[False]:
    """Write our own column types into a migration as what they are in the database.

    A migration must keep working when the class it came from has moved.
    """
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    return False


def main() -> None:
    """Migrate over one connection, in one transaction."""
    url = context.config.get_main_option("sqlalchemy.url")
    if not url:
        import config

        url = config.from_environ().database_url
    engine = create_engine_for(url)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=tables.metadata,
            # One transaction for all, on SQLite too: an upgrade that is killed leaves the database as it was.
            transactional_ddl=True,
            # SQLite cannot alter a table: Alembic copies it.
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
            render_item=render_item,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    engine.dispose()


main()
