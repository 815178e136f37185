"""A judge's pages, by form and without JavaScript."""

import re
from dataclasses import replace

import pytest
from flask import Flask
from sqlmodel import Session, select

from judging import tables
from judging.schemas.scoresheets import SheetContent
from judging.services.access import operator
from judging.services.competitions.definitions import rules_of
from judging.services.scoresheets.given_back import undo_recusal
from judging.services.scoresheets.versions import NewVersion, append
from tests.support.event import AT, csrf_token, sign_in
from tests.support.judge_pages import CRITERIA, FULL, QUEUE, Judge


def test_the_queue_shows_own_proposals_and_hides_teams(judge: Judge) -> None:
    page = judge.client.get(QUEUE).text
    assert f'href="{judge.page}"' in page
    assert "Team 0" not in page
    assert "not started" in page


def test_saving_returns_to_the_sheet_which_shows_the_time(judge: Judge) -> None:
    answer = judge.fill(**{"score-value": "7", "comment-value": "為兩地\r\n居民"})
    assert (answer.status_code, answer.location) == (303, judge.page)
    saved = judge.versions()[0]
    assert (saved.version, saved.state, saved.sheet.comments) == (1, "draft", {"value": "為兩地\n居民"})
    page = judge.client.get(judge.page).text
    assert re.search(r'name="score-value" value="7"[^>]* checked', page)
    assert "Saved at " in page
    assert 'name="base_version" value="1"' in page


def test_submitting_makes_the_sheet_readable_and_reopening_writable(judge: Judge) -> None:
    assert judge.fill(action="submit", **FULL).status_code == 303
    page = judge.client.get(judge.page).text
    assert 'id="scoresheet"' not in page
    assert "Reopen" in page
    assert judge.send("/reopen").status_code == 303
    assert 'id="scoresheet"' in judge.client.get(judge.page).text
    assert [version.state for version in judge.versions()] == ["draft", "submitted"]
    assert judge.client.get(f"{judge.page}/versions").text.count('<details class="version"') == 2


def test_submit_and_open_the_next_goes_on_and_a_second_press_submits_nothing_else(judge: Judge) -> None:
    assert 'value="submit-next"' in judge.client.get(judge.page).text
    answers = [judge.fill(action="submit-next", **FULL) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location != judge.page
    page = judge.client.get(answers[0].location).text
    assert ("is submitted." in page, 'id="scoresheet"' in page, "just-arrived" in page) == (True, True, True)
    assert [version.state for version in judge.versions()] == ["submitted"]
    assert len(judge.session.exec(select(tables.Scoresheet)).all()) == 1
    judge.session.rollback()


def test_the_last_sheet_offers_no_next_one(judge: Judge) -> None:
    listed = re.findall(rf'href="({judge.page.rsplit("/", 1)[0]}/P\d+)"', judge.client.get(QUEUE).text)
    others = [address for address in dict.fromkeys(listed) if address != judge.page]
    for address in others:
        sent = {"csrf_token": csrf_token(judge.client), "base_version": "0", "action": "submit", **FULL}
        assert judge.client.post(address, data=sent).status_code == 303
    page = judge.client.get(judge.page).text
    assert ('value="submit"' in page, 'value="submit-next"' in page) == (True, False)
    assert judge.fill(action="submit-next", **FULL).location == judge.page


def test_whether_the_team_can_be_recognised_is_asked_only_where_teams_are_hidden(judge: Judge) -> None:
    assert 'name="identity_revealed"' in judge.client.get(judge.page).text
    row = judge.session.exec(select(tables.Round).where(tables.Round.key == "first-screening")).one()
    rules = rules_of(row)
    rules = replace(rules, privacy=replace(rules.privacy, teams_hidden=False))
    row.definition, row.digest = rules.to_dict(), rules.digest
    judge.session.commit()
    page = judge.client.get(judge.page).text
    assert ("Team: " in page, 'name="identity_revealed"' in page) == (True, False)


def test_a_submitted_sheet_has_a_receipt_with_the_digest_of_the_audit_log(judge: Judge) -> None:
    judge.fill(action="submit", **FULL)
    bound = judge.session.exec(
        select(tables.AuditEntry.stored).where(tables.AuditEntry.action == "scoresheet.submitted")
    ).one()
    judge.session.rollback()
    (name, digest), *others = (bound or {}).items()
    assert others == []
    page = judge.client.get(judge.page).text
    code = "-".join((digest[:4], digest[4:8], digest[8:12])).upper()
    receipt, folded = page.split('<p class="receipt mb-1">')[1].split('<details class="receipt mb-3">')
    assert (code in receipt, "you can prove what you submitted" in receipt, "SHA" in receipt) == (True, True, False)
    assert f'{name}, SHA-256 <code class="digest">{digest}</code>' in folded
    key = judge.page.rsplit("/", 1)[1]
    api = judge.client.get(f"/api/v1/competitions/hksh-2023/rounds/first-screening/scoresheets/{key}")
    assert (api.get_json() or {})["stored_digest"] == digest
    judge.send("/reopen")
    assert "SHA-256" not in judge.client.get(judge.page).text


def test_errors_are_shown_at_the_field_with_all_typed_values(judge: Judge) -> None:
    typed = {"score-value": "eleven", "score-data-use": "3", "comment": "<b>Kept</b>", "confidence": "2"}
    answer = judge.fill(action="submit", **typed)
    assert answer.status_code == 422
    assert '<a href="#score-value">' in answer.text
    assert 'id="score-value-error"' in answer.text
    assert re.search(r'aria-describedby="about-value score-value-error" aria-invalid="true"', answer.text)
    assert 'id="score-innovation-error"' in answer.text
    assert 'id="score-data-use-error"' not in answer.text
    assert "&lt;b&gt;Kept&lt;/b&gt;" in answer.text
    assert re.search(r'name="score-data-use" value="3"[^>]* checked', answer.text)
    assert judge.versions() == []


def test_a_comment_that_is_too_long_stays_on_the_page(judge: Judge) -> None:
    answer = judge.fill(comment="長" * 5001)
    assert answer.status_code == 422
    assert "長" * 5001 in answer.text


def test_a_field_of_no_criterion_is_refused(judge: Judge) -> None:
    assert judge.fill(**{"score-<script>": "1"}).status_code == 422


def test_a_double_click_stores_once(judge: Judge) -> None:
    assert [judge.fill(action="submit", **FULL).status_code for _ in range(2)] == [303, 303]
    assert len(judge.versions()) == 1


def test_a_stale_tab_gets_both_versions_and_chooses(judge: Judge) -> None:
    judge.fill(**{"score-value": "7", "comment": "stored"})
    answer = judge.fill(**{"score-value": "4", "score-data-use": "9", "comment": "typed"})
    assert answer.status_code == 409
    assert answer.text.count('class="card difference"') == 3
    assert 'name="base_version" value="1"' in answer.text
    chosen = {"score-value": "4", "score-data-use": "9", "comment": "typed"}
    keep = {"keep-score-value": "mine", "keep-score-data-use": "mine", "keep-comment": "stored"}
    assert judge.send("/resolve", base_version="1", action="chosen", **chosen, **keep).status_code == 303
    newest = judge.versions()[0]
    assert (newest.version, newest.sheet.scores, newest.sheet.comment) == (2, {"data-use": 9.0, "value": 4.0}, "stored")


def test_a_third_version_stored_during_the_choice_loses_nothing(judge: Judge) -> None:
    judge.fill(comment="one")
    judge.fill(base="1", comment="two")
    answer = judge.send("/resolve", base_version="1", action="mine", comment="typed")
    assert answer.status_code == 409
    assert "typed" in answer.text
    assert "two" in answer.text


def test_choosing_the_stored_version_changes_nothing(judge: Judge) -> None:
    judge.fill(comment="one")
    assert judge.send("/resolve", base_version="1", action="stored", comment="typed").status_code == 303
    assert len(judge.versions()) == 1


def test_a_closed_round_can_be_read_and_gives_the_typed_text_back(judge: Judge) -> None:
    judge.fill(comment="stored")
    judge.close_round()
    page = judge.client.get(judge.page)
    assert page.status_code == 200
    assert "stored" in page.text
    assert 'id="scoresheet"' not in page.text
    for action, typed in (("submit", FULL), ("save", {"score-value": "nonsense", "comment": "typed"})):
        answer = judge.fill(base="1", action=action, **typed)
        assert answer.status_code == 409
        assert all(text in answer.text for text in typed.values())
    assert judge.send("/reopen").status_code == 409


def test_a_form_without_its_token_is_refused(judge: Judge) -> None:
    assert judge.client.post(judge.page, data=FULL).status_code == 400
    assert judge.versions() == []


def test_the_sheet_of_another_judge_is_not_found(judge: Judge) -> None:
    own = set(re.findall(r"/first-screening/(P\d+)\"", judge.client.get(QUEUE).text))
    other = next(f"P{number:03}" for number in range(1, 7) if f"P{number:03}" not in own)
    judge.page = f"{QUEUE}/first-screening/{other}"
    assert judge.client.get(judge.page).status_code == 404
    assert judge.fill(**FULL).status_code == 404
    assert judge.client.get(f"{judge.page}/versions").status_code == 404


@pytest.mark.parametrize("role", ["organiser", "chair", "auditor"])
def test_only_a_judge_has_a_queue(judge: Judge, app: Flask, role: str) -> None:
    client = app.test_client()
    sign_in(client, judge.event.people[role])
    assert client.get(QUEUE).status_code == 403
    assert client.get(judge.page).status_code == 403


def test_stepping_back_needs_a_reason_and_closes_the_sheet(judge: Judge) -> None:
    refused = judge.send("/recuse", reason="other")
    assert refused.status_code == 422
    assert 'id="recuse-text-error"' in refused.text
    assert judge.send("/recuse", reason="family").status_code == 303
    assert judge.client.get(judge.page).status_code == 409
    answer = judge.fill(**FULL)
    assert answer.status_code == 409
    assert "stepped back" in judge.client.get(QUEUE).text
    undo_recusal(judge.session, operator(), judge.assignment_id, at=AT)
    judge.session.commit()
    assert judge.client.get(judge.page).status_code == 200


def test_the_review_marks_what_is_missing(judge: Judge) -> None:
    judge.fill(**{"score-value": "7"})
    page = judge.client.get(f"{QUEUE}/first-screening").text
    n_sheets = page.count('<th scope="row"')
    assert page.count('class="num missing"') == n_sheets * len(CRITERIA) - 1
    assert judge.client.get(f"{QUEUE}/no-such-round").status_code == 404


def test_a_round_not_opened_yet_is_not_found(judge: Judge) -> None:
    page = judge.client.get(QUEUE).text
    assert "Grand Final" not in page
    assert judge.client.get(f"{QUEUE}/grand-final/P001").status_code == 404


def test_a_submitted_sheet_can_be_recused_and_an_error_keeps_what_was_typed(judge: Judge) -> None:
    judge.fill(action="submit", **FULL)
    answer = judge.send("/recuse", reason="other", text="")
    assert (answer.status_code, 'value="other" selected' in answer.text) == (422, True)
    answer = judge.send("/recuse", reason="", text="We wrote a paper together")
    assert (answer.status_code, 'value="We wrote a paper together"' in answer.text) == (422, True)
    assert judge.send("/recuse", reason="other", text="We wrote a paper together").status_code == 303
    assert "The organiser will find another judge." in judge.client.get(QUEUE).text


def test_the_queue_says_that_changes_after_submitting_are_not_submitted(judge: Judge) -> None:
    judge.fill(action="submit", **FULL)
    judge.send("/reopen")
    judge.fill(base="2", **{**FULL, "score-value": "9"})
    page = judge.client.get(QUEUE).text
    assert ("submitted; changes not submitted" in page, "1 of " in page) == (True, True)


def test_an_earlier_version_is_saved_again_and_counts_only_when_submitted(judge: Judge) -> None:
    judge.fill(action="submit", **FULL)
    judge.send("/reopen")
    judge.fill(base="2", **{**FULL, "score-value": "9", "comment": "Better than I thought"})
    page = judge.client.get(f"{judge.page}/versions").text
    assert "Social or business value, Overall comment" in page
    assert judge.send("/restore", version="7", base_version="3").status_code == 404
    assert judge.send("/restore", version="1", base_version="2").status_code == 409
    assert judge.send("/restore", version="1", base_version="3").status_code == 303
    newest = judge.versions()[0]
    assert (newest.version, newest.state, newest.sheet.scores["value"], newest.sheet.comment) == (4, "draft", 6.0, "")


def test_the_queue_says_how_much_is_left_and_a_recused_proposal_has_a_page(judge: Judge) -> None:
    page = judge.client.get(QUEUE).text
    n = page.count('class="queue-entry"')
    assert f"{n} proposals to score" in page
    judge.send("/recuse", reason="family", text="")
    answer = judge.client.get(judge.page)
    assert (answer.status_code, "Error 409" in answer.text) == (409, False)
    assert "The organiser can give the proposal back to you." in answer.text


def test_all_complete_scoresheets_are_submitted_at_once(judge: Judge) -> None:
    judge.fill(**FULL)
    other = next(
        key
        for key in re.findall(r'href="(/judge/hksh-2023/first-screening/P\d+)"', judge.client.get(QUEUE).text)
        if key != judge.page
    )
    token = re.findall(r'csrf_token" value="([^"]+)', judge.client.get(QUEUE).text)[0]
    judge.client.post(other, data={"csrf_token": token, "base_version": "0", "action": "save", "score-value": "7"})
    grid = f"{QUEUE}/first-screening"
    assert "Submit 1 complete scoresheet<" in judge.client.get(grid).text
    assert judge.client.post(grid, data={"csrf_token": token}).status_code == 303
    assert [version.state for version in judge.versions()] == ["submitted", "draft"]
    page = judge.client.get(grid).text
    assert ("1 scoresheet is submitted." in page, "complete scoresheet<" in page) == (True, False)


def test_the_own_grid_is_sorted_and_marks_equal_totals(judge: Judge) -> None:
    token = re.findall(r'csrf_token" value="([^"]+)', judge.client.get(QUEUE).text)[0]
    pages = sorted(re.findall(r'class="queue-title" href="([^"]+)"', judge.client.get(QUEUE).text))
    better = {**FULL, "score-value": "9"}
    for page, scores in zip(pages, (FULL, better, FULL), strict=True):
        judge.client.post(page, data={"csrf_token": token, "base_version": "0", "action": "save", **scores})
    grid = f"{QUEUE}/first-screening"
    by_total = judge.client.get(f"{grid}?sort=total").text
    rows = re.findall(r'<th scope="row" class="wrap"><a href="([^"]+)"', by_total)
    assert rows == [pages[1], pages[0], pages[2]]
    assert by_total.count('<span class="tie-mark"><span aria-hidden="true">') == 2
    by_key = re.findall(r'<th scope="row" class="wrap"><a href="([^"]+)"', judge.client.get(f"{grid}?sort=x").text)
    assert by_key == pages


def test_organisers_see_that_a_judge_has_stepped_back(judge: Judge, app: Flask) -> None:
    judge.send("/recuse", reason="family", text="")
    organiser = app.test_client()
    sign_in(organiser, judge.event.people["organiser"])
    for address in ("/organiser/hksh-2023", "/organiser/hksh-2023/first-screening"):
        page = organiser.get(address).text
        assert "1 scoresheet of a judge who stepped back or left has no other judge yet." in page
        assert "/assignments#replace" in page
    # The page it leads to offers by name who could take it; one press, and the notice is gone.
    listed = organiser.get("/organiser/hksh-2023/first-screening/assignments?state=recused").text
    offered = listed[listed.index("Who could take what was given back") :]
    taker, proposal = re.findall(
        r'name="judge" value="(J\d+)"><input type="hidden" name="proposal" value="(P\d+)"', offered
    )[0]
    form = {"csrf_token": csrf_token(organiser), "judge": taker, "proposal": proposal}
    assert organiser.post("/organiser/hksh-2023/first-screening/assignments", data=form).status_code == 303
    for address in ("/organiser/hksh-2023", "/organiser/hksh-2023/first-screening"):
        assert "nobody else has" not in organiser.get(address).text
    assert "Who could take" not in organiser.get("/organiser/hksh-2023/first-screening/assignments?state=recused").text


def test_a_tie_named_on_a_scoresheet_is_in_both_lists_of_conflicts(judge: Judge, app: Flask) -> None:
    own, of_all = f"{QUEUE}/conflicts", "/organiser/hksh-2023/conflicts"
    assert "You have declared none." in judge.client.get(own).text
    judge.send("/recuse", reason="family", text="My cousin")
    organiser = app.test_client()
    sign_in(organiser, judge.event.people["organiser"])
    page = judge.client.get(own).text
    assert ("You have declared none." in page, "Declared on a scoresheet" in page, "My cousin" in page) == (
        False,
        True,
        True,
    )
    listed = organiser.get(of_all).text
    assert 'declared on the scoresheet<br><span class="small-note">First screening</span>' in listed
    # An abstention names no tie.
    organiser.post(
        "/organiser/hksh-2023/first-screening/assignments/give-back",
        data={"csrf_token": csrf_token(organiser), "judge": "J01", "proposal": judge.page.rsplit("/", 1)[1]},
    )
    judge.send("/abstain", reason="files", text="The deck does not open")
    assert "Declared on a scoresheet" not in judge.client.get(own).text


def test_of_many_versions_the_old_ones_that_were_never_submitted_are_folded(judge: Judge, session: Session) -> None:
    made = [
        NewVersion(
            assignment_id=judge.assignment_id,
            version=number,
            state="submitted" if number == 2 else "draft",
            sheet=SheetContent(scores=dict.fromkeys(CRITERIA, float(1 + number % 9))),
        )
        for number in range(1, 15)
    ]
    for version in made:
        append(session, [version], source="form", at=AT, saved_by=None)
    session.commit()
    page = judge.client.get(f"{judge.page}/versions").text
    shown, _, folded = page.partition("3 earlier versions that were not submitted")
    numbers = [[int(found) for found in re.findall(r"<b>Version (\d+)</b>", part)] for part in (shown, folded)]
    assert numbers == [[*range(14, 4, -1), 2], [4, 3, 1]]
    # Each can be restored, except the newest.
    assert page.count('name="version"') == 13


def test_a_reopened_sheet_is_none_to_score_and_its_total_is_called_a_draft(judge: Judge) -> None:
    judge.fill(action="submit", **FULL)
    judge.fill(base="1", **{**FULL, "score-value": "9"})
    page = " ".join(judge.client.get(QUEUE).text.split())
    assert "1 scoresheet is reopened: what you submitted counts until you submit it again." in page
    assert "2 proposals to score" in page
    assert page.count("Total of your draft; the submitted one counts</span> (draft)") == 1
