"""A migration that is killed in the middle, and one that runs while judges save."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect
from sqlmodel import Session, col, select

from benchmarks.support.browser import Browser
from config import Config
from judging import db, tables
from judging.app import create_app
from tests.support.event import COMPETITION, ROUND, cookie_of, make_event
from tests.support.programs.gunicorn import running_gunicorn

ROOT = Path(__file__).parents[2]
SECRET = "for tests only, for tests only.."
# Kills the process at a statement of the migration, as a power cut does.
KILLED = """
import os, signal, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from judging import db
seen = []
@event.listens_for(Engine, "after_cursor_execute")
def count(connection, cursor, statement, *rest):
    seen.append(statement)
    if sum(text.lstrip().startswith(("CREATE", "ALTER", "INSERT", "DROP")) for text in seen) == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
db.upgrade(sys.argv[1])
"""


def migrate(url: str, *, killed_at: int | None = None) -> int:
    code = KILLED if killed_at else "import sys; from judging import db; db.upgrade(sys.argv[1])"
    command = [sys.executable, "-c", code, url, str(killed_at)]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def state_of(engine: Engine) -> tuple[set[str], bool]:
    with engine.connect() as connection:
        return set(inspect(connection).get_table_names()), db.is_behind(connection)


@pytest.mark.parametrize(("revision", "statement"), [("base", 40), ("0003", 3), ("0004", 5)])
def test_a_migration_that_is_killed_leaves_nothing_and_is_run_again(
    database_url: str, revision: str, statement: int
) -> None:
    db.downgrade(database_url, revision)
    engine = db.create_engine_for(database_url)
    before = state_of(engine)
    assert migrate(database_url, killed_at=statement) == -signal.SIGKILL
    assert state_of(engine) == before
    assert migrate(database_url) == 0
    tables_after, is_behind = state_of(engine)
    engine.dispose()
    assert (tables_after - {"alembic_version"}, is_behind) == (set(tables.metadata.tables), False)


def test_judges_save_while_a_migration_runs(database_url: str, tmp_path: Path) -> None:
    engine = db.create_engine_for(database_url)
    with Session(engine) as session:
        event = make_event(session, n_proposals=12, n_judges=6)
        person = event.people["judge"]
        proposals = session.exec(
            select(tables.Proposal.key)
            .join(tables.Assignment, col(tables.Assignment.proposal_id) == col(tables.Proposal.id))
            .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
            .where(tables.Judge.person_id == person.pk)
        ).all()
    app = create_app(Config(secret_key=SECRET, database_url=database_url, data_dir=tmp_path))
    cookie = cookie_of(app, person)
    app.extensions["judging.engine"].dispose()
    # Until the column of 0012 is there, saves are answered with 503 and sent again.
    db.downgrade(database_url, "0008")
    statuses: Counter[int] = Counter()
    acknowledged: list[str] = []
    ending = threading.Event()
    with running_gunicorn(database_url, tmp_path, workers="1", versions_per_minute="0") as port:

        def work(proposal: str) -> None:
            browser = Browser(port, f"{cookie['name']}={cookie['value']}")
            browser.fetch_token()
            version = 1
            while not ending.is_set():
                comment = f"{proposal} {version}"
                content = {"base_version": version, "submit": False, "scores": {}, "comment": comment}
                status, body, _ = browser.put_json(
                    f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/scoresheets/{proposal}", content
                )
                statuses[status] += 1
                if status == 200:
                    acknowledged.append(comment)
                    version = int(json.loads(body)["version"])
            browser.close()

        threads = [threading.Thread(target=work, args=(proposal,)) for proposal in proposals[:3]]
        for thread in threads:
            thread.start()
        codes = [migrate(database_url, killed_at=3), migrate(database_url)]
        n_before = len(acknowledged)
        while len(acknowledged) < n_before + 10:
            time.sleep(0.05)
        ending.set()
        for thread in threads:
            thread.join()
    assert codes == [-signal.SIGKILL, 0]
    assert statuses.keys() <= {200, 503}
    with db.transaction(engine, read_only=True) as session:
        stored = Counter(session.exec(select(tables.Scoresheet.comment).where(tables.Scoresheet.comment != "")))
    engine.dispose()
    assert stored == Counter(acknowledged)
