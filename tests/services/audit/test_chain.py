"""The audit chain."""

from datetime import UTC, datetime
from threading import Barrier, Thread

from sqlmodel import Session, col, select

from judging import db, tables
from judging.services import audit
from judging.services.access import operator
from judging.services.competitions.editing import get_editable
from tests.support.event import COMPETITION, make_event

AT = datetime(2023, 7, 3, 6, 5, tzinfo=UTC)


def test_a_whole_chain_verifies(session: Session) -> None:
    for subject in ("one", "two", "three"):
        audit.record(session, operator(), "tested", subject, at=AT, detail={"名": "香港", "n": 1})
    session.commit()
    entries = session.exec(select(tables.AuditEntry).order_by(col(tables.AuditEntry.id))).all()
    assert [entry.previous_hash for entry in entries] == [audit.GENESIS, entries[0].hash, entries[1].hash]
    assert list(audit.verify(session)) == []


def test_a_changed_entry_and_a_missing_one_are_named(session: Session) -> None:
    for subject in ("one", "two", "three"):
        audit.record(session, operator(), "tested", subject, at=AT)
    session.flush()
    first, second, third = session.exec(select(tables.AuditEntry).order_by(col(tables.AuditEntry.id))).all()
    with session.no_autoflush:
        second.subject = "TWO"
        assert list(audit.verify(session)) == [f"Entry {second.id}: its content was changed after it was written."]
        session.expunge(second)
        third.previous_hash = first.hash
        faults = list(audit.verify(session))
        assert faults[0] == f"Entry {third.id}: the entry before it is missing or was changed."
    session.rollback()


def test_two_writers_at_once_keep_one_chain(database_url: str) -> None:
    engine = db.create_engine_for(database_url)
    start = Barrier(2)

    def write() -> None:
        start.wait()
        for number in range(10):
            with db.transaction(engine) as own:
                audit.record(own, operator(), "tested", str(number), at=AT)

    threads = [Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with db.open_session(engine, read_only=True) as reader:
        assert len(reader.exec(select(tables.AuditEntry)).all()) == 20
        assert list(audit.verify(reader)) == []
    engine.dispose()


def test_whoever_locks_a_competition_does_not_stop_those_who_record_in_it(database_url: str) -> None:
    engine = db.create_engine_for(database_url)
    with db.transaction(engine) as session:
        make_event(session, n_proposals=4, n_judges=6, scored=False)
        competition_id = session.exec(select(tables.Competition.id)).one()
        before = len(session.exec(select(tables.AuditEntry)).all())
    start, failed = Barrier(2), list[Exception]()

    def write(*, is_locking: bool) -> None:
        start.wait()
        for number in range(40):
            try:
                with db.transaction(engine) as own:
                    if is_locking:
                        get_editable(own, operator(), COMPETITION, locked=True)
                    audit.record(own, operator(), "tested", str(number), at=AT, competition_id=competition_id)
            except Exception as error:  # noqa: BLE001 - of another thread: the assertion below shows it
                failed.append(error)

    threads = [Thread(target=write, kwargs={"is_locking": is_locking}) for is_locking in (True, False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with db.open_session(engine, read_only=True) as reader:
        after = len(reader.exec(select(tables.AuditEntry)).all())
    engine.dispose()
    assert (failed, after - before) == ([], 80)
