"""The body, the transactions, the actor and the time of one request.

Pages and API both use this module. The order of a request is a law:

1. The body is read before any transaction begins, so that a slow sender delays nobody.
2. ``session()`` reads: who asks, and what is asked. It never writes, whatever the method.
3. Whatever takes more than milliseconds is computed without a transaction, or becomes a job.
4. ``writing()`` is one short write transaction. It commits at the end of its block and rolls back when the block raises
   an error. It loads the actor again, and the service called in it checks again that what was computed before still
   holds.
5. The answer is rendered after the block.

``tests/support/transaction_law.py`` holds this law.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from flask import Flask, current_app, g, request
from flask import session as cookie
from flask_login import LoginManager, UserMixin, current_user, login_user
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from judging import bearer_tokens, db, errors, request_bodies, second_factor_policy
from judging.errors import NotSignedIn
from judging.services import request_keys
from judging.services.access import Actor, Claim, find_account
from judging.services.authentication import sessions
from judging.services.authentication.attempts import network_of
from judging.services.authentication.sessions import Begun, SessionLimits
from judging.services.authentication.tokens import hash_of
from judging.services.mail.mailer import Mailer
from judging.services.request_keys import RequestToKeep
from judging.services.scoresheets.pace import Pace

# The only mapping from domain errors to HTTP. The first class that matches counts.
STATUS: tuple[tuple[type[errors.JudgingError], int], ...] = (
    (errors.InvalidInput, 422),
    (errors.NotSignedIn, 401),
    (errors.NotAllowed, 403),
    (errors.NotFound, 404),
    (errors.Conflict, 409),
    (errors.NotLinked, 409),
    (errors.TooFast, 429),
    (errors.Unavailable, 503),
    (errors.RubricError, 422),
    (errors.JudgingError, 500),
)
_LINKS_PER_MINUTE = 10


class SignedIn(UserMixin):  # type: ignore[misc]  # Flask-Login ships no types
    """The signed-in person of a session cookie, with the token of the session."""

    def __init__(self, person_id: int, *, name: str, locale: str | None, token: str) -> None:
        self.person_id = person_id
        self.name = name
        self.locale = locale
        self.token = token

    def get_id(self) -> str:
        """Return the value stored in the cookie."""
        return f"{self.person_id}.{self.token}"


def init_app(app: Flask) -> None:
    """Register sessions, sign-in and the transaction rule with the application."""
    app.permanent_session_lifetime = app.config["SESSION_IDLE"]
    login = LoginManager()
    login.session_protection = None
    login.user_loader(_load_signed_in)
    login.init_app(app)
    app.before_request(request_bodies.read)
    app.before_request(_recognise_token)
    app.before_request(second_factor_policy.require)
    app.teardown_request(_close_session)


def connect(app: Flask, engine: Engine) -> None:
    """Give the application its database, and begin to count how often people save and ask for links."""
    app.extensions["judging.engine"] = engine
    app.extensions["judging.pace"] = Pace(app.config["VERSIONS_PER_MINUTE"])
    app.extensions["judging.link_pace"] = Pace(
        _LINKS_PER_MINUTE, errors.Message("Too many sign-in links were asked for from here. Please wait a minute.")
    )


def engine() -> Engine:
    """Return the application's engine, for code that needs a transaction of its own."""
    return cast(Engine, current_app.extensions["judging.engine"])


def session() -> Session:
    """Return the reading session of this request, beginning its transaction on first use."""
    if db.is_writing():
        raise RuntimeError("A write transaction is open: read with its session, or before and after it.")
    if "judging_session" not in g:
        g.judging_session = db.open_session(engine(), read_only=True)
    return cast(Session, g.judging_session)


def end_reading() -> None:
    """End the reading transaction before something slow is computed; the next ``session()`` begins another one.

    Rows that were read remain readable, but belong to no session.
    """
    opened: Session | None = g.pop("judging_session", None)
    if opened is None:
        return
    try:
        opened.close()
    except SQLAlchemyError as error:
        # The end of a reading transaction tells the database something. It may be away; nothing is lost by that.
        if not db.is_outage(error):
            raise


@contextmanager
def reading_once() -> Iterator[Session]:
    """Yield a session for one statement that reads: on PostgreSQL one way over the network instead of three."""
    with db.transaction(engine(), read_only=True, in_one_statement=True) as own:
        yield own


@contextmanager
def durable_reading() -> Iterator[Session]:
    """Yield a reading session of its own; what it has read survives a power cut when the block ends."""
    end_reading()
    with db.durable_reading(engine()) as own:
        yield own


@contextmanager
def writing() -> Iterator[Session]:
    """Yield a session that writes for the signed-in person; see ``writing_for_anybody``.

    Nobody waits for the database on behalf of a stranger: without a signed-in person, NotSignedIn is raised before the
    transaction begins. Inside it, ``actor()`` is loaded again, because the roles may have changed during the wait.
    """
    actor()
    signed = claim()
    with writing_for_anybody() as own:
        account = find_account(own, signed)
        if account is None:
            raise NotSignedIn
        g.judging_actor = second_factor_policy.actor_of(account, at=now())
        sessions.touch(own, g.judging_actor.session_id, at=now())
        _keep_request(own)
        yield own
        if "judging_request_to_keep" in g:
            g.judging_is_kept = True


@contextmanager
def writing_for_anybody(*, in_one_statement: bool = False) -> Iterator[Session]:
    """Yield a session that writes; it commits at the end of the block and rolls back after an error.

    For a service that checks the person itself: a sign-in, and the save of a scoresheet, which on PostgreSQL writes
    ``in_one_statement``. The reading session ends first, and the next use of ``session()`` sees what was written: the
    block loads again what it changes.
    """
    end_reading()
    with db.transaction(engine(), in_one_statement=in_one_statement) as own:
        yield own


@contextmanager
def logging_reading() -> Iterator[Session]:
    """Yield a session that writes that somebody has read something: the only write of a GET, after its answer is made.

    See ``judging.reading_log``; nothing else may use this.
    """
    g.judging_logs_reading = True
    try:
        with writing_for_anybody() as own:
            yield own
    finally:
        del g.judging_logs_reading


def keep_with_work(asked: RequestToKeep) -> None:
    """Let the first ``writing()`` of this request store its idempotency key."""
    g.judging_request_to_keep = asked


def request_to_keep() -> RequestToKeep | None:
    """Return the request with its idempotency key; None without one."""
    return cast("RequestToKeep | None", g.get("judging_request_to_keep"))


def is_kept() -> bool:
    """Return whether this request has stored its idempotency key, and committed."""
    return bool(g.get("judging_is_kept", False))


def actor() -> Actor:
    """Return the signed-in person with the current roles; raise NotSignedIn when nobody is signed in."""
    if "judging_actor" not in g and bearer_tokens.here() is None and not current_user.is_authenticated:
        raise NotSignedIn
    if "judging_actor" not in g:
        # A token, or a person who signed in during this request: a cookie was checked together with the roles.
        account = find_account(session(), claim())
        if account is None:
            raise NotSignedIn
        g.judging_actor = second_factor_policy.actor_of(account, at=now())
    return cast(Actor, g.judging_actor)


def claim() -> Claim:
    """Return what token or session cookie says, for a service that compares it with the database with the rest."""
    if (used := bearer_tokens.here()) is not None:
        return used.claim
    claimed = _claim_in(str(cookie.get("_user_id", "")))
    if claimed is None:
        raise NotSignedIn
    return claimed


def earliest_session() -> datetime:
    """Return the time before which a session must have begun to have reached its longest lifetime."""
    return now() - cast(timedelta, current_app.config["SESSION_LIFETIME"])


def session_limits() -> SessionLimits:
    """Return what a session must have to be open still."""
    idle = cast(timedelta, current_app.config["SESSION_IDLE"])
    return SessionLimits(begun_after=earliest_session(), used_after=now() - idle)


def signing_in() -> dict[str, Any]:
    """Return what tells services who can sign in: the time, how long sessions last, and whether links are sent."""
    return {"at": now(), "limits": session_limits(), "has_mail": mailer() is not None}


def count_version() -> None:
    """Count a version of a scoresheet that this request saves; raise TooFast after too many in a minute."""
    pace: Pace = current_app.extensions["judging.pace"]
    pace.count(claim().person_id, at=time.monotonic())


def count_link_request() -> None:
    """Count a request for a sign-in link from this network; raise TooFast after too many in a minute."""
    pace: Pace = current_app.extensions["judging.link_pace"]
    pace.count(network_of(address()), at=time.monotonic())


def sign_in(begun: Begun) -> None:
    """Make a person the signed-in person of this browser. Call it after the session's row is committed, never before.

    Every other value of the cookie is discarded: another person may have put it there (session fixation).
    """
    cookie.clear()
    login_user(SignedIn(begun.person.pk, name=begun.person.name, locale=begun.person.locale, token=begun.token))
    cookie.permanent = True
    g.pop("judging_actor", None)


def forget_actor() -> None:
    """Let the actor be loaded again: what is known of the person has changed during this request."""
    end_reading()
    g.pop("judging_actor", None)


def browser() -> str:
    """Return what the browser calls itself."""
    return request.user_agent.string


def mailer() -> Mailer | None:
    """Return what is needed to queue e-mail; None when the installation has no mail server."""
    return cast("Mailer | None", current_app.extensions.get("judging.mailer"))


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


def stop_asking() -> None:
    """Let the rest of this request do without the database, so that a page can say that it is out of reach.

    Whoever was not loaded before is nobody on that page; the cookie stays valid.
    """
    g.judging_stopped = True
    end_reading()


def _recognise_token() -> None:
    """Let the person of an access token be who asks. The cookie that may come with it is nobody's."""
    text = bearer_tokens.presented()
    if text is not None:
        bearer_tokens.count_use(engine(), text, address=address(), at=now())
        # What the policy on second factors asks of the person holds for the person's programs.
        actor()


def _load_signed_in(identity: str) -> SignedIn | None:
    if "judging_stopped" in g or bearer_tokens.presented() is not None:
        return None
    signed = _claim_in(identity)
    account = None if signed is None else find_account(session(), signed)
    if signed is None or account is None:
        return None
    g.judging_actor = second_factor_policy.actor_of(account, at=now())
    token = identity.partition(".")[2]
    return SignedIn(signed.person_id, name=account.actor.name, locale=account.locale, token=token)


def _claim_in(identity: str) -> Claim | None:
    """Return what the identity in a cookie says: person and token."""
    number, _, token = identity.partition(".")
    if not (number.isdecimal() and token):
        return None
    return Claim(int(number), hash_of(token), earliest_session(), address())


def _keep_request(own: Session) -> None:
    """Store the idempotency key of this request with the first of its work."""
    asked = request_to_keep()
    if asked is not None and not is_kept():
        request_keys.claim(own, asked, at=now())


def _close_session(_error: BaseException | None) -> None:
    end_reading()
