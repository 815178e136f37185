"""New rows by hand, without JavaScript: one form for an entry with its team, a table for many, pasted lines."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, col, select

from judging import tables
from judging.services.roster_entries.entering import MOST_ROWS
from judging.web.organiser.entering import _EMPTY_ROWS
from tests.support.event import sign_in
from tests.support.school import ENTRIES, HOME, JUDGES, make_school, post, table_of

CHINESE = {"Accept-Language": "zh-HK"}


@pytest.fixture
def organiser(app: Flask, session: Session) -> FlaskClient:
    client = app.test_client()
    sign_in(client, make_school(session).organiser)
    return client


def read(client: FlaskClient, path: str) -> str:
    return client.get(HOME + path, headers=CHINESE).text


def value_of(page: str, field: str) -> str:
    tag = re.search(rf'<(?:input|textarea)[^>]* id="{field}"[^>]*>([^<]*)', page)
    assert tag is not None, field
    value = re.search(r' value="([^"]*)"', tag[0])
    return value[1] if value is not None else tag[1]


def test_one_form_makes_an_entry_with_its_team(organiser: FlaskClient, session: Session) -> None:
    page = read(organiser, "/roster/proposals/new")
    assert value_of(page, "key") == "P01"
    assert "如P01" in page
    title, team, email = ENTRIES[0]
    answer = post(
        organiser,
        "/roster/proposals",
        title=title, team_name=team, team_email=email, key="P01", proposed_key="P01", action="next",
    )  # fmt: skip
    assert (answer.status_code, answer.location) == (303, f"{HOME}/roster/proposals/new")
    stored = session.exec(select(tables.Team)).one()
    assert (stored.key, stored.name, stored.email) == ("T01", team, email)
    following = read(organiser, "/roster/proposals/new")
    assert value_of(following, "key") == "P02"
    assert f'<option value="{team}">' in following


@pytest.mark.parametrize(("kind", "example"), [("judges", "J01"), ("teams", "T01"), ("proposals", "P01")])
def test_every_kind_has_its_own_example_of_a_key(organiser: FlaskClient, kind: str, example: str) -> None:
    page = read(organiser, f"/roster/{kind}/new")
    assert f"如{example}" in page
    assert value_of(page, "key") == example


def test_a_form_with_a_mistake_keeps_everything_and_names_the_field(organiser: FlaskClient, session: Session) -> None:
    answer = post(
        organiser, "/roster/proposals", title="紙橋", team_name="", team_email="nobody", key="P01", action="next"
    )
    assert answer.status_code == 422
    assert (value_of(answer.text, "title"), value_of(answer.text, "team_email")) == ("紙橋", "nobody")
    assert re.search(r'id="team_name-error">必須填寫', answer.text)
    assert re.search(r'id="team_email-error">「nobody」不是電郵地址', answer.text)
    assert session.exec(select(tables.Proposal)).all() == []


def test_a_table_stores_eight_entries_at_once(organiser: FlaskClient, session: Session) -> None:
    page = read(organiser, "/roster/proposals/table")
    assert [value_of(page, f"key-{number}") for number in range(1, 9)] == [f"P0{number}" for number in range(1, 9)]
    rows = [
        {"title": title, "team_name": team, "team_email": email, "key": f"P0{n}", "proposed_key": f"P0{n}"}
        for n, (title, team, email) in enumerate(ENTRIES, 1)
    ]
    answer = post(organiser, "/roster/proposals/table", **table_of(*rows))
    assert (answer.status_code, answer.location) == (303, f"{HOME}/proposals")
    assert "已將8項加入名冊：P01 – P08。" in read(organiser, "/proposals")
    again = post(organiser, "/roster/proposals/table", **table_of(*rows))
    assert again.status_code == 303
    assert "這些資料已在名冊內，只儲存了一次：P01 – P08。" in read(organiser, "/proposals")
    assert len(session.exec(select(tables.Proposal)).all()) == len(session.exec(select(tables.Team)).all()) == 8


def test_a_row_with_a_mistake_is_marked_and_nothing_is_stored(organiser: FlaskClient, session: Session) -> None:
    rows = [{"name": "梁老師", "email": "j1@example.org", "key": "J01"}, {"name": "", "email": "nobody", "key": "J02"}]
    answer = post(organiser, "/roster/judges/table", **table_of(*rows))
    assert answer.status_code == 422
    assert value_of(answer.text, "email-2") == "nobody"
    assert re.search(r'id="email-2-error">「nobody」不是電郵地址', answer.text)
    assert '<a href="#name-2">姓名 2</a>：必須填寫' in answer.text
    assert session.exec(select(tables.Judge)).all() == []


def test_pasted_lines_are_shown_in_the_table_and_stored_from_there(organiser: FlaskClient, session: Session) -> None:
    pasted = "姓名\t電郵\n" + "\n".join("\t".join(judge) for judge in JUDGES)
    shown = post(organiser, "/roster/judges/table", n="0", action="paste", pasted=pasted)
    assert shown.status_code == 200
    assert "已將貼上的3行放入表格。" in shown.text
    assert session.exec(select(tables.Judge)).all() == []
    session.rollback()
    names = [f"{name}-{n}" for n in range(1, _EMPTY_ROWS + 1) for name in ("name", "email", "key")]
    cells = {name: value_of(shown.text, name) for name in names}
    assert post(organiser, "/roster/judges/table", n=str(_EMPTY_ROWS), action="save", **cells).status_code == 303
    stored = session.exec(select(tables.Judge.key, tables.Judge.name).order_by(col(tables.Judge.key))).all()
    assert [tuple(row) for row in stored] == [(f"J0{n}", name) for n, (name, _) in enumerate(JUDGES, 1)]


def test_pasted_lines_follow_rows_that_were_typed(organiser: FlaskClient) -> None:
    typed = table_of({"name": "王老師", "key": "J01", "proposed_key": "J01"}, {"key": "J02", "proposed_key": "J02"})
    page = post(
        organiser, "/roster/judges/table", **{**typed, "action": "paste", "pasted": "梁老師\tj1@example.org"}
    ).text
    assert [value_of(page, f"name-{n}") for n in (1, 2, 3)] == ["王老師", "梁老師", ""]
    assert [value_of(page, f"key-{n}") for n in (1, 2, 3)] == ["J01", "J02", "J03"]


def test_lines_that_are_no_rows_are_kept_with_what_is_wrong(organiser: FlaskClient) -> None:
    answer = post(organiser, "/roster/judges/table", n="0", action="paste", pasted="a\tb\tc\td")
    assert answer.status_code == 422
    assert "第1行有4欄，最多應有2欄" in answer.text
    assert value_of(answer.text, "pasted") == "a\tb\tc\td"


def test_more_rows_keep_what_was_typed(organiser: FlaskClient) -> None:
    typed = table_of(*({"name": f"評審{n}", "key": f"J{n:02}"} for n in range(1, 9)))
    page = post(organiser, "/roster/judges/table", **{**typed, "action": "more"}).text
    assert value_of(page, "name-8") == "評審8"
    assert value_of(page, "key-16") == "J16"


def test_an_empty_table_says_what_it_needs(organiser: FlaskClient) -> None:
    answer = post(organiser, "/roster/teams/table", **table_of({"key": "T01"}, {"key": "T02"}))
    assert answer.status_code == 422
    assert re.search(r'id="name-1-error">必須填寫', answer.text)


def test_a_row_is_changed_without_questions_that_have_one_answer(organiser: FlaskClient, session: Session) -> None:
    post(organiser, "/roster/judges/table", **table_of({"name": "梁老師", "email": "j1@example.org", "key": "J01"}))
    page = read(organiser, "/roster/judges/J01")
    assert re.search(r'type="hidden" name="city" value="school"', page)
    assert 'type="checkbox"' not in page
    answer = post(organiser, "/roster/judges/J01", name="梁老師", city="school", email="j1@example.org", max_load="5")
    assert answer.status_code == 303
    assert session.exec(select(tables.Judge.max_load)).one() == 5


def test_a_kind_of_rows_that_there_is_not_is_no_page(organiser: FlaskClient) -> None:
    assert organiser.get(f"{HOME}/roster/visitors/table").status_code == 404


def test_as_many_entries_as_a_form_has_are_stored_in_one_short_transaction(
    organiser: FlaskClient, session: Session
) -> None:
    rows = [{"title": f"作品{n}", "team_name": f"學生{n}", "key": f"P{n:03}"} for n in range(1, MOST_ROWS + 1)]
    assert post(organiser, "/roster/proposals/table", **table_of(*rows)).status_code == 303
    assert len(session.exec(select(tables.Team)).all()) == MOST_ROWS
    more = post(organiser, "/roster/proposals/table", n=str(MOST_ROWS), action="more")
    assert value_of(more.text, f"key-{MOST_ROWS}") == f"P{2 * MOST_ROWS:03}"
