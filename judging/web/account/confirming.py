"""Confirm with a second factor: what a person has entered is checked here, for a sign-in and for a signature alike.

A page that needs a fresh confirmation is asked for it in the same request: the answer is a page with what was typed and
one field more, and sending it confirms and does what was asked. Nothing typed is lost.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, current_app, make_response, render_template, request
from flask_login import current_user
from sqlmodel import Session

from judging import request as this
from judging import second_factor_policy, tables
from judging.errors import ConfirmationNeeded, InvalidInput
from judging.request_language import translate
from judging.services.authentication import attempts, passkeys, second_factors
from judging.services.authentication.attempts import Attempt
from judging.services.authentication.passkeys import Site, Verified
from judging.services.authentication.second_factors import OwnFactors
from judging.services.authentication.sign_in import own_account
from judging.web.account import known_browsers

log = structlog.get_logger()
CODE, PASSKEY = "second-factor-code", "second-factor-passkey"
FIELDS = (CODE, PASSKEY)


@dataclass(frozen=True, slots=True)
class RefusedConfirmation:
    """Why a second factor was not accepted: it is wrong, or there were too many attempts."""

    wait: timedelta | None = None


def site() -> Site | None:
    """Return the site of passkeys; None where browsers offer none: at a number, or without https."""
    parts = urlsplit(str(current_app.config["BASE_URL"]))
    host = parts.hostname or ""
    is_name = any(character.isalpha() for character in host) and ":" not in host
    if not is_name or (parts.scheme != "https" and host != "localhost"):
        return None
    # As browsers write an origin: in lower case, and without the port that the scheme has anyway.
    has_own_port = parts.port not in (None, {"http": 80, "https": 443}[parts.scheme])
    origin = f"{parts.scheme}://{host}" + (f":{parts.port}" if has_own_port else "")
    return Site(host=host, origin=origin, secret_key=str(current_app.secret_key))


class Confirmation:
    """A second factor that a person has entered in a form of this request.

    Parameters
    ----------
    person : tables.Person
    purpose, bound_to : str
        For what and for which session the challenge of a passkey was made.
    """

    def __init__(self, person: tables.Person, *, purpose: str, bound_to: str) -> None:
        self.person = person
        self._code = request.form.get(CODE, "")[:40]
        self._verified: Verified | None = None
        self._attempt = Attempt(
            email=person.email,
            address=this.address(),
            kind="second_factor",
            browser=known_browsers.mark_for(person.pk),
        )
        self._purpose, self._bound_to = purpose, bound_to

    def prepare(self) -> RefusedConfirmation | None:
        """Check a passkey, or count the attempt of a code; to be called before the write transaction."""
        answer = request.form.get(PASSKEY, "")
        here = site()
        if answer and here is not None:
            try:
                verified = passkeys.check(this.session(), here, answer, purpose=self._purpose, bound_to=self._bound_to)
            except InvalidInput:
                self._log_refusal()
                return RefusedConfirmation()
            if verified.person_id != self.person.pk:
                self._log_refusal()
                return RefusedConfirmation()
            self._verified = verified
            return None
        wait = attempts.wait_before(this.session(), self._attempt, at=this.now())
        if wait is None:
            with this.writing_for_anybody() as own:
                wait = attempts.reserve(own, self._attempt, at=this.now())
        return RefusedConfirmation(wait) if wait is not None else None

    def accept(self, own: Session) -> str | None:
        """Use up what was entered; return the method, or None when it is wrong or was used before."""
        method = self._accepted(own)
        if method is None:
            self._log_refusal()
        return method

    def _log_refusal(self) -> None:
        log.warning("second factor refused", for_what=self._purpose, person=self.person.pk, address=this.address())

    def _accepted(self, own: Session) -> str | None:
        if self._verified is not None:
            try:
                passkeys.accept(own, self._verified, at=this.now())
            except InvalidInput:
                return None
            return "passkey"
        method = second_factors.use_code(own, self.person.pk, second_factor_policy.box(), self._code, at=this.now())
        if method is not None:
            attempts.forget(own, self._attempt)
        return method


def init_app(app: Flask) -> None:
    """Confirm before the view, when a form contains a second factor; ask for one when a service needs it."""
    app.before_request(_confirm)
    app.register_error_handler(ConfirmationNeeded, _ask)


def bound_here() -> str:
    """Return what a challenge of the present session is bound to."""
    return f"session {this.actor().session_id}"


def request_options(person_id: int, *, purpose: str, bound_to: str) -> str | None:
    """Return the JSON with which a browser asks for one of a person's passkeys; None when there is none."""
    here = site()
    known = second_factors.own_factors(this.session(), person_id).passkeys if here is not None else []
    if here is None or not known:
        return None
    return passkeys.request_options(here, known, purpose=purpose, bound_to=bound_to)


def factors_of(person_id: int) -> OwnFactors:
    """Return the second factors of a person, for a page that asks for one."""
    return second_factors.own_factors(this.session(), person_id)


def refused_page(refused: RefusedConfirmation, page: Response) -> Response:
    """Return the page that asks again, with the time to wait as a header."""
    if refused.wait is not None:
        page.headers["Retry-After"] = str(max(1, math.ceil(refused.wait.total_seconds())))
    return page


def _confirm() -> Response | None:
    if (
        request.method != "POST"
        or request.blueprint in (None, "second_step")
        or (request.blueprint == "auth" and request.endpoint != "auth.change_address")
        or not any(name in request.form for name in FIELDS)
    ):
        return None
    if not current_user.is_authenticated or not second_factor_policy.is_asked():
        return None
    confirmation = Confirmation(own_account(this.session(), this.actor()), purpose="confirm", bound_to=bound_here())
    refused = confirmation.prepare()
    if refused is None:
        with this.writing() as own:
            method = confirmation.accept(own)
            if method is not None:
                second_factors.mark_confirmed(own, this.actor(), method, at=this.now())
        if method is not None:
            # The actor is loaded again, with the confirmation.
            this.forget_actor()
            return None
    return _page(refused or RefusedConfirmation())


def _ask(_error: ConfirmationNeeded) -> Response:
    return _page(None)


def _page(refused: RefusedConfirmation | None) -> Response:
    person = own_account(this.session(), this.actor())
    typed = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in ("csrf_token", *FIELDS) and not request.files
    ]
    page = render_template(
        "auth/confirm.html",
        factors=factors_of(person.pk),
        options=request_options(person.pk, purpose="confirm", bound_to=bound_here()),
        refused=refused,
        minutes=_minutes(refused),
        typed=typed,
        target=request.full_path.rstrip("?"),
        lasting=int(current_app.config["CONFIRMATION_LIFETIME"].total_seconds() // 60),
        message=translate(ConfirmationNeeded.default),
    )
    status = 403 if refused is None else 429 if refused.wait is not None else 422
    return refused_page(refused or RefusedConfirmation(), make_response(page, status))


def _minutes(refused: RefusedConfirmation | None) -> int | None:
    if refused is None or refused.wait is None:
        return None
    return math.ceil(refused.wait.total_seconds() / 60)
