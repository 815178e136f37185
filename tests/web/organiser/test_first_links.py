"""Without a mail server: first links of judges in one table, and no button where a link can only be refused."""

from __future__ import annotations

import io
from urllib.parse import urlsplit

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlmodel import Session, select

from judging import tables
from tests.support.event import AT, COMPETITION, ROUND, Event, appoint_alone, csrf_token, make_event, sign_in

PEOPLE = f"/organiser/{COMPETITION}/people"


@pytest.fixture
def event(app: Flask, session: Session) -> Event:
    event = make_event(session, n_proposals=4, n_judges=6, scored=False)
    for key in ("a", "b"):
        person = tables.Person(email=f"judge-{key}@example.org", name=f"Judge {key}", created_at=AT)
        session.add(person)
        session.flush()
        session.add(tables.Role(person_id=person.pk, competition_id=event.round_row.competition_id, role="judge"))
        if key == "b":
            session.add(tables.Role(person_id=person.pk, competition_id=event.round_row.competition_id, role="auditor"))
    used = session.get_one(tables.Person, event.people["judge"].pk)
    used.first_signed_in_at = AT
    session.add(used)
    session.commit()
    return event


def test_first_links_of_judges_only_are_taken_as_one_table(app: Flask, session: Session, event: Event) -> None:
    organiser = app.test_client()
    sign_in(organiser, event.people["organiser"])
    page = organiser.get(PEOPLE).text
    assert page.count(">First link<") == 1
    assert "Link of 1 judge, with its text" in page
    answer = organiser.post(f"{PEOPLE}/first-links", data={"csrf_token": csrf_token(organiser)})
    found = load_workbook(io.BytesIO(answer.data))["Messages"].iter_rows(values_only=True)
    rows = [[str(cell) for cell in row] for row in found]
    assert [row[1] for row in rows] == ["E-mail", "judge-a@example.org"]
    link = rows[1][5]
    assert link in rows[1][4]
    assert app.test_client().get(urlsplit(link).path).status_code == 200
    links = session.exec(select(tables.SignInLink)).all()
    assert {(one.channel, one.issued_by) for one in links} == {("hand", event.people["organiser"].pk)}
    session.rollback()
    again = organiser.post(f"{PEOPLE}/first-links", data={"csrf_token": csrf_token(organiser)})
    assert again.status_code == 200
    assert "signs you in" not in app.test_client().get(urlsplit(link).path).text
    session.rollback()
    person = session.exec(select(tables.Person).where(tables.Person.email == "judge-a@example.org")).one()
    person.first_signed_in_at = AT
    session.add(person)
    session.commit()
    refused = organiser.post(f"{PEOPLE}/first-links", data={"csrf_token": csrf_token(organiser)})
    assert refused.status_code == 409


def test_where_one_organiser_alone_appoints_the_first_link_of_a_chair_is_shown_once_and_releases_tell(
    app: Flask, session: Session, event: Event
) -> None:
    appoint_alone(session)
    organiser = app.test_client()
    sign_in(organiser, event.people["organiser"])
    typed = {"email": "new@example.org", "name": "New chair", "role": "chair", "city": "hk"}
    answer = organiser.post(PEOPLE, data={"csrf_token": csrf_token(organiser), **typed})
    link = answer.text.partition('id="link" value="')[2].partition('"')[0]
    assert "and releases, say that you handed the link over" in answer.text
    assert "Copy the link" in answer.text
    assert "Valid until " in answer.text
    new = session.exec(select(tables.Person).where(tables.Person.email == "new@example.org")).one()
    number = new.pk
    entry = session.exec(select(tables.AuditEntry).where(tables.AuditEntry.subject == f"person {number}")).one()
    assert (entry.action, entry.detail["link"]) == ("person.invited", "hand")
    session.rollback()
    # The table of many links has none of a chair.
    table = organiser.post(f"{PEOPLE}/first-links", data={"csrf_token": csrf_token(organiser)})
    assert b"new@example.org" not in b"".join(
        str(row).encode() for row in load_workbook(io.BytesIO(table.data))["Messages"].iter_rows(values_only=True)
    )
    chair = app.test_client()
    form = chair.get(urlsplit(link).path).text.partition('name="csrf_token" value="')[2].partition('"')[0]
    assert chair.post(urlsplit(link).path, data={"csrf_token": form}).status_code == 303
    told = "The account of New chair was opened with a sign-in link that The organiser handed over."
    assert told in chair.get(f"/chair/{COMPETITION}/{ROUND}/release").text
    again = organiser.post(f"{PEOPLE}/{number}/link", data={"csrf_token": csrf_token(organiser)})
    command = f"python3 run.py judging people {COMPETITION} --link new@example.org"
    assert (again.status_code, command in again.text) == (409, True)
    assert command in organiser.get(PEOPLE).text


@pytest.mark.parametrize(
    ("base", "told"),
    [
        ("http://127.0.0.1:8000", "on the computer of this service only"),
        ("http://judging.example.org", "without encryption"),
        ("https://judging.example.org", ""),
    ],
)
def test_the_page_warns_of_links_that_reach_no_other_device(app: Flask, event: Event, base: str, told: str) -> None:
    app.config["BASE_URL"] = base
    organiser = app.test_client()
    sign_in(organiser, event.people["organiser"])
    page = organiser.get(PEOPLE).text
    assert (f"Links that you hand out begin with {base}" in page, told in page) == (bool(told), True)


def test_removing_somebody_asks_first_and_says_what_it_does(app: Flask, event: Event) -> None:
    organiser = app.test_client()
    sign_in(organiser, event.people["organiser"])
    page = organiser.get(PEOPLE).text
    address = f"{PEOPLE}/{event.people['judge'].pk}/remove"
    before, _, form = page.partition(f'action="{address}"')
    # The button is behind a first press, which works without JavaScript too.
    assert before.rindex("<details>") > before.rindex("</details>")
    assert "Scoresheets that were handed in stay." in form.partition("</form>")[0]
    assert ">Change name or address<" in page
