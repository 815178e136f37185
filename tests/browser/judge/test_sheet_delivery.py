"""What is typed reaches the service over any connection, and "saved" is only said of what was stored."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Dialog, Route, expect
from sqlmodel import select

from judging import tables
from tests.support.judge_sheets import (
    CRITERIA,
    NUMBERS,
    STATUS,
    STORED,
    Sheets,
    choose,
    expect_copies,
    expect_kind,
    fill_all,
)


def test_submitting_does_not_wait_for_a_request_that_never_ends(sheets: Sheets) -> None:
    page = sheets.open()
    hanging: list[Route] = []

    def hang(route: Route) -> None:
        if json.loads(route.request.post_data or "{}")["submit"]:
            route.continue_()
        else:
            hanging.append(route)

    page.route("**/api/**", hang)
    fill_all(page)
    expect(page.locator(STATUS)).to_have_text("Saving …")
    page.wait_for_timeout(1500)
    assert len(hanging) == 1
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.get_by_text("Submitted. Thank you.")).to_be_visible()
    assert [version.state for version in sheets.versions()] == ["submitted"]


@pytest.mark.parametrize(
    ("status", "media_type", "body"),
    [
        (200, "application/json", '{"version": 99, "saved_at": "2023-07-03T06:00:00+00:00"}'),
        (200, "text/html", "<h1>Welcome to this Wi-Fi</h1>"),
        (204, "application/json", ""),
        (409, "text/html", "<h1>Conflict</h1>"),
        (422, "application/json", "[1"),
    ],
)
def test_only_an_answer_with_the_digest_of_what_was_sent_is_a_save(
    sheets: Sheets, status: int, media_type: str, body: str
) -> None:
    page = sheets.open()
    false = [0]

    def lie(route: Route) -> None:
        false[0] += 1
        if false[0] == 1:
            route.fulfill(status=status, content_type=media_type, body=body)
        else:
            route.continue_()

    page.route("**/api/**", lie)
    page.fill("#comment", "On a train")
    expect_kind(page, "offline")
    assert "Not saved yet" in page.locator(STATUS).inner_text()
    assert page.evaluate("Object.keys(localStorage).length") == 1
    expect(page.locator(STATUS)).to_have_text(NUMBERS)
    assert [version.sheet.comment for version in sheets.versions()] == ["On a train"]
    assert page.evaluate("Object.keys(localStorage).length") == 0


def test_a_lost_answer_is_no_conflict(sheets: Sheets) -> None:
    page = sheets.open()
    answers = ["lost", "lost"]

    def lose(route: Route) -> None:
        if answers:
            answers.pop()
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/api/**", lose)
    page.fill("#comment", "One")
    expect_kind(page, "offline")
    page.fill("#comment", "One two")
    fill_all(page)
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.get_by_text("Submitted. Thank you.")).to_be_visible()
    assert sheets.versions()[0].sheet.comment == "One two"


def test_a_page_closed_after_a_lost_answer_goes_on_from_what_was_stored(sheets: Sheets) -> None:
    page = sheets.open()

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/api/**", lose)
    page.fill("#comment", "One")
    expect_kind(page, "offline")
    page.fill("#comment", "One two")
    context = page.context
    page.close()
    again = sheets.open(context)
    expect(again.locator("#comment")).to_have_value("One two")
    expect(again.locator(STATUS)).to_have_text(STORED)
    assert [version.sheet.comment for version in sheets.versions()] == ["One two", "One"]


def test_two_tabs_have_copies_of_their_own(sheets: Sheets) -> None:
    first = sheets.open()
    second = sheets.open(first.context)
    first.context.set_offline(True)
    first.fill("#comment", "In the first")
    second.fill("#comment", "In the second")
    expect_kind(first, "offline")
    expect_kind(second, "offline")
    assert first.evaluate("Object.keys(localStorage).length") == 2
    first.context.set_offline(False)
    expect_copies(first, 1)
    kept = first.evaluate("JSON.parse(Object.values(localStorage)[0]).values.comment")
    assert {kept, sheets.versions()[0].sheet.comment} == {"In the first", "In the second"}


def test_a_sheet_submitted_offline_is_submitted_from_another_page(sheets: Sheets) -> None:
    page = sheets.open()
    fill_all(page)
    expect(page.locator(STATUS)).to_have_text(NUMBERS)
    page.route("**/api/**", lambda route: route.abort())
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.locator(STATUS)).to_have_text(re.compile("^Not submitted yet"))
    page.goto(re.sub(r"/first-screening/.*", "", page.url))
    expect(page.get_by_text("1 scoresheet waiting")).to_be_visible()
    page.unroute("**/api/**")
    page.reload()
    expect(page.locator("#outbox")).to_be_hidden()
    expect_copies(page, 0)
    assert [version.state for version in sheets.versions()] == ["submitted", "draft"]


def test_a_refused_submission_is_submitted_when_the_missing_scores_are_chosen(sheets: Sheets) -> None:
    page = sheets.open()
    for criterion, value in zip(CRITERIA[1:], (6, 7, 8, 9), strict=True):
        choose(page, criterion, value)
    page.get_by_role("button", name="Submit", exact=True).click()
    missing = page.get_by_text("A score is needed here before you can submit.").and_(page.locator("p"))
    expect(missing).to_have_count(1)
    choose(page, CRITERIA[0], 5)
    expect(missing).to_have_count(0)
    expect(page.locator("[aria-invalid]")).to_have_count(0)
    for _ in range(400):
        if not page.evaluate("Object.values(localStorage).some((text) => JSON.parse(text).submit)"):
            break
        page.wait_for_timeout(50)
    with page.expect_navigation():
        page.get_by_role("button", name="Submit", exact=True).click()
    expect_copies(page, 0)
    newest = sheets.versions()[0]
    assert (newest.state, newest.sheet.scores) == ("submitted", dict(zip(CRITERIA, (5, 6, 7, 8, 9), strict=True)))


def test_a_browser_that_cannot_keep_text_says_so(sheets: Sheets) -> None:
    page = sheets.open()
    page.evaluate("() => { Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError') } }")
    page.route("**/api/**", lambda route: route.abort())
    page.fill("#comment", "Nowhere to keep this")
    expect(page.locator(STATUS)).to_have_text(re.compile("this browser cannot keep it"))


def test_a_comment_that_is_too_long_is_marked_and_the_rest_is_saved(sheets: Sheets) -> None:
    page = sheets.open()
    page.fill("#comment-value", "x" * 5001)
    choose(page, "value", 7)
    expect(page.locator(STATUS)).to_have_text(re.compile("except the marked fields"))
    expect(page.locator("#comment-value-error")).to_have_text("This text has 5001 characters; at most 5000 fit.")
    expect(page.locator("#comment-value")).to_have_attribute("aria-invalid", "true")
    assert (sheets.versions()[0].sheet.scores, sheets.versions()[0].sheet.comments) == ({"value": 7.0}, {})
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.locator("#comment-value")).to_be_focused()
    page.fill("#comment-value", "Short")
    expect(page.locator("#comment-value-error")).to_have_count(0)
    expect(page.locator(STATUS)).to_have_text(NUMBERS)
    assert sheets.versions()[0].sheet.comments == {"value": "Short"}


def test_saving_keeps_the_place_on_the_page(sheets: Sheets) -> None:
    page = sheets.open(viewport={"width": 390, "height": 800}, reduced_motion="reduce")
    page.locator("#comment").scroll_into_view_if_needed()
    page.fill("#comment", "Far down")
    before = page.evaluate("scrollY")
    page.get_by_role("button", name="Save", exact=True).last.evaluate("button => button.click()")
    expect(page.locator(STATUS)).to_have_text(NUMBERS)
    assert page.evaluate("scrollY") == before > 0


def test_half_composed_input_is_not_saved(sheets: Sheets) -> None:
    page = sheets.open()
    page.focus("#comment")
    devtools = page.context.new_cdp_session(page)
    devtools.send("Input.imeSetComposition", {"text": "kai fang", "selectionStart": 8, "selectionEnd": 8})
    page.wait_for_timeout(2000)
    assert sheets.versions() == []
    devtools.send("Input.insertText", {"text": "開放"})
    expect(page.locator(STATUS)).to_have_text(NUMBERS)
    assert [version.sheet.comment for version in sheets.versions()] == ["開放"]


def test_nobody_signs_out_without_knowing_of_unsent_text(sheets: Sheets) -> None:
    page = sheets.open()
    page.route("**/api/**", lambda route: route.abort())
    page.fill("#comment", "Not sent")
    expect_kind(page, "offline")
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#comment")).to_have_value("Not sent")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in**")
    assert page.evaluate("Object.keys(localStorage).length") == 0


def test_unsent_text_stays_until_the_judge_is_really_signed_out(sheets: Sheets) -> None:
    page = sheets.open()
    begun = sheets.session.exec(select(tables.SignInSession)).one()
    begun.how = "link"
    sheets.session.add(begun)
    sheets.session.commit()
    page.route("**/api/**", lambda route: route.abort())
    page.fill("#comment", "Not sent")
    expect_kind(page, "offline")
    said: list[str] = []

    def accept(dialog: Dialog) -> None:
        said.append(dialog.message)
        dialog.accept()

    page.on("dialog", accept)
    page.route("**/sign-out", lambda route: route.abort())
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_timeout(500)
    assert said[-1].startswith("The service was not reached, so you are still signed in.")
    expect_copies(page, 1)
    page.unroute("**/sign-out")
    # The service asks first: this judge could not come back without a new link.
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign out?")).to_be_visible()
    expect_copies(page, 1)
    # Before its scripts are there, a form is sent without them.
    page.wait_for_load_state()
    page.get_by_role("button", name="Sign out all the same").click()
    page.wait_for_url("**/sign-in**")
    expect_copies(page, 0)
