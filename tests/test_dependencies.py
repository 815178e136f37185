"""The audit of packages: licences that are not allowed and known vulnerabilities are named, and a skip is said."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

import run
from setup import dependencies, notices
from setup.environment import TEST_LOCK
from tests.support.programs.network import free_port


class _Service(HTTPServer):
    """A service of vulnerabilities that answers as it is told."""

    answer: Any = None
    asked: Any = None


class _Handler(BaseHTTPRequestHandler):
    server: _Service

    def do_POST(self) -> None:
        self.server.asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        content = json.dumps(self.server.answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments: object) -> None:
        """Write nothing."""


@pytest.fixture
def service() -> Iterator[_Service]:
    server = _Service(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def address(service: _Service) -> str:
    return f"http://127.0.0.1:{service.server_port}"


def test_every_locked_package_has_a_licence_of_the_list() -> None:
    assert list(dependencies.licence_faults()) == []


def test_a_licence_that_is_not_allowed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stated = {"good": "MIT OR GPL-2.0-only", "bad": "MIT AND GPL-3.0-or-later", "other": "Proprietary"}
    monkeypatch.setattr(notices, "_FROM_LICENCE_TEXT", stated)
    runtime, tests = tmp_path / "runtime.lock", tmp_path / "test.lock"
    runtime.write_text("good==1\nbad==1\nno-such-package==1\n")
    tests.write_text("good==1\nbad==1\nother==1\n")
    assert list(dependencies.licence_faults(runtime, tests)) == [
        "bad: MIT AND GPL-3.0-or-later is not in the list of allowed licences in setup/dependencies.py.",
        "no-such-package is not installed here: add its licence to setup/notices.py",
        "other: Proprietary is not in the list of allowed licences in setup/dependencies.py.",
    ]
    assert dependencies.forbidden("bad", dependencies.TEST_LICENCES) == ""


def test_vulnerable_versions_are_named(service: _Service) -> None:
    service.answer = {"results": [{}, {"vulns": [{"id": "GHSA-x"}, {"id": "PYSEC-y"}]}, None]}
    versions = {"b": "2", "a": "1", "c": "3"}
    assert dependencies.vulnerabilities(versions, address(service)) == {"b": ["GHSA-x", "PYSEC-y"]}
    assert service.asked["queries"][1] == {"package": {"name": "b", "ecosystem": "PyPI"}, "version": "2"}


def test_the_audit_says_what_it_found_and_what_it_does_not_know(
    service: _Service, capsys: pytest.CaptureFixture[str]
) -> None:
    count = len(notices.locked(TEST_LOCK))
    service.answer = {"results": [{}] * count}
    assert dependencies.audit_vulnerabilities(address(service)) == 0
    assert capsys.readouterr().out == f"No known vulnerability in {count} packages.\n"
    service.answer = {"results": [{"vulns": [{"id": "GHSA-x"}]}, *[{}] * (count - 1)]}
    assert dependencies.audit_vulnerabilities(address(service)) == 1
    assert capsys.readouterr().out.endswith(": GHSA-x\n")
    service.answer = {"results": []}
    assert dependencies.audit_vulnerabilities(address(service)) == dependencies.SKIPPED
    assert dependencies.audit_vulnerabilities(f"http://127.0.0.1:{free_port()}") == dependencies.SKIPPED
    # run.py is read by a Python without our packages, and cannot import this number.
    assert run.SKIPPED == dependencies.SKIPPED
    skipped = capsys.readouterr().out
    assert skipped.count(f"Nothing is known about {count} packages.") == 2
