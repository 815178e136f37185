"""Decks and videos on the command line, and in a backup that is restored on another machine."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from judging import backup, db, tables
from judging.cli import run
from judging.media.file_store import FileStore
from tests.support.event import AT, COMPETITION, make_event
from tests.support.files import media


@pytest.fixture
def engine_name() -> str:
    """Run on SQLite only: backups are of its file."""
    return "sqlite"


def test_a_folder_is_added_and_comes_back_with_a_backup(
    engine: Engine,
    session: Session,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    make_event(session, n_proposals=4, n_judges=6, scored=False)
    session.close()
    engine.dispose()
    for name, value in {
        "JUDGING_SECRET_KEY": "for tests only, for tests only..",
        "DATABASE_URL": database_url,
        "JUDGING_DATA_DIR": str(tmp_path),
    }.items():
        monkeypatch.setenv(name, value)
    handed_in = tmp_path / "handed in"
    handed_in.mkdir()
    content = {
        "P001.pdf": media.pdf(1),
        "P002.mp4": media.mp4(),
        "P003.pdf": b"<html>",
        "notes.txt": b"no file of ours",
    }
    for name, data in content.items():
        (handed_in / name).write_bytes(data)
    assert run(["files", "add", str(handed_in), COMPETITION]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "P001.pdf: deck of P001",
        "P002.mp4: video of P002",
        "P003.pdf: not stored. It is a web page and not a file. Download the file itself and upload that.",
    ]
    assert run(["files", "list", COMPETITION]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"P001  deck P001.pdf {len(content['P001.pdf']):,} bytes",
        f"P002  video P002.mp4 {len(content['P002.mp4']):,} bytes",
        "P003  -",
        "P004  -",
    ]
    own_engine = db.create_engine_for(database_url)
    with db.transaction(own_engine) as own:
        digest = own.exec(select(tables.ProposalFile.digest).where(tables.ProposalFile.kind == "deck")).one()
        own.add(tables.RenderedDeck(digest=digest, state="ready", rendered_at=AT))
    own_engine.dispose()
    copy = tmp_path / "copy.db"
    assert run(["backup", str(copy)]) == 0
    assert len(list(backup.files_beside(copy).iterdir())) == 2
    # Another machine: neither files nor images are there.
    shutil.rmtree(tmp_path / "files")
    assert run(["files", "list", COMPETITION]) == 1
    assert run(["restore", str(copy)]) == 0
    assert "Decks and videos: 2 brought back, 0 were there." in capsys.readouterr().out
    assert FileStore(tmp_path / "files").path_of(digest).read_bytes() == content["P001.pdf"]
    own_engine = db.create_engine_for(database_url)
    with db.transaction(own_engine, read_only=True) as own:
        # The worker makes the pages again.
        assert own.get(tables.RenderedDeck, digest) is None
    own_engine.dispose()
    # A file that is missing in the copy too is named.
    shutil.rmtree(tmp_path / "files")
    (backup.files_beside(copy) / digest).unlink()
    assert run(["restore", str(copy)]) == 1
    assert f"missing here and beside the copy: {digest}" in capsys.readouterr().out
    assert run(["files", "clean"]) == 0
