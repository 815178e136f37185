"""Transactions: writers take turns, readers see one state and never write, what is committed is on the disk."""

from __future__ import annotations

import threading
import time

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from judging import db, tables
from judging.db import writers
from judging.errors import Unavailable
from tests.support.event import AT


def person(name: str) -> tables.Person:
    return tables.Person(email=f"{name}@example.org", name=name, created_at=AT)


def names(engine: Engine) -> list[str]:
    with db.transaction(engine, read_only=True) as session:
        return list(session.exec(select(tables.Person.name).order_by(tables.Person.name)))


def test_an_error_stores_nothing_and_leaves_the_turn_to_the_next(engine: Engine) -> None:
    with pytest.raises(IntegrityError):
        _add(engine, "a", "a")
    assert not db.is_writing()
    with db.transaction(engine) as session:
        session.add(person("b"))
    assert names(engine) == ["b"]


def test_a_reader_sees_one_state_while_others_write(engine: Engine) -> None:
    with db.transaction(engine, read_only=True) as reading:
        before = reading.exec(select(tables.Person.name)).all()
        writer = threading.Thread(target=_add, args=(engine, "a"))
        writer.start()
        writer.join()
        assert reading.exec(select(tables.Person.name)).all() == before == []
    assert names(engine) == ["a"]


def _add(engine: Engine, *names_of_people: str, read_only: bool = False) -> None:
    with db.transaction(engine, read_only=read_only) as session:
        for name in names_of_people:
            session.add(person(name))
            session.flush()


def test_a_reader_refuses_changed_rows(engine: Engine) -> None:
    with pytest.raises(RuntimeError, match="reading session"):
        _add(engine, "a", read_only=True)
    assert names(engine) == []


def test_a_writer_that_would_wait_for_itself_is_refused(engine: Engine) -> None:
    with (
        db.transaction(engine),
        pytest.raises(RuntimeError, match="write transaction is open in this thread"),
        db.transaction(engine),
    ):
        pass


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_writers_take_turns_in_the_order_in_which_they_came(engine: Engine) -> None:
    order: list[int] = []

    def write(number: int) -> None:
        with db.transaction(engine) as session:
            session.execute(text("SELECT 1"))
            order.append(number)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    with db.transaction(engine):
        for thread in threads:
            thread.start()
            # It has come when it waits in the queue.
            while thread.is_alive() and len(db.queue_of(engine)._waiting) < threads.index(thread) + 2:
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert order == list(range(8))


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_writer_gives_up_when_its_turn_does_not_come(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writers, "LOCK_WAIT_SECONDS", 0.1)
    outcomes: list[str] = []

    def write() -> None:
        try:
            _add(engine, "late")
        except Unavailable:
            outcomes.append("unavailable")

    with db.transaction(engine) as session:
        session.add(person("first"))
        session.flush()
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
    assert outcomes == ["unavailable"]
    assert names(engine) == ["first"]


@pytest.mark.parametrize("engine_name", ["postgresql"])
@pytest.mark.parametrize("in_one_statement", [False, True])
def test_what_postgresql_has_committed_is_on_the_disk(engine: Engine, *, in_one_statement: bool) -> None:
    insert = text("INSERT INTO person (email, name, is_active, created_at) VALUES ('a', 'a', true, now())")
    with db.transaction(engine, in_one_statement=in_one_statement) as session:
        session.execute(insert)
        written = session.execute(text("SELECT pg_current_wal_insert_lsn()")).scalar_one()
    with db.transaction(engine, read_only=True) as session:
        on_disk = session.execute(text("SELECT pg_current_wal_flush_lsn() >= CAST(:lsn AS pg_lsn)"), {"lsn": written})
        assert on_disk.scalar_one()


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_connections_to_postgresql_stay_open_after_use(engine: Engine) -> None:
    def processes() -> set[int]:
        connections = [engine.connect() for _ in range(12)]
        found = {connection.execute(text("SELECT pg_backend_pid()")).scalar_one() for connection in connections}
        for connection in connections:
            connection.close()
        return found

    before = processes()
    assert (len(before), processes()) == (12, before)


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_block_of_one_statement_begins_no_transaction(engine: Engine) -> None:
    insert = text("INSERT INTO person (email, name, is_active, created_at) VALUES ('a', 'a', true, now())")
    with db.transaction(engine, in_one_statement=True) as session:
        session.connection().execute(insert)
        assert not session.in_transaction()
        with db.transaction(engine, read_only=True) as other:
            assert other.exec(select(tables.Person.name)).all() == ["a"]
    with db.transaction(engine, read_only=True, in_one_statement=True) as session:
        session.add(person("b"))
        with pytest.raises(RuntimeError, match="reading session"):
            session.flush()
        session.expunge_all()
    assert names(engine) == ["a"]


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_what_was_read_durably_is_on_the_disk(engine: Engine) -> None:
    with engine.connect() as connection:
        # As a commit of another process that does not wait for the disk, or has not waited yet.
        connection.execute(text("SET synchronous_commit = off"))
        connection.execute(text("INSERT INTO person (email, name, is_active, created_at) VALUES ('a','a',true,now())"))
        written = connection.execute(text("SELECT pg_current_wal_insert_lsn()")).scalar_one()
        connection.commit()
    with db.durable_reading(engine) as session:
        assert session.exec(select(tables.Person.name)).all() == ["a"]
    with db.transaction(engine, read_only=True) as session:
        on_disk = session.execute(text("SELECT pg_current_wal_flush_lsn() >= CAST(:lsn AS pg_lsn)"), {"lsn": written})
        assert on_disk.scalar_one()


def test_a_durable_reader_refuses_changed_rows_and_waits_for_no_writer(engine: Engine) -> None:
    with pytest.raises(RuntimeError, match="reading session"), db.durable_reading(engine) as session:
        session.add(person("a"))
    with db.transaction(engine) as writer:
        writer.add(person("b"))
        writer.flush()
        with db.durable_reading(engine) as session:
            assert session.exec(select(tables.Person.name)).all() == []
    assert names(engine) == ["b"]


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_reader_whose_connection_broke_before_the_disk_has_read_nothing(engine: Engine) -> None:
    other = db.create_engine_for(engine.url.render_as_string(hide_password=False))

    def read_and_crash() -> None:
        with db.durable_reading(engine) as session, other.connect() as connection:
            number = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
            connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": number})

    with pytest.raises(Unavailable, match="did not say whether this is stored"):
        read_and_crash()
    other.dispose()


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_statements_stay_prepared_between_readers(engine: Engine) -> None:
    for _ in range(12):
        names(engine)
    with db.transaction(engine, read_only=True) as session:
        prepared = session.execute(text("SELECT count(*) FROM pg_prepared_statements")).scalar_one()
    assert prepared >= 1


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_sqlite_waits_for_the_disk_at_each_commit(engine: Engine) -> None:
    with db.transaction(engine) as session:
        pragmas = [session.execute(text(f"PRAGMA {name}")).scalar_one() for name in ("journal_mode", "synchronous")]
    # 2 is FULL.
    assert pragmas == ["wal", 2]


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_commit_whose_connection_broke_before_the_disk_is_not_taken_as_stored(engine: Engine) -> None:
    other = db.create_engine_for(engine.url.render_as_string(hide_password=False))

    def crash(session: Session) -> None:
        # As when PostgreSQL crashes and is there again at once: new connections work.
        engine.dispose()
        with other.connect() as connection:
            connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": numbers[0]})

    def add_and_crash() -> None:
        with db.transaction(engine) as session:
            numbers.append(session.execute(text("SELECT pg_backend_pid()")).scalar_one())
            session.add(person("a"))
            event.listen(session, "after_commit", crash)

    numbers: list[int] = []
    with pytest.raises(Unavailable, match="did not say whether this is stored"):
        add_and_crash()
    with db.transaction(engine) as session:
        session.add(person("b"))
    assert names(engine) == ["a", "b"]
    other.dispose()
