"""The results workbook of an event of one city does not name it, and has no column, rule or effect of cities."""

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlmodel import Session

from judging.services.rounds import opening
from judging.services.runs import calibrating
from tests.support.deciding import LATER, chair_of, change_rules
from tests.support.event import COMPETITION, ROUND, Event, make_event
from tests.support.files.exports import export_round
from tests.support.one_city import make_one_city
from tests.support.releases import propose_release, sign_release

WORD = re.compile(r"\bcity|\bcities\b|城市|本地優勢|Hong Kong(?!/)|香港(?!／)", re.IGNORECASE)


def told(session: Session, event: Event) -> dict[str, list[str]]:
    """Return the cells of each sheet that speak of cities, but for the words of the rubric and names of settings."""
    actor = event.actor(session, "organiser")
    content = export_round(session, actor, COMPETITION, ROUND, at=LATER + timedelta(hours=1))[1]
    book = load_workbook(io.BytesIO(content))
    return {sheet.title: [*speaking(sheet)] for sheet in book if sheet.title != "Provenance"}


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
