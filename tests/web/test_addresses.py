"""Addresses: no key of a competition, a round or a proposal can take the place of a page."""

from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, select

from judging import tables
from judging.schemas.definitions.definition_checks import RESERVED_ROUND_KEYS
from tests.support.event import COMPETITION, ROUND, make_event, sign_in


def pages_beside(app: Flask, parameter: str) -> set[str]:
    """Return the fixed words that stand in some address at the place where another one has this parameter."""
    rules = [
        rule.rule.strip("/").split("/") for rule in app.url_map.iter_rules() if "GET" in (rule.methods or frozenset())
    ]
    words = set()
    for rule in rules:
        if parameter not in rule:
            continue
        place = rule.index(parameter)
        beside = (other for other in rules if len(other) > place and other[:place] == rule[:place])
        words |= {other[place] for other in beside if not other[place].startswith("<")}
    return words


def test_no_page_stands_where_a_key_can_stand(app: Flask) -> None:
    parameters = ("<competition>", "<proposal>", "<judge>")
    assert {parameter: pages_beside(app, parameter) for parameter in parameters} == {
        parameter: set() for parameter in parameters
    }


def test_pages_where_the_key_of_a_round_can_stand_are_reserved(app: Flask) -> None:
    assert pages_beside(app, "<round_key>") == RESERVED_ROUND_KEYS


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
