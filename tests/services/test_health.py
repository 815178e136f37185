"""What makes an installation unable to serve."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from judging import db
from judging.services import health
from judging.services.jobs import heartbeats

AT = datetime(2026, 7, 3, 6, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def worker(engine: Engine) -> None:
    with db.transaction(engine) as session:
        heartbeats.report_alive(session, "here-1", at=AT, starting=True)


def find_faults(engine: Engine, folder: Path, *, least_free_bytes: int = 1, at: datetime = AT) -> dict[str, str]:
    return health.find_faults(engine, folder, least_free_bytes=least_free_bytes, at=at)


def test_a_migrated_database_with_room_on_the_disk_has_no_fault(engine: Engine, tmp_path: Path) -> None:
    assert find_faults(engine, tmp_path) == {}


def test_the_check_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    count = text("SELECT count(*) FROM audit_entry")
    with engine.connect() as connection:
        before = connection.execute(count).scalar()
    find_faults(engine, tmp_path)
    with engine.connect() as connection:
        assert connection.execute(count).scalar() == before


def test_a_read_only_database_is_a_fault(engine: Engine, database_url: str, tmp_path: Path) -> None:
    if engine.dialect.name == "sqlite":
        read_only = db.create_engine_for(database_url.replace("sqlite:///", "sqlite:///file:") + "?mode=ro&uri=true")
    else:
        read_only = db.create_engine_for(database_url + "?options=-cdefault_transaction_read_only%3Don")
    faults = find_faults(read_only, tmp_path)
    read_only.dispose()
    assert faults == {"database": "It does not answer, or it cannot be written."}


def test_a_database_behind_the_code_is_a_fault(engine: Engine, tmp_path: Path) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    faults = find_faults(engine, tmp_path)
    assert faults == {"database": "Its migrations are not complete: run judging migrate."}


def test_a_database_ahead_of_the_code_is_none(engine: Engine, tmp_path: Path) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert find_faults(engine, tmp_path) == {}


def test_a_worker_that_has_been_silent_for_a_minute_is_a_fault(engine: Engine, tmp_path: Path) -> None:
    assert find_faults(engine, tmp_path, at=AT + timedelta(seconds=20)) == {}
    assert find_faults(engine, tmp_path, at=AT + timedelta(minutes=1)) == {
        "worker": "No worker for jobs is alive: start judging work."
    }


def test_a_full_disk_and_a_missing_folder_are_faults(engine: Engine, tmp_path: Path) -> None:
    assert find_faults(engine, tmp_path, least_free_bytes=10**18) == {
        "disk": "Less than 1000000000000 MB are free in the data folder."
    }
    assert find_faults(engine, tmp_path / "missing") == {"disk": "The data folder cannot be read."}
