"""The list of migrations by their file names is Alembic's own list."""

from __future__ import annotations

from alembic.script import ScriptDirectory
from sqlalchemy import text

from judging import db


def test_a_database_is_behind_with_every_migration_but_the_last(empty_database_url: str) -> None:
    scripts = ScriptDirectory.from_config(db.alembic_config(empty_database_url))
    revisions = [script.revision for script in scripts.walk_revisions()]
    engine = db.create_engine_for(empty_database_url)
    with engine.connect() as connection:
        assert (db.revision_of(connection), db.is_behind(connection)) == (None, True)
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('0000')"))
        found = {}
        for revision in (*revisions, "9999"):
            connection.execute(text("UPDATE alembic_version SET version_num = :new"), {"new": revision})
            found[revision] = db.is_behind(connection)
    engine.dispose()
    assert found == {revision: revision != revisions[0] for revision in revisions} | {"9999": False}
