"""Scoresheets over a bad link: what 30 judges were told, held against what is stored.

The judges' browsers are Node with the page's own modules (`deliver.js`). One request in ten is dropped, one answer in
ten is lost, and the service is stopped for four seconds and started again twice.

Goals: every confirmed field is stored, nothing is stored that was not typed, no false "saved", no false conflict.

Run: PYTHONPATH=. .venv/bin/python benchmarks/lossy_link.py [--judges 30] [--seconds 600] [--share 0.1]; needs Node 18.
"""

from __future__ import annotations

import argparse
import json
import logging
import secrets
import shutil
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from flask import Flask
from sqlmodel import Session, col, select
from werkzeug.serving import BaseWSGIServer, make_server

from config import Config
from judging import db, tables
from judging.app import create_app
from judging.publication.static_site import SHA256_MODULE
from judging.services.scoresheets.versions import Version, list_versions
from tests.support.event import AT, COMPETITION, ROUND, csrf_token, make_event, sign_in
from tests.support.programs.network import free_port

STATIC = Path(__file__).parents[1] / "judging" / "web" / "static"
CRITERIA = ("data-use", "value", "innovation", "feasibility", "presentation")
STOPPED_SECONDS = 4.0
Content = tuple[tuple[float | None, ...], str]


def make_judges(
    session: Session, app: Flask, n_judges: int, address: str
) -> tuple[list[dict[str, str]], dict[str, int]]:
    """Store an event whose judges can all sign in; return what each browser needs, and the assignments by judge."""
    event = make_event(session, n_proposals=n_judges, n_judges=n_judges, scored=False)
    people: list[tuple[str, tables.Person]] = []
    for judge in session.exec(select(tables.Judge).order_by(col(tables.Judge.key))).all():
        person = None if judge.person_id is None else session.get_one(tables.Person, judge.person_id)
        if person is None:
            person = tables.Person(email=f"{judge.key.lower()}@example.org", name=judge.name, created_at=AT)
            session.add(person)
            session.flush()
            role = tables.Role(person_id=person.pk, competition_id=event.round_row.competition_id, role="judge")
            session.add(role)
            judge.person_id = person.pk
            session.add(judge)
        people.append((judge.key, person))
    session.commit()
    browsers, assignments = [], {}
    for key, person in people:
        assignment, proposal = session.exec(
            select(tables.Assignment, tables.Proposal)
            .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
            .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
            .where(tables.Judge.key == key)
            .order_by(col(tables.Proposal.key))
        ).all()[0]
        assignments[key] = assignment.pk
        api = f"{address}/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/scoresheets/{proposal.key}"
        session.refresh(person)
        session.expunge(person)
        session.rollback()
        client = app.test_client()
        sign_in(client, person)
        token = csrf_token(client)
        cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
        if cookie is None:
            raise LookupError("the client holds no session cookie")
        browsers.append({"key": key, "api": api, "token": token, "cookie": f"{cookie.key}={cookie.value}"})
    return browsers, assignments


def started(app: Flask, port: int) -> BaseWSGIServer:
    """Start the service at an address."""
    server = make_server("127.0.0.1", port, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def typed_content(content: dict[str, Any]) -> Content:
    """Return what a browser sent, comparable with what is stored."""
    scores = content["scores"]
    return tuple(float(scores[key]) if key in scores else None for key in CRITERIA), content["comment"]


def stored_content(version: Version) -> Content:
    """Return what is stored, comparable with what a browser sent."""
    return tuple(version.sheet.scores.get(key) for key in CRITERIA), version.sheet.comment


def compared(told: dict[str, Any], stored: dict[str, list[Version]]) -> dict[str, int]:
    """Return the counts of the link, and of what must be zero."""
    faults = {
        "versions stored": 0,
        "confirmed but not stored": 0,
        "stored but never typed": 0,
        "last one not in force": 0,
    }
    for judge in told["judges"]:
        versions = {version.version: version for version in stored[judge["key"]]}
        typed = {typed_content(content) for content in judge["typed"]}
        faults["versions stored"] += len(versions)
        faults["stored but never typed"] += sum(stored_content(one) not in typed for one in versions.values())
        for confirmed in judge["confirmed"]:
            version = versions.get(confirmed["version"])
            same = version is not None and stored_content(version) == typed_content(confirmed["content"])
            state = "submitted" if confirmed["submit"] else "draft"
            faults["confirmed but not stored"] += not (same and version is not None and version.state == state)
        newest = versions[max(versions)]
        is_last = newest.state == "submitted" and stored_content(newest) == typed_content(judge["typed"][-1])
        faults["last one not in force"] += not is_last
    return {**told["counts"], **faults}


def main() -> None:
    """Run the judges and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--judges", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--share", type=float, default=0.1)
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        place, port = Path(folder), free_port()
        url = f"sqlite:///{place / 'judging.db'}"
        db.upgrade(url)
        app = create_app(Config(secret_key=secrets.token_hex(16), database_url=url, data_dir=place))
        engine = app.extensions["judging.engine"]
        with db.open_session(engine) as session:
            browsers, assignments = make_judges(session, app, options.judges, f"http://127.0.0.1:{port}")
        for name in ("deliver.js", "sha256.js"):
            shutil.copy(SHA256_MODULE if name == SHA256_MODULE.name else STATIC / name, place)
        shutil.copy(Path(__file__).parent / "support" / "lossy_link.mjs", place)
        (place / "package.json").write_text('{"type": "module"}', encoding="utf-8")
        given = {"judges": browsers, "criteria": CRITERIA, "seconds": options.seconds, "share": options.share}
        (place / "judges.json").write_text(json.dumps(given), encoding="utf-8")
        server = started(app, port)
        with subprocess.Popen(["node", "lossy_link.mjs"], cwd=place) as node:
            for _ in range(2):
                time.sleep(options.seconds / 3)
                server.shutdown()
                server.server_close()
                time.sleep(STOPPED_SECONDS)
                server = started(app, port)
        server.shutdown()
        if node.returncode:
            raise SystemExit(node.returncode)
        with db.open_session(engine) as session:
            stored = {key: list_versions(session, assignment) for key, assignment in assignments.items()}
        told = json.loads((place / "told.json").read_text(encoding="utf-8"))
        for name, count in compared(told, stored).items():
            print(f"{name:26} {count:6}")
        engine.dispose()


if __name__ == "__main__":
    main()
