"""Signing in and out by the pages."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, select
from werkzeug.test import TestResponse

from judging import tables
from judging.request_bodies import SessionCookies, person_in_cookie
from judging.services.access import load_actor, operator
from judging.services.authentication import sign_in
from judging.services.people import accounts
from tests.support.both_databases import both_databases
from tests.support.event import Event, make_event
from tests.support.event import sign_in as begin_session

pytestmark = both_databases

GOOD = "eleven tall trees"


@pytest.fixture
def event(session: Session) -> Event:
    return make_event(session, n_proposals=4, n_judges=6, scored=False)


@pytest.fixture
def with_password(session: Session, event: Event) -> tables.Person:
    person = event.people["judge"]
    actor = load_actor(session, person.pk)
    new_password = sign_in.check_new_password(person, new=GOOD, repeated=GOOD, current=None)
    sign_in.store_password(session, actor, new_password, at=datetime.now(UTC))
    session.commit()
    changed = session.get_one(tables.Person, person.id)
    session.expunge(changed)
    session.rollback()
    return changed


def token_for(session: Session, event: Event, *, at: datetime | None = None) -> str:
    person_id = event.people["judge"].pk
    token = accounts.issue_link(session, operator(), person_id, at=at or datetime.now(UTC)).token
    session.commit()
    return token


def post(client: FlaskClient, page: str, to: str | None = None, **fields: str) -> TestResponse:
    """Send the form of a page as its own button would."""
    return client.post(to or page, data={"csrf_token": token_of(client.get(page).text), **fields})


def token_of(page: str) -> str:
    return str(re.findall(r'name="csrf_token" value="([^"]+)"', page)[0])


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def test_a_link_page_shows_the_name_and_does_not_use_the_link(
    client: FlaskClient, session: Session, event: Event
) -> None:
    address = f"/sign-in/{token_for(session, event)}"
    for _ in range(3):
        page = client.get(address)
        assert page.status_code == 200
        assert "The judge" in page.text
    assert not is_signed_in(client)
    answer = post(client, address)
    assert (answer.status_code, answer.location) == (303, "/")
    assert is_signed_in(client)


def test_the_page_of_a_used_link_explains_what_to_do(app: Flask, session: Session, event: Event) -> None:
    address = f"/sign-in/{token_for(session, event)}"
    post(app.test_client(), address)
    second = app.test_client()
    page = second.get(address)
    assert page.status_code == 410
    assert "already been used" in page.text
    assert 'href="/sign-in"' in page.text
    assert not is_signed_in(second)


def test_two_browsers_on_one_link_page_sign_in_once(app: Flask, session: Session, event: Event) -> None:
    address = f"/sign-in/{token_for(session, event)}"
    clients = [app.test_client(), app.test_client()]
    tokens = [token_of(client.get(address).text) for client in clients]
    answers = [client.post(address, data={"csrf_token": token}) for client, token in zip(clients, tokens, strict=True)]
    assert [answer.status_code for answer in answers] == [303, 410]


@pytest.mark.parametrize(("age", "status"), [(timedelta(days=13), 200), (timedelta(days=15), 410)])
def test_a_link_lasts_two_weeks(
    client: FlaskClient, session: Session, event: Event, age: timedelta, status: int
) -> None:
    token = token_for(session, event, at=datetime.now(UTC) - age)
    assert client.get(f"/sign-in/{token}").status_code == status


def test_an_unknown_link_is_a_404_with_instructions(client: FlaskClient, event: Event) -> None:
    page = client.get("/sign-in/abc")
    assert page.status_code == 404
    assert "get a new link from whoever runs this service alone" in page.text


def test_a_link_cannot_be_used_without_its_pages_token(client: FlaskClient, session: Session, event: Event) -> None:
    address = f"/sign-in/{token_for(session, event)}"
    assert client.post(address).status_code == 400
    assert client.get(address).status_code == 200


def test_sign_in_by_password_returns_to_the_requested_page(client: FlaskClient, with_password: tables.Person) -> None:
    answer = post(client, "/sign-in", email=" JUDGE@example.org ", password=GOOD, next="/judge/hksh-2023?a=1")
    assert (answer.status_code, answer.location) == (303, "/judge/hksh-2023?a=1")
    assert is_signed_in(client)


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_sign_in_never_redirects_to_another_site(
    client: FlaskClient, with_password: tables.Person, target: str
) -> None:
    assert post(client, "/sign-in", email=with_password.email, password=GOOD, next=target).location == "/"


def test_a_wrong_password_and_an_unknown_person_get_the_same_answer(
    client: FlaskClient, with_password: tables.Person
) -> None:
    answers = [
        post(client, "/sign-in", email=email, password="wrong").text.replace(email, "")
        for email in (with_password.email, "nobody@example.org")
    ]
    assert re.sub(r'csrf_token" value="[^"]+', "", answers[0]) == re.sub(r'csrf_token" value="[^"]+', "", answers[1])


def test_failures_are_counted_although_the_answer_is_an_error_and_then_slow_down(
    client: FlaskClient, session: Session, with_password: tables.Person, event: Event
) -> None:
    statuses = [post(client, "/sign-in", email=with_password.email, password="wrong").status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]
    refused = post(client, "/sign-in", email=with_password.email, password=GOOD)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 900
    assert "15 minutes" in refused.text
    # The password is locked; the personal link still works.
    assert post(client, f"/sign-in/{token_for(session, event)}").status_code == 303


def test_a_successful_sign_in_deletes_the_failed_attempts(
    client: FlaskClient, session: Session, with_password: tables.Person
) -> None:
    post(client, "/sign-in", email=with_password.email, password="wrong")
    post(client, "/sign-in", email=with_password.email, password=GOOD)
    assert session.exec(select(tables.SignInAttempt)).all() == []


def test_a_failed_sign_in_while_signed_in_does_not_block_on_the_database(
    client: FlaskClient, with_password: tables.Person
) -> None:
    token = token_of(client.get("/sign-in").text)
    begin_session(client, with_password)
    answer = client.post("/sign-in", data={"csrf_token": token, "email": "x@example.org", "password": "wrong"})
    assert answer.status_code == 422


def test_sign_in_clears_the_session_against_session_fixation(
    client: FlaskClient, session: Session, event: Event
) -> None:
    address = f"/sign-in/{token_for(session, event)}"
    client.get(address)
    with client.session_transaction() as cookie:
        cookie["planted"] = "yes"
        planted = cookie["csrf_token"]
    post(client, address)
    with client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie.get("csrf_token") != planted
        assert cookie.permanent


def test_signing_out_everywhere_ends_every_session(app: Flask, event: Event) -> None:
    here, there = app.test_client(), app.test_client()
    for client in (here, there):
        begin_session(client, event.people["judge"])
    assert post(here, "/account", "/sign-out-everywhere").status_code == 303
    assert [is_signed_in(client) for client in (here, there)] == [False, False]


def test_a_changed_password_keeps_this_session_and_ends_the_others(app: Flask, event: Event) -> None:
    here, there = app.test_client(), app.test_client()
    for client in (here, there):
        begin_session(client, event.people["judge"])
    assert post(here, "/account", "/account/password", new=GOOD, repeated=GOOD).status_code == 303
    assert [is_signed_in(client) for client in (here, there)] == [True, False]
    wrong = post(here, "/account", "/account/password", current="no", new="short", repeated="x")
    assert wrong.status_code == 422
    for field in ("current", "new", "repeated"):
        assert f'id="{field}-error"' in wrong.text


def test_the_account_page_is_in_the_language_chosen_there(app: Flask, session: Session, event: Event) -> None:
    client = app.test_client()
    begin_session(client, event.people["judge"])
    post(client, "/account", "/account/language", language="zh-Hant-HK")
    assert '<html lang="zh-Hant-HK">' in client.get("/account").text
    elsewhere = app.test_client()
    post(elsewhere, f"/sign-in/{token_for(session, event)}")
    assert '<html lang="zh-Hant-HK">' in elsewhere.get("/account").text


def test_the_account_page_needs_a_sign_in(client: FlaskClient, event: Event) -> None:
    answer = client.get("/account")
    assert (answer.status_code, answer.location) == (302, "/sign-in?next=/account")


@pytest.mark.parametrize(
    ("signed", "answer"),
    [(timedelta(hours=1), True), (timedelta(days=-13), True), (timedelta(days=-15), False)],
)
def test_a_session_outlives_a_clock_that_is_set_back(
    app: Flask, client: FlaskClient, event: Event, signed: timedelta, answer: bool
) -> None:
    serializer = SessionCookies().get_signing_serializer(app)
    assert serializer is not None

    class OfAnotherTime(serializer.signer):  # type: ignore[misc, name-defined]
        def get_timestamp(self) -> int:
            return int(super().get_timestamp() + signed.total_seconds())

    serializer.signer = OfAnotherTime
    person = event.people["judge"]
    begin_session(client, person)
    with client.session_transaction() as cookie:
        value = serializer.dumps(dict(cookie))
    client.set_cookie(app.config["SESSION_COOKIE_NAME"], str(value))
    assert is_signed_in(client) is answer
    assert person_in_cookie(app, f"{app.config['SESSION_COOKIE_NAME']}={value}") == (str(person.id) if answer else None)


def test_failures_elsewhere_do_not_lock_a_browser_in_which_the_person_has_signed_in(
    app: Flask, with_password: tables.Person
) -> None:
    own, stranger = app.test_client(), app.test_client()
    assert post(own, "/sign-in", email=with_password.email, password=GOOD).status_code == 303
    post(own, "/account", "/sign-out")
    for _ in range(10):
        post(stranger, "/sign-in", email=with_password.email, password="wrong")
    locked = post(stranger, "/sign-in", email=with_password.email, password=GOOD)
    assert (locked.status_code, "in 15 minutes" in locked.text) == (429, True)
    assert 800 <= int(locked.headers["Retry-After"]) <= 900
    assert post(own, "/sign-in", email=with_password.email, password=GOOD).status_code == 303


def test_a_personal_link_works_while_the_password_is_locked(
    app: Flask, session: Session, event: Event, with_password: tables.Person
) -> None:
    address = f"/sign-in/{token_for(session, event)}"
    client = app.test_client()
    for _ in range(11):
        answer = post(client, "/sign-in", email=with_password.email, password="wrong")
    assert answer.status_code == 429
    assert post(client, address).status_code == 303


def test_the_mark_of_a_browser_opens_nothing_and_cannot_be_made_up(app: Flask, with_password: tables.Person) -> None:
    own, thief, forger = app.test_client(), app.test_client(), app.test_client()
    post(own, "/sign-in", email=with_password.email, password=GOOD)
    mark = own.get_cookie("judging_browser")
    assert mark is not None
    assert (mark.http_only, mark.same_site) == (True, "Lax")
    thief.set_cookie("judging_browser", mark.value)
    assert not is_signed_in(thief)
    forger.set_cookie("judging_browser", f"x{mark.value}")
    answers = [post(forger, "/sign-in", email=with_password.email, password="wrong").status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]


def test_the_old_password_cannot_be_tried_out_on_the_account_page(
    client: FlaskClient, with_password: tables.Person
) -> None:
    begin_session(client, with_password)
    form = {"new": GOOD + " again", "repeated": GOOD + " again"}
    answers = [post(client, "/account", "/account/password", current="no", **form).status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]
    assert post(client, "/account", "/account/password", current=GOOD, **form).status_code == 429


def test_a_password_made_of_the_event_is_refused(client: FlaskClient, event: Event) -> None:
    begin_session(client, event.people["judge"])
    answers = [
        post(client, "/account", "/account/password", new=password, repeated=password).status_code
        for password in ("hongkong2023!", "Shanghai-HongKong-23", "滬港合作開放數據競賽2023")
    ]
    assert answers == [422, 422, 422]
