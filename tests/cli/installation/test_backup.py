"""Back-up, restore and the check of the audit log, on real files."""

import os
import sqlite3
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from judging import db, tables
from judging.cli import run
from judging.services import audit
from judging.services.access import Claim, find_account, operator
from judging.services.authentication import sessions, sign_in
from judging.services.authentication.tokens import hash_of

AT = datetime(2023, 7, 3, 6, 5, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file of a database with two audit entries, which the command line is told of."""
    path = tmp_path / "data" / "judging.db"
    url = f"sqlite:///{path}"
    db.upgrade(url)
    write(url, "one", "two")
    monkeypatch.setenv("JUDGING_SECRET_KEY", "for tests only, for tests only..")
    monkeypatch.setenv("DATABASE_URL", url)
    return path


def write(url: str, *subjects: str) -> None:
    engine = db.create_engine_for(url)
    with db.transaction(engine) as session:
        for subject in subjects:
            audit.record(session, operator(), "tested", subject, at=AT)
    engine.dispose()


def subjects(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    found = [row[0] for row in connection.execute("SELECT subject FROM audit_entry ORDER BY id")]
    connection.close()
    return found


def test_a_copy_taken_while_somebody_writes_is_put_back(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy, engine = tmp_path / "copy.db", db.create_engine_for(f"sqlite:///{file}")
    with db.open_session(engine) as session:
        audit.record(session, operator(), "tested", "not committed", at=AT)
        assert run(["backup", str(copy)]) == 0
        session.rollback()
    engine.dispose()
    assert subjects(copy) == ["one", "two"]
    write(f"sqlite:///{file}", "three")
    assert run(["restore", str(copy)]) == 0
    assert subjects(file) == ["one", "two", "everybody"]
    assert subjects(file.with_name("judging.db.before-restore-1")) == ["one", "two", "three"]
    assert run(["verify-audit"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "The audit log is whole: 3 entries."


def test_a_database_in_use_is_not_replaced(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = tmp_path / "copy.db"
    run(["backup", str(copy)])
    engine = db.create_engine_for(f"sqlite:///{file}")
    with db.open_session(engine, read_only=True) as session:
        assert list(audit.verify(session)) == []
        assert run(["restore", str(copy)]) == 2
    engine.dispose()
    assert capsys.readouterr().err == "The database is in use. Stop the service, then restore.\n"
    assert subjects(file) == ["one", "two"]


def test_what_is_no_copy_is_refused_and_an_existing_file_is_not_overwritten(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.db"
    other.write_bytes(b"SQLite format 3\x00" + b"x" * 5000)
    assert run(["restore", str(other)]) == 2
    assert "is not a whole copy" in capsys.readouterr().err
    assert run(["backup", str(other)]) == 2
    assert "exists already" in capsys.readouterr().err
    assert subjects(file) == ["one", "two"]


def test_a_changed_audit_entry_is_named(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    connection = sqlite3.connect(file)
    connection.execute("DROP TRIGGER audit_entry_append_only_update")
    connection.execute("UPDATE audit_entry SET subject = 'TWO' WHERE id = 2")
    connection.commit()
    connection.close()
    assert run(["verify-audit"]) == 1
    assert capsys.readouterr().out == "Entry 2: its content was changed after it was written.\n"


def test_a_restored_back_up_revives_no_session_and_no_link(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy, engine = tmp_path / "copy.db", db.create_engine_for(f"sqlite:///{file}")
    with db.transaction(engine) as session:
        person = tables.Person(email="a@example.org", name="A", created_at=AT)
        session.add(person)
        session.flush()
        _, token = sign_in.create_link(session, person.pk, at=AT, channel="command")
        begun = sessions.begin(session, person, how="password", at=AT, address="", browser="")
    claim = Claim(person.pk, hash_of(begun.token), AT - timedelta(days=1))
    assert run(["backup", str(copy)]) == 0
    with db.transaction(engine) as session:
        sessions.sign_out(session, replace(operator(), person_id=person.pk, session_id=begun.session_id), at=AT)
        sign_in.use_link(session, token, at=AT)
    engine.dispose()
    assert run(["restore", str(copy)]) == 0
    engine = db.create_engine_for(f"sqlite:///{file}")
    with db.open_session(engine, read_only=True) as session:
        link = sign_in.find_link(session, token, at=AT)
        assert (find_account(session, claim), link and link.state) == (None, "revoked")
    engine.dispose()
    assert capsys.readouterr().out.splitlines()[-1] == (
        "Everybody signs in again: 1 sessions ended, 1 unused links revoked."
    )


def test_a_kept_head_shows_that_an_older_copy_was_put_back(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUDGING_DATA_DIR", str(file.parent))
    assert run(["backup", str(tmp_path / "copy.db")]) == 0
    write(f"sqlite:///{file}", "three")
    capsys.readouterr()
    assert run(["audit-head"]) == 0
    head = capsys.readouterr().out.strip()
    mail = tmp_path / "mail.txt"
    mail.write_text(f"Keep this: {head}\n")
    assert run(["verify-audit", "--head", str(mail)]) == 0
    assert capsys.readouterr().out == "The audit log is whole: 3 entries. Kept heads that agree: 1.\n"
    assert run(["restore", str(tmp_path / "copy.db")]) == 0
    capsys.readouterr()
    assert run(["verify-audit", "--head", head]) == 1
    # The restore is an entry of its own.
    assert "there is another entry now. The log up to there was rewritten, or an older copy continued" in (
        capsys.readouterr().out
    )
    assert run(["verify-audit", "--head", "nothing"]) == 2
    assert run(["audit-head", "--public-key"]) == 0
    assert capsys.readouterr().out.strip() in head


def test_the_head_of_an_empty_log_is_said_to_be_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUDGING_SECRET_KEY", "for tests only, for tests only..")
    monkeypatch.setenv("JUDGING_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    db.upgrade(f"sqlite:///{tmp_path / 'judging.db'}")
    assert run(["audit-head"]) == 1
    assert capsys.readouterr().out == "The audit log is empty.\n"


def test_a_copy_is_private_from_the_first_byte_and_follows_no_link(file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"")
    (folder / ".copy.db.partial").symlink_to(elsewhere)
    modes: list[int] = []
    is_watched = True

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        # SQLite has opened the new file, and nothing is in it yet; or its mode is mended when all is in it.
        if is_watched and event in ("sqlite3.connect/handle", "os.chmod"):
            seen = (folder / ".copy.db.partial", file)
            modes.extend(path.stat().st_mode & 0o777 for path in seen if path.is_file() and not path.is_symlink())

    old = os.umask(0)
    sys.addaudithook(watch)
    try:
        assert run(["backup", str(folder / "copy.db")]) == 0
        file.chmod(0o600)
        assert run(["restore", str(folder / "copy.db")]) == 0
    finally:
        is_watched = False
        os.umask(old)
    assert (elsewhere.read_bytes(), set(modes)) == (b"", {0o600})
    assert {path.stat().st_mode & 0o777 for path in (folder / "copy.db", file)} == {0o600}
