"""Addresses: no key of a competition, a round or a proposal can take the place of a page."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, select
from werkzeug.routing import IntegerConverter, Rule

from judging import tables
from judging.web.key_addresses import KEYS
from tests.support.event import COMPETITION, ROUND, make_event, sign_in

OTHERS: dict[str, object] = {"language": "en", "digest": "a" * 64, "width": "phone", "name": "x", "title": "x"}
"""What stands in the other parts of an address; no person chooses it."""


@pytest.fixture
def engine_name() -> str:
    """Return the one database these tests need: addresses do not depend on it."""
    return "sqlite"


def of_rule(rule: Rule, key: str) -> dict[str, object]:
    """Return arguments of an address, with this key for whatever people choose."""
    numbers = {name for name, converter in rule._converters.items() if isinstance(converter, IntegerConverter)}
    return {
        # Keys of competitions and rounds have no full stop; those of a roster may.
        name: (key.replace(".", "-") if name in ("competition", "round_key") else key)
        if name in KEYS
        else 1
        if name in numbers
        else OTHERS.get(name, "teams")
        for name in rule.arguments
    }


def test_no_key_hides_behind_a_page(app: Flask) -> None:
    rules = list(app.url_map.iter_rules())
    words = {part for rule in rules for part in rule.rule.split("/") if part and "<" not in part}
    # With the mark too: nothing checks the keys of a transferred event.
    words |= {
        mark + word for word in ("new", "archive", "review", "note", "judge", "organiser") for mark in ("~", "~~")
    }
    addresses = app.url_map.bind("localhost")
    hidden = set()
    for rule in rules:
        if not rule.arguments & KEYS:
            continue
        method = next(method for method in sorted(rule.methods or ()) if method not in ("HEAD", "OPTIONS"))
        for word in words:
            arguments = of_rule(rule, word)
            found = addresses.match(addresses.build(rule.endpoint, arguments, method=method), method=method)
            if found != (rule.endpoint, arguments):
                hidden.add((rule.rule, word))
    assert hidden == set()


def test_every_part_that_people_choose_is_known(app: Flask) -> None:
    names = {name for rule in app.url_map.iter_rules() for name in rule.arguments}
    made = {"kind", "token", "filename", "path", "number", "person_id", *OTHERS}
    assert names - made == KEYS


def test_a_judge_and_a_round_may_have_the_name_of_a_page(app: Flask, client: FlaskClient, session: Session) -> None:
    event = make_event(session, n_proposals=4, n_judges=6, scored=False)
    judge = session.exec(select(tables.Judge).where(tables.Judge.key == "J01")).one()
    round_row = session.exec(select(tables.Round).where(tables.Round.key == ROUND)).one()
    judge.key, round_row.key = "new", "archive"
    session.commit()
    sign_in(client, event.people["organiser"])
    assert f'href="/organiser/{COMPETITION}/roster/judges/~new"' in client.get(f"/organiser/{COMPETITION}/judges").text
    page = client.get(f"/organiser/{COMPETITION}/roster/judges/~new")
    assert (page.status_code, judge.name in page.text) == (200, True)
    assert f'href="/organiser/{COMPETITION}/~archive"' in client.get(f"/organiser/{COMPETITION}").text
    assert client.get(f"/organiser/{COMPETITION}/~archive").status_code == 200
    assert client.get(f"/organiser/{COMPETITION}/archive").status_code == 200


def test_a_proposal_may_have_the_name_of_a_page(app: Flask, client: FlaskClient, session: Session) -> None:
    event = make_event(session, n_proposals=4, n_judges=6, scored=False)
    own = session.exec(
        select(tables.Proposal)
        .join(tables.Assignment)
        .join(tables.Judge)
        .where(tables.Judge.person_id == event.people["judge"].id)
    ).all()
    for proposal, key in zip(own, ("review", "note"), strict=False):
        proposal.key = key
    session.commit()
    sign_in(client, event.people["judge"])
    for proposal in own[:2]:
        page = client.get(f"/judge/{COMPETITION}/{ROUND}/{proposal.key}")
        assert (page.status_code, proposal.title in page.text, "score-value" in page.text) == (200, True, True)
