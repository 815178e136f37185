"""What pages and workbook say where earlier scoresheets of the judges count, in three languages."""

from __future__ import annotations

import io
from html import unescape

from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlmodel import Session

from tests.services.runs.test_earlier_scoresheets import HERE, LATER, calibrate, scored_final
from tests.support.event import COMPETITION, ROUND, sign_in
from tests.support.files.exports import export_round

SAID = {
    "en": ("72 scoresheets of the earlier round first-screening count", "of the earlier round first-screening"),
    "zh-HK": ("採用較早一輪（first-screening）的72份評分表", "較早一輪（first-screening）"),
    "zh-CN": ("采用较早一轮（first-screening）的72份评分表", "较早一轮（first-screening）"),
}


def test_ranking_rules_and_workbook_say_that_earlier_scoresheets_count(client: FlaskClient, session: Session) -> None:
    event = scored_final(session, [{"kind": "round", "round": ROUND}])
    run = calibrate(session, event)
    sign_in(client, event.people["chair"])

    def page(path: str, language: str) -> str:
        address = f"/chair/{COMPETITION}/{HERE[1]}{path}"
        return unescape(client.get(address, headers={"Accept-Language": language}).get_data(as_text=True))

    for language, (note, rule) in SAID.items():
        assert note in page("", language)
        assert rule in page("/rules", language)
    session.rollback()
    _, content = export_round(session, event.actor(session, "organiser"), *HERE, run_number=run.number, at=LATER)
    cells = [
        str(cell)
        for sheet in load_workbook(io.BytesIO(content)).worksheets
        for row in sheet.iter_rows(values_only=True)
        for cell in row
        if cell is not None
    ]
    assert any(SAID["en"][0] in cell for cell in cells)
    assert any("Earlier scoresheets of the judges" in cell for cell in cells)
