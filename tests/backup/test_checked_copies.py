"""Checked copies in a folder: of both engines, killed at any moment, and how many remain."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session, select

from judging import db, tables
from judging.backup import checked_copies
from judging.cli import run
from judging.media.file_store import FileStore
from judging.services import audit
from tests.support.event import AT, make_event
from tests.support.files.media import pdf
from tests.support.files.proposal_files import store_file

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder for copies; the command line knows the database of the test."""
    monkeypatch.setenv("JUDGING_SECRET_KEY", "for tests only, for tests only..")
    monkeypatch.setenv("JUDGING_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DATABASE_URL", database_url)
    (tmp_path / "data").mkdir()
    return tmp_path / "copies"


def copies(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def rows_of(copy: Path) -> int:
    with closing(sqlite3.connect(copy / checked_copies.DATABASE)) as connection:
        return int(connection.execute("SELECT count(*) FROM score").fetchone()[0])


def make_one(folder: Path, engine: Engine, tmp_path: Path, *, second: int, keep: int = 2) -> checked_copies.CheckedCopy:
    files = FileStore(tmp_path / "data" / "files")
    return checked_copies.make_copy(engine, files, folder, keep=keep, at=AT.replace(second=second))


def test_a_copy_is_restored_and_verified_and_the_oldest_go(
    session: Session, engine: Engine, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_event(session, n_proposals=4, n_judges=6)
    n_scores = len(session.exec(select(tables.Score.criterion)).all())
    session.rollback()
    assert run(["backup", "--to", str(folder), "--keep", "2"]) == 0
    said = capsys.readouterr()
    line = json.loads(said.err.splitlines()[-1])
    assert (line["event"], line["level"], line["removed"]) == ("backup is well", "info", [])
    assert "Restored and verified." in said.out
    (first,) = folder.iterdir()
    assert (rows_of(first), json.loads((first / "copy.json").read_text())["faults"]) == (n_scores, [])
    first.rename(folder / "judging-20200101T000000Z")
    made = [make_one(folder, engine, tmp_path, second=second) for second in (1, 2)]
    assert [copy.removed for copy in made] == [(), ("judging-20200101T000000Z",)]
    assert copies(folder) == [copy.path.name for copy in made]


def test_files_belong_to_a_copy_and_have_one_content_on_the_disk(
    session: Session, engine: Engine, folder: Path, tmp_path: Path
) -> None:
    event = make_event(session, n_proposals=4, n_judges=6)
    store = FileStore(tmp_path / "data" / "files")
    organiser = event.actor(session, "organiser")
    session.rollback()
    digest = store_file(session, organiser, store, "P001", pdf(1)).digest
    session.commit()
    first, second = (make_one(folder, engine, tmp_path, second=second) for second in (1, 2))
    inodes = {(copy.path / "database.db.files" / digest).stat().st_ino for copy in (first, second)}
    assert (first.n_files, second.n_files, len(inodes)) == (1, 1, 1)
    store.path_of(digest).unlink()
    (first.path / "database.db.files" / digest).unlink()
    (second.path / "database.db.files" / digest).unlink()
    third = make_one(folder, engine, tmp_path, second=3, keep=1)
    assert third.faults == (f"Missing in the folder of files: {digest}.",)
    # A copy that is not well removes no other.
    assert copies(folder) == [first.path.name, second.path.name, f"{third.path.name}"]
    assert third.path.name.endswith(".faulty")


def test_a_changed_row_is_a_fault_of_the_copy_and_nothing_is_removed(
    session: Session, engine: Engine, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_event(session, n_proposals=4, n_judges=6)
    well = make_one(folder, engine, tmp_path, second=1)
    with engine.begin() as connection:
        connection.execute(text("UPDATE team SET name = 'Another' WHERE id = 1"))
    assert run(["backup", "--to", str(folder), "--keep", "1"]) == 1
    said = capsys.readouterr()
    assert "Row team 1 does not fit entry" in said.out
    assert json.loads(said.err.splitlines()[-1])["event"] == "backup is faulty"
    assert well.path.exists()


def test_a_process_that_is_killed_leaves_nothing_that_looks_like_a_copy(
    session: Session, engine: Engine, folder: Path, tmp_path: Path
) -> None:
    make_event(session, n_proposals=24, n_judges=8)
    session.commit()
    for attempt in range(4):
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "judging", "backup", "--to", str(folder)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not (folder.exists() and list(folder.glob(".judging-*.partial/*.db"))):
            time.sleep(0.002)
        time.sleep(0.05 * attempt)
        process.send_signal(signal.SIGKILL)
        process.wait()
        finished = [path for path in folder.iterdir() if not path.name.startswith(".")]
        # One that was faster than the kill is whole.
        assert all(json.loads((path / "copy.json").read_text())["faults"] == [] for path in finished)
    made = make_one(folder, engine, tmp_path, second=5, keep=0)
    assert made.faults == ()
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []


def test_a_copy_is_put_back_on_the_engine_that_it_came_from(
    session: Session, engine: Engine, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_event(session, n_proposals=4, n_judges=6)
    made = make_one(folder, engine, tmp_path, second=1)
    if engine.dialect.name == "postgresql":
        assert run(["restore", str(made.path)]) == 2
        assert "is not empty" in capsys.readouterr().err
        session.close()
        with engine.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            names = ", ".join(name for name in tables.metadata.tables if name != "audit_head")
            connection.execute(text(f"TRUNCATE {names} CASCADE"))
            connection.execute(text("UPDATE audit_head SET hash = repeat('0', 64)"))
    session.close()
    engine.dispose()
    assert run(["restore", str(made.path)]) == 0
    with db.transaction(engine, read_only=True) as reading:
        assert list(audit.verify(reading)) == []
        assert len(reading.exec(select(tables.Team.id)).all()) == 4


def test_a_mistake_at_the_command_line_is_one_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["a.db", "--to", "b"], ["--to", "b", "--keep", "-1"]):
        assert run(["backup", *arguments]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1
