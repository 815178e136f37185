"""An event of one city speaks of no city: every page that is linked in it, the log, and all that comes from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlmodel import Session, select

from judging import tables
from judging.services.access import load_actor
from judging.services.decisions import meetings, minutes
from judging.services.roster_entries.history import RosterLog
from judging.services.runs import calibrating
from tests.support.deciding import change_rules
from tests.support.event import AT, COMPETITION, ROUND, make_event, sign_in, use_model
from tests.support.linked_pages import pages_of
from tests.support.one_city import make_one_city
from tests.web.chair.test_pages import text_of

HERE = (COMPETITION, ROUND)
WORDS = {"en": re.compile(r"\b[Cc]it(?:y|ies)\b"), "zh-HK": re.compile("城市|兩地"), "zh-CN": re.compile("城市|两地")}


def own_texts(definition: Any) -> Iterator[str]:
    """Yield the texts of a definition, which may have the word in them: names, levels, descriptions."""
    if isinstance(definition, dict):
        definition = list(definition.values())
    if isinstance(definition, list):
        for one in definition:
            yield from own_texts(one)
    elif isinstance(definition, str) and len(definition) > 3:
        yield " ".join(definition.split())


def without(texts: list[str], page: str) -> str:
    for text in texts:
        page = page.replace(text, "")
    return page


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize("language", list(WORDS))
def test_no_page_speaks_of_cities(app: Flask, session: Session, language: str) -> None:
    event = make_event(session, n_proposals=6, n_judges=6)
    make_one_city(session)
    definitions = (*session.exec(select(tables.Competition.definition)), *session.exec(select(tables.Round.definition)))
    own = sorted({text for one in definitions for text in own_texts(one)}, key=len, reverse=True)
    use_model(session, "raw")
    for key in (ROUND, "grand-final"):
        change_rules(session, key, shortlist={"size": 3})
    organiser, chair = (load_actor(session, event.people[role].pk) for role in ("organiser", "chair"))
    competition_id = event.round_row.competition_id
    for kind, row_key in (("teams", "T001"), ("judges", "J01")):
        log = RosterLog(session, organiser, competition_id, AT)
        log.note(kind, row_key, "added", {"name": ("", "Somebody"), "city": ("", "hk")})
    calibrating.calibrate(session, chair, *HERE, at=AT)
    meeting = meetings.open_meeting(session, chair, *HERE, present="The chair", agenda=["P001"], at=AT)
    minutes.close_meeting(session, chair, *HERE, meeting.number, undiscussed_known=["P001"], at=AT)
    session.commit()
    client = app.test_client()
    pages: dict[str, str] = {}
    for role, start in (("organiser", f"/organiser/{COMPETITION}"), ("chair", f"/chair/{COMPETITION}")):
        sign_in(client, event.people[role])
        pages |= pages_of(client, start, language)
    assert len(pages) > 40
    said = {}
    for address, page in pages.items():
        text = without(own, text_of(page))
        if found := WORDS[language].search(text):
            said[address] = text[max(0, found.start() - 60) : found.end() + 40]
    assert said == {}
