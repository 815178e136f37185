"""What a file leaves out because there is only one possibility is no mistake."""

from __future__ import annotations

import io

import pytest
from openpyxl import Workbook
from sqlmodel import Session, col, select

from judging import tables
from judging.errors import InvalidInput
from judging.incoming_tables.complaints import HOW_READ
from judging.services.imports import destination, storing
from judging.services.imports.import_report import ImportReport
from judging.services.imports.loaded_file import load_file
from judging.translating import translate as in_language
from tests.support.event import AT, make_event
from tests.support.files.imports import complaints_of, counts, send
from tests.support.school import KEY, School, make_school


@pytest.fixture
def school(session: Session) -> School:
    return make_school(session)


def take(session: Session, school: School, content: bytes, filename: str, kind: str | None) -> ImportReport:
    actor = school.actor(session)
    target = destination.find_target(session, actor, KEY)
    report = storing.store_file(session, actor, load_file(target, content=content, filename=filename, kind=kind), at=AT)
    session.commit()
    return report


def workbook(**sheets: list[list[str]]) -> bytes:
    book = Workbook()
    del book[book.sheetnames[0]]
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_workbook_without_cities_is_taken_where_there_is_one(session: Session, school: School) -> None:
    content = workbook(
        評審=[["編號", "姓名", "電郵"], ["J01", "梁老師", "j1@example.org"]],
        作品=[["編號", "標題", "隊名", "電郵"], ["P01", "紙橋", "陳大文", "ct@example.org"]],
    )
    report = take(session, school, content, "名單.xlsx", None)
    assert counts(report) == [("judges", 1, 0, 0), ("teams", 1, 0, 0), ("proposals", 1, 0, 0)]
    assert session.exec(select(tables.Judge.city)).one() == "school"
    team = session.exec(select(tables.Team)).one()
    assert (team.key, team.name, team.email, team.city) == ("T01", "陳大文", "ct@example.org", "school")


def test_a_csv_file_of_contestants_makes_their_teams_once(session: Session, school: School) -> None:
    content = "編號,作品名稱,學生姓名\nP01,紙橋,陳大文\nP02,風車,李明\nP03,水車,陳大文\n".encode()
    assert counts(take(session, school, content, "a.csv", "proposals")) == [("teams", 2, 0, 0), ("proposals", 3, 0, 0)]
    again = take(session, school, content, "a.csv", "proposals")
    assert counts(again) == [("proposals", 0, 0, 3)]
    assert session.exec(select(tables.Team.name).order_by(col(tables.Team.key))).all() == ["陳大文", "李明"]


def test_the_same_file_again_is_known_and_leaves_no_further_entry(session: Session, school: School) -> None:
    content = "編號,姓名\nJ01,梁老師\n".encode()
    first = take(session, school, content, "j.csv", "judges")
    second = take(session, school, content, "j.csv", "judges")
    assert (first.stored_before, second.first_stored_at) == ("", AT)
    assert len(session.exec(select(tables.AuditEntry).where(tables.AuditEntry.action == "file.imported")).all()) == 1
    other = take(session, school, "編號,姓名\nJ01,梁老師\nJ02,鄭老師\n".encode(), "j.csv", "judges")
    assert other.stored_before == ""


def test_a_complaint_names_the_column_as_the_file_does_or_as_the_page_does(session: Session, school: School) -> None:
    content = "編號,學生姓名,聯絡電郵,作品名稱\nP01,陳大文,nobody,紙橋\nP02,,,風車\n".encode()
    with pytest.raises(InvalidInput) as refused:
        take(session, school, content, "a.csv", "proposals")
    found = {
        in_language(place, "zh-Hant-HK"): [in_language(text, "zh-Hant-HK") for text in texts]
        for place, texts in refused.value.messages.items()
        if place != HOW_READ
    }
    assert found == {
        "第2行「聯絡電郵」欄": ["「nobody」不是電郵地址"],
        "第3行「隊伍編號」欄": ["`P02` 是新的作品：請填寫隊伍編號，或隊伍、參賽者的名稱"],
    }


def test_several_teams_of_one_name_are_asked_about(session: Session, school: School) -> None:
    take(session, school, "編號,隊名\nT01,同名\nT02,同名\n".encode(), "t.csv", "teams")
    with pytest.raises(InvalidInput) as refused:
        take(session, school, "編號,標題,隊名\nP01,紙橋,同名\n".encode(), "p.csv", "proposals")
    texts = [str(text) for texts in refused.value.messages.values() for text in texts]
    assert "several teams are called `同名`: T01, T02; give the key of the one that is meant" in texts


def test_of_several_cities_none_is_taken_silently(session: Session) -> None:
    event = make_event(session, n_proposals=6, n_judges=6, scored=False)
    assert complaints_of(session, event, "teams", "key,name\nT91,Ten\n") == {
        "row 2, column city": ["`T91` is new here, so this cell must be filled in"]
    }
    report = send(session, event, "proposals", "key,team_name,team_city,title\nP91,New team,hk,Late\n")
    assert counts(report) == [("teams", 1, 0, 0), ("proposals", 1, 0, 0)]
