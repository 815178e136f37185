"""No command prints a traceback for what its user can mend: one line that says what to do."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from judging.cli import run
from setup.environment import ROOT

SECRET = "for tests only, for tests only.."


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a data folder with a migrated database, and let the environment name nothing else."""
    for name in ("DATABASE_URL", "JUDGING_SECRET_KEY", "JUDGING_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    own = tmp_path / "data"
    own.mkdir()
    (own / "secret-key").write_text(SECRET)
    (own / "settings.env").write_text("JUDGING_PORT=9123\n")
    monkeypatch.setenv("JUDGING_DATA_DIR", str(own))
    assert run(["migrate"]) == 0
    return own


def test_a_printed_link_has_the_address_of_the_data_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["load-competition", str(ROOT / "rubrics" / "hksh-practice")]) == 0
    arguments = ["hksh-practice", "organiser@example.org", "--name", "Test organiser", "--role", "organiser"]
    assert run(["invite", *arguments, "--data-dir", str(folder)]) == 0
    assert "\nhttp://127.0.0.1:9123/sign-in/" in capsys.readouterr().out


def test_an_unknown_key_names_those_that_there_are(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["load-competition", str(ROOT / "rubrics" / "hksh-practice")])
    assert run(["people", "hksh"]) == 2
    said = capsys.readouterr().err
    assert (
        said == f"A key that you gave is not in the database {folder}/judging.db. The competitions are hksh-practice.\n"
    )


def test_another_folder_gets_no_stray_database(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "secret-key").write_text(SECRET)
    assert run(["--data-dir", str(other), "people", "x"]) == 2
    assert capsys.readouterr().err.startswith(f"There is no database {other}/judging.db. Name the data folder")
    assert [path.name for path in other.iterdir()] == ["secret-key"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["backup", "/nowhere/copy.db"], "/nowhere/copy.db: cannot be written"),
        (["restore", "/nowhere"], "/nowhere: there is no such file"),
        (["database-role", "x'; y"], "is no plain name of a role"),
        (["files", "add", "/nowhere", "x"], "/nowhere is no folder"),
        (["people", "x", "--data-dir", __file__], "is a file: give the data folder itself"),
    ],
)
def test_mistakes_are_said_in_one_line(
    folder: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    text = capsys.readouterr().err
    assert (said in text, text.count("\n")) == (True, 1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["invite", "x", "a@example.org", "--name", "A", "--role", "judge", "--days", "999999999999"], "from 1 to 365"),
        (["messages", "x", "--again", "99999999999999999999"], "no number of a message"),
        (["simulate", "--judges", "1000000000"], "too many"),
        (["work", "--name", "a" * 300], "1 to 80"),
    ],
)
def test_values_that_no_command_can_use_are_refused(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        run(arguments)
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://judging:hidden@127.0.0.1:1/name", "The database cannot be used: "),
        ("mysql://judging:hidden@host/name", "DATABASE_URL is no address of a database"),
        ("sqlite:///{folder}/secret-key", "is no SQLite database"),
        ("sqlite:///{folder}", "The database cannot be used: unable to open database file"),
    ],
)
def test_a_database_that_cannot_be_used_is_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch, url: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "secret-key").write_text(SECRET * 100)
    monkeypatch.setenv("DATABASE_URL", url.format(folder=folder))
    assert run(["people", "x"]) == 2
    text = capsys.readouterr().err
    assert said in text
    assert "hidden" not in text


def test_a_database_of_a_newer_version_is_not_migrated(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with sqlite3.connect(folder / "judging.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    assert run(["migrate"]) == 2
    assert "A newer version of the service may have written it" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("workers", "expected"),
    [("many", (1, "JUDGING_WORKERS is 'many': give a whole number, 0 or more.\n")), ("3", (0, ""))],
)
def test_the_service_says_a_wrong_setting_once(folder: Path, workers: str, expected: tuple[int, str]) -> None:
    (folder / "settings.env").write_text(f"JUDGING_WORKERS={workers}\n")
    done = subprocess.run(
        [sys.executable, "-m", "gunicorn", "--check-config", "wsgi:app"],
        cwd=ROOT,
        env={"JUDGING_DATA_DIR": str(folder), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == expected
