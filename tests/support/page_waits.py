"""Wait for what a page says of itself. `Page.wait_for_function` needs eval in the page, which its policy forbids."""

from __future__ import annotations

from playwright.sync_api import Page


def wait_until(page: Page, expression: str) -> None:
    """Wait until an expression is true in the page, for half a minute at most."""
    for _ in range(600):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(expression)
