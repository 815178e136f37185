"""A final over bad Wi-Fi: 30 judges follow the stage and score each pitch, held against what is stored.

The judges' browsers are Node with the page's own modules (`polling.js`, `deliver.js`). One request in ten is dropped,
one answer in ten is lost, their clocks are an hour wrong, and the service is stopped for four seconds and started again
twice.

Goals: no judge misses a pitch, every sheet that was begun is submitted in the end, nothing is stored that was not
typed, no false "saved", no false conflict; the corrected clocks are right to a second.

Run: PYTHONPATH=. .venv/bin/python benchmarks/lossy_final.py [--judges 30] [--pitches 8] [--share 0.1]; needs Node 18.
"""

from __future__ import annotations

import argparse
import json
import logging
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from benchmarks.lossy_link import STATIC, STOPPED_SECONDS, started, stored_content, typed_content
from config import Config
from judging import db, tables
from judging.app import create_app
from judging.publication.static_site import SHA256_MODULE
from judging.services.scoresheets.versions import list_versions
from tests.support.event import COMPETITION, csrf_token, sign_in
from tests.support.final import API, FINAL, Host, make_final
from tests.support.programs.network import free_port

# Final and screening have different criteria.
CRITERIA = ("data-use", "value", "maturity", "innovation", "presentation")
SECONDS = {"pitch": 12, "questions": 6, "scoring": 7}


def compared(told: dict[str, Any], session: Session, n_pitches: int) -> dict[str, int]:
    """Return the counts of the link, and of what must be zero."""
    faults = {
        "versions stored": 0,
        "confirmed but not stored": 0,
        "stored but never typed": 0,
        "sheets to submit": n_pitches * len(told["judges"]),
        "pitches that a judge missed": 0,
        "begun but not submitted": 0,
    }
    rows = session.exec(
        select(tables.Assignment.id, tables.Judge.key, tables.Proposal.key)
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
        .join(tables.Round, col(tables.Round.id) == col(tables.Assignment.round_id))
        .where(tables.Round.key == FINAL)
    ).all()
    by_judge = {judge["key"]: judge["sheets"] for judge in told["judges"]}
    for assignment, judge, proposal in rows:
        faults["pitches that a judge missed"] += proposal not in by_judge[judge]
        sheet = by_judge[judge].get(proposal, {"typed": [], "confirmed": []})
        versions = {one.version: one for one in list_versions(session, assignment or 0)}
        contents = {number: _content(stored_content(one), one.sheet.scores) for number, one in versions.items()}
        typed = {_content(typed_content(one), one["scores"]) for one in sheet["typed"]}
        faults["versions stored"] += len(versions)
        faults["stored but never typed"] += sum(content not in typed for content in contents.values())
        for confirmed in sheet["confirmed"]:
            content = _content(typed_content(confirmed["content"]), confirmed["content"]["scores"])
            version = versions.get(confirmed["version"])
            state = "submitted" if confirmed["submit"] else "draft"
            is_stored = version is not None and contents[version.version] == content and version.state == state
            faults["confirmed but not stored"] += not is_stored
        is_submitted = bool(versions) and versions[max(versions)].state == "submitted"
        faults["begun but not submitted"] += bool(sheet["typed"]) and not is_submitted
    return {**told["counts"], **faults}


def _content(content: tuple[object, str], scores: Mapping[str, Any]) -> tuple[tuple[float | None, ...], str]:
    return tuple(float(scores[key]) if key in scores else None for key in CRITERIA), content[1]


def main() -> None:
    """Run the final and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--judges", type=int, default=30)
    parser.add_argument("--pitches", type=int, default=8)
    parser.add_argument("--share", type=float, default=0.1)
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        place, port = Path(folder), free_port()
        url = f"sqlite:///{place / 'judging.db'}"
        db.upgrade(url)
        app = create_app(Config(secret_key=secrets.token_hex(16), database_url=url, data_dir=place, log_level="ERROR"))
        engine = app.extensions["judging.engine"]
        with db.open_session(engine) as session:
            final = make_final(session, n_proposals=options.pitches, n_judges=options.judges)
        browsers = []
        for key, person in final.judges.items():
            client = app.test_client()
            sign_in(client, person)
            token = csrf_token(client)
            cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
            if cookie is None:
                raise LookupError("the client holds no session cookie")
            browsers.append({"key": key, "token": token, "cookie": f"{cookie.key}={cookie.value}"})
        for name in ("deliver.js", "sha256.js", "polling.js"):
            shutil.copy(SHA256_MODULE if name == SHA256_MODULE.name else STATIC / name, place)
        shutil.copy(Path(__file__).parent / "support" / "lossy_final.mjs", place)
        (place / "package.json").write_text('{"type": "module"}', encoding="utf-8")
        address = f"http://127.0.0.1:{port}"
        sheets = f"{address}/api/v1/competitions/{COMPETITION}/rounds/{FINAL}/scoresheets"
        given = {"judges": browsers, "criteria": CRITERIA, "share": options.share}
        given |= {"stage": address + API, "sheets": sheets}
        (place / "judges.json").write_text(json.dumps(given), encoding="utf-8")
        host = Host(app, final.event.people["chair"])
        server = started(app, port)
        with subprocess.Popen(["node", "lossy_final.mjs"], cwd=place) as node:
            for number in range(options.pitches):
                host.moves("next")
                time.sleep(3)
                for phase, seconds in SECONDS.items():
                    host.moves(phase)
                    time.sleep(seconds)
                if number in (options.pitches // 3, 2 * options.pitches // 3):
                    server.shutdown()
                    server.server_close()
                    time.sleep(STOPPED_SECONDS)
                    server = started(app, port)
            host.moves("next")
        server.shutdown()
        if node.returncode:
            raise SystemExit(node.returncode)
        told = json.loads((place / "told.json").read_text(encoding="utf-8"))
        with db.open_session(engine) as session:
            for name, count in compared(told, session, options.pitches).items():
                print(f"{name:28} {count:6}")
        engine.dispose()


if __name__ == "__main__":
    main()
