"""A competition between countries speaks of countries on its pages, in every language; one between cities does not."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, select

from judging import tables
from judging.place_words import of_countries
from judging.schemas.definitions.definition_files import load_competition_dict
from tests.support.deciding import calibrated_event
from tests.support.event import COMPETITION, ROUND, sign_in
from tests.web.chair.test_pages import text_of

PAGES = ("", "/judges", "/preflight", "/linkage", "/shortlist")


def test_only_the_word_is_exchanged() -> None:
    assert of_countries("City of %(city)s, the cities' {city}", "en") == "Country of %(city)s, the countries' {city}"
    assert of_countries("simplicity", "en") == "simplicity"


@pytest.mark.parametrize(("language", "city", "country"), [("en", "city", "country"), ("zh-HK", "城市", "國家或地區")])
def test_pages_say_what_the_definition_says(
    client: FlaskClient, session: Session, language: str, city: str, country: str
) -> None:
    event = calibrated_event(session)
    sign_in(client, event.people["chair"])

    def words() -> str:
        pages = (
            client.get(f"/chair/{COMPETITION}/{ROUND}{page}", headers={"Accept-Language": language}) for page in PAGES
        )
        # The names of categories, such as Smart City, belong to the competition.
        return " ".join(text_of(page.text) for page in pages).casefold()

    before = words()
    assert city in before
    assert country not in before
    row = session.exec(select(tables.Competition).where(tables.Competition.key == COMPETITION)).one()
    row.definition = {**row.definition, "places": "countries"}
    row.digest = load_competition_dict(row.definition).digest
    session.add(row)
    session.commit()
    after = words()
    assert country in after
    assert city not in after
