"""Shortlist, meeting, awards, conflicts and next round as pages: access, content, rejected forms."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, select

from judging import tables
from judging.services.decisions import verdicts
from judging.services.runs import calibrating
from tests.support.deciding import FINAL, LATER, calibrated_event, chair_of, release, tied_event
from tests.support.event import COMPETITION, ROUND, Event, csrf_token, make_event, sign_in
from tests.web.chair.test_pages import text_of

HERE = f"/chair/{COMPETITION}/{ROUND}"
API = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}"
PAGES = (f"{HERE}/shortlist", f"{HERE}/meeting", f"{HERE}/awards", f"{HERE}/next", f"/chair/{COMPETITION}/conflicts")
RULE = {"size": 3, "reserves": 2}


def look(session: Session, what: Any) -> Any:
    """Return the result of a query and end its transaction, which on SQLite would block the writes of the pages."""
    row = session.exec(what).one()
    session.rollback()
    return row


def result_of(session: Session) -> dict[str, Any]:
    result: dict[str, Any] = look(session, select(tables.CalibrationRun.result))
    return result


def selected_keys(session: Session) -> list[str]:
    selected: list[str] = result_of(session)["shortlist"]["selected"]
    return selected


def seen_on(client: FlaskClient, address: str) -> str:
    """Return the newest verdict that a page shows, as its form sends it."""
    return str(re.findall(r'name="seen" value="(\d+)"', client.get(address).get_data(as_text=True))[0])


def signed_in(client: FlaskClient, event: Event, role: str = "chair") -> FlaskClient:
    sign_in(client, event.people[role])
    return client


def post(client: FlaskClient, address: str, **fields: object) -> tuple[int, str]:
    answer = client.post(address, data={"csrf_token": csrf_token(client), **fields})
    return answer.status_code, text_of(answer.get_data(as_text=True))


def read(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return text_of(answer.get_data(as_text=True))


@pytest.mark.parametrize("role", ["chair", "organiser", "auditor"])
def test_those_who_decide_or_check_read_every_page_and_only_chairs_find_forms(
    client: FlaskClient, session: Session, role: str
) -> None:
    signed_in(client, calibrated_event(session, shortlist=RULE), role)
    pages = {address: client.get(address) for address in PAGES}
    assert {address: page.status_code for address, page in pages.items()} == dict.fromkeys(PAGES, 200)
    forms = ("shortlist/decide", "awards/grant", "meeting")
    has_form = [
        any(f'action="{HERE}/{form}"' in page.get_data(as_text=True) for page in pages.values()) for form in forms
    ]
    # An award has to be defined before it can be given.
    assert has_form == [role == "chair", False, role == "chair"]


def test_a_judge_is_refused_and_a_round_without_a_run_says_so(client: FlaskClient, session: Session) -> None:
    event = make_event(session, n_proposals=6)
    signed_in(client, event, "judge")
    assert [client.get(address).status_code for address in PAGES] == [403] * len(PAGES)
    signed_in(client, event)
    assert "has not been calibrated yet" in read(client, f"{HERE}/shortlist")
    assert "has not been calibrated yet" in read(client, f"{HERE}/meeting")


def test_the_page_shows_the_rule_its_moves_and_the_selected_proposals(client: FlaskClient, session: Session) -> None:
    rule = {"size": 3, "city_minimum": {"hk": 2, "sh": 1}, "floors": {"data-use": 3}, "reserves": 2}
    signed_in(client, calibrated_event(session, shortlist=rule))
    page = read(client, f"{HERE}/shortlist")
    assert "3 proposals are selected, the best by rank." in page
    assert "At least, of each city: Hong Kong 2, Shanghai 1." in page
    assert "below 3 (of 10) for “Use of open data” is passed over" in page
    assert "2 reserves are named, in order." in page
    assert "Equal scores are ordered by: higher raw mean" in page
    stored = result_of(session)["shortlist"]
    assert all(key in page for key in (*stored["selected"], *stored["reserves"]))
    answer = client.get(f"{API}/shortlist").get_json()
    assert (answer["selected"], answer["reserves"], answer["run"]) == (stored["selected"], stored["reserves"], 1)


def test_people_decide_a_tie_and_the_page_shows_what_remains(client: FlaskClient, session: Session) -> None:
    signed_in(client, tied_event(session))
    page = read(client, f"{HERE}/shortlist")
    assert "2 proposals tie at the line" in page
    assert "There is 1 seat for them." in page
    assert "what orders them: people decide" in read(client, HERE)
    status, refused = post(client, f"{HERE}/shortlist/decide", verdict="in", form="tie", proposal="P002", reason=" ")
    assert (status, "Say why; everyone who checks this competition will read it." in refused) == (422, True)
    status, _ = post(
        client, f"{HERE}/shortlist/decide", verdict="in", form="tie", proposal="P002", reason="the stronger video"
    )
    assert status == 303
    after = read(client, f"{HERE}/shortlist")
    assert "tie at the line" not in after
    assert "decided in: the stronger video (The chair)" in after
    answer = client.get(f"{API}/shortlist").get_json()
    assert (answer["selected"], answer["tied"], answer["reserves"][0]) == (["P002"], [], "P001")


def test_a_rejected_decision_shows_the_typed_values(client: FlaskClient, session: Session) -> None:
    signed_in(client, calibrated_event(session, shortlist=RULE))
    answer = client.post(
        f"{HERE}/shortlist/decide",
        data={"csrf_token": csrf_token(client), "proposal": "P003", "verdict": "", "reason": "a reason of mine"},
    )
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert ">a reason of mine</textarea>" in html
    assert '<option value="P003" selected>' in html
    status, page = post(client, f"{HERE}/shortlist/decide", proposal="P003", verdict="rule", reason="never mind")
    assert (status, "the rule decides already" in page) == (409, True)
    assert session.exec(select(tables.Decision)).all() == []


def test_an_additional_scoresheet_is_requested_by_button_and_listed_by_the_api(
    client: FlaskClient, session: Session
) -> None:
    event = calibrated_event(
        session,
        n_proposals=16,
        shortlist={"size": 5},
        readings={"per_proposal": 3, "extra": 2, "maximum": 5, "cross_city": 0},
    )
    signed_in(client, event)
    first = client.get(f"{API}/further-readings").get_json()["suggestions"][0]
    assert "Used so far: 0 of 2." in read(client, f"{HERE}/shortlist")
    status, _ = post(client, f"{HERE}/shortlist/reading", proposal=first["proposal"], judge=first["judge"])
    assert status == 303
    assert "Used so far: 1 of 2." in read(client, f"{HERE}/shortlist")
    assert client.get(f"{API}/further-readings").get_json()["used"] == 1
    status, page = post(client, f"{HERE}/shortlist/reading", proposal=first["proposal"], judge=first["judge"])
    assert (status, "is not suggested" in page) == (409, True)


def test_a_meeting_from_opening_to_closing(client: FlaskClient, session: Session) -> None:
    signed_in(client, calibrated_event(session, shortlist=RULE))
    status, refused = post(client, f"{HERE}/meeting", present=" ")
    assert (status, "Name who is present" in refused) == (422, True)
    status, _ = post(client, f"{HERE}/meeting", present="The chair\nA guest")
    assert status == 303
    agenda = client.get(f"{API}/meetings").get_json()[0]["agenda"]
    stored = result_of(session)
    p_shortlist = {row["proposal"]: row["p_shortlist"] for row in stored["proposals"]}
    band = [row["proposal"] for row in stored["proposals"] if row["tie_band"]]
    away = [round(abs(p_shortlist[key] - 0.5), 9) for key in agenda[: len(band)]]
    assert (set(agenda[: len(band)]), away) == (set(band), sorted(away))
    assert set(stored["shortlist"]["selected"]) <= set(agenda)
    item = f"{HERE}/meeting/1/{agenda[1]}"
    assert f"Meeting 1: 2 of {len(agenda)}" in read(client, item)
    assert post(client, f"{item}/note", text="Strong on data.")[0] == 303
    assert post(client, f"{item}/decide", verdict="in", reason="agreed by all")[0] == 303
    assert "decided in: agreed by all (The chair)" in read(client, item)
    assert post(client, f"{HERE}/meeting/1/move", proposal=agenda[1], direction="up")[0] == 303
    stored_meeting = client.get(f"{API}/meetings").get_json()[0]
    assert stored_meeting["agenda"][:2] == [agenda[1], agenda[0]]
    assert [(note["proposal"], note["text"]) for note in stored_meeting["notes"]] == [(agenda[1], "Strong on data.")]
    assert stored_meeting["minutes"] is None
    titles = dict(session.exec(select(tables.Proposal.key, tables.Proposal.title)).all())
    title = titles[agenda[1]]
    session.rollback()
    assert f'<strong class="key">{agenda[1]}</strong> <strong>{title}</strong>' in client.get(f"{HERE}/meeting/1").text
    open_page = read(client, f"{HERE}/meeting/1")
    left = [key for key in agenda if key != agenda[1]]
    titled = ", ".join(f"{key} {titles[key]}" for key in sorted(left))
    assert f"{len(left)} proposals of the agenda were neither decided nor noted:" in open_page
    assert all(f"<li>{key} {titles[key]}</li>" in client.get(f"{HERE}/meeting/1").text for key in left)
    status, page = post(client, f"{HERE}/meeting/1/close")
    assert (status, f"Neither decided nor noted in this meeting: {titled}" in page) == (409, True)
    # What was put on the agenda after the page was opened is asked again.
    status, page = post(client, f"{HERE}/meeting/1/close", knowingly=" ".join(left[1:]))
    later = f"since this page was made, and neither decided nor noted: {left[0]} {titles[left[0]]}. Confirm once more"
    assert (status, later in page) == (409, True)
    assert post(client, f"{HERE}/meeting/1/close", knowingly=" ".join(left))[0] == 303
    told = read(client, f"{HERE}/meeting/1")
    assert told.index("Discussed, with the standing") < told.index("On the agenda, not discussed")
    items = client.get(f"{API}/meetings").get_json()[0]["minutes"]["agenda"]
    assert [item["proposal"] for item in items if item["discussed"]] == [agenda[1]]
    # Decisions and notes name the proposal with its title, as the agenda below them does.
    assert client.get(f"{HERE}/meeting/1").text.count(f"<strong>{agenda[1]} {title}</strong>") == 2
    assert post(client, f"{item}/note", text="Too late.")[0] == 409
    # A page that was opened before the meeting was closed.
    status, page = post(client, f"{item}/decide", verdict="out", reason="too late", seen="99")
    assert (status, "This meeting is closed" in page) == (409, True)


def test_minutes_are_frozen_with_the_run_they_speak_of(client: FlaskClient, session: Session) -> None:
    event = calibrated_event(session, shortlist=RULE)
    signed_in(client, event)
    key = selected_keys(session)[0]
    assert post(client, f"{HERE}/shortlist/decide", proposal=key, verdict="in", reason="before the meeting")[0] == 303
    assert post(client, f"{HERE}/meeting", present="The chair")[0] == 303
    item = f"{HERE}/meeting/1/{key}"
    seen = seen_on(client, item)
    assert post(client, f"{item}/decide", verdict="out", reason="said in the meeting", seen=seen)[0] == 303
    assert post(client, f"{item}/note", text="The data is not open.")[0] == 303
    # A newer run changes nothing before somebody says so.
    calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, ROUND, at=LATER)
    session.commit()
    page = read(client, f"{HERE}/meeting/1")
    assert "This meeting discusses run 1. Run 2 has been made since." in page
    assert client.get(f"{API}/meetings").get_json()[0]["run"] == 1
    assert post(client, f"{HERE}/meeting/1/run", run="2")[0] == 303
    assert "has been made since" not in read(client, f"{HERE}/meeting/1")
    left = client.get(f"{API}/meetings").get_json()[0]["undiscussed"]
    assert post(client, f"{HERE}/meeting/1/close", knowingly=" ".join(left))[0] == 303
    minutes = read(client, f"{HERE}/meeting/1")
    for said in ("Minutes of meeting 1", "said in the meeting", "The data is not open.", "decided out"):
        assert said in minutes
    assert "before the meeting" not in minutes
    assert "data-print" in client.get(f"{HERE}/meeting/1").text
    stored = client.get(f"{API}/meetings").get_json()[0]["minutes"]
    assert (stored["run"], next(one["selected"] for one in stored["agenda"] if one["proposal"] == key)) == (2, False)
    # Nothing that happens later is in them.
    calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, ROUND, at=LATER)
    session.commit()
    assert post(client, f"{HERE}/shortlist/decide", proposal=key, verdict="in", reason="later", seen="99")[0] == 303
    assert client.get(f"{API}/meetings").get_json()[0]["minutes"] == stored
    assert "later" not in read(client, f"{HERE}/meeting/1").split("Frozen when")[0]
    # Somebody with a conflict of interest reads the minutes without the proposal.
    assert post(client, f"/chair/{COMPETITION}/conflicts", proposal=key, kind="employer")[0] == 303
    hidden = read(client, f"{HERE}/meeting/1")
    assert "said in the meeting" not in hidden
    assert "The data is not open." not in hidden
    assert "hidden: you declared a conflict of interest" in hidden


@pytest.mark.parametrize("page", ["shortlist", "meeting/1"])
def test_a_stale_page_does_not_write_over_the_verdict_of_the_other_chair(
    client: FlaskClient, session: Session, page: str
) -> None:
    event = calibrated_event(session, shortlist=RULE)
    signed_in(client, event)
    key, other = selected_keys(session)[:2]
    assert post(client, f"{HERE}/meeting", present="The chair")[0] == 303
    here = f"{HERE}/{page}/{key}" if page.startswith("meeting") else f"{HERE}/{page}"
    seen = seen_on(client, here)
    verdicts.decide(session, chair_of(session, "sh"), COMPETITION, ROUND, key, verdict="in", reason="Ours.", at=LATER)
    session.commit()
    status, text = post(client, f"{here}/decide", proposal=key, verdict="out", reason="Typed here.", seen=seen)
    assert status == 409
    title = session.exec(select(tables.Proposal.title).where(tables.Proposal.key == key)).one()
    session.rollback()
    assert f"has decided on {key} {title} since this page was made: decided in. Reason: Ours." in text
    assert "Typed here." in text
    assert [(one.proposal, one.verdict) for one in verdicts.list_decisions(session, event.round_row)] == [(key, "in")]
    session.rollback()
    # The page that came back knows the verdict: sent again, it is meant.
    again = seen_on(client, here)
    status, _ = post(client, f"{HERE}/shortlist/replace", proposal=other, reason="Typed there.", seen=seen)
    assert status == 409
    assert post(client, f"{here}/decide", proposal=key, verdict="out", reason="Typed here.", seen=again)[0] == 303
    session.rollback()
    assert verdicts.decisions_in_force(session, event.round_row)[key].verdict == "out"


def test_a_verdict_of_a_program_may_name_what_it_has_read(client: FlaskClient, session: Session) -> None:
    signed_in(client, calibrated_event(session, shortlist=RULE))
    key = selected_keys(session)[0]
    seen = client.get(f"{API}/shortlist").get_json()["newest_decision"]
    assert seen == 0
    body = {"proposal": key, "verdict": "out", "reason": "A"}
    headers = {"X-CSRFToken": csrf_token(client)}

    def status(**changes: object) -> int:
        return client.post(f"{API}/decisions", json={**body, **changes}, headers=headers).status_code

    assert status(seen=seen) == 201
    assert status(verdict="in", seen=seen) == 409
    assert status(verdict="in") == 201


def test_an_award_is_defined_given_and_taken_back(client: FlaskClient, session: Session) -> None:
    signed_in(client, calibrated_event(session, shortlist=RULE))
    names = {"name-en": "Best data use", "name-zh-Hant-HK": "最佳數據應用", "name-zh-Hans-CN": "最佳数据应用"}
    status, page = post(client, f"{HERE}/awards", **names, key="Best!", kind="jury")
    assert (status, "Lower-case letters, digits and hyphens" in page) == (422, True)
    assert post(client, f"{HERE}/awards", **names, key="best-data", kind="jury", most_winners="2")[0] == 303
    assert "The award Best data use is defined." in read(client, f"{HERE}/awards")
    assert post(client, f"{HERE}/awards/grant", award="best-data", proposal="P001", reason="open and live")[0] == 303
    given = client.get(f"{API}/awards").get_json()[0]
    assert ([grant["proposal"] for grant in given["grants"]], given["most_winners"]) == (["P001"], 2)
    number = look(session, select(tables.AwardGrant.id))
    assert post(client, f"{HERE}/awards/withdraw", grant=str(number), reason=" ")[0] == 422
    assert post(client, f"{HERE}/awards/withdraw", grant=str(number), reason="not open")[0] == 303
    assert "taken back" in read(client, f"{HERE}/awards")


def without_ranks(rows: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    """Return the rows of all other proposals without their ranks, which count the visible proposals only."""
    others = (row for row in rows if row["proposal"] != key)
    return [{name: value for name, value in row.items() if not name.startswith("rank")} for row in others]


def test_a_conflict_hides_a_proposal_on_every_page_and_in_the_api(client: FlaskClient, session: Session) -> None:
    event = calibrated_event(session, shortlist=RULE)
    signed_in(client, event)
    key = selected_keys(session)[0]
    before = client.get(f"{API}/ranking").get_json()["proposals"]
    assert post(client, f"{HERE}/meeting", present="The chair")[0] == 303
    assert post(client, f"/chair/{COMPETITION}/conflicts", proposal=key, kind="employer")[0] == 303
    assert "hidden: you declared a conflict of interest" in read(client, HERE)
    assert client.get(f"{HERE}/proposals/{key}").status_code == 403
    assert client.get(f"{HERE}/proposals/{selected_keys(session)[1]}").status_code == 200
    page = read(client, f"{HERE}/shortlist")
    assert f"because you declared a conflict of interest: {key}" in page
    title = look(session, select(tables.Proposal.title).where(tables.Proposal.key == key))
    assert title not in page
    assert "hidden: you declared a conflict of interest" in read(client, f"{HERE}/meeting/1/{key}")
    assert post(client, f"{HERE}/shortlist/decide", proposal=key, verdict="out", reason="x")[0] == 403
    after = client.get(f"{API}/ranking").get_json()["proposals"]
    assert without_ranks(after, key) == without_ranks(before, key)
    assert sorted(row["rank"] for row in after if row["rank"] is not None) == [*range(1, len(before))]
    hidden = next(row for row in after if row["proposal"] == key)
    assert (hidden["hidden"], hidden["rank"], hidden["calibrated"]) == (True, None, None)
    whole = client.get(f"{API}/runs/1").get_json()["result"]
    assert {name for name, value in next(r for r in whole["proposals"] if r["proposal"] == key).items() if value} == {
        "proposal",
        "hidden",
    }
    assert key not in client.get(f"{API}/shortlist").get_json()["selected"]
    signed_in(client, event, "auditor")
    assert client.get(f"{API}/ranking").get_json()["proposals"] == before


def test_the_released_shortlist_enters_the_next_round_by_button(client: FlaskClient, session: Session) -> None:
    event = calibrated_event(session, shortlist=RULE)
    signed_in(client, event, "organiser")
    entrants = f"/organiser/{COMPETITION}/{FINAL}/entrants"
    assert "has not been released" in read(client, entrants)
    release(session, event)
    page = client.get(entrants).get_data(as_text=True)
    assert all(key in page for key in selected_keys(session))
    difference = client.get(f"{API}/next?to={FINAL}").get_json()
    assert (difference["entering"], difference["obstacle"]) == (selected_keys(session), None)
    assert post(client, entrants, digest="stale")[0] == 409
    assert post(client, entrants, digest=difference["digest"])[0] == 303
    assert "Everybody on the shortlist is in the next round." in read(client, entrants)
    assert client.get(f"/organiser/{COMPETITION}/{ROUND}/entrants").status_code == 404
    signed_in(client, event)
    assert "Everybody on the shortlist is in the next round." in read(client, f"{HERE}/next")
    assert "This is the last round." in read(client, f"/chair/{COMPETITION}/{FINAL}/next")


def test_decisions_come_in_by_the_api_with_the_same_checks(client: FlaskClient, session: Session) -> None:
    event = calibrated_event(session, shortlist=RULE)
    signed_in(client, event)
    token = {"X-CSRFToken": csrf_token(client)}
    key = selected_keys(session)[2]
    body = {"proposal": key, "verdict": "out", "reason": "withdrew"}
    assert client.post(f"{API}/decisions", json={**body, "reason": ""}, headers=token).status_code == 422
    assert client.post(f"{API}/decisions", json=body).status_code == 403
    made = client.post(f"{API}/decisions", json=body, headers=token)
    assert (made.status_code, key in made.get_json()["selected"]) == (201, False)
    assert [decision["reason"] for decision in made.get_json()["decisions"]] == ["withdrew"]
    signed_in(client, event, "organiser")
    token = {"X-CSRFToken": csrf_token(client)}
    assert client.post(f"{API}/decisions", json=body, headers=token).status_code == 403
