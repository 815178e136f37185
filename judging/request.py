"""The transaction, the actor and the time of one request.

Pages and API both use this module. The transaction begins with the first use of the session: as a reader for GET and
HEAD, otherwise as a writer. It ends with the request: committed when the response is a success or a redirect, rolled
back otherwise. Therefore a failed request stores nothing.
"""

from datetime import UTC, datetime, timedelta
from typing import cast

from flask import Flask, Response, current_app, g, request
from flask_login import LoginManager, UserMixin, current_user
from sqlalchemy import Engine
from sqlmodel import Session

from judging import db, errors, tables
from judging.errors import NotSignedIn
from judging.services.access import Actor, load_actor

# The only mapping from domain errors to HTTP. The first class that matches counts.
STATUS: tuple[tuple[type[errors.JudgingError], int], ...] = (
    (errors.InvalidInput, 422),
    (errors.NotSignedIn, 401),
    (errors.NotAllowed, 403),
    (errors.NotFound, 404),
    (errors.Conflict, 409),
    (errors.NotLinked, 409),
    (errors.RubricError, 422),
    (errors.JudgingError, 500),
)
_READ_ONLY_METHODS = ("GET", "HEAD", "OPTIONS")
SESSION_LIFETIME = timedelta(days=14)


class SignedIn(UserMixin):  # type: ignore[misc]  # Flask-Login ships no types
    """The signed-in person of a session cookie, with the session epoch of that cookie."""

    def __init__(self, person: tables.Person) -> None:
        self.person_id = cast(int, person.id)
        self.name = person.name
        self.locale = person.locale
        self.session_epoch = person.session_epoch

    def get_id(self) -> str:
        """Return the value stored in the cookie; increasing the epoch invalidates every older cookie."""
        return f"{self.person_id}.{self.session_epoch}"


def init_app(app: Flask, engine: Engine) -> None:
    """Register sessions, sign-in and the transaction rule with the application."""
    app.extensions["judging.engine"] = engine
    app.permanent_session_lifetime = SESSION_LIFETIME
    login = LoginManager()
    login.session_protection = None
    login.user_loader(_load_signed_in)
    login.init_app(app)
    app.after_request(_end_transaction)
    app.teardown_request(_close_session)


def engine() -> Engine:
    """Return the application's engine, for code that needs a transaction of its own."""
    return cast(Engine, current_app.extensions["judging.engine"])


def session() -> Session:
    """Return the session of this request, beginning its transaction on first use."""
    if "judging_session" not in g:
        g.judging_session = db.open_session(engine(), read_only=request.method in _READ_ONLY_METHODS)
    return cast(Session, g.judging_session)


def actor() -> Actor:
    """Return the signed-in person with the current roles; raise NotSignedIn when nobody is signed in."""
    if "judging_actor" not in g:
        if not current_user.is_authenticated:
            raise NotSignedIn
        g.judging_actor = load_actor(session(), current_user.person_id, address=address())
    return cast(Actor, g.judging_actor)


def address() -> str:
    """Return the client's address, as reported by the trusted proxies, if any."""
    return request.remote_addr or ""


def now() -> datetime:
    """Return the time of this request; it is the same during the whole request."""
    if "judging_now" not in g:
        g.judging_now = datetime.now(UTC)
    return cast(datetime, g.judging_now)


def status_of(error: errors.JudgingError) -> int:
    """Return the HTTP status for a domain error."""
    return next(status for kind, status in STATUS if isinstance(error, kind))


def _load_signed_in(cookie: str) -> SignedIn | None:
    person_id, _, epoch = cookie.partition(".")
    if not (person_id.isdecimal() and epoch.isdecimal()):
        return None
    person = session().get(tables.Person, int(person_id))
    if person is None or not person.is_active or person.session_epoch != int(epoch):
        return None
    return SignedIn(person)


def _end_transaction(response: Response) -> Response:
    opened: Session | None = g.get("judging_session")
    if opened is not None:
        if response.status_code < 400:
            opened.commit()
        else:
            opened.rollback()
    return response


def _close_session(_error: BaseException | None) -> None:
    opened: Session | None = g.pop("judging_session", None)
    if opened is not None:
        opened.close()
