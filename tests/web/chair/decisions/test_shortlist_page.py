"""The shortlist page: who would move up, and which scores a floor is compared with."""

from __future__ import annotations

import re

from flask.testing import FlaskClient
from sqlmodel import Session, col, select

from judging import tables
from judging.calibration.values import half_width
from judging.services.competitions.definitions import rules_of
from judging.services.runs import calibrating
from tests.support.deciding import LATER, calibrated_event, change_rules
from tests.support.event import COMPETITION, ROUND
from tests.support.optional import present
from tests.web.chair.decisions.test_deciding import HERE, post, read, result_of, signed_in


def test_the_page_says_who_would_move_up_before_it_is_done(client: FlaskClient, session: Session) -> None:
    rule = {"size": 4, "reserves": 1, "city_minimum": {"hk": 2, "sh": 2}}
    signed_in(client, calibrated_event(session, shortlist=rule))
    result = result_of(session)
    city = {row["proposal"]: row["city"] for row in result["proposals"]}
    (reserve,) = result["shortlist"]["reserves"]
    page = client.get(f"{HERE}/shortlist").get_data(as_text=True)
    leaves = page[page.index('id="leaving"') :]
    options = dict(re.findall(r'<option value="(P\d+)"([^>]*>[^<]*)</option>', leaves[: leaves.index("</select>")]))
    assert set(options) == set(result["shortlist"]["selected"])
    for key, option in options.items():
        if city[key] == city[reserve]:
            assert option.endswith(f"· {reserve} moves up")
        else:
            assert option.startswith(" disabled>")
            assert option.endswith("no reserve with whom the sealed minima and caps hold")
    refused = next(key for key in options if city[key] != city[reserve])
    status, text = post(client, f"{HERE}/shortlist/replace", proposal=refused, reason="withdrew")
    assert (status, "the sealed minima and caps would hold" in text) == (409, True)
    assert session.exec(select(tables.Decision)).all() == []


def test_the_page_says_which_scores_are_compared_with_floors(client: FlaskClient, session: Session) -> None:
    event = calibrated_event(session)
    key = rules_of(event.round_row).rubric.criteria[0].key
    rule = {"size": 4, "floors": {key: 6}}
    change_rules(session, ROUND, shortlist={**rule, "floors_by": "calibrated"})
    calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, ROUND, at=LATER)
    session.commit()
    signed_in(client, event)
    page = read(client, f"{HERE}/shortlist")
    assert "Whoever has a calibrated score below 6" in page
    result = session.exec(
        select(tables.CalibrationRun.result).order_by(col(tables.CalibrationRun.number).desc())
    ).first()
    session.rollback()
    scores = present(result)["shortlist"]["floor_scores"]
    assert {row["proposal"] for row in scores} == {f"P{n:03d}" for n in range(1, 9)}
    near = [row for row in scores if row["score"] - half_width(0.9, row["standard_error"]) < row["floor"]]
    assert ("Floors by calibrated scores" in page) == bool(near)
    assert page.count("below the floor") == len(near)
    assert near
