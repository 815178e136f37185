"""A result of another method: brought with name and digest, compared with the run, without influence on anything."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, select
from werkzeug.test import TestResponse

from judging import tables
from judging.competition import digest_of
from judging.services.access import load_actor
from judging.services.decisions import conflicts_of_interest
from judging.services.releases import signing
from tests.support.event import AT, COMPETITION, ROUND, Event, csrf_token, newest_run, sign_in
from tests.support.released import make_calibrated, release

ADDRESS = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/comparisons"
PAGE = f"/chair/{COMPETITION}/{ROUND}/outside"


@pytest.fixture
def event(app: Flask, session: Session) -> Event:
    return make_calibrated(session)


def bring(client: FlaskClient, **asked: Any) -> TestResponse:
    return client.post(ADDRESS, json=asked, headers={"X-CSRFToken": csrf_token(client)})


def ranked(session: Session) -> list[str]:
    rows = [row for row in newest_run(session).result["proposals"] if row["rank"] is not None]
    return [row["proposal"] for row in sorted(rows, key=lambda row: (row["rank"], row["proposal"]))]


def test_a_result_is_compared_and_changes_nothing(client: FlaskClient, session: Session, event: Event) -> None:
    keys, before = ranked(session), newest_run(session).result_digest
    seats = newest_run(session).result["shortlist"]["selected"]
    sign_in(client, event.people["auditor"])
    # The order of the run, but for its first, which comes last here: places, so lower is better.
    values: list[dict[str, Any]] = [
        {"proposal": key, "value": place, "standard_error": 0.5} for place, key in enumerate(keys[1:], 1)
    ]
    values.append({"proposal": keys[0], "value": 99})
    made = bring(client, method="Places of a Bayesian model", direction="lower", note="Prior of 2026.", values=values)
    assert made.status_code == 201, made.text
    body = made.get_json()
    assert (body["number"], body["brought_by"], body["n_values"], body["run"]) == (1, "The auditor", len(keys), 1)
    stored = sorted(
        ({"standard_error": None, **value, "value": float(value["value"])} for value in values),
        key=lambda value: str(value["proposal"]),
    )
    content = {
        "method": "Places of a Bayesian model",
        "direction": "lower",
        "note": "Prior of 2026.",
        "values": [{name: value[name] for name in ("proposal", "value", "standard_error")} for value in stored],
    }
    assert body["digest"] == digest_of(content)
    assert (body["n_same_seats"], body["n_compared"]) == (len(seats) - 1, len(keys))
    assert 0.5 < body["tau"] < 1
    assert [(one["proposal"], one["rank"]) for one in body["proposals"]] == [
        *((key, place) for place, key in enumerate(keys[1:], 1)),
        (keys[0], len(keys)),
    ]
    # Nothing that decides has changed: the run, what could be released, what is released.
    assert newest_run(session).result_digest == before
    chair = load_actor(session, event.people["chair"].pk)
    basis = signing.collect_basis(session, chair, COMPETITION, ROUND)
    assert basis.candidate is not None
    assert (basis.obstacles, basis.candidate["ranking"][0]["proposal"]) == ((), keys[0])
    assert "Bayesian" not in str(release(session).content)
    session.commit()
    (entry,) = session.exec(select(tables.AuditEntry).where(tables.AuditEntry.action == "comparison.brought")).all()
    assert (entry.detail["digest"], entry.detail["method"]) == (body["digest"], "Places of a Bayesian model")
    session.rollback()
    assert bring(client, **content).status_code == 409
    assert [one["number"] for one in client.get(ADDRESS).get_json()] == [1]


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"method": " "}, "method"),
        ({"direction": "best"}, "direction"),
        ({"values": [{"proposal": "P001", "value": 1}]}, "values"),
        ({"values": [{"proposal": "P001", "value": 1}, {"proposal": "P001", "value": 2}]}, "values"),
        ({"values": [{"proposal": "P001", "value": 1}, {"proposal": "P999", "value": 2}]}, "values"),
        ({"values": [{"proposal": "P001", "value": "1"}, {"proposal": "P002", "value": 2}]}, "values.0"),
        ({"values": [{"proposal": "P001", "value": 1e300}, {"proposal": "P002", "value": 2}]}, "values.0"),
        (
            {"values": [{"proposal": "P001", "value": 1, "standard_error": -1}, {"proposal": "P002", "value": 2}]},
            "values.0.standard_error",
        ),
    ],
)
def test_what_is_brought_is_checked(
    client: FlaskClient, session: Session, event: Event, asked: dict[str, Any], field: str
) -> None:
    sign_in(client, event.people["chair"])
    values = [{"proposal": "P001", "value": 1}, {"proposal": "P002", "value": 2}]
    answer = bring(client, **{"method": "Means", "direction": "higher", "values": values} | asked)
    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, [field]), answer.text
    assert session.exec(select(tables.OutsideComparison)).all() == []


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_conflict_of_interest_hides_values_and_lets_none_be_brought(
    app: Flask, client: FlaskClient, session: Session, event: Event
) -> None:
    first = ranked(session)[0]
    values = [{"proposal": key, "value": place} for place, key in enumerate(ranked(session))]
    sign_in(client, event.people["auditor"])
    assert bring(client, method="Places", direction="lower", values=values).status_code == 201
    conflicts_of_interest.declare(
        session, event.actor(session, "chair"), COMPETITION, proposal_key=first, kind="family", at=AT
    )
    session.commit()
    chair = app.test_client()
    sign_in(chair, event.people["chair"])
    seen = chair.get(f"{ADDRESS}/1").get_json()["proposals"]
    assert (first in [one["proposal"] for one in seen], seen[0]["rank"], seen[0]["run_rank"]) == (False, 1, 1)
    assert bring(chair, method="Other", direction="lower", values=values).status_code == 422
    page = chair.get(PAGE).text.partition("<h2>Ranks side by side")[2].partition("</table>")[0]
    assert f'<span class="key">{first}</span>' not in page


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_who_brought_it_or_a_chair_takes_it_back(
    app: Flask, client: FlaskClient, session: Session, event: Event
) -> None:
    sign_in(client, event.people["auditor"])
    values = [{"proposal": key, "value": place} for place, key in enumerate(ranked(session)[:3])]
    for method in ("One", "Two"):
        assert bring(client, method=method, direction="lower", values=values).status_code == 201
    statuses = {}
    for who, number in (("organiser", 1), ("auditor", 1), ("chair", 2), ("chair", 1)):
        reader = app.test_client()
        sign_in(reader, event.people[who])
        answer = reader.delete(f"{ADDRESS}/{number}", headers={"X-CSRFToken": csrf_token(reader)})
        statuses[who, number] = answer.status_code
    assert statuses == {("organiser", 1): 403, ("auditor", 1): 200, ("chair", 2): 200, ("chair", 1): 409}
    assert "Nobody has brought a result" in client.get(PAGE).text
    assert [one["taken_back_at"] is None for one in client.get(ADDRESS).get_json()] == [False, False]


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_file_is_brought_on_the_page_and_its_mistakes_have_their_row(
    client: FlaskClient, session: Session, event: Event
) -> None:
    sign_in(client, event.people["chair"])

    def upload(text: str, **fields: str) -> TestResponse:
        form = {"csrf_token": csrf_token(client), "method": "Means", "direction": "higher", **fields}
        return client.post(PAGE, data={**form, "file": (io.BytesIO(text.encode()), "values.csv")})

    wrong = upload("Proposal;Value\nP001;1,5\nP002;many\n")
    assert (wrong.status_code, "Row 3: “many” is no number." in wrong.text, 'value="Means"' in wrong.text) == (
        422,
        True,
        True,
    )
    assert upload("name,value\nP001,1\nP002,2\n").status_code == 422
    good = upload("proposal,value,standard error\nP001,1.5,0.25\nP002,2,\n\n", note="With <b>care</b>.")
    assert good.status_code == 303
    row = session.exec(select(tables.OutsideComparison)).one()
    assert row.content["values"] == [
        {"proposal": "P001", "value": 1.5, "standard_error": 0.25},
        {"proposal": "P002", "value": 2.0, "standard_error": None},
    ]
    session.rollback()
    page = client.get(PAGE).text
    assert ("1.500 ± 0.250" in page, "With &lt;b&gt;care" in page) == (True, True)
    summary = client.get(f"/chair/{COMPETITION}/{ROUND}/sensitivity").text
    assert ("Methods from outside" in summary, row.digest[:12] in summary) == (True, True)
