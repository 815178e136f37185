"""``/healthz`` and ``/readyz``: short JSON answers for process managers and load balancers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from flask import Blueprint, Flask, Response, current_app, jsonify

from judging.services import health

bp = Blueprint("health", __name__)

_CHECK_AGAIN_SECONDS = 2.0
_ANSWER_SECONDS = 0.6
_OLDEST_SECONDS = 10.0
_NO_ANSWER = {"database": "It has not answered in time."}


class Readiness:
    """The newest result of a check that may hang: it runs in a thread of its own, one at a time.

    However often somebody asks, the check runs once in two seconds, and nobody waits longer than 0.6 seconds for it.

    Parameters
    ----------
    check : callable
        Returns the faults: part -> sentence.
    """

    def __init__(self, check: Callable[[], dict[str, str]]) -> None:
        self._check = check
        self._lock = threading.Lock()
        self._finished = threading.Event()
        self._is_running = False
        self._faults: dict[str, str] = _NO_ANSWER
        self._checked_at = float("-inf")

    def faults(self) -> dict[str, str]:
        """Return the faults of a check that is at most ten seconds old."""
        with self._lock:
            if not self._is_running and time.monotonic() - self._checked_at > _CHECK_AGAIN_SECONDS:
                self._is_running = True
                self._finished.clear()
                threading.Thread(target=self._run, name="readiness", daemon=True).start()
        self._finished.wait(_ANSWER_SECONDS)
        with self._lock:
            is_old = time.monotonic() - self._checked_at > _OLDEST_SECONDS
            return dict(_NO_ANSWER if is_old else self._faults)

    def _run(self) -> None:
        faults = {"service": "The check failed."}
        try:
            faults = self._check()
        finally:
            with self._lock:
                self._faults, self._checked_at, self._is_running = faults, time.monotonic(), False
            self._finished.set()


def connect(app: Flask) -> None:
    """Prepare the check of the application's database."""
    engine = app.extensions["judging.engine"]
    app.extensions["judging.readiness"] = Readiness(
        lambda: health.find_faults(
            engine,
            app.config["DATA_DIR"],
            least_free_bytes=app.config["LEAST_FREE_MEGABYTES"] * 1_000_000,
            at=datetime.now(UTC),
        )
    )


@bp.get("/healthz")
def healthz() -> Response:
    """Answer that this process serves; nothing else is asked."""
    return jsonify(status="ok")


@bp.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Answer whether this process can save scores, otherwise 503 with the reasons."""
    readiness: Readiness = current_app.extensions["judging.readiness"]
    faults = readiness.faults()
    if faults:
        return jsonify(status="not ready", faults=faults), 503
    return jsonify(status="ready"), 200
