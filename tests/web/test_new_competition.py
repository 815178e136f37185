"""Competitions made on a page, and their definitions as files."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, col, select
from werkzeug.test import TestResponse

from judging import tables
from judging.schemas.definitions.definition_files import load_definition
from judging.schemas.definitions.given_definitions import dump_files, load_files, proposed_key
from judging.services import audit
from tests.support.event import AT, COMPETITION, Event, make_event, sign_in

SHIPPED = Path(__file__).parents[2] / "rubrics"


@pytest.fixture
def event(app: Flask, session: Session) -> Event:
    return make_event(session, n_proposals=4, n_judges=6, scored=False)


@pytest.fixture
def organiser(client: FlaskClient, event: Event) -> FlaskClient:
    sign_in(client, event.people["organiser"])
    return client


def make(
    client: FlaskClient, files: dict[str, bytes] | None = None, *, judges: bool = False, **fields: str
) -> TestResponse:
    csrf = client.get("/new-competition").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    uploads = [(io.BytesIO(content), name) for name, content in (files or {}).items()]
    return client.post(
        "/new-competition",
        data={"csrf_token": csrf, **{k.replace("_", "-"): v for k, v in fields.items()}}
        | ({"with_judges": "1"} if judges else {})
        | ({"files": uploads} if uploads else {}),
    )


@pytest.mark.parametrize("folder", sorted(path.parent.name for path in SHIPPED.glob("*/competition.yaml")))
def test_a_definition_as_files_is_the_same_definition(folder: str) -> None:
    shipped = load_definition(SHIPPED / folder)
    again = load_files({name: text.encode() for name, text in dump_files(shipped).items()})
    assert again == shipped
    assert again.competition.digest == shipped.competition.digest


def test_the_judges_come_along_without_their_conflicts(organiser: FlaskClient, session: Session, event: Event) -> None:
    judge = session.exec(select(tables.Judge).where(tables.Judge.key == "J01")).one()
    proposal = session.exec(select(tables.Proposal).where(tables.Proposal.key == "P001")).one()
    session.add(
        tables.JudgeConflict(
            judge_id=judge.pk, proposal_id=proposal.pk, kind="family", origin="hand", state="in_force", decided_at=AT
        )
    )
    session.commit()
    make(organiser, source=f"earlier:{COMPETITION}", key="without", name_en="Without")
    made = make(organiser, source=f"earlier:{COMPETITION}", key="next-year", name_en="Next year", judges=True)
    assert made.status_code == 303
    rows = {row.key: row for row in session.exec(select(tables.Competition))}
    copied = session.exec(select(tables.Judge).where(tables.Judge.competition_id == rows["next-year"].pk)).all()
    before = session.exec(select(tables.Judge).where(tables.Judge.competition_id == rows[COMPETITION].pk)).all()
    assert [(one.key, one.name, one.city, one.person_id) for one in copied] == [
        (one.key, one.name, one.city, one.person_id) for one in before
    ]
    roles = session.exec(select(tables.Role).where(tables.Role.competition_id == rows["next-year"].pk)).all()
    assert sorted(role.role for role in roles) == ["judge", "organiser"]
    assert len(session.exec(select(tables.JudgeConflict)).all()) == 1
    assert session.exec(select(tables.Judge).where(tables.Judge.competition_id == rows["without"].pk)).all() == []
    # The test has signed in without an entry.
    assert [fault for fault in audit.verify(session) if "sign_in_session" not in fault] == []
    rows[COMPETITION].personal_data_removed_at = AT
    session.commit()
    again = make(organiser, source=f"earlier:{COMPETITION}", key="later", name_en="Later", judges=True)
    assert (again.status_code, "its judges cannot be taken along" in again.text) == (409, True)


def test_last_years_event_is_the_start_of_this_years(organiser: FlaskClient, session: Session) -> None:
    answer = make(organiser, source=f"earlier:{COMPETITION}", key="next-year", name_en="Next year")
    assert answer.location == "/organiser/next-year"
    row = session.exec(select(tables.Competition).where(tables.Competition.key == "next-year")).one()
    rounds = session.exec(select(tables.Round).where(col(tables.Round.competition_id) == row.id)).all()
    assert {round_row.state for round_row in rounds} == {"draft"}
    assert all("starts_at" not in {k for k, v in round_row.definition.items() if v} for round_row in rounds)


def test_an_exported_archive_is_uploaded_again(organiser: FlaskClient, session: Session) -> None:
    archive = organiser.get(f"/competitions/{COMPETITION}/definition.zip")
    assert archive.mimetype == "application/zip"
    assert make(organiser, {"all.zip": archive.data}, source="files:").status_code == 409
    with zipfile.ZipFile(io.BytesIO(archive.data)) as opened:
        files = {name: opened.read(name) for name in opened.namelist()}
    files["competition.yaml"] = files["competition.yaml"].replace(COMPETITION.encode(), b"other-event", 1)
    assert make(organiser, files, source="files:").location == "/organiser/other-event"
    first, second = session.exec(select(tables.Competition).order_by(col(tables.Competition.id))).all()
    assert {**first.definition, "key": ""} == {**second.definition, "key": ""}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"key": "x", "name_en": "X"}, "Choose what the competition starts from."),
        ({"source": "template:nothing", "key": "x", "name_en": "X"}, "Choose what the competition starts from."),
        ({"source": "template:hksh-2023", "key": "a b", "name_en": "X"}, "Write letters a-z and digits"),
        ({"source": "template:hksh-2023", "key": "x"}, "Write the name in at least one language"),
        ({"source": "files:"}, "competition.yaml: this file is missing"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(
    organiser: FlaskClient, session: Session, fields: dict[str, str], said: str
) -> None:
    answer = make(organiser, None, judges=False, **fields)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert f'value="{fields.get("key", "")}"' in answer.text
    assert [row.key for row in session.exec(select(tables.Competition)).all()] == [COMPETITION]


def test_an_uploaded_file_gets_the_complaints_of_the_check(organiser: FlaskClient) -> None:
    files = {path.name: path.read_bytes() for path in (SHIPPED / "hksh-practice").glob("*.yaml")}
    files["first-screening.yaml"] = files["first-screening.yaml"].replace(b"weight: 50", b"weight: 49")
    answer = make(organiser, files, source="files:")
    assert answer.status_code == 422
    assert "first-screening.yaml:" in answer.text
    assert "99" in answer.text


def test_a_bomb_of_an_archive_is_refused(organiser: FlaskClient) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("competition.yaml", b" " * 6_000_000)
    assert make(organiser, {"x.zip": content.getvalue()}, source="files:").status_code == 422


@pytest.mark.parametrize("role", ["auditor", "judge"])
def test_only_an_organiser_makes_competitions(client: FlaskClient, event: Event, role: str) -> None:
    sign_in(client, event.people[role])
    assert client.get("/new-competition").status_code == 403


def proposed(client: FlaskClient, **typed: str) -> str:
    page = client.get("/new-competition", query_string={k.replace("_", "-"): v for k, v in typed.items()}).text
    return page.partition('id="key"')[2].partition('placeholder="')[2].partition('"')[0]


def test_the_proposed_key_follows_the_name_and_its_year_and_is_taken_when_none_is_typed(organiser: FlaskClient) -> None:
    assert proposed(organiser) == ""
    template = "template:school-contest"
    typed = {"source": template, "name_zh_Hant_HK": "科學比賽２０３１"}
    assert proposed(organiser, **typed) == "school-contest-2031"
    assert make(organiser, None, judges=False, **typed).location == "/organiser/school-contest-2031"
    assert proposed(organiser, **typed) == "school-contest-2031-2"
    assert proposed(organiser, source=template, name_en="Science fair 2031") == "science-fair-2031"
    assert proposed(organiser, source=f"earlier:{COMPETITION}", name_en="2031: robots!") == "2031-robots"


def test_without_a_year_in_the_name_the_key_has_the_year_of_the_deadline() -> None:
    school, awards = (load_definition(SHIPPED / key) for key in ("school-contest", "awards"))
    late = datetime(2026, 12, 20, tzinfo=UTC)
    assert proposed_key(school, {"en": "Science fair"}, [], at=late) == "science-fair-2027"
    # Two rounds get no deadline.
    assert proposed_key(awards, {"zh-Hant-HK": "獎項"}, [], at=late) == "awards-2026"


def test_the_usual_templates_come_first_and_examples_under_a_heading_of_their_own(organiser: FlaskClient) -> None:
    page = organiser.get("/new-competition").text
    usual, sign, examples = page.partition("Examples with published data")
    keys = re.findall(r'value="template:([^"]+)"', usual)
    assert (keys[:4], sign != "") == (["hksh-2023", "school-contest", "awards", "hackathon"], True)
    assert re.findall(r'value="template:([^"]+)"', examples) == ["diving-2000"]
