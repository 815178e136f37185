"""The JSON API: one module for each resource, documented by the schemas that validate it.

The session is the same as on the pages, with the same rights: the services check them. Write requests must have the
token of ``GET /api/v1/session`` in the header ``X-CSRFToken``.
"""

from __future__ import annotations

from flask import Flask
from flask_smorest import Api

from judging.api import docs, faults
from judging.api.resources import (
    account_changes,
    assignments,
    audit_log,
    awards,
    competitions,
    conduct,
    confirmation,
    conflicts,
    entered,
    exports,
    files,
    further_readings,
    jobs,
    judge_conflicts,
    meetings,
    messages,
    mirrors,
    next_rounds,
    pitches,
    practice,
    releases,
    roster_rows,
    rounds,
    runs,
    scoresheets,
    shortlists,
)

PREFIX = "/api/v1"

_RESOURCES = (
    competitions,
    confirmation,
    runs,
    jobs,
    exports,
    shortlists,
    further_readings,
    awards,
    meetings,
    messages,
    account_changes,
    conflicts,
    next_rounds,
    releases,
    scoresheets,
    conduct,
    mirrors,
    practice,
    audit_log,
    entered,
    pitches,
    files,
    roster_rows,
    rounds,
    judge_conflicts,
    assignments,
)

# Only once, at the first import: a blueprint that is registered with an application accepts no more handlers.
for _module in (*_RESOURCES, faults):
    faults.guard(_module.bp)


class _Api(Api):  # type: ignore[misc]  # flask-smorest ships no types
    """Flask-smorest's API without its error handlers, which it would also register for our pages."""

    def _register_error_handlers(self) -> None:
        pass


def init_app(app: Flask) -> None:
    """Register the API with the application."""
    app.config.update(
        API_TITLE="Judging",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=PREFIX,
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "info": {"description": __doc__},
            "security": [{"session": []}],
        },
    )
    api = _Api(app)
    schemes = api.spec.components
    schemes.security_scheme("session", {"type": "apiKey", "in": "cookie", "name": app.config["SESSION_COOKIE_NAME"]})
    schemes.security_scheme("csrf", {"type": "apiKey", "in": "header", "name": "X-CSRFToken"})
    for module in _RESOURCES:
        api.register_blueprint(module.bp, url_prefix=PREFIX)
    app.register_blueprint(docs.bp, url_prefix=f"{PREFIX}/docs")
    app.register_blueprint(faults.bp, url_prefix=PREFIX)
    # Older and newer versions, and addresses that lack one.
    app.register_blueprint(faults.bp, url_prefix="/api", name="api_faults_without_version")
