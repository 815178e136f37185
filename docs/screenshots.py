"""Take the README's pictures from a running demo: .venv/bin/python docs/screenshots.py CHAIR_LINK JUDGE_LINK.

The links are two of those that ``python3 run.py demo`` prints; each works once.
"""

import sys
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import Page

from tests.support.programs.browser import running_browser

IMAGES = Path(__file__).parent / "images"


def sign_in(page: Page, link: str) -> str:
    """Use a personal link up; returns the address of the site."""
    page.goto(link)
    page.locator("main form button").first.click()
    parts = urlsplit(link)
    return f"{parts.scheme}://{parts.netloc}"


def main(chair: str, judge: str) -> None:
    """Photograph the ranking at a desk and a scoresheet on a phone."""
    IMAGES.mkdir(exist_ok=True)
    with running_browser() as browser:
        page = browser.new_page(viewport={"width": 1200, "height": 1250}, locale="en-GB")
        site = sign_in(page, chair)
        page.goto(f"{site}/chair/hksh-2023/first-screening")
        page.screenshot(path=IMAGES / "ranking.png")
        page = browser.new_page(viewport={"width": 390, "height": 844}, locale="zh-HK")
        site = sign_in(page, judge)
        page.goto(f"{site}/judge/hksh-practice")
        page.locator("main a[href*='/judge/hksh-practice/']").first.click()
        page.screenshot(path=IMAGES / "scoresheet.png")


if __name__ == "__main__":
    main(*sys.argv[1:3])
