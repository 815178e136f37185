"""The examples of docs/api.md run against the service."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, select

from judging import tables
from tests.api.test_access_tokens import made_token
from tests.support.event import COMPETITION, ROUND, csrf_token, make_event, newest_run, sign_in, use_model
from tests.support.jobs import finished

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"


def example(name: str, folder: Path) -> Path:
    """Write an example of the page into a folder; return its path."""
    found = re.search(rf"<!-- example: {name} -->\n```\w+\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    assert found is not None, name
    (folder / name).write_text(found[1], encoding="utf-8")
    return folder / name


def test_the_python_example_writes_the_ranking(
    live_server: str, client: FlaskClient, session: Session, tmp_path: Path
) -> None:
    event = make_event(session, n_proposals=8)
    sign_in(client, event.people["chair"])
    address = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/calibrate"
    finished(client, client.post(address, json={}, headers={"X-CSRFToken": csrf_token(client)}))
    token = made_token(client, event.people["auditor"], "results")["token"]
    script = example("ranking.py", tmp_path)
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


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_r_example_brings_an_additive_model_for_comparison(
    live_server: str, client: FlaskClient, session: Session, tmp_path: Path
) -> None:
    program = shutil.which("Rscript")
    assert program is not None, "There is no R on PATH: run the tests with python3 run.py test, which brings one."
    event = make_event(session, n_proposals=8)
    use_model(session, "additive")
    sign_in(client, event.people["chair"])
    address = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}"
    finished(client, client.post(f"{address}/calibrate", json={}, headers={"X-CSRFToken": csrf_token(client)}))
    token = made_token(client, event.people["auditor"], "results")["token"]
    settings = {
        **os.environ,
        "JUDGING_SERVICE": live_server,
        "JUDGING_ROUND": f"{COMPETITION}/rounds/{ROUND}",
        "JUDGING_TOKEN": token,
    }
    script = example("additive.R", tmp_path)
    ran = subprocess.run([program, script], env=settings, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout.split()[:3]) == (0, ["comparison", "1", "tau"]), ran.stderr
    # R's least squares are those of our model `additive`, up to a constant.
    stored = session.exec(select(tables.OutsideComparison)).one()
    brought = {entry["proposal"]: entry["value"] for entry in stored.content["values"]}
    ours = {entry["proposal"]: entry["calibrated"] for entry in newest_run(session).result["proposals"]}
    differences = [brought[key] - ours[key] for key in ours]
    assert (len(differences), max(differences) - min(differences)) == (8, pytest.approx(0, abs=1e-6))
    again = subprocess.run([program, script], env=settings, capture_output=True, text=True, check=False)
    assert (again.returncode != 0, "409 This result was brought before." in again.stderr) == (True, True)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_second_python_example_brings_an_own_result_that_changes_no_ranking(
    live_server: str, client: FlaskClient, session: Session, tmp_path: Path
) -> None:
    event = make_event(session, n_proposals=8)
    use_model(session, "additive")
    sign_in(client, event.people["chair"])
    here = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}"
    finished(client, client.post(f"{here}/calibrate", json={}, headers={"X-CSRFToken": csrf_token(client)}))
    before = client.get(f"{here}/ranking").get_json()
    scores = client.get(f"{here}/ratings").get_json()
    token = made_token(client, event.people["auditor"], "results")["token"]
    settings = {
        "JUDGING_SERVICE": live_server,
        "JUDGING_ROUND": f"{COMPETITION}/rounds/{ROUND}",
        "JUDGING_TOKEN": token,
    }
    script = example("centred.py", tmp_path)
    ran = subprocess.run([sys.executable, script], env=settings, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout.split()[:3]) == (0, ["comparison", "1", "tau"]), ran.stderr
    content = session.exec(select(tables.OutsideComparison)).one().content
    session.rollback()
    # The same with numpy: a matrix of totals, less the mean of each judge.
    weight = {one["key"]: one["weight"] for one in scores["criteria"]}
    proposals, judges = (sorted({row[name] for row in scores["ratings"]}) for name in ("proposal", "judge"))
    totals = np.zeros((len(proposals), len(judges)))
    for row in scores["ratings"]:
        place = proposals.index(row["proposal"]), judges.index(row["judge"])
        totals[place] += weight[row["criterion"]] * (row["score"] - 1) / 9 * 100
    given = np.where(totals > 0, totals, np.nan)
    expected = np.nanmean(given - np.nanmean(given, axis=0), axis=1)
    brought = [entry["value"] for entry in sorted(content["values"], key=lambda entry: entry["proposal"])]
    assert brought == pytest.approx(expected.tolist(), abs=1e-9)
    sign_in(client, event.people["chair"])
    assert client.get(f"{here}/ranking").get_json() == before
