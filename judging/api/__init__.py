"""The JSON API: one module for each resource, documented by the schemas that validate it.

A browser has the session of the pages, with the same rights: the services check them. Its write requests must have the
``csrf_token`` of ``GET /api/v1/session`` in the header ``X-CSRFToken``. A program has an access token of its person,
made on the page of the account, in the header ``Authorization: Bearer``; its scopes name what it may do.
"""

from __future__ import annotations

from http import HTTPStatus

from flask import Flask
from flask_smorest import Api

from judging.api import docs, faults, idempotency, preconditions, scopes
from judging.api.resources.account import access_tokens, account_changes, confirmation, members
from judging.api.resources.assignment import assignments, further_readings, plans
from judging.api.resources.decision import appeals, awards, meetings, rules, shortlists
from judging.api.resources.event import (
    archive,
    audit_log,
    competitions,
    definitions,
    jobs,
    mail_texts,
    messages,
    next_rounds,
    pitches,
    reminders,
    rounds,
    webhooks,
)
from judging.api.resources.result import (
    exports,
    letter_files,
    letters,
    outside_comparisons,
    proposals,
    ratings,
    releases,
    results,
    runs,
)
from judging.api.resources.roster import entries, files, import_files, imports, judge_conflicts, roster_rows
from judging.api.resources.scoresheet import (
    conduct,
    conflicts,
    entered,
    mirrors,
    own_rounds,
    own_workbooks,
    paper,
    practice,
    scoresheet_versions,
    scoresheets,
)
from judging.schemas.answers.problems import MEDIA_TYPE, ProblemSchema

PREFIX = "/api/v1"
_TOKENS = "An access token of a person. The scope that an operation needs stands beside it."

_RESOURCES = (
    competitions,
    confirmation,
    access_tokens,
    runs,
    ratings,
    jobs,
    exports,
    letter_files,
    shortlists,
    further_readings,
    awards,
    meetings,
    messages,
    letters,
    mail_texts,
    paper,
    appeals,
    account_changes,
    conflicts,
    next_rounds,
    rules,
    releases,
    scoresheets,
    scoresheet_versions,
    own_rounds,
    own_workbooks,
    conduct,
    mirrors,
    practice,
    audit_log,
    entered,
    pitches,
    files,
    roster_rows,
    entries,
    imports,
    import_files,
    rounds,
    judge_conflicts,
    assignments,
    reminders,
    proposals,
    webhooks,
    results,
    outside_comparisons,
    plans,
    definitions,
    members,
    archive,
)

# Only once, at the first import: a blueprint that is registered with an application accepts no more handlers.
for _module in _RESOURCES:
    faults.guard(_module.bp)
    idempotency.guard(_module.bp)
    preconditions.guard(_module.bp)


class _Api(Api):  # type: ignore[misc]  # flask-smorest ships no types
    """Flask-smorest's API with our problems, which its error handlers would also send to our pages."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        pass

    def _register_responses(self) -> None:
        content = {MEDIA_TYPE: {"schema": ProblemSchema}}
        named = [(status.name, status.phrase) for status in HTTPStatus if status >= HTTPStatus.BAD_REQUEST]
        for name, description in (*named, (self.DEFAULT_ERROR_RESPONSE_NAME, "Refused")):
            self.spec.components.response(name, {"description": description, "content": content}, lazy=True)


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
    schemes.security_scheme("token", {"type": "http", "scheme": "bearer", "description": _TOKENS})
    schemes.security_scheme("csrf", {"type": "apiKey", "in": "header", "name": "X-CSRFToken"})
    for module in _RESOURCES:
        api.register_blueprint(module.bp, url_prefix=PREFIX)
    app.register_blueprint(docs.bp, url_prefix=f"{PREFIX}/docs")
    faults.init_app(app)
    scopes.init_app(app)
    idempotency.init_app(app)
