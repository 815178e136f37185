"""The examples of docs/api.md run against the service."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from pathlib import Path

from flask.testing import FlaskClient
from sqlmodel import Session

from tests.api.test_access_tokens import made_token
from tests.support.event import COMPETITION, ROUND, csrf_token, make_event, newest_run, sign_in
from tests.support.jobs import finished

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"


def test_the_python_example_writes_the_ranking(
    live_server: str, client: FlaskClient, session: Session, tmp_path: Path
) -> None:
    event = make_event(session, n_proposals=8)
    sign_in(client, event.people["chair"])
    address = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/calibrate"
    finished(client, client.post(address, json={}, headers={"X-CSRFToken": csrf_token(client)}))
    token = made_token(client, event.people["auditor"], "results")["token"]
    script = tmp_path / "ranking.py"
    found = re.search(r"<!-- example: ranking.py -->\n```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    assert found is not None
    script.write_text(found[1], encoding="utf-8")
    settings = {
        "JUDGING_SERVICE": live_server,
        "JUDGING_ROUND": f"{COMPETITION}/rounds/{ROUND}",
        "JUDGING_TOKEN": token,
    }
    ran = subprocess.run([sys.executable, script], env=settings, capture_output=True, text=True, check=True)
    rows = list(csv.DictReader(ran.stdout.splitlines()))
    ranked = sorted(newest_run(session).result["proposals"], key=lambda entry: entry["rank"])
    assert [(row["proposal"], float(row["calibrated"])) for row in rows] == [
        (entry["proposal"], entry["calibrated"]) for entry in ranked
    ]
    refused = subprocess.run(
        [sys.executable, script],
        env={**settings, "JUDGING_TOKEN": "judging_x"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (refused.returncode, refused.stderr.strip()) == (
        1,
        "401 This access token is not known, has expired, or was revoked.",
    )
