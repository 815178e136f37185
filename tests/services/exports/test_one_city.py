"""What leaves an event of one city does not name it: workbook, CSV, report, letters, public page, pages of rules."""

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlmodel import Session, select

from judging import tables
from judging.services.exports import method_report_file
from judging.services.releases import public_site, team_letters
from judging.services.rounds import opening
from judging.services.runs import calibrating
from tests.support.deciding import LATER, chair_of, change_rules
from tests.support.event import COMPETITION, ROUND, Event, make_event, sign_in
from tests.support.files.exports import export_round
from tests.support.one_city import make_one_city
from tests.support.releases import propose_release, sign_release
from tests.support.school import HOME, make_school
from tests.web.chair.test_pages import text_of
from tests.web.test_no_word_of_cities import own_texts, without

WORD = re.compile(r"\bcity|\bcities\b|城市|本地優勢|Hong Kong(?!/)|香港(?!／)", re.IGNORECASE)


def told(session: Session, event: Event) -> dict[str, list[str]]:
    """Return the cells of each sheet that speak of cities, but for the words of the rubric."""
    actor = event.actor(session, "organiser")
    content = export_round(session, actor, COMPETITION, ROUND, at=LATER + timedelta(hours=1))[1]
    book = load_workbook(io.BytesIO(content))
    return {sheet.title: [*speaking(sheet)] for sheet in book}


def speaking(sheet: Any) -> Iterator[str]:
    for row in sheet.iter_rows(values_only=True):
        if not str(row[0]).startswith("Criterion"):
            yield from (str(value) for value in row if WORD.search(str(value)))


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize("is_released", [False, True])
def test_the_workbook_of_one_city_does_not_speak_of_cities(session: Session, *, is_released: bool) -> None:
    event = make_event(session, n_proposals=8, n_judges=8)
    make_one_city(session)
    change_rules(session, ROUND, calibration={"model": "hierarchical"}, shortlist={"size": 3, "reserves": 2})
    chair = chair_of(session, "hk")
    calibrating.calibrate(session, chair, COMPETITION, ROUND, at=LATER)
    if is_released:
        opening.close_round(session, event.actor(session, "organiser"), COMPETITION, ROUND, at=LATER, knowingly=True)
        made = propose_release(session, chair, run_number=1, reason="for a test", at=LATER)
        sign_release(session, chair, made.number, digest=made.digest, at=LATER)
        session.commit()
    found = told(session, event)
    assert len(found) > 8
    assert found == {name: [] for name in found}


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_no_other_file_of_one_city_speaks_of_cities(session: Session) -> None:
    event = make_event(session, n_proposals=8, n_judges=8)
    make_one_city(session)
    change_rules(session, ROUND, calibration={"model": "hierarchical"}, shortlist={"size": 3, "reserves": 2})
    chair, organiser = chair_of(session, "hk"), event.actor(session, "organiser")
    calibrating.calibrate(session, chair, COMPETITION, ROUND, at=LATER)
    opening.close_round(session, organiser, COMPETITION, ROUND, at=LATER, knowingly=True)
    made = propose_release(session, chair, run_number=1, reason="for a test", at=LATER)
    sign_release(session, chair, made.number, digest=made.digest, at=LATER)
    team_letters.make_letters(session, organiser, COMPETITION, ROUND, at=LATER)
    collected = method_report_file.collect_method_report(
        session, organiser, COMPETITION, ROUND, format="html", language="en", translate=str, at=LATER
    )
    files = {
        "report": text_of(method_report_file.write_method_report(collected).content.decode()),
        "ranking": export_round(session, organiser, COMPETITION, ROUND, format="csv", at=LATER)[1].decode(),
        **{row.proposal: row.text for row in team_letters.letters_page(session, organiser, COMPETITION, ROUND).letters},
        **{
            name: text_of(content.decode()) if name.endswith(".html") else content.decode()
            for name, content in public_site.site_files(session, organiser, COMPETITION, ROUND).items()
        },
    }
    assert {"index.html", "results.csv", "results.json"} < set(files)
    # Criteria have their own words, which may name cities.
    own = event_words(session)
    said = {name: WORD.findall(without(own, text)) for name, text in files.items()}
    assert said == {name: [] for name in said}


def event_words(session: Session) -> list[str]:
    definitions = session.exec(select(tables.Round.definition)).all()
    names = session.exec(select(tables.Competition.definition)).all()
    texts = {text for definition in (*definitions, *(one["name"] for one in names)) for text in own_texts(definition)}
    return sorted(texts, key=len, reverse=True)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_pages_that_make_and_edit_an_event_of_one_city_have_no_tab_of_cities(
    app: Flask, client: FlaskClient, session: Session
) -> None:
    school = make_school(session)
    sign_in(client, school.organiser)
    page = text_of(client.get("/new-competition").text)
    assert "1 city" not in page
    assert "cities and limits" not in page
    editor = text_of(client.get(HOME.replace("/organiser/", "/competitions/") + "/editor").text)
    assert ("Groups" in editor, "Cities and categories" in editor) == (True, False)
