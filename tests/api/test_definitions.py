"""Competitions made and taken out through the API, and plans of assignments applied."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, func, select

from judging import tables
from judging.competition import City
from judging.errors import ConfirmationNeeded, Conflict
from judging.rubric import Text
from judging.services.access import Actor
from judging.services.competitions import editing
from tests.api.test_access_tokens import made_token
from tests.support.event import AT, COMPETITION, ROUND, csrf_token, event_of, make_event, sign_in

API = "/api/v1"


def _program(client: FlaskClient, session: Session) -> dict[str, str]:
    event = make_event(session, n_proposals=6, scored=False)
    return {"Authorization": f"Bearer {made_token(client, event.people['organiser'], 'rounds')['token']}"}


def test_a_competition_is_made_from_what_another_gives(client: FlaskClient, session: Session) -> None:
    program = _program(client, session)
    given = client.get(f"{API}/competitions/{COMPETITION}/definition", headers=program).get_json()["files"]
    assert {"competition.yaml", f"{ROUND}.yaml"} <= set(given)
    same = client.post(f"{API}/competitions", json={"source": "files", "files": given}, headers=program)
    assert same.status_code == 409
    given["competition.yaml"] = given["competition.yaml"].replace(f"key: {COMPETITION}", "key: another", 1)
    made = client.post(f"{API}/competitions", json={"source": "files", "files": given}, headers=program)
    assert (made.status_code, made.get_json()["key"]) == (201, "another"), made.get_json()
    again = client.get(f"{API}/competitions/another/definition", headers=program).get_json()["files"]
    assert again == given
    asked: dict[str, Any] = {
        "source": "earlier",
        "start_from": COMPETITION,
        "key": "next-year",
        "names": {"en": "Next year"},
    }
    asked["with_judges"] = True
    assert client.post(f"{API}/competitions", json=asked, headers=program).status_code == 201
    other = session.exec(select(tables.Competition.id).where(tables.Competition.key == "next-year")).one()
    assert len(session.exec(select(tables.Judge).where(tables.Judge.competition_id == other)).all()) == 8
    session.rollback()
    listed = client.get(f"{API}/templates", headers=program).get_json()
    assert {("earlier", "next-year"), ("earlier", "another")} <= {(one["source"], one["key"]) for one in listed}
    broken = {"competition.yaml": "key: [", "x.yaml": ""}
    refused = client.post(f"{API}/competitions", json={"source": "files", "files": broken}, headers=program)
    assert (refused.status_code, list(refused.get_json()["errors"])) == (422, ["files"])
    unknown = client.post(f"{API}/competitions", json={**asked, "start_from": "nothing"}, headers=program)
    assert (unknown.status_code, list(unknown.get_json()["errors"])) == (422, ["start_from"])


def test_who_organises_nothing_makes_no_competition(client: FlaskClient, session: Session) -> None:
    make_event(session, n_proposals=6, scored=False)
    sign_in(client, event_of(session).people["chair"])
    assert client.get(f"{API}/templates").status_code == 403


def test_exactly_the_plan_that_was_shown_is_applied(client: FlaskClient, session: Session) -> None:
    program = _program(client, session)
    address = f"{API}/competitions/{COMPETITION}/rounds/{ROUND}/plan"

    def n_active() -> int:
        active = select(func.count()).where(tables.Assignment.state == "active")
        n = session.exec(active.select_from(tables.Assignment)).one()
        session.rollback()
        return n

    before = n_active()
    shown = client.get(f"{address}?readings=3", headers=program)
    assert (shown.status_code, n_active()) == (200, before), shown.get_json()
    plan = shown.get_json()
    asked = {"readings": 3, "digest": plan["digest"]}
    assert client.post(address, json={**asked, "digest": "another"}, headers=program).status_code == 409
    assert n_active() == before
    applied = client.post(address, json=asked, headers=program)
    assert (applied.status_code, applied.get_json()) == (200, plan)
    assert n_active() == before + len(plan["new"]) - len(plan["taken_back"])
    assert client.get(f"{address}?readings=0", headers=program).status_code == 422


def test_a_program_replaces_the_drafts_of_a_definition(client: FlaskClient, session: Session) -> None:
    program = _program(client, session)
    address = f"{API}/competitions/{COMPETITION}/definition"
    read = client.get(address, headers=program)
    body = read.get_json()
    assert body["sealed"] == [ROUND]
    plain = {"competition": body["competition"], "rounds": body["rounds"]}
    same = client.put(address, json=plain, headers={**program, "If-Match": read.headers["ETag"]})
    assert (same.status_code, same.headers["ETag"]) == (200, read.headers["ETag"]), same.get_json()
    plain["competition"]["name"]["en"] = "Another name"
    plain["rounds"][1]["readings"] |= {"per_proposal": 7, "maximum": 9}
    checked = client.put(address, json={**plain, "check_only": True}, headers=program)
    assert (checked.status_code, checked.headers["ETag"]) == (200, read.headers["ETag"])
    changed = client.put(address, json=plain, headers={**program, "If-Match": read.headers["ETag"]})
    assert changed.status_code == 200
    assert changed.get_json()["rounds"][1]["readings"]["per_proposal"] == 7
    late = client.put(address, json=plain, headers={**program, "If-Match": read.headers["ETag"]})
    assert (late.status_code, late.headers["ETag"]) == (412, changed.headers["ETag"])
    files = changed.get_json()["files"]
    files["grand-final.yaml"] = files["grand-final.yaml"].replace("per_proposal: 7", "per_proposal: 8")
    assert client.put(address, json={"files": files}, headers=program).status_code == 200


def test_what_a_program_may_not_replace_is_said_by_path(client: FlaskClient, session: Session) -> None:
    program = _program(client, session)
    address = f"{API}/competitions/{COMPETITION}/definition"
    body = client.get(address, headers=program).get_json()
    plain = {"competition": body["competition"], "rounds": body["rounds"]}
    plain["rounds"][1]["rubric"]["criteria"][0]["weight"] = "30"
    plain["rounds"][1]["colour"] = "blue"
    refused = client.put(address, json=plain, headers=program)
    assert (refused.status_code, sorted(refused.get_json()["errors"])) == (
        422,
        ["rounds.1.colour", "rounds.1.rubric.criteria.0.weight"],
    )
    plain = client.get(address, headers=program).get_json()
    plain["rounds"][0]["readings"]["maximum"] = 9
    sealed = client.put(address, json={name: plain[name] for name in ("competition", "rounds")}, headers=program)
    assert sealed.status_code == 409
    nothing = client.put(address, json={}, headers=program)
    assert (nothing.status_code, list(nothing.get_json()["errors"])) == (422, ["competition"])
    broken = client.put(address, json={"files": {"competition.yaml": "key: ["}}, headers=program)
    assert (broken.status_code, list(broken.get_json()["errors"])) == (422, ["files"])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("release: every-city", "release: one-chair"),
        ("policies:", "policies:\n  appointments: organiser-alone"),
        # With one city less, one chair less signs.
        ("cities:", "cities:\n- key: third\n  name: {en: Third, zh-Hant-HK: 三, zh-Hans-CN: 三}"),
    ],
)
def test_who_decides_is_no_programs_to_change(client: FlaskClient, session: Session, before: str, after: str) -> None:
    event = make_event(session, n_proposals=6, scored=False)
    for row in session.exec(select(tables.Round).where(tables.Round.state == "open")):
        row.state, row.opened_at = "draft", None
    session.commit()
    program = {"Authorization": f"Bearer {made_token(client, event.people['organiser'], 'rounds')['token']}"}
    address = f"{API}/competitions/{COMPETITION}/definition"
    files = client.get(address, headers=program).get_json()["files"]
    assert before in files["competition.yaml"]
    files["competition.yaml"] = files["competition.yaml"].replace(before, after, 1)
    refused = client.put(address, json={"files": files}, headers=program)
    assert (refused.status_code, "no access token is accepted" in refused.get_json()["detail"]) == (403, True)
    sign_in(client, event.people["organiser"])
    own = {"X-CSRFToken": csrf_token(client)}
    assert client.put(address, json={"files": files}, headers=own).status_code == 200
    program_again = client.put(address, json={"files": files}, headers=program)
    assert program_again.status_code == 200


def test_a_city_whose_chair_signs_is_not_taken_out(session: Session) -> None:
    event = make_event(session, n_proposals=6, scored=False)
    organiser = event.actor(session, "organiser")
    third = City("third", Text("Third", "三", "三"))

    def change(*, with_third: bool, actor: Actor = organiser) -> bool:
        stored = editing.get_editable(session, organiser, COMPETITION).definition
        cities = tuple(city for city in stored.competition.cities if city.key != "third")
        competition = replace(stored.competition, cities=(*cities, third) if with_third else cities)
        return editing.change_definition(
            session, actor, COMPETITION, replace(stored, competition=competition), instead_of=None, at=AT
        )

    with pytest.raises(Conflict, match="Who signs a release is settled"):
        change(with_third=True)
    rounds = session.exec(select(tables.Round).where(tables.Round.state == "open")).all()
    for row in rounds:
        row.state, row.opened_at = "draft", None
    assert change(with_third=True)
    chair = tables.Role(
        person_id=event.people["auditor"].pk, competition_id=event.round_row.competition_id, role="chair", city="third"
    )
    session.add(chair)
    session.flush()
    with pytest.raises(Conflict, match="chairs or sealed rules use third"):
        change(with_third=False)
    session.delete(chair)
    session.flush()
    with pytest.raises(ConfirmationNeeded):
        change(with_third=False, actor=replace(organiser, must_confirm=True))
    for row in rounds:
        row.state, row.opened_at = "open", AT
    with pytest.raises(Conflict, match="Who signs a release is settled"):
        change(with_third=False)
    for row in rounds:
        row.state, row.opened_at = "draft", None
    assert change(with_third=False)


def test_a_person_confirms_who_decides_like_a_decision(session: Session) -> None:
    event = make_event(session, n_proposals=6, scored=False)
    for row in session.exec(select(tables.Round).where(tables.Round.state == "open")):
        row.state, row.opened_at = "draft", None
    session.flush()
    organiser = event.actor(session, "organiser")
    stored = editing.get_editable(session, organiser, COMPETITION).definition
    policies = replace(stored.competition.policies, release="one-chair")
    changed = replace(stored, competition=replace(stored.competition, policies=policies))
    asked = replace(organiser, must_confirm=True)
    with pytest.raises(ConfirmationNeeded):
        editing.change_definition(session, asked, COMPETITION, changed, instead_of=None, at=AT)
    assert editing.change_definition(session, organiser, COMPETITION, changed, instead_of=None, at=AT)
