"""The sensitivity page and its JSON show the stored comparison, without hidden proposals."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlmodel import Session

from judging import tables
from judging.calibration.fit import fit
from judging.calibration.report.estimates import NoteTemplate
from judging.calibration.report.sensitivity import LeftOutResult, ModelResult, SensitivityResult
from judging.calibration.sensitivity.comparison import compare
from judging.schemas.stored_reports import comparison_to_dict
from judging.services.competitions.definitions import rules_of
from judging.services.decisions import conflicts_of_interest
from judging.services.runs import calibrating, calibration_runs
from judging.services.runs.inputs import collect_ratings
from judging.web.chair.results.sensitivity_strip import strip_of
from tests.support.event import AT, COMPETITION, ROUND, Event, csrf_token, make_event, newest_run, sign_in
from tests.support.jobs import finished

PAGE = f"/chair/{COMPETITION}/{ROUND}/sensitivity"
JSON = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/sensitivity"


def calibrated(session: Session) -> Event:
    event = make_event(session, n_proposals=24, n_judges=6)
    calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, ROUND, at=AT + timedelta(days=1))
    session.commit()
    return event


def test_page_and_json_equal_the_comparison(client: FlaskClient, session: Session) -> None:
    event = calibrated(session)
    row = session.get_one(tables.Round, event.round_row.id)
    settings = calibration_runs.settings_of(rules_of(row))
    expected = comparison_to_dict(compare(fit(collect_ratings(session, row), settings), seed=settings.seed).result())
    session.rollback()
    sign_in(client, event.people["chair"])
    assert client.get(JSON).status_code == 409
    assert "Compute it now" in client.get(PAGE).text
    compute(client)
    answer = client.get(JSON).get_json()
    assert answer["judges"] == expected["judges"]
    assert [(model["model"], model["enters"], model["leaves"]) for model in answer["models"]] == [
        (model["model"], model["enters"], model["leaves"]) for model in expected["models"]
    ]
    page = client.get(PAGE).get_data(as_text=True)
    body = page.split('class="table table-sm sensitivity"', 1)[1].split("</tbody>", 1)[0]
    shown = set(re.findall(r'<span class="key">(P\d+)</span>', body))
    assert {key for model in expected["models"] for key in (*model["enters"], *model["leaves"])} <= shown
    assert body.count("mark-enters") == sum(len(model["enters"]) for model in expected["models"])
    assert body.count("mark-leaves") == sum(len(model["leaves"]) for model in expected["models"])


def test_proposals_hidden_by_a_conflict_are_not_shown(client: FlaskClient, session: Session) -> None:
    event = calibrated(session)
    chair = event.actor(session, "chair")
    hidden = newest_run(session).result["shortlist"]["selected"][-1]
    conflicts_of_interest.declare(
        session, chair, COMPETITION, proposal_key=hidden, kind="family", at=AT + timedelta(days=2)
    )
    session.commit()
    sign_in(client, event.people["chair"])
    compute(client)
    assert f'"{hidden}"' not in client.get(JSON).get_data(as_text=True)
    head, _, results = client.get(PAGE).text.partition("Is adjusting justified?")
    assert hidden not in results
    # The page says that something is left out, so that "nobody" is not taken for the whole truth.
    assert "a change of the shortlist may concern it" in head
    assert "nobody<" not in results
    assert "of the judges the shortlist stays the same" not in results
    sign_in(client, event.people["auditor"])
    assert f'"{hidden}"' in client.get(JSON).get_data(as_text=True)


def test_a_round_without_a_run_and_one_whose_rules_changed_say_so(client: FlaskClient, session: Session) -> None:
    event = make_event(session, n_proposals=8, n_judges=6)
    sign_in(client, event.people["chair"])
    assert "This round has not been calibrated yet." in client.get(PAGE).get_data(as_text=True)
    calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, ROUND, at=AT + timedelta(days=1))
    row = session.get_one(tables.Round, event.round_row.id)
    row.digest = "0" * 64
    session.commit()
    assert client.get(JSON).status_code == 409
    asked = client.post(f"{PAGE}/1", data={"csrf_token": csrf_token(client)})
    assert "have changed since run 1. Calibrate again" in finished(client, asked).text


def test_json_asks_for_the_comparison_too(client: FlaskClient, session: Session) -> None:
    event = calibrated(session)
    sign_in(client, event.people["auditor"])
    asked = client.post(JSON, headers={"X-CSRFToken": csrf_token(client)})
    assert (asked.status_code, asked.get_json()["kind"]) == (202, "comparison")
    job = f"/api/v1/jobs/{asked.get_json()['number']}"
    assert finished(client, client.get(job)).get_json()["state"] == "done"
    assert client.get(JSON).status_code == 200


def compute(client: FlaskClient) -> None:
    """Ask for the comparison for run 1 and wait for it."""
    asked = client.post(f"{PAGE}/1", data={"csrf_token": csrf_token(client)})
    assert finished(client, asked).location == f"{PAGE}?run=1"


def comparison(selected: dict[str, list[str]]) -> SensitivityResult:
    names = tuple(f"P{number}" for number in range(1, 9))
    refused = ModelResult(
        model="rasch",
        refusal=NoteTemplate(template="No.", values={}),
        selected=None,
        enters=(),
        leaves=(),
        tau=None,
        calibrated=None,
        rank=None,
    )
    return SensitivityResult(
        sealed_model=next(iter(selected)),
        models=(
            refused,
            *(
                replace(
                    refused,
                    model=name,
                    refusal=None,
                    selected=tuple(keys),
                    calibrated=(50.0,) * 8,
                    rank=tuple(range(1, 9)),
                )
                for name, keys in selected.items()
            ),
        ),
        proposals=names,
        judges=(left_out("J1"), left_out("J2", enters=("P8",), leaves=("P2",), moved="P2", move=3.0)),
        prediction=None,
    )


def left_out(judge: str, **values: Any) -> LeftOutResult:
    nothing: dict[str, Any] = {"selected": None, "enters": (), "leaves": (), "tau": None, "moved": None, "move": None}
    return LeftOutResult(judge=judge, refusal=None, **{**nothing, **values})


def test_the_strip_shows_the_line_and_all_that_cross_it() -> None:
    strip = strip_of(comparison({"mixed": ["P1", "P2", "P3", "P4"], "raw": ["P2", "P3", "P4", "P8"]}))
    assert [model.model for model in strip.models] == ["mixed", "rasch", "raw"]
    assert [row.proposal for row in strip.rows] == ["P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8"]
    changes = {row.proposal: [mark and mark.change for mark in row.marks] for row in strip.rows}
    assert (changes["P1"], changes["P8"], changes["P4"]) == (
        ["", None, "leaves"],
        ["", None, "enters"],
        ["", None, ""],
    )
    assert [row.proposal for row in strip.rows if row.is_first_below] == ["P5"]
    assert strip.n_everywhere == 3
    assert ([entry.judge for entry in strip.swaps], [entry.judge for entry in strip.quiet]) == (["J2"], ["J1"])
