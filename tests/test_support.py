"""The ground the tests stand on: they would pass on nothing if it gave way."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from playwright.sync_api import Browser, Page
from sqlalchemy import text
from sqlmodel import Session

from tests.support.programs.browser import Watch
from tests.support.programs.network import is_local_url
from tests.support.programs.office import recalculate

# Each character on a canvas, as the bytes of a picture: where no font has them, all are the same box.
DRAW = """(language) => {
    document.documentElement.lang = language;
    return [..."評审點"].map(character => {
        const canvas = Object.assign(document.createElement("canvas"), {width: 60, height: 60});
        const context = canvas.getContext("2d");
        context.font = "40px sans-serif";
        context.fillText(character, 5, 45);
        return canvas.toDataURL();
    });
}"""


def watched(browser: Browser, html: str) -> list[str]:
    watch, context = Watch(), browser.new_context()
    watch.over(context)
    page = context.new_page()
    page.set_content(html, wait_until="networkidle")
    context.close()
    return watch.problems


def test_the_database_is_the_one_that_was_asked_for(session: Session, engine_name: str) -> None:
    version = "SELECT version()" if engine_name == "postgresql" else "SELECT 'SQLite ' || sqlite_version()"
    assert session.execute(text(version)).scalar_one().split()[0].lower() == engine_name


def test_the_browser_has_chinese_letters(page: Page) -> None:
    assert len(set(page.evaluate(DRAW, "zh-Hant-HK"))) == 3


def test_a_page_that_asks_another_machine_is_caught(browser: Browser) -> None:
    problems = watched(browser, '<img src="https://cdn.example/picture.png">')
    assert problems[0] == "asked another machine: https://cdn.example/picture.png"


def test_a_page_whose_script_fails_is_caught(browser: Browser) -> None:
    assert watched(browser, "<script>nothing.here()</script>") == ["script error: nothing is not defined"]


def test_a_page_that_breaks_its_content_security_policy_is_caught(browser: Browser) -> None:
    policy = '<meta http-equiv="Content-Security-Policy" content="script-src \'self\'">'
    problems = watched(browser, f"<html><head>{policy}</head><body><script>1</script></body></html>")
    assert [problem.split(" violates ")[0] for problem in problems] == ["console: Executing inline script"]


def test_a_blank_page_has_no_problems(open_page: Callable[..., Page]) -> None:
    assert open_page().url == "about:blank"


def test_this_process_cannot_connect_elsewhere() -> None:
    with socket.socket() as stray, pytest.raises(AssertionError, match=r"192\.0\.2\.1"):
        stray.connect(("192.0.2.1", 80))


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:8000/judge", True),
        ("http://localhost/", True),
        ("http://[::1]:8000/", True),
        ("data:image/png;base64,AA==", True),
        ("http://127.0.0.1.example/", False),
        ("https://cdn.example/localhost", False),
        ("http://192.168.0.1/", False),
    ],
)
def test_only_this_machine_is_local(url: str, local: bool) -> None:
    assert is_local_url(url) is local


def test_libreoffice_calculates_a_formula(tmp_path: Path) -> None:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.append([2, 40, "=A1+B1"])
    workbook.save(tmp_path / "sum.xlsx")
    opened = load_workbook(recalculate(tmp_path / "sum.xlsx", tmp_path), data_only=True)
    assert opened.worksheets[0]["C1"].value == 42
