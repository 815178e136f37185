"""What lets a judge's browser install the pages and show kept ones without a connection."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, url_for
from flask_babel import gettext as _

from judging.request_language import current_language
from judging.web import assets

bp = Blueprint("offline", __name__)


@bp.get("/offline-worker.js")
def worker() -> Response:
    """Send the service worker: browsers ask for it by a fixed address, and let it serve addresses beside its own."""
    response = Response(assets.content_of("offline_worker.js"), content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    return response


@bp.get("/judging.webmanifest")
def manifest() -> Response:
    """Describe the application to a browser that installs it."""
    response = jsonify(
        name=_("Judging"),
        short_name=_("Judging"),
        lang=current_language(),
        start_url=url_for("home.index"),
        scope="/",
        display="standalone",
        background_color="#f5f7fa",
        theme_color="#12355b",
        icons=[{"src": assets.asset("icon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}],
    )
    response.content_type = "application/manifest+json"
    return response
