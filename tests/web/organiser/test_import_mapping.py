"""The mapping step of an import: what was recognised is shown, adjusted, answered, remembered, and then stored."""

from __future__ import annotations

import io
import re
from html import unescape
from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook
from sqlmodel import Session, col, select
from werkzeug.test import TestResponse

from judging import tables
from judging.services.scoresheets.versions import current_scoresheets
from tests.support.event import COMPETITION, ROUND, Event, make_event
from tests.support.jobs import finished
from tests.web.organiser.test_pages import post, signed_in

CRITERIA = "Data use,Value,Innovation,Feasibility,Presentation"
WIDE = f"Screening of July\n\nEntry,Reviewer,{CRITERIA},Total\n" + "".join(
    f"P00{number},Judge 0{number},5,6,7,8,9,35\n" for number in (1, 2)
)


@pytest.fixture
def event(app: Flask, session: Session) -> Event:
    return make_event(session, n_proposals=6, n_judges=6, scored=False)


@pytest.fixture
def client(app: Flask, event: Event) -> FlaskClient:
    return signed_in(app, event, "organiser")


class _Form(HTMLParser):
    """The fields of the form of the mapping step, as a browser would send them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._select = ""
        self.feed(page[page.index('class="card card-body mapping"') :].partition("</form>")[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "input" and given.get("type") != "radio":
            self.fields[given["name"]] = given.get("value", "")
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and ("selected" in given or self._select not in self.fields):
            self.fields[self._select] = given["value"]


def upload(
    client: FlaskClient, text: str | bytes, kind: str = "scores", name: str = "scores.csv", **fields: str
) -> TestResponse:
    content = text.encode() if isinstance(text, str) else text
    return post(
        client, "/import", kind=kind, round=ROUND, file=(io.BytesIO(content), name), **{"action": "check", **fields}
    )


def again(client: FlaskClient, page: TestResponse, path: str = "/import", **changed: str) -> TestResponse:
    fields = _Form(page.text).fields
    fields.pop("csrf_token")
    return post(client, path, **{**fields, "action": "import", **changed})


def text_of(page: TestResponse) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", page.text))


def stored(session: Session, event: Event) -> dict[str, float]:
    session.expire_all()
    return {
        criterion: score
        for sheet in current_scoresheets(session, event.round_row.pk)
        for criterion, score in sheet.version.sheet.scores.items()
    }


def test_what_was_recognised_is_shown_before_it_is_stored(client: FlaskClient, session: Session, event: Event) -> None:
    # Pressing import at once is no confirmation of what nobody has seen.
    shown = upload(client, WIDE, action="import")
    assert shown.status_code == 200
    for part in (
        "headings in row 3",
        "form: a column for each criterion",
        "columns left out: H (Total)",
        "Judge 01 = J01",
    ):
        assert part in text_of(shown)
    assert "Score: data-use" in text_of(shown)
    assert stored(session, event) == {}
    session.rollback()
    answer = again(client, shown)
    assert "Imported: scores.csv" in answer.text
    assert stored(session, event)["presentation"] == 9
    session.rollback()


def test_a_column_can_be_given_another_meaning_and_is_remembered(
    client: FlaskClient, session: Session, event: Event
) -> None:
    text = "Proposal,Judge,Criterion,Points,Weather\nP001,J01,Value,4,7\n"
    wrong = upload(client, text.replace("Points", "Clouds"))
    assert wrong.status_code == 422
    assert "no column is recognised as the Score" in wrong.text
    five = "Proposal,Judge,Criterion,Clouds,Weather\n" + "".join(
        f"P001,J01,{criterion},4,{number}\n" for number, criterion in enumerate(CRITERIA.split(","), 3)
    )
    first = upload(client, five)
    mended = again(client, first, action="check", **{"column-4": '{"use": "score"}'})
    assert mended.status_code == 200
    assert "Imported" in again(client, mended).text
    assert stored(session, event)["presentation"] == 7
    session.rollback()
    # The next file of the same shape is read so from the start.
    next_file = upload(client, five.replace("P001", "P002"))
    assert next_file.status_code == 200
    assert "E (Weather) = score" in text_of(next_file)


def test_a_question_is_answered_on_the_page(client: FlaskClient, session: Session, event: Event) -> None:
    content = "key,name,city\nT901,公園,hk\n".encode("big5")
    page = upload(client, content, kind="teams", name="teams.csv", action="import")
    assert page.status_code == 422
    assert "Big5 (HKSCS): 公園" in text_of(page)
    assert 'value="import">Import as shown' not in page.text
    right = again(client, page, action="check", **{"answer-encoding": "big5hkscs"})
    assert right.status_code == 200
    assert "公園" in right.text
    assert "Imported" in again(client, right).text
    session.expire_all()
    assert session.exec(select(tables.Team.name).where(tables.Team.key == "T901")).one() == "公園"


def test_the_file_comes_back_with_its_mistakes_marked(client: FlaskClient) -> None:
    page = upload(client, WIDE.replace("5,6,7", "5,66,x"))
    assert page.status_code == 422
    answer = again(client, page, "/import/corrected.xlsx")
    assert answer.status_code == 200
    sheet = load_workbook(io.BytesIO(answer.data)).active
    assert sheet is not None
    rows = [[cell for cell in row if cell is not None] for row in sheet.iter_rows(values_only=True)]
    assert str(rows[2][-1]).startswith("Complaints")
    assert rows[3][0] == "P001"
    assert "66 is not on the scale of `value`" in str(rows[3][-1])
    assert "`x` is not a number" in str(rows[3][-1])


def test_how_a_file_is_read_can_be_downloaded_for_the_command_line(client: FlaskClient) -> None:
    answer = again(client, upload(client, WIDE), "/import/mapping.yaml")
    assert answer.status_code == 200
    assert "- heading: Reviewer\n  use: judge\n" in answer.text
    assert "  use: score\n  criterion: presentation\n" in answer.text


def test_another_person_does_not_get_a_kept_file(
    app: Flask, client: FlaskClient, event: Event, session: Session
) -> None:
    page = upload(client, WIDE)
    number = session.exec(select(tables.IncomingFile.id).order_by(col(tables.IncomingFile.id).desc())).first()
    assert f'name="kept" value="{number}"' in page.text
    row = session.get_one(tables.IncomingFile, number)
    row.person_id = event.people["chair"].pk
    session.add(row)
    session.commit()
    assert again(client, page).status_code == 404


def test_a_large_file_is_read_by_a_job_and_shown_in_the_same_way(
    client: FlaskClient, session: Session, event: Event
) -> None:
    long = WIDE + "   \n" * 60_000
    answer = upload(client, long)
    assert answer.status_code == 303
    page = client.get(finished(client, answer).location)
    assert "headings in row 3" in text_of(page)
    imported = again(client, page)
    assert "Imported: scores.csv" in client.get(finished(client, imported).location).text
    assert stored(session, event)["presentation"] == 9


def test_a_second_click_and_a_second_tab_store_nothing_twice(
    client: FlaskClient, session: Session, event: Event
) -> None:
    first, second = upload(client, WIDE), upload(client, WIDE)
    for page in (first, first, second):
        assert again(client, page).status_code == 200
    session.expire_all()
    versions = session.exec(select(tables.Scoresheet)).all()
    assert sorted(sheet.version for sheet in versions) == [1, 1]


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"%PDF-1.7 hello", "plan.pdf", "This is a PDF."),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "photo.png", "This is neither a workbook nor a CSV file"),
        (b"", "empty.csv", "The file is empty."),
        (b'{"scores": []}', "scores.json", "This is a JSON file."),
    ],
)
def test_what_is_no_table_is_refused_by_name_and_nothing_else_is_said(
    content: bytes, name: str, said: str, client: FlaskClient
) -> None:
    page = upload(client, content, name=name)
    assert page.status_code == 422
    assert said in text_of(page)
    assert "Nothing was imported." in text_of(page)
    assert "Some values cannot be accepted" not in text_of(page)


def test_a_cell_that_cannot_be_read_is_one_complaint(client: FlaskClient) -> None:
    page = text_of(upload(client, WIDE.replace("P002,Judge 02,5,6,7", "P002,Judge 02,5,6,x")))
    assert "`x` is not a number" in page
    assert "no score of J02" not in page


TWO_SCORES = "Entry,Reviewer,criterion,score (draft),score (final)\n" + "".join(
    f"P001,Judge 01,{key},8,9\n" for key in ("data-use", "value", "innovation", "feasibility", "presentation")
)


@pytest.mark.parametrize(("answer", "value"), [("D", 8), ("E", 9)])
def test_an_answer_about_columns_counts_though_the_columns_were_shown_otherwise(
    answer: str, value: float, client: FlaskClient, session: Session, event: Event
) -> None:
    page = upload(client, TWO_SCORES)
    assert "could each be the Score" in text_of(page)
    done = again(client, page, **{"answer-column-score": answer})
    assert done.status_code == 200, text_of(done)
    assert set(stored(session, event).values()) == {value}


def test_a_question_about_columns_is_open_until_it_is_answered_or_a_column_is_changed(
    client: FlaskClient, session: Session, event: Event
) -> None:
    page = again(client, upload(client, TWO_SCORES), action="check")
    assert page.status_code == 422
    assert "could each be the Score" in text_of(page)
    left_out, score = '{"use": "leave out"}', '{"use": "score"}'
    done = again(client, page, **{"column-3": left_out, "column-4": score})
    assert done.status_code == 200, text_of(done)
    assert set(stored(session, event).values()) == {9}


def test_the_sheet_that_is_answered_is_read(client: FlaskClient, session: Session, event: Event) -> None:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, value in (("Panel A", 5), ("Panel B", 6)):
        sheet = book.create_sheet(name)
        sheet.append(["Entry", "Reviewer", *CRITERIA.split(",")])
        sheet.append(["P001", "Judge 01", *[value] * 5])
    stream = io.BytesIO()
    book.save(stream)
    page = upload(client, stream.getvalue(), name="scores.xlsx")
    assert "Several sheets could be meant" in text_of(page)
    done = again(client, page, **{"answer-sheet": "Panel B"})
    assert done.status_code == 200, text_of(done)
    assert set(stored(session, event).values()) == {6}


def test_the_table_that_is_answered_is_read(client: FlaskClient, session: Session, event: Event) -> None:
    first, second = WIDE.partition("Entry")[2], f"Entry,Judge name,{CRITERIA}\nP003,Judge 03,4,4,4,4,4\n"
    page = upload(client, f"Entry{first}\n{second}")
    assert "There are two tables: headings in row 1 and in row 5." in text_of(page)
    done = again(client, page, **{"answer-table": "5"})
    assert done.status_code == 200, text_of(done)
    assert set(stored(session, event).values()) == {4}


def test_a_misspelt_criterion_is_answered_on_the_page(client: FlaskClient, session: Session, event: Event) -> None:
    page = upload(client, WIDE.replace("Innovation", "Inovation"))
    assert "the nearest is innovation" in text_of(page)
    [name] = set(re.findall(r'name="answer-(criterion-[0-9a-f]{8})"', page.text))
    done = again(client, page, **{f"answer-{name}": "innovation"})
    assert done.status_code == 200, text_of(done)[:3000]
    assert stored(session, event)["innovation"] == 7


def test_columns_have_the_words_of_the_template_and_the_digest_is_folded(client: FlaskClient) -> None:
    page = client.get(f"/organiser/{COMPETITION}/import").text
    words = re.findall(r"<dt>([^<(]*)", page[page.index(">Columns<") :])
    assert "Team name" in words
    assert not [word for word in words if "_" in word]
    checked = upload(client, "key,name,city\nT77,A team,hk\n", kind="teams", name="teams.csv").text
    before, _, folded = checked.partition("<summary>For auditors</summary>")
    assert "SHA-256" not in before
    assert "Digest of this file (SHA-256):" in folded
    # In Chinese the name of a team is not that of a person.
    assert '<th scope="col">Name of the team</th>' in checked
    # On a phone each row is a card; no list scrolls sideways.
    assert checked.count("<table") == checked.count("table-sm cards")
