"""Installations to move an event between: a database of either engine, a folder of files, a key."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from judging import db, tables
from judging.event_transfer.exporting import ExportedEvent, export_event
from judging.event_transfer.importing import ImportedEvent, import_event
from judging.media.file_store import FileStore
from judging.services import audit
from judging.services.access import operator
from judging.services.audit.signed_heads import HeadSigner, open_signer
from tests.support.event import AT, COMPETITION, make_event
from tests.support.moved_event import make_moved_event


@dataclass(frozen=True, slots=True)
class Installation:
    """One installation."""

    url: str
    engine: Engine
    files: FileStore
    signer: HeadSigner
    folder: Path

    def export(self, path: Path, *, key: str = COMPETITION) -> ExportedEvent:
        return export_event(self.engine, operator(), key, path, files=self.files, signer=self.signer, at=AT)

    def store(self, path: Path, *, digest: str | None = None) -> ImportedEvent:
        return import_event(self.engine, operator(), path, files=self.files, at=AT, digest=digest)

    def faults(self) -> list[str]:
        with db.transaction(self.engine, read_only=True) as session:
            return list(audit.verify(session))


Make = Callable[[str], Installation]


@contextmanager
def installations(request: pytest.FixtureRequest, folder: Path) -> Iterator[Make]:
    """Yield what makes an installation without rows, on ``sqlite`` or ``postgresql``, in a folder."""
    made: list[Installation] = []
    names: list[str] = []

    def new(engine_name: str) -> Installation:
        own = folder / f"installation-{len(made)}"
        own.mkdir()
        if engine_name == "sqlite":
            shutil.copy(request.getfixturevalue("migrated_sqlite"), own / "judging.db")
            url = f"sqlite:///{own / 'judging.db'}"
        else:
            url = _new_postgres(request, f"moved_{len(names)}")
            names.append(f"moved_{len(names)}")
        one = Installation(url, db.create_engine_for(url), FileStore(own / "files"), open_signer(own / "key.pem"), own)
        made.append(one)
        return one

    yield new
    for one in made:
        one.engine.dispose()
    for name in names:
        _drop_postgres(request, name)


def filled(make: Make, engine_name: str) -> Installation:
    """Return an installation with the event."""
    source = make(engine_name)
    with db.open_session(source.engine) as session:
        make_moved_event(session, source.files)
    return source


def in_use(make: Make, engine_name: str) -> Installation:
    """Return one with another event, whose rows have the same numbers; its judge is a judge of both."""
    target = make(engine_name)
    with db.open_session(target.engine) as session:
        make_event(session, n_proposals=6, n_judges=6)
        session.exec(select(tables.Competition)).one().key = "other"
        for person in session.exec(select(tables.Person)):
            if person.email == "judge@example.org":
                person.name = "The same judge"
            else:
                person.email = f"other-{person.email}"
        session.commit()
    return target


def _new_postgres(request: pytest.FixtureRequest, name: str) -> str:
    import psycopg

    server: str = request.getfixturevalue("postgres")
    request.getfixturevalue("migrated_postgres")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE migrated STRATEGY file_copy")
    return f"{server.rsplit('/', 1)[0]}/{name}"


def _drop_postgres(request: pytest.FixtureRequest, name: str) -> None:
    import psycopg

    with psycopg.connect(request.getfixturevalue("postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
