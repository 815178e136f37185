"""``judging export-event`` and ``judging import-event``: what they say, and what a kill leaves behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlmodel import func, select

from judging import db, tables
from judging.cli import run
from tests.support.event import COMPETITION
from tests.support.installations import Installation, Make, filled, in_use

ROOT = Path(__file__).parents[2]
SECRET = "for tests only, for tests only.."
_KILLED = """
import os, signal, sys
from sqlalchemy import Engine, event
from judging.cli import run

def look(connection, cursor, statement, *rest):
    if os.environ["STATEMENT"] in statement:
        os.kill(os.getpid(), signal.SIGKILL)

event.listen(Engine, "before_cursor_execute", look)
sys.exit(run(sys.argv[1:]))
"""


def use(monkeypatch: pytest.MonkeyPatch, installation: Installation) -> None:
    """Let the command line know an installation."""
    for name, value in environment_of(installation).items():
        monkeypatch.setenv(name, value)


def environment_of(installation: Installation) -> dict[str, str]:
    return {
        "JUDGING_SECRET_KEY": SECRET,
        "JUDGING_DATA_DIR": str(installation.folder),
        "DATABASE_URL": installation.url,
    }


@pytest.mark.parametrize(("before", "after"), [("sqlite", "postgresql"), ("postgresql", "sqlite")])
def test_an_event_is_moved_by_two_commands(
    make: Make,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    before: str,
    after: str,
) -> None:
    source, target, path = filled(make, before), in_use(make, after), tmp_path / "event.zip"
    use(monkeypatch, source)
    assert run(["export-event", COMPETITION, str(path)]) == 0
    said = capsys.readouterr().out
    (digest,) = re.findall(r"^SHA-256 ([0-9a-f]{64})$", said, re.MULTILINE)
    assert f"judging import-event event.zip --digest {digest}" in said
    use(monkeypatch, target)
    assert run(["import-event", str(path), "--digest", digest]) == 0
    said = capsys.readouterr().out
    assert "1 people have an account here" in said
    assert "judge@example.org: The same judge (there: The judge)" in said
    assert "chair-hk@example.org: Chair of hk" in said
    assert f"judging archive {COMPETITION} --reason" in said
    assert run(["verify-audit"]) == 0
    use(monkeypatch, source)
    assert run(["verify-audit"]) == 0
    assert run(["archive", COMPETITION, "--reason", "Moved."]) == 0


def test_a_mistake_is_one_line(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source, path = filled(make, "sqlite"), tmp_path / "event.zip"
    use(monkeypatch, source)
    path.write_text("no archive")
    for arguments, said in (
        (["export-event", COMPETITION, str(path)], "exists already"),
        (["export-event", "nothing", str(tmp_path / "new.zip")], f"The competitions are {COMPETITION}"),
        (["import-event", str(path)], "not a file of judging export-event"),
        (["import-event", str(tmp_path / "none.zip")], "cannot be read"),
    ):
        assert run(arguments) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert said in line


def killed_at(statement: str, arguments: list[str], installation: Installation) -> int:
    """Call a command that is killed when it is about to send a statement; return how it ended."""
    environment = {**os.environ, **environment_of(installation), "PYTHONPATH": str(ROOT), "STATEMENT": statement}
    done = subprocess.run(
        [sys.executable, "-P", "-c", _KILLED, *arguments],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )
    return done.returncode


def numbers_of(installation: Installation) -> tuple[int, ...]:
    counted = (
        tables.Competition,
        tables.Person,
        tables.FormerLog,
        tables.FormerEntry,
        tables.Release,
        tables.AuditEntry,
    )
    with db.transaction(installation.engine, read_only=True) as session:
        return tuple(session.exec(select(func.count()).select_from(table)).one() for table in counted)


@pytest.mark.parametrize("after", ["sqlite", "postgresql"])
def test_an_import_that_is_killed_leaves_no_half_event(make: Make, tmp_path: Path, after: str) -> None:
    source, target, path = filled(make, "sqlite"), in_use(make, after), tmp_path / "event.zip"
    source.export(path)
    before = numbers_of(target)
    for table in ("competition", "scoresheet", "former_entry", "audit_entry"):
        assert killed_at(f"INSERT INTO {table} ", ["import-event", str(path)], target) == -signal.SIGKILL
        assert numbers_of(target) == before
        assert target.faults() == []
    target.store(path)
    assert target.faults() == []


def test_an_export_that_is_killed_leaves_no_file_of_that_name(make: Make, tmp_path: Path) -> None:
    source, path = filled(make, "sqlite"), tmp_path / "event.zip"
    before = numbers_of(source)
    for statement in ("SELECT score.", "INSERT INTO audit_entry "):
        assert killed_at(statement, ["export-event", COMPETITION, str(path)], source) == -signal.SIGKILL
        assert (path.exists(), numbers_of(source)) == (False, before)
    source.export(path)
    assert sorted(one.name for one in tmp_path.iterdir() if "event.zip" in one.name) == ["event.zip"]
    assert source.faults() == []
