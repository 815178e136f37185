"""Pages: one module per audience, one blueprint each."""

from flask import Flask

from judging import request_language
from judging.web import (
    assets,
    audit_log,
    chair,
    health,
    home,
    jobs,
    judge,
    new_competition,
    organiser,
    proposal_files,
    public_results,
    showing,
)
from judging.web.account import (
    auth,
    changes,
    confirming,
    own_account,
    own_tokens,
    second_factor,
    second_step,
    setting_up,
    single_sign_on,
)
from judging.web.responses import compression, faults, parts, security


def init_app(app: Flask) -> None:
    """Register all pages and what they share."""
    compression.init_app(app)
    request_language.init_app(app)
    security.init_app(app)
    # After the check of the form's token.
    confirming.init_app(app)
    single_sign_on.init_app(app)
    faults.init_app(app)
    showing.init_app(app)
    assets.init_app(app)
    parts.init_app(app)
    audit_log.init_app(app)
    proposal_files.init_app(app)
    pages = (
        assets,
        health,
        home,
        auth,
        own_account,
        setting_up,
        second_step,
        second_factor,
        own_tokens,
        single_sign_on,
        judge,
        judge.offline,
        chair,
        organiser,
        organiser.editor,
        new_competition,
        proposal_files,
        jobs,
        changes,
        public_results,
        audit_log,
    )
    # `auth`, `own_account` and `setting_up` share a blueprint.
    for blueprint in dict.fromkeys(module.bp for module in pages):
        app.register_blueprint(blueprint)


def connect(app: Flask) -> None:
    """Prepare what pages remember of the application's database."""
    health.connect(app)
    parts.connect(app)
