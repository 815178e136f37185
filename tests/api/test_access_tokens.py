"""Access tokens: what they open, what they never open, and that whatever is done with one names it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlmodel import Session, col, select

from judging import tables
from judging.api.scopes import PERSONS_OWN, SCOPES_OF
from judging.schemas.access_tokens import SCOPES
from judging.services.authentication.access_tokens import REQUESTS_PER_WINDOW
from tests.support.event import COMPETITION, ROUND, csrf_token, make_event, sign_in

TOKENS = "/api/v1/session/tokens"
ROUND_URL = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}"


def made_token(client: FlaskClient, person: tables.Person, *scopes: str, name: str = "export") -> dict[str, Any]:
    """Make a token as a person, sign out, and return the answer."""
    sign_in(client, person)
    asked = {"name": name, "scopes": list(scopes)}
    answer = client.post(TOKENS, json=asked, headers={"X-CSRFToken": csrf_token(client)})
    assert answer.status_code == 201, answer.get_data(as_text=True)
    client.delete_cookie("judging_session")
    made: dict[str, Any] = answer.get_json()
    return made


def _bearer(made: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {made['token']}"}


def test_a_token_reads_what_its_person_may_read_without_a_cookie(client: FlaskClient, session: Session) -> None:
    event = make_event(session, n_proposals=6)
    made = made_token(client, event.people["auditor"], "results")
    answer = client.get(f"{ROUND_URL}/runs", headers=_bearer(made))
    assert (answer.status_code, answer.get_json()) == (200, [])
    assert answer.headers["RateLimit"].startswith(f'"token";r={REQUESTS_PER_WINDOW - 1};t=')
    assert client.get(f"{ROUND_URL}/runs").status_code == 401


def test_the_text_of_a_token_is_stored_nowhere(client: FlaskClient, session: Session) -> None:
    event = make_event(session, n_proposals=6)
    text = made_token(client, event.people["auditor"], "results")["token"]
    rows = [*session.exec(select(tables.AccessToken)), *session.exec(select(tables.SignInSession))]
    assert not any(text in str(row.model_dump()) for row in rows)
    listed = session.exec(select(tables.AuditEntry)).all()
    assert not any(text in str(entry.detail) for entry in listed)


def test_a_scope_that_a_token_lacks_is_refused_by_name(client: FlaskClient, session: Session) -> None:
    event = make_event(session, n_proposals=6)
    made = made_token(client, event.people["auditor"], "log")
    answer = client.get(f"{ROUND_URL}/runs", headers=_bearer(made))
    assert (answer.status_code, answer.get_json()["detail"]) == (
        403,
        "This access token was not made for this. It needs the scope results.",
    )
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="results"'


def test_a_token_never_may_more_than_its_person(client: FlaskClient, session: Session) -> None:
    event = make_event(session, n_proposals=6)
    made = made_token(client, event.people["judge"], *SCOPES)
    assert client.get(f"{ROUND_URL}/runs", headers=_bearer(made)).status_code == 403
    role = select(tables.Role).where(tables.Role.person_id == event.people["judge"].pk)
    for row in session.exec(role):
        session.delete(row)
    session.commit()
    assert client.get("/api/v1/competitions", headers=_bearer(made)).get_json() == []


@pytest.mark.parametrize("endpoint", sorted(PERSONS_OWN))
def test_what_is_a_persons_own_act_takes_no_token(
    app: Flask, client: FlaskClient, session: Session, endpoint: str
) -> None:
    event = make_event(session, n_proposals=6)
    made = made_token(client, event.people["chair"], *SCOPES)
    rule = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint)
    values = {"competition": COMPETITION, "round_key": ROUND, "proposal": "P001", "number": 1}
    values |= {"kind": "invitation", "language": "en", "judge": "J01"}
    address = rule.build({name: values[name] for name in rule.arguments}, append_unknown=False)
    assert address is not None
    method = next(iter(rule.methods - {"HEAD", "OPTIONS"})) if rule.methods else "GET"
    answer = client.open(address[1], method=method, headers=_bearer(made), json={})
    assert (answer.status_code, answer.get_json()["detail"]) == (
        403,
        "This is a person's own act: no access token is accepted here. Sign in on the pages.",
    )


def test_every_operation_has_scopes_or_is_a_persons_own(app: Flask) -> None:
    served = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and rule.endpoint.split(".")[0] not in ("api_docs", "api-docs")
    }
    assert served == set(SCOPES_OF) | PERSONS_OWN
    assert not set(SCOPES_OF) & PERSONS_OWN
    assert {scope for scopes in SCOPES_OF.values() for scope in scopes} == set(SCOPES)


def test_the_document_says_which_scope_an_operation_needs(client: FlaskClient) -> None:
    paths = client.get("/api/v1/openapi.json").get_json()["paths"]
    ranking = paths["/api/v1/competitions/{competition}/rounds/{round_key}/ranking"]["get"]
    decide = paths["/api/v1/competitions/{competition}/rounds/{round_key}/decisions"]["post"]
    assert ranking["security"] == [{"session": []}, {"token": ["results"]}]
    assert decide["security"] == [{"session": [], "csrf": []}]


def test_a_write_needs_no_form_token_and_is_named_in_the_log(client: FlaskClient, session: Session) -> None:
    event = make_event(session, n_proposals=6, scored=False)
    made = made_token(client, event.people["judge"], "scoresheets", name="reading app")
    own = session.exec(
        select(tables.Proposal.key)
        .join(tables.Assignment, col(tables.Assignment.proposal_id) == col(tables.Proposal.id))
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .where(tables.Judge.person_id == event.people["judge"].pk)
    ).first()
    session.rollback()
    address = f"{ROUND_URL}/scoresheets/{own}"
    saved = client.put(address, json={"comment": "by a program"}, headers=_bearer(made))
    assert (saved.status_code, saved.get_json()["version"]) == (200, 1)
    session.expire_all()
    entry = session.exec(select(tables.AuditEntry).where(tables.AuditEntry.action == "scoresheet.saved")).one()
    assert entry.detail["token"] == f"{made['number']} reading app"
    sheet = session.exec(select(tables.Scoresheet)).one()
    token = session.exec(select(tables.AccessToken)).one()
    assert sheet.sign_in_session_id == token.sign_in_session_id


def test_a_cookie_beside_a_token_is_nobodys(client: FlaskClient, session: Session) -> None:
    event = make_event(session, n_proposals=6)
    made = made_token(client, event.people["judge"], "competitions")
    sign_in(client, event.people["organiser"])
    assert client.get("/api/v1/session", headers=_bearer(made)).get_json()["person"] == event.people["judge"].pk
    # A page takes no token, and a wrong token is not made good by a cookie.
    wrong = client.get("/api/v1/session", headers={"Authorization": "Bearer judging_wrong"})
    assert (wrong.status_code, wrong.headers["WWW-Authenticate"]) == (401, 'Bearer error="invalid_token"')


def test_a_revoked_or_expired_token_and_one_of_an_inactive_person_are_refused(
    client: FlaskClient, session: Session
) -> None:
    event = make_event(session, n_proposals=6)
    made = [made_token(client, event.people["auditor"], "results", name=f"token {n}") for n in range(3)]
    sign_in(client, event.people["auditor"])
    headers = {"X-CSRFToken": csrf_token(client)}
    assert client.delete(f"{TOKENS}/{made[0]['number']}", headers=headers).status_code == 204
    assert client.delete(f"{TOKENS}/{made[0]['number']}", headers=headers).status_code == 404
    assert [one["name"] for one in client.get(TOKENS).get_json()] == ["token 2", "token 1"]
    client.delete_cookie("judging_session")
    expired = update(tables.AccessToken).where(col(tables.AccessToken.name) == "token 1")
    session.execute(expired.values(expires_at=tables.AccessToken.created_at))
    session.commit()
    address = f"{ROUND_URL}/runs"
    assert [client.get(address, headers=_bearer(one)).status_code for one in made] == [401, 401, 200]
    event.people["auditor"].is_active = False
    session.add(event.people["auditor"])
    session.commit()
    assert client.get(address, headers=_bearer(made[2])).status_code == 401


def test_requests_are_counted_in_the_database(client: FlaskClient, session: Session) -> None:
    event = make_event(session, n_proposals=6)
    made = made_token(client, event.people["auditor"], "results")
    client.get(f"{ROUND_URL}/runs", headers=_bearer(made))
    session.execute(update(tables.AccessToken).values(n_in_window=REQUESTS_PER_WINDOW))
    session.commit()
    answer = client.get(f"{ROUND_URL}/runs", headers=_bearer(made))
    assert (answer.status_code, answer.get_json()["type"]) == (429, "urn:judging:problem:too-fast")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    row = session.exec(select(tables.AccessToken)).one()
    session.execute(update(tables.AccessToken).values(window_began_at=row.window_began_at - timedelta(minutes=2)))
    session.commit()
    assert client.get(f"{ROUND_URL}/runs", headers=_bearer(made)).status_code == 200


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"name": " ", "scopes": ["log"]}, "name"),
        ({"name": "a", "scopes": []}, "scopes"),
        ({"name": "a", "scopes": ["everything"]}, "scopes.0"),
        ({"name": "a", "scopes": ["log"], "days": 367}, "days"),
        ({"name": "a", "scopes": ["log"], "days": "7"}, "days"),
    ],
)
def test_what_a_new_token_is_to_be_is_checked(
    client: FlaskClient, session: Session, asked: dict[str, Any], field: str
) -> None:
    event = make_event(session, n_proposals=6)
    sign_in(client, event.people["auditor"])
    answer = client.post(TOKENS, json=asked, headers={"X-CSRFToken": csrf_token(client)})
    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, [field])
    assert session.exec(select(tables.AccessToken)).all() == []


def test_the_page_shows_a_token_once_and_revokes_it(client: FlaskClient, session: Session) -> None:
    event = make_event(session, n_proposals=6)
    sign_in(client, event.people["auditor"])
    form = {"csrf_token": csrf_token(client), "name": "nightly export", "scopes": ["results"], "days": "30"}
    made = client.post("/account/tokens", data=form)
    text = made.get_data(as_text=True).partition("readonly>")[2].partition("<")[0]
    assert (made.status_code, text.startswith("judging_")) == (201, True)
    again = client.post("/account/tokens", data=form)
    assert (again.status_code, "already: nightly export" in again.get_data(as_text=True)) == (409, True)
    page = client.get("/account/tokens").get_data(as_text=True)
    assert ("nightly export" in page, text in page) == (True, False)
    wrong = client.post("/account/tokens", data={**form, "name": "b", "days": "x"})
    assert (wrong.status_code, 'value="b"' in wrong.get_data(as_text=True)) == (422, True)
    number = session.exec(select(tables.AccessToken.id)).one()
    session.rollback()
    client.post(f"/account/tokens/{number}/revoke", data={"csrf_token": csrf_token(client)})
    refused = client.get(f"{ROUND_URL}/runs", headers={"Authorization": f"Bearer {text}"})
    assert refused.status_code == 401
