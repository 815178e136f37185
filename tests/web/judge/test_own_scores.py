"""The table of own scores: changed in place without JavaScript, and submitted together."""

from __future__ import annotations

import re

from sqlmodel import col, select

from judging import tables
from judging.services.scoresheets.versions import list_versions
from tests.support.event import csrf_token
from tests.support.judge_pages import CRITERIA, FULL, QUEUE, Judge
from tests.support.optional import present

GRID = f"{QUEUE}/first-screening"


def own_pages(judge: Judge) -> list[str]:
    return sorted(re.findall(r'class="queue-title" href="([^"]+)"', judge.client.get(QUEUE).text))


def fields_of(judge: Judge) -> dict[str, str]:
    page = judge.client.get(f"{GRID}?edit=1").text
    return dict(re.findall(r'name="(P\d+:[\w-]+)" value="([^"]*)"', page))


def test_scores_are_changed_in_the_table_and_only_changed_sheets_are_saved(judge: Judge) -> None:
    judge.fill(comment="Kept", action="submit", **FULL)
    key, other = (page.rsplit("/", 1)[1] for page in own_pages(judge)[:2])
    fields = fields_of(judge)
    assert fields[f"{key}:value"] == "6"
    assert fields[f"{other}:value"] == ""
    sent = {**fields, f"{key}:value": "9", f"{other}:feasibility": "4", "csrf_token": csrf_token(judge.client)}
    answer = judge.client.post(f"{GRID}.scores", data=sent)
    assert (answer.status_code, answer.location) == (303, GRID)
    newest = judge.versions()[0]
    assert (newest.version, newest.state, newest.sheet.comment) == (2, "draft", "Kept")
    assert newest.sheet.scores == dict(zip(CRITERIA, (5.0, 9.0, 7.0, 8.0, 9.0), strict=True))
    page = judge.client.get(GRID).text
    assert "2 scoresheets are saved." in page
    assert "submitted; changes not submitted" in page
    # The same fields again: nothing has changed.
    again = {**fields_of(judge), f"{key}:value": "9.0", "csrf_token": sent["csrf_token"]}
    assert judge.client.post(f"{GRID}.scores", data=again).status_code == 303
    assert len(judge.versions()) == 2


def test_what_cannot_be_saved_stays_in_the_table_and_the_rest_is_saved(judge: Judge) -> None:
    pages = [page.rsplit("/", 1)[1] for page in own_pages(judge)]
    fields = fields_of(judge)
    # Saved on another device meanwhile.
    judge.fill(**{"score-value": "3"})
    sent = {**fields, "csrf_token": csrf_token(judge.client)}
    sent |= {f"{pages[0]}:value": "8", f"{pages[1]}:value": "eleven", f"{pages[2]}:value": "7"}
    answer = judge.client.post(f"{GRID}.scores", data=sent)
    assert answer.status_code == 422
    assert "Give a number such as 3 or 3.5" in answer.text
    assert "This scoresheet was saved elsewhere in the meantime" in answer.text
    assert f'name="{pages[1]}:value" value="eleven"' in answer.text
    assert judge.versions()[0].sheet.scores == {"value": 3.0}
    stored = judge.session.exec(
        select(tables.Assignment.id)
        .join(tables.Proposal, col(tables.Proposal.id) == col(tables.Assignment.proposal_id))
        .join(tables.Judge, col(tables.Judge.id) == col(tables.Assignment.judge_id))
        .where(tables.Proposal.key == pages[2], tables.Judge.key == "J01")
    ).one()
    assert [version.sheet.scores for version in list_versions(judge.session, present(stored))] == [{"value": 7.0}]
    judge.session.rollback()


def test_a_closed_round_has_no_fields(judge: Judge) -> None:
    fields = fields_of(judge)
    judge.close_round()
    assert fields_of(judge) == {}
    sent = {**fields, f"{judge.page.rsplit('/', 1)[1]}:value": "8", "csrf_token": csrf_token(judge.client)}
    answer = judge.client.post(f"{GRID}.scores", data=sent)
    assert (answer.status_code, "This round is closed." in answer.text) == (422, True)
    assert judge.versions() == []


def test_many_complete_sheets_are_submitted_in_transactions_of_their_own(judge: Judge) -> None:
    token = csrf_token(judge.client)
    for page in own_pages(judge):
        judge.client.post(page, data={"csrf_token": token, "base_version": "0", "action": "save", **FULL})
    n = len(own_pages(judge))
    assert f"Submit {n} complete scoresheets<" in judge.client.get(GRID).text
    assert judge.client.post(GRID, data={"csrf_token": token}).status_code == 303
    assert f"{n} scoresheets are submitted." in judge.client.get(GRID).text
