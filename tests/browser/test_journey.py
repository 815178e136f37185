"""One score from a judge's form to a cell of the workbook, with three people signed in."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openpyxl import load_workbook
from playwright.sync_api import expect
from sqlmodel import Session, select

from judging import tables
from judging.schemas.scoresheets import SheetContent
from judging.services.authentication import sign_in
from judging.services.competitions.definitions import rules_of
from judging.services.scoresheets.versions import NewVersion, append
from tests.support.both_databases import both_databases
from tests.support.event import AT, COMPETITION, ROUND, Event, make_event, newest_run

pytestmark = both_databases

if TYPE_CHECKING:
    from playwright.sync_api import Page

GIVEN = {"data-use": 9, "value": 7, "innovation": 8, "feasibility": 4, "presentation": 6}


def test_a_score_arrives_in_the_workbook(
    session: Session, live_server: str, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    event = make_event(session, n_proposals=8, n_judges=6, scored=False)
    proposal = _leave_one_to_the_judge(session, event)

    judge = _signed_in(session, event, "judge", live_server, open_page)
    judge.goto(f"{live_server}/judge/{COMPETITION}")
    judge.click(f'a.queue-title[href$="/{proposal}"]')
    for criterion, value in GIVEN.items():
        judge.locator(f'label:has(input[name="score-{criterion}"][value="{value}"])').click()
    judge.fill('[name="comment-data-use"]', '=HYPERLINK("http://evil.example") 好')
    judge.click('.score-bar button[value="submit"]')
    expect(judge.locator("main")).to_contain_text("Submitted")

    chair = _signed_in(session, event, "chair", live_server, open_page)
    chair.goto(f"{live_server}/chair/{COMPETITION}/{ROUND}")
    chair.click("button:text-is('Calibrate')")
    chair.wait_for_selector(".run-line")
    ranking = chair.locator("tr", has=chair.locator(f'a[href*="/proposals/{proposal}"]')).inner_text()
    session.rollback()
    run = newest_run(session)
    stored = next(row for row in run.result["proposals"] if row["proposal"] == proposal)

    organiser = _signed_in(session, event, "organiser", live_server, open_page)
    organiser.goto(f"{live_server}/organiser/{COMPETITION}/{ROUND}")
    with organiser.expect_download() as download:
        organiser.click("button:has-text('Excel workbook')")
    assert download.value.suggested_filename == f"{COMPETITION}_{ROUND}_run-1.xlsx"
    path = tmp_path / "results.xlsx"
    download.value.save_as(path)
    book = load_workbook(io.BytesIO(path.read_bytes()))

    [scored] = [row for row in _rows(book["Scores"]) if (row[0], row[1]) == (proposal, "J01")]
    weights = {criterion.key: criterion for criterion in rules_of(event.round_row).rubric.criteria}
    total = sum(weights[key].weight * weights[key].scale.to_hundred(value) for key, value in GIVEN.items()) / 100
    assert [value for value in scored if isinstance(value, int | float)][:6] == [*map(GIVEN.get, weights), total]
    assert '=HYPERLINK("http://evil.example") 好' in scored
    assert "f" not in {cell.data_type for row in book["Judges"].iter_rows() for cell in row}

    [ranked] = [row for row in _rows(book["Ranking"]) if row[3] == proposal]
    assert ranked[:3] == (stored["rank"], stored["rank_low"], stored["rank_high"])
    assert stored["calibrated"] in ranked
    assert f"{stored['calibrated']:.1f}" in ranking
    assert run.result_digest[:16] in book["Ranking"]["A3"].value


def _leave_one_to_the_judge(session: Session, event: Event) -> str:
    """Submit all scoresheets except one of the judge who will sign in; return the key of its proposal."""
    rubric = rules_of(event.round_row).rubric
    rows = session.exec(
        select(tables.Assignment, tables.Judge.key, tables.Proposal.key)
        .join(tables.Judge, tables.Judge.id == tables.Assignment.judge_id)  # type: ignore[arg-type]  # SQL, not bool
        .join(tables.Proposal, tables.Proposal.id == tables.Assignment.proposal_id)  # type: ignore[arg-type]
        .order_by(tables.Proposal.key, tables.Judge.key)
    ).all()
    left = next(row for row in rows if row[1] == "J01")
    versions = [
        NewVersion(
            assignment_id=assignment.pk,
            version=1,
            state="submitted",
            sheet=SheetContent(
                scores={
                    key: float(1 + (3 * int(judge[1:]) + 2 * int(proposal[1:]) + place) % 10)
                    for place, key in enumerate(rubric.keys)
                }
            ),
        )
        for assignment, judge, proposal in rows
        if assignment is not left[0]
    ]
    append(session, versions, source="import", at=AT, saved_by=None)
    session.commit()
    return left[2]


def _signed_in(session: Session, event: Event, role: str, server: str, open_page: Callable[..., Page]) -> Page:
    """Open a browser that has used the personal link of a person."""
    _, token = sign_in.create_link(session, event.people[role].pk, at=datetime.now(UTC), channel="command")
    session.commit()
    page = open_page()
    page.goto(f"{server}/sign-in/{token}")
    page.click("main form button")
    page.wait_for_load_state()
    return page


def _rows(sheet: Any) -> list[tuple[Any, ...]]:
    first = int(sheet.auto_filter.ref.split(":")[0].lstrip("A"))
    return list(sheet.iter_rows(min_row=first + 1, values_only=True))
