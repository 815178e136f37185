"""Pages: one module per audience, one blueprint each."""

from flask import Flask

from judging.web import (
    assets,
    auth,
    chair,
    changes,
    compression,
    faults,
    health,
    home,
    jobs,
    judge,
    languages,
    organiser,
    parts,
    security,
    showing,
)


def init_app(app: Flask) -> None:
    """Register all pages and what they share."""
    compression.init_app(app)
    languages.init_app(app)
    security.init_app(app)
    faults.init_app(app)
    showing.init_app(app)
    assets.init_app(app)
    health.init_app(app)
    parts.init_app(app)
    for module in (assets, health, home, auth, judge, chair, organiser, jobs, changes):
        app.register_blueprint(module.bp)
