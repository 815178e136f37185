"""The judge's pages in the dark and in large text: readable, and nothing covered."""

from __future__ import annotations

from typing import cast

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.support.judge_sheets import Sheets, choose, fill_all

# The contrast of every visible text to the nearest painted background under it (WCAG 2.2, 1.4.3).
CONTRASTS = """() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([red, green, blue]) => {
    const linear = (c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = [red, green, blue].map((c) => linear(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parts(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const low = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || element.closest("option")) continue;
    if (!element.checkVisibility({ visibilityProperty: true })) continue;
    const [text, under] = [light(parts(getComputedStyle(element).color)), light(ground(element))];
    const contrast = (Math.max(text, under) + 0.05) / (Math.min(text, under) + 0.05);
    if (contrast < 4.5) low.push(`${node.textContent.trim().slice(0, 30)}: ${contrast.toFixed(2)}`);
  }
  return low;
}"""


def low_contrasts(page: Page) -> list[str]:
    """Return each visible text of the loaded page whose contrast is below 4.5:1, with its contrast."""
    # A text can be seen before the last style sheet has come: then its colours are those of no reader.
    page.wait_for_load_state("load")
    return cast(list[str], page.evaluate(CONTRASTS))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_enough_contrast(sheets: Sheets, scheme: str) -> None:
    page = sheets.open(viewport={"width": 1200, "height": 900}, color_scheme=scheme)
    sheet = page.url
    choose(page, "value", 6)
    page.fill("#comment-value", "x" * 5001)
    page.locator("#comment-value-error").wait_for()
    grid = sheet.rsplit("/", 1)[0]
    queue = grid.rsplit("/", 1)[0]
    is_dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(16, 22, 29)"
    assert is_dark == (scheme == "dark")
    found = {"sheet": low_contrasts(page)}
    assert [violation["id"] for violation in Axe().run(page).response["violations"]] == []
    others = (f"{queue}/start", f"{queue}/rubrics/first-screening", f"{grid}?edit=1")
    for address in (grid, queue, queue.rsplit("/", 2)[0] + "/", f"{sheet}/versions", *others):
        page.goto(address)
        found[address] = low_contrasts(page)
    assert {address: low for address, low in found.items() if low} == {}


def test_in_large_text_the_bar_covers_no_field(sheets: Sheets) -> None:
    # 200 % on a phone: half as many CSS pixels each way.
    page = sheets.open(viewport={"width": 320, "height": 420}, reduced_motion="reduce")
    fill_all(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.evaluate("getComputedStyle(document.querySelector('.score-bar')).position") == "static"
    page.set_viewport_size({"width": 390, "height": 844})
    for name in ("comment-innovation", "comment", "justification", "identity_revealed"):
        page.focus(f"#{name}")
        below = page.evaluate("document.activeElement.getBoundingClientRect().bottom")
        assert below <= page.evaluate("document.querySelector('.score-bar').getBoundingClientRect().top")
