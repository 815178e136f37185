"""A real Chromium, watched: a page that complains or asks another machine fails its test."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Request,
    Response,
    expect,
    sync_playwright,
)

from tests.support.programs.network import is_local_url

FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)
# Milliseconds until a condition that did not come true fails a test. A busy machine is no failure: tests wait for
# conditions, and the limit only ends those that never come true.
LIMIT = 180_000
# A page or an answer to a script may well be a 409 that the test asked for; a missing style sheet never is.
_PARTS = frozenset({"font", "image", "manifest", "media", "script", "stylesheet"})


def chromium(program: str = "chromium-headless-shell") -> str:
    """Return the path of a Chromium on PATH."""
    path = shutil.which(program)
    if path is None:
        raise RuntimeError("There is no Chromium on PATH: run the tests with python3 run.py test, which brings one.")
    return path


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Run the Chromium on PATH."""
    expect.set_options(timeout=LIMIT)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS), chromium_sandbox=False)
        yield browser
        browser.close()


@dataclass
class Watch:
    """What went wrong on the pages of a browser context, beside what the test itself looks at."""

    problems: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Watch every page of a context, and give its pages the common time limit."""
        context.set_default_timeout(LIMIT)
        # Not a route, which could stop requests: each would pass through Python, and Chromium would keep nothing in
        # its cache. `FLAGS` let no request leave the machine.
        context.on("request", self._request)
        context.on("console", self._console)
        context.on("response", self._response)
        context.on("weberror", lambda error: self.problems.append(f"script error: {error.error}"))

    def _request(self, request: Request) -> None:
        # A page that somebody carried away is opened from a folder.
        if not request.url.startswith("file:///") and not is_local_url(request.url):
            self.problems.append(f"asked another machine: {request.url}")

    def _console(self, message: ConsoleMessage) -> None:
        # Violations of the content security policy come as errors too. Failed loads are judged by _response.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.problems.append(f"console: {message.text}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and response.request.resource_type in _PARTS:
            self.problems.append(f"{response.status} for {response.url}")
