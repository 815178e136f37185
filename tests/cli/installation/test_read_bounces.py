"""``judging read-bounces`` as a pipe of a mail server, of a file, an mbox and a folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from judging import db, tables
from judging.cli import run
from judging.services.access import operator
from judging.services.mail.outbox import queue_message
from tests.jobs.mail.messages import BEGIN, MAILER
from tests.support import delivery_reports as reports
from tests.support.event import make_event


@pytest.fixture
def number(session: Session, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> int:
    event = make_event(session, n_proposals=4, n_judges=6, scored=False)
    person = session.get_one(tables.Person, event.actor(session, "organiser").person_id)
    message = queue_message(
        session,
        MAILER,
        operator(),
        "archived",
        person,
        at=BEGIN,
        competition_id=1,
        content={"asker": "a", "reason": "b"},
    )
    message.state, message.ended_at = "sent", BEGIN
    message.message_id = reports.ID
    session.add(message)
    session.commit()
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("JUDGING_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("JUDGING_SECRET_KEY", "s" * 40)
    return message.pk


def test_a_folder_with_an_mbox(number: int, engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    (folder / "a").write_bytes(reports.VACATION)
    mails = [b"From MAILER-DAEMON Fri Jul  3 06:00:00 2026\n" + one for one in (reports.POSTFIX, reports.POSTFIX)]
    (folder / "b.mbox").write_bytes(b"\n\n".join(one.replace(b"\r\n", b"\n") for one in mails))
    assert run(["read-bounces", str(folder)]) == 0
    lines = [line.partition(": ") for line in capsys.readouterr().out.splitlines()]
    assert [(Path(name).name, said) for name, _, said in lines] == [
        ("a", "this is no report of a mail server, nothing was changed"),
        ("b.mbox 1", "the message is marked as returned"),
        ("b.mbox 2", "known already, nothing was changed"),
    ]
    with db.transaction(engine, read_only=True) as session:
        assert session.get_one(tables.OutboxMessage, number).delivery == "bounced"


def piped(content: bytes) -> tuple[int, bytes]:
    done = subprocess.run(
        [sys.executable, "-m", "judging", "read-bounces", "-"],
        input=content,
        capture_output=True,
        env=dict(os.environ),
        check=False,
    )
    return done.returncode, done.stdout


def test_a_pipe_ends_with_75_while_the_message_is_being_sent(number: int, engine: Engine) -> None:
    unknown = reports.POSTFIX.replace(b"0123456789abcdef0123", b"f" * 20)
    code, said = piped(unknown + b"x" * 3_000_000)
    assert (code, b"no message of this service" in said) == (0, True)
    with db.transaction(engine) as session:
        message = session.get_one(tables.OutboxMessage, number)
        message.state, message.ended_at = "queued", None
        session.add(message)
    assert piped(reports.POSTFIX)[0] == 75


def test_a_file_that_is_not_there(number: int) -> None:
    assert run(["read-bounces", "nowhere"]) == 2
