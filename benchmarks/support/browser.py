"""A small browser for load: one connection, one cookie, the CSRF token. It measures what its person waits."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Sequence
from urllib.parse import urlencode

BOUNDARY = "----benchmark"


class Connection:
    """One connection that is kept open, as a browser does."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection: http.client.HTTPConnection | None = None
        self._used = 0.0

    def send(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[http.client.HTTPResponse, bytes, float]:
        """Return the answer, its content and its seconds; raise what http.client raises when the connection broke."""
        if time.monotonic() - self._used > 1:
            # The server closes a connection that was idle for two seconds.
            self.close()
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        began = time.perf_counter()
        try:
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            content = answer.read()
        except BaseException:
            self.close()
            raise
        self._used = time.monotonic()
        if answer.headers.get("Connection", "").lower() == "close":
            self.close()
        return answer, content, time.perf_counter() - began

    def close(self) -> None:
        """Close the connection; the next request opens another one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Browser:
    """One person's browser.

    Parameters
    ----------
    port : int
        Of this machine.
    cookie : str
        Name and value; "" for somebody who has not signed in.
    """

    def __init__(self, port: int, cookie: str = "") -> None:
        self.port = port
        self.cookie = cookie
        self.token = ""
        self._connection = Connection(port)

    def send(
        self, method: str, path: str, body: bytes | None = None, kind: str = "application/json"
    ) -> tuple[int, bytes, float]:
        """Return status, content and seconds; status 0 when the connection broke."""
        headers = {"Content-Type": kind, "X-CSRFToken": self.token}
        if self.cookie:
            headers["Cookie"] = self.cookie
        began = time.perf_counter()
        try:
            answer, content, seconds = self._connection.send(method, path, body, headers)
        except (OSError, http.client.HTTPException):
            return 0, b"", time.perf_counter() - began
        if changed := answer.headers.get("Set-Cookie"):
            self.cookie = changed.partition(";")[0]
        return answer.status, content, seconds

    def fetch_token(self) -> None:
        """Take the CSRF token of a signed-in person."""
        self.token = json.loads(self.send("GET", "/api/v1/session")[1])["csrf_token"]

    def put_json(self, path: str, value: object) -> tuple[int, bytes, float]:
        """Send JSON."""
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        return self.send("PUT", path, body)

    def post_form(self, path: str, fields: dict[str, str]) -> tuple[int, bytes, float]:
        """Send a form."""
        body = urlencode({"csrf_token": self.token, **fields}).encode()
        return self.send("POST", path, body, "application/x-www-form-urlencoded")

    def post_file(self, path: str, name: str, content: bytes) -> tuple[int, bytes, float]:
        """Send a file as ``file``."""
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        body = head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
        return self.send("POST", path, body, f"multipart/form-data; boundary={BOUNDARY}")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that this share of the values does not exceed; NaN without values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")
