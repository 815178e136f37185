"""Create the application from its parts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask import request as flask_request
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from judging import api, db, logs, reading_log, request, web
from judging.media.file_store import FileStore
from judging.media.media_limits import MediaLimits
from judging.request_bodies import ReceivingRequest
from judging.services.audit import signed_heads
from judging.services.mail.mailer import mailer_of
from judging.web import files_host
from judging.web.key_addresses import PageRule

if TYPE_CHECKING:
    from config import Config


class _Application(Flask):
    """Flask, except that the log of an exception names the route: a path may contain the token of a personal link."""

    request_class = ReceivingRequest
    url_rule_class = PageRule

    def log_exception(self, exc_info: Any) -> None:
        """Log an exception that no handler took."""
        logs.log.error("unexpected error", method=flask_request.method, route=logs.route(), exc_info=exc_info)


class _Number(IntegerConverter):
    """An integer in a URL, at most the largest value of a column; a larger one does not match, so the answer is 404."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=2**31 - 1)


def create_app(config: Config) -> Flask:
    """Return the application for one configuration. The database must be migrated."""
    app = _Application("judging", static_folder=None, template_folder="web/templates")
    app.url_map.converters["int"] = _Number
    # Werkzeug redirects these addresses to the host that the request names, which may be anybody's.
    app.url_map.redirect_defaults = False
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.config.update(
        SECRET_KEY=config.secret_key,
        # With the prefix, browsers take the cookie from this host over https only, not from a neighbour in the domain.
        SESSION_COOKIE_NAME="__Host-judging_session" if config.cookie_secure else "judging_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.cookie_secure,
        # A form that stays open for hours must still be accepted: the token is valid as long as the session.
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=config.max_upload_bytes,
        MEDIA_LIMITS=MediaLimits(
            max_deck_bytes=config.max_deck_bytes,
            max_video_bytes=config.max_video_bytes,
            least_free_bytes=config.least_free_megabytes * 1_000_000,
        ),
        MAX_FORM_MEMORY_SIZE=2_000_000,
        TRUSTED_HOSTS=list(config.trusted_hosts) or None,
        PROXY_COUNT=config.proxy_count,
        HEAD_SECONDS=config.head_seconds,
        BODY_SECONDS=config.body_seconds,
        REQUESTS_PER_PERSON=config.requests_per_person,
        PERSON_SHARE_PERCENT=config.person_share_percent,
        VERSIONS_PER_MINUTE=config.versions_per_minute,
        SESSION_IDLE=timedelta(hours=config.session_idle_hours),
        SESSION_LIFETIME=timedelta(hours=config.session_hours),
        CONFIRMATION_LIFETIME=timedelta(minutes=config.confirmation_minutes),
        REMOVAL_WAIT=timedelta(days=config.removal_days),
        SECOND_FACTOR=config.second_factor,
        SINGLE_SIGN_ON=config.single_sign_on,
        WEBHOOK_PRIVATE=config.webhook_private == "allow",
        LEAST_FREE_MEGABYTES=config.least_free_megabytes,
        RUBRICS_DIR=config.rubrics_dir,
        BASE_URL=config.base_url,
        FILES_URL=config.files_url,
    )
    # Inside of what reads the proxies' headers: the name of the host is among them.
    files_host.init_app(app)
    if config.proxy_count:
        hops = config.proxy_count
        # Flask documents the replacement of wsgi_app by a wrapper; mypy reports an assignment to a method.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # as Flask documents it
    logs.configure(config.log_level)
    logs.init_app(app)
    if config.smtp is not None:
        app.extensions["judging.mailer"] = mailer_of(
            secret_key=config.secret_key, sender=config.smtp.sender, base_url=config.base_url
        )
    request.init_app(app)
    web.init_app(app)
    api.init_app(app)
    connect(app, config)
    return app


def connect(app: Flask, config: Config) -> None:
    """Give the application the database and the data folder of a configuration, and nothing remembered of others."""
    app.config["DATA_DIR"] = config.data_dir
    app.extensions["judging.files"] = FileStore(config.files_dir)
    signed_heads.use_key(config.audit_key_file)
    request.connect(app, db.create_engine_for(config.database_url))
    reading_log.connect(app)
    web.connect(app)
