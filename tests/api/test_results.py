"""Released results for other systems: what they say, who may read them, and that a cache may keep public ones."""

from __future__ import annotations

import csv
import io

import pytest
from defusedxml.ElementTree import fromstring
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, select

from judging import tables
from judging.services.access import load_actor
from judging.services.decisions import conflicts_of_interest
from judging.services.releases.content import digest_of_content
from tests.api.test_access_tokens import made_token
from tests.support.event import AT, COMPETITION, ROUND, Event, sign_in
from tests.support.released import make_calibrated, publish, release

API = f"/api/v1/competitions/{COMPETITION}"
RESULTS = f"{API}/rounds/{ROUND}/results"
FEED = f"{API}/releases.atom"
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def event(app: Flask, session: Session) -> Event:
    event = make_calibrated(session)
    release(session)
    session.commit()
    return event


def test_public_results_are_for_everybody_and_their_pages(client: FlaskClient, session: Session, event: Event) -> None:
    publish(session, "public", "rank")
    stored = session.exec(select(tables.Release)).one()
    shortlist, ranking = stored.content["shortlist"], stored.content["ranking"]
    ranks = {entry["proposal"]: entry["rank"] for entry in ranking}
    answer = client.get(RESULTS)
    assert answer.status_code == 200
    results = answer.get_json()
    assert results["release"]["digest"] == digest_of_content(stored.content) == stored.digest
    assert (results["release"]["signed_by"], results["order"]) == (["hk", "sh"], "rank")
    listed = results["proposals"]
    of_status = {
        status: [one["proposal"] for one in listed if one["status"] == status]
        for status in ("seat", "reserve", "award")
    }
    winner = results["awards"][0]["winners"]
    assert (of_status["seat"], of_status["reserve"]) == (shortlist["selected"], shortlist["reserves"])
    assert of_status["award"] == [key for key in winner if key not in (*shortlist["selected"], *shortlist["reserves"])]
    assert [one["rank"] for one in listed] == [ranks[one["proposal"]] for one in listed]
    assert next(one for one in listed if one["proposal"] in winner)["awards"] == ["best"]
    assert "score" not in answer.text
    # A page of another site may read it, and a cache between may keep it.
    headers = answer.headers
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert headers["Cache-Control"] == "public, max-age=60"
    assert "Set-Cookie" not in headers
    assert client.get(RESULTS, headers={"If-None-Match": headers["ETag"]}).status_code == 304
    table = client.get(f"{RESULTS}.csv")
    rows = list(csv.DictReader(io.StringIO(table.get_data().decode("utf-8-sig"))))
    assert [(row["proposal"], row["status"], row["title"]) for row in rows] == [
        (one["proposal"], one["status"], one["title"]) for one in listed
    ]
    # An answer to somebody who is signed in carries a cookie: no cache may keep it.
    session.rollback()
    sign_in(client, event.people["organiser"])
    assert client.get(RESULTS).headers["Cache-Control"] == "no-store"


def test_the_feed_has_each_release_and_no_list_of_one_that_was_replaced(
    client: FlaskClient, session: Session, event: Event
) -> None:
    publish(session, "public", "alphabetical")
    answer = client.get(FEED, query_string={"language": "zh-Hant-HK"})
    assert (answer.status_code, answer.mimetype) == (200, "application/atom+xml")
    (entry,) = fromstring(answer.get_data()).findall(f"{ATOM}entry")
    words = entry.findtext(f"{ATOM}content") or ""
    assert words.startswith("入圍：\nSimulated proposal ")
    assert "候補：" in words
    first = (entry.findtext(f"{ATOM}id"), entry.findtext(f"{ATOM}title"))
    # The same content, signed a second time.
    row = session.exec(select(tables.Release)).one()
    session.add(tables.Release(**row.model_dump(exclude={"id"}) | {"number": 2}))
    session.flush()
    newest = session.exec(select(tables.Release).where(tables.Release.number == 2)).one()
    for signature in session.exec(select(tables.Signature).where(tables.Signature.release_id == row.pk)).all():
        session.add(tables.Signature(**signature.model_dump(exclude={"id"}) | {"release_id": newest.pk}))
    session.commit()
    entries = fromstring(client.get(FEED).get_data()).findall(f"{ATOM}entry")
    assert len(entries) == 2
    texts = sorted((one.findtext(f"{ATOM}content") or "").partition("\n")[0] for one in entries)
    assert texts == ["A later release has taken the place of this one.", "Selected:"]
    assert first[0] in [one.findtext(f"{ATOM}id") for one in entries]


def test_an_alphabetical_list_tells_no_rank(client: FlaskClient, session: Session, event: Event) -> None:
    publish(session, "public", "alphabetical")
    listed = client.get(RESULTS).get_json()["proposals"]
    assert {one["rank"] for one in listed} == {None}
    titles = [one["title"].casefold() for one in listed]
    assert titles == sorted(titles)


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (None, {"nobody": 401, "judge": 403, "chair": 200, "organiser": 200, "auditor": 200}),
        ("signed-in", {"nobody": 401, "judge": 200, "chair": 200, "organiser": 200, "auditor": 200}),
        ("public", {"nobody": 200, "judge": 200, "chair": 200, "organiser": 200, "auditor": 200}),
    ],
)
def test_the_policy_says_who_may_read(
    app: Flask, session: Session, event: Event, policy: str | None, expected: dict[str, int]
) -> None:
    if policy is not None:
        publish(session, policy, "rank")
    statuses = {}
    for who in expected:
        client = app.test_client()
        if who != "nobody":
            sign_in(client, event.people[who])
        answers = [client.get(address) for address in (RESULTS, f"{RESULTS}.csv", FEED)]
        (statuses[who],) = {answer.status_code for answer in answers}
        is_open = {answer.headers.get("Access-Control-Allow-Origin") for answer in answers}
        assert is_open == ({"*"} if policy == "public" else {None})
        assert policy == "public" or {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}
    assert statuses == expected


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_token_of_any_scope_reads_them(client: FlaskClient, session: Session, event: Event) -> None:
    made = made_token(client, event.people["auditor"], "competitions")
    assert client.get(RESULTS, headers={"Authorization": f"Bearer {made['token']}"}).status_code == 200


def test_what_is_withdrawn_or_hidden_is_not_listed(
    app: Flask, client: FlaskClient, session: Session, event: Event
) -> None:
    publish(session, "signed-in", "rank")
    first, second = session.exec(select(tables.Release)).one().content["shortlist"]["selected"][:2]
    chair = load_actor(session, event.people["chair"].pk)
    conflicts_of_interest.declare(session, chair, COMPETITION, proposal_key=first, kind="family", at=AT)
    listed = select(tables.RoundProposal).join(tables.Proposal).where(tables.Proposal.key == second)
    session.exec(listed).one().withdrawn_at = AT
    session.commit()
    seen = {}
    for who in ("chair", "auditor"):
        reader = app.test_client()
        sign_in(reader, event.people[who])
        answer = reader.get(RESULTS)
        seen[who] = {key: key in [one["proposal"] for one in answer.get_json()["proposals"]] for key in (first, second)}
        assert second not in answer.text
    assert seen == {"chair": {first: False, second: False}, "auditor": {first: True, second: False}}
    # Public results are the same for everybody.
    publish(session, "public", "rank")
    sign_in(client, event.people["chair"])
    assert first in client.get(RESULTS).text


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_before_the_release_there_is_nothing_to_read(client: FlaskClient, session: Session) -> None:
    make_calibrated(session)
    publish(session, "public", "rank")
    answer = client.get(RESULTS)
    assert (answer.status_code, answer.get_json()["detail"]) == (404, "Nothing has been released in this round yet.")
    # A page of another site can tell this from a connection that failed.
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert fromstring(client.get(FEED).get_data()).findall(f"{ATOM}entry") == []
    assert client.get("/api/v1/competitions/none/rounds/none/results").status_code == 401
