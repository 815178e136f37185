"""Without a mail server: the reminders of judges who are late, as a table for mail merge."""

from __future__ import annotations

import io

from flask import Flask
from openpyxl import load_workbook
from sqlmodel import Session, select

from judging import tables
from tests.support.event import AT, COMPETITION, ROUND, appoint_alone, csrf_token, make_event, sign_in

PAGE = f"/organiser/{COMPETITION}/{ROUND}"


def rows_of(data: bytes) -> list[dict[str, str]]:
    heads, *rows = load_workbook(io.BytesIO(data))["Messages"].iter_rows(values_only=True)
    return [{str(head): str(cell or "") for head, cell in zip(heads, row, strict=True)} for row in rows]


def test_judges_who_are_late_are_a_table_with_a_link_only_for_who_cannot_sign_in(app: Flask, session: Session) -> None:
    event = make_event(session, n_proposals=6, n_judges=6, scored=False)
    appoint_alone(session)
    organiser = app.test_client()
    sign_in(organiser, event.people["organiser"])
    page = organiser.get(PAGE).text
    assert "Reminders to 6 judges, as a table for mail merge" in page
    judge = event.people["judge"]
    signed_in = sign_in(app.test_client(), judge)
    token = {"csrf_token": csrf_token(organiser)}
    rows = rows_of(organiser.post(f"{PAGE}/reminders/table", data=token).data)
    by_name = {row["Recipient"]: row for row in rows}
    own = by_name[judge.name]
    assert (own["E-mail"], own["Link"], own["Valid until"]) == (judge.email, "", "")
    assert f"In First screening, {own['Open scoresheets']} of your scoresheets" in own["Text"]
    assert "sign in there with your password" in own["Text"]
    assert "signs you in" not in own["Text"]
    others = [row for row in rows if row is not own]
    assert {row["E-mail"] for row in others} == {""}
    assert all("hand in your scoresheets on paper" in row["Text"] for row in others)
    entry = session.exec(select(tables.AuditEntry).where(tables.AuditEntry.action == "reminders.exported")).one()
    assert len(entry.detail["judges"]) == 6
    session.rollback()
    # Came by a link and signed out: now the reminder has a new one.
    row = session.get_one(tables.SignInSession, signed_in)
    row.how, row.ended_at, row.end_reason = "link", AT, "signed_out"
    person = session.get_one(tables.Person, judge.pk)
    person.first_signed_in_at = AT
    session.commit()
    rows = rows_of(organiser.post(f"{PAGE}/reminders/table", data=token).data)
    again = next(row for row in rows if row["E-mail"] == judge.email)
    assert again["Link"]
    assert again["Link"] in again["Text"]
    assert app.test_client().get(again["Link"][again["Link"].index("/sign-in/") :]).status_code == 200


def test_a_round_that_is_not_open_has_no_reminders(app: Flask, session: Session) -> None:
    event = make_event(session, n_proposals=6, n_judges=6, scored=False)
    row = session.get_one(tables.Round, event.round_row.pk)
    row.state, row.opened_at, row.closes_at = "draft", None, None
    session.commit()
    organiser = app.test_client()
    sign_in(organiser, event.people["organiser"])
    answer = organiser.post(f"{PAGE}/reminders/table", data={"csrf_token": csrf_token(organiser)})
    assert answer.status_code == 409


def test_the_api_returns_the_same_rows(app: Flask, session: Session) -> None:
    event = make_event(session, n_proposals=6, n_judges=6, scored=False)
    organiser = app.test_client()
    sign_in(organiser, event.people["organiser"])
    address = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/reminders/table"
    rows = organiser.post(address, headers={"X-CSRFToken": csrf_token(organiser)}).get_json()
    assert rows is not None
    assert len(rows) == 6
    own = next(row for row in rows if row["email"] == event.people["judge"].email)
    assert f"{own['n_open']} of your scoresheets" in own["text"]
