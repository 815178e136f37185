"""What an event of one city is not asked, what comes next, and an import that is sent twice."""

from __future__ import annotations

import io
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, select

from judging import tables
from tests.support.event import AT, COMPETITION, appoint_alone, make_event, sign_in
from tests.support.one_city import make_one_city
from tests.support.released import make_calibrated
from tests.support.school import ENTRIES, HOME, JUDGES, ROUND, make_school, post, table_of

CITY_RULES = ("home_city", "quality_prior", "assumption")
HIDDEN = re.compile(r"<div hidden>(?:(?!</div>\s*</div>).)*$", re.DOTALL)
CHINESE = {"Accept-Language": "zh-HK"}


@pytest.fixture
def organiser(app: Flask, session: Session) -> FlaskClient:
    client = app.test_client()
    sign_in(client, make_school(session, at=AT).organiser)
    return client


def read(client: FlaskClient, path: str = "") -> str:
    return client.get(HOME + path, headers=CHINESE).text


def next_step(page: str) -> tuple[str, str]:
    """Return address and words of the button for the next step."""
    found = re.search(
        r'<section class="card preparation.*?<a class="btn btn-primary" href="([^"]+)">([^<]+)<', page, re.DOTALL
    )
    assert found is not None
    return found[1].removeprefix(HOME).replace("&amp;", "&"), found[2]


def test_the_next_step_is_on_the_start_page_until_the_round_is_open(organiser: FlaskClient, session: Session) -> None:
    steps = [next_step(read(organiser))]
    rows = [{"title": title, "team_name": team, "key": f"P{n:02}"} for n, (title, team, _) in enumerate(ENTRIES, 1)]
    post(organiser, "/roster/proposals/table", **table_of(*rows))
    steps.append(next_step(read(organiser, "/proposals")))
    judges = [{"name": name, "email": email, "key": f"J{n:02}"} for n, (name, email) in enumerate(JUDGES, 1)]
    post(organiser, "/roster/judges/table", **table_of(*judges))
    steps.append(next_step(read(organiser, "/judges")))
    invited = post(organiser, "/people", email="chair@example.org", name="王主任", role="chair")
    assert invited.status_code == 200
    assert session.exec(select(tables.Role.city).where(tables.Role.role == "chair")).one() == "school"
    session.rollback()
    steps.append(next_step(invited.text))
    assert post(organiser, "/people/first-links").status_code == 200
    steps.append(next_step(read(organiser, "/people")))
    plan = organiser.get(HOME + steps[-1][0], headers=CHINESE).text
    fields = dict(re.findall(r'type="hidden" name="(readings|cross_city|panel|digest)" value="([^"]*)"', plan))
    applied = post(organiser, f"/{ROUND}/plan", **fields)
    assert (applied.status_code, applied.location) == (303, f"{HOME}/{ROUND}")
    steps.append(next_step(read(organiser)))
    assert steps == [
        ("/roster/proposals/table", "輸入作品"),
        ("/roster/judges/table", "輸入評審"),
        ("/people?role=chair#invite", "委任主席"),
        ("/people#hand-over", "讓評審登入"),
        (f"/{ROUND}/plan?readings=3&cross_city=0&panel=all", "編排評審分配"),
        (f"/{ROUND}", "開放本輪"),
    ]
    round_page = read(organiser, f"/{ROUND}")
    assert "2023-07-17 18:00" in round_page
    assert "open-knowingly" in round_page  # The deadline of the test's event is in the past.
    assert post(organiser, f"/{ROUND}/open", knowingly="yes").status_code == 303
    assert "preparation" not in read(organiser)


def test_the_form_for_people_begins_with_the_role_and_has_no_city(organiser: FlaskClient) -> None:
    page = read(organiser, "/people?role=chair")
    assert re.search(r'<option value="chair" selected>', page)
    assert 'name="city"' not in page


def test_an_unknown_city_is_answered_with_names_in_the_language_of_the_reader(app: Flask, session: Session) -> None:
    event = make_event(session, n_proposals=4, n_judges=6, scored=False)
    appoint_alone(session)
    client = app.test_client()
    sign_in(client, event.people["organiser"])
    page = client.get("/", headers=CHINESE).text
    csrf = page.partition('csrf_token" value="')[2].partition('"')[0]
    form = {"csrf_token": csrf, "email": "new@example.org", "name": "王主任", "role": "chair"}
    answer = client.post("/organiser/hksh-2023/people", data=form, headers=CHINESE)
    assert answer.status_code == 422
    assert "香港、上海" in answer.text


def test_an_import_that_is_sent_twice_ends_in_one_clear_state(organiser: FlaskClient, session: Session) -> None:
    content = "編號,姓名,電郵\nJ01,梁老師,j1@example.org\n".encode()

    def send(**fields: str) -> str:
        file = (io.BytesIO(content), "judges.csv")
        return post(organiser, "/import", kind="judges", action="import", file=file, **fields).text

    seen = send(seen="yes")
    assert "已匯入：judges.csv" in seen
    for again in (send(seen="yes"), send()):
        assert "已匯入：judges.csv" in again
        assert "全部內容已儲存一次" in again
        assert "已檢查，未儲存" not in again
    assert len(session.exec(select(tables.Judge)).all()) == 1
    assert len(session.exec(select(tables.AuditEntry).where(tables.AuditEntry.action == "file.imported")).all()) == 1


def test_mistakes_of_a_chinese_file_are_named_by_its_own_headings(organiser: FlaskClient) -> None:
    content = "編號,作品名稱,學生姓名\nP01,紙橋,\n".encode()
    file = (io.BytesIO(content), "entries.csv")
    page = post(organiser, "/import", kind="proposals", action="import", file=file).text
    assert "第2行「隊伍編號」欄" in page
    assert "team" not in re.sub(r"<[^>]+>", " ", page.partition('id="mistakes"')[2].partition("</section>")[0])


def test_the_editor_of_an_event_of_one_city_asks_nothing_about_several(organiser: FlaskClient) -> None:
    editor = HOME.replace("/organiser/", "/competitions/") + "/editor"
    for section, paths in (
        ("dates", ("rounds.0.readings.cross_city",)),
        ("rules", ("rounds.0.shortlist.city_cap.school", *(f"rounds.0.calibration.{name}" for name in CITY_RULES))),
    ):
        page = organiser.get(f"{editor}?section={section}:0", headers=CHINESE).text
        # The values stay in the form, so that they are stored as they were.
        assert [path for path in paths if f'name="{path}"' not in page] == []
        before = {path: page.partition(f'for="{path}"')[0] for path in paths}
        assert [path for path in paths if not re.search(HIDDEN, before[path])] == []


def test_the_workbook_is_in_the_languages_of_the_event_and_of_the_reader(app: Flask, session: Session) -> None:
    event = make_calibrated(session)
    make_one_city(session)
    client = app.test_client()
    sign_in(client, event.people["organiser"])
    page = client.get(f"/organiser/{COMPETITION}/first-screening", headers=CHINESE).text
    ticked = [("en", " checked"), ("zh-Hant-HK", " checked"), ("zh-Hans-CN", "")]
    assert re.findall(r'name="languages" value="([^"]+)"( checked)?', page) == ticked
