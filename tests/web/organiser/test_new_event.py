"""What an organiser sees of a contest of one school before anything is on its rosters."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session

from judging import tables
from judging.schemas.definitions.definition_files import load_definition
from judging.services.access import operator
from judging.services.competitions.definitions import store_definitions
from tests.support.event import AT, make_event, sign_in

KEY = "school-contest"
HOME = f"/organiser/{KEY}"


@pytest.fixture
def organiser(client: FlaskClient, app: Flask, session: Session) -> FlaskClient:
    event = make_event(session, n_proposals=4, n_judges=6, scored=False)
    shipped = Path(__file__).parents[3] / "rubrics" / KEY
    row = store_definitions(session, operator(), load_definition(shipped), at=AT)
    session.add(tables.Role(person_id=event.people["organiser"].pk, competition_id=row.pk, role="organiser"))
    session.commit()
    sign_in(client, event.people["organiser"])
    return client


def test_an_empty_event_offers_a_file_and_entries_by_hand(organiser: FlaskClient) -> None:
    page = organiser.get(HOME).text
    assert f'class="btn btn-primary" href="{HOME}/roster/proposals/table"' in page
    assert f'class="btn btn-outline-primary" href="{HOME}/import"' in page


@pytest.mark.parametrize("kind", ["judges", "teams", "proposals"])
def test_nobody_chooses_among_one_city_or_one_language(organiser: FlaskClient, kind: str) -> None:
    for address in (f"{HOME}/roster/{kind}/new", f"{HOME}/roster/{kind}/table"):
        asked = set(re.findall(r'<(?:input|select|textarea)[^>]* name="([a-z_]+)', organiser.get(address).text))
        assert not asked & {"city", "team_city", "category", "categories"}


@pytest.mark.parametrize("language", ["en", "zh-Hant-HK", "zh-Hans-CN"])
def test_the_round_is_not_named_as_the_page_of_the_judges(organiser: FlaskClient, language: str) -> None:
    page = organiser.get(f"{HOME}/judges", headers={"Accept-Language": language}).text
    tabs = page.partition('<section class="card preparation')[0]
    named = re.findall(rf'href="{HOME}/(judging|judges)"[^>]*>([^<]+)<', tabs)
    assert {path for path, _ in named} == {"judging", "judges"}
    assert len({name.strip() for _, name in named}) == len({path for path, _ in named})
