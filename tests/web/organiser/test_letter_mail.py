"""Letters to teams by e-mail and as PDF: once to each address, with a state, sent again, and never an outdated one."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from config import Config, Smtp
from judging import tables
from judging.errors import Message
from judging.services.mail import sending
from tests.support.event import AT, COMPETITION, ROUND, Event, csrf_token, sign_in
from tests.support.jobs import finished, jobs_done
from tests.support.optional import present
from tests.support.released import comment, make_calibrated, release

PAGE = f"/organiser/{COMPETITION}/{ROUND}/letters"
API = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}/letters"


@pytest.fixture
def smtp() -> Smtp | None:
    return Smtp(host="127.0.0.1", sender="judging@example.org")


@pytest.fixture
def config(config: Config, smtp: Smtp | None) -> Config:
    return replace(config, smtp=smtp)


@pytest.fixture
def event(app: Flask, session: Session) -> Event:
    event = make_calibrated(session)
    release(session)
    for team in session.exec(select(tables.Team).order_by(col(tables.Team.id)).limit(3)):
        team.email = f"{team.key.lower()}@teams.example.org"
        session.add(team)
    session.commit()
    return event


@pytest.fixture
def organiser(client: FlaskClient, event: Event) -> FlaskClient:
    sign_in(client, event.people["organiser"])
    return client


def post(client: FlaskClient, part: str = "") -> int:
    return client.post(f"{PAGE}{part}", data={"csrf_token": csrf_token(client)}).status_code


def messages(session: Session) -> list[tables.OutboxMessage]:
    rows = session.exec(select(tables.OutboxMessage).where(tables.OutboxMessage.kind == "team_letter")).all()
    session.expunge_all()
    session.rollback()
    return list(rows)


def test_each_letter_goes_once_to_the_address_of_its_team(
    organiser: FlaskClient, session: Session, event: Event
) -> None:
    assert post(organiser, "/mail") == 409
    assert post(organiser) == 303
    page = organiser.get(PAGE).text
    assert "Send 3 letters by e-mail" in page
    assert post(organiser, "/mail") == 303
    sent = messages(session)
    assert {one.recipient for one in sent} == {f"t{number:03}@teams.example.org" for number in (1, 2, 3)}
    assert {(one.person_id, one.competition_id) for one in sent} == {(None, event.round_row.competition_id)}
    assert post(organiser, "/mail") == 409
    assert len(messages(session)) == 3
    team = session.exec(select(tables.Team).where(tables.Team.email == sent[0].recipient)).one()
    team.email = "new@teams.example.org"
    session.add(team)
    session.commit()
    assert "to another address: " in organiser.get(PAGE).text
    assert post(organiser, "/mail") == 303
    assert messages(session)[-1].recipient == "new@teams.example.org"
    listed = organiser.get(f"/organiser/{COMPETITION}/messages").text
    assert ("Letter to a team" in listed, team.name in listed) == (True, True)
    answer = organiser.get(API).get_json()
    states = [(one["recipient"], one["state"]) for one in answer["letters"] if one["state"]]
    assert ("new@teams.example.org", "queued") in states
    assert len(states) == 3
    mailed = organiser.post(f"{API}/mail", headers={"X-CSRFToken": csrf_token(organiser)})
    assert mailed.status_code == 409


def test_a_letter_that_was_not_sent_is_sent_again_and_an_outdated_one_never(
    organiser: FlaskClient, session: Session, event: Event
) -> None:
    post(organiser)
    post(organiser, "/mail")
    now = datetime.now(UTC)
    first, second, *_ = messages(session)
    begun = present(sending.begin_attempt(session, first.pk, at=now))
    sending.end_failed(session, begun, Message("The mail server answered: {reply}", reply="550 unknown"), at=now)
    session.commit()
    page = organiser.get(PAGE).text
    assert ("550 unknown" in page, "Send again" in page) == (True, True)
    again = f"/organiser/{COMPETITION}/messages/{first.pk}/again"
    assert organiser.post(again, data={"csrf_token": csrf_token(organiser)}).status_code == 303
    comment(session, ["Said later."], chair_note="")
    release(session, run_number=2, reason="A comment came late.")
    session.commit()
    assert sending.begin_attempt(session, second.pk, at=now) is None
    session.commit()
    outdated = session.get_one(tables.OutboxMessage, second.pk)
    assert (outdated.state, "A later release" in str(outdated.problem)) == ("failed", True)
    session.rollback()


@pytest.mark.parametrize("smtp", [None])
def test_without_a_mail_server_the_texts_go_by_mail_merge(organiser: FlaskClient, session: Session) -> None:
    post(organiser)
    assert (post(organiser, "/mail"), "No mail server is set up" in organiser.get(PAGE).text) == (409, True)
    answer = organiser.post(f"{PAGE}/merge", data={"csrf_token": csrf_token(organiser)})
    found = load_workbook(io.BytesIO(answer.data))["Messages"].iter_rows(values_only=True)
    rows = [[str(cell) for cell in row] for row in found]
    assert rows[0] == ["Recipient", "E-mail", "Language", "Subject", "Text", "Link"]
    assert len(rows) == 25
    assert all(row[5] in row[4] and "/letters/" in row[5] and row[0] in row[4] for row in rows[1:])
    # A row has no attachment; the page of the link has the proof. No warning about addresses that nothing is sent to.
    assert not [row for row in rows if "attached" in row[4] or "附件" in row[4]]
    assert "Teams without an e-mail address" not in organiser.get(PAGE).text


def test_tables_for_mail_merge_have_words_of_the_organiser(organiser: FlaskClient, session: Session) -> None:
    post(organiser)
    asked = {"data": {"csrf_token": csrf_token(organiser)}, "headers": {"Accept-Language": "zh-HK"}}
    book = load_workbook(io.BytesIO(organiser.post(f"{PAGE}/merge", **asked).data))
    first, second, *_ = book["電郵"].iter_rows(values_only=True)
    assert first == ("收件人", "電郵", "語言", "主旨", "內文", "連結")
    assert second[2] in ("English", "繁體中文", "简体中文")
    table = organiser.post(f"{PAGE}/links", **asked).data.decode("utf-8-sig").splitlines()
    assert table[0] == "作品,隊伍,電郵,語言,連結"
    assert table[1].split(",")[3] == second[2]


def test_letters_are_taken_as_pdf(organiser: FlaskClient, engine: Engine, event: Event) -> None:
    assert organiser.get(f"{PAGE}/P001.pdf").status_code == 409
    assert post(organiser, "/pdf") == 409
    post(organiser)
    one = organiser.get(f"{PAGE}/P001.pdf")
    assert (one.mimetype, one.data[:5]) == ("application/pdf", b"%PDF-")
    assert organiser.get(f"{PAGE}/P999.pdf").status_code == 404
    with jobs_done(engine):
        asked = organiser.post(f"{PAGE}/pdf", data={"csrf_token": csrf_token(organiser)})
        made = finished(organiser, asked)
    with zipfile.ZipFile(io.BytesIO(made.data)) as archive:
        names = archive.namelist()
        assert archive.read("P001-letter.pdf") == one.data
        assert "P001-proof.json" in names
        assert "proof.json" in archive.read("README.txt").decode()
        # The time of the release in the zone of the event, and not 1980.
        assert {member.date_time[0] for member in archive.infolist()} == {AT.year}
    assert (len(names), sum(name.endswith(".pdf") for name in names)) == (49, 24)
