"""A person's own second factors: passkeys, an authenticator app, recovery codes."""

from __future__ import annotations

import math

import pyotp
import segno
from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from sqlmodel import Session
from werkzeug.wrappers import Response as AnyResponse

from judging import request as this
from judging import second_factor_policy
from judging.errors import ConfirmationNeeded, InvalidInput
from judging.request_language import translate
from judging.services.access import require_confirmed
from judging.services.authentication import attempts, passkeys, second_factors
from judging.services.authentication.attempts import Attempt
from judging.services.authentication.sign_in import own_account
from judging.services.people import notices
from judging.web.account import confirming
from judging.web.home import local_path

bp = Blueprint("second_factor", __name__, url_prefix="/account/second-factor")


@bp.before_request
def refuse_when_off() -> None:
    """Where no second factor is asked for, none is set up."""
    if not second_factor_policy.is_asked():
        abort(404)


@bp.get("")
def show() -> Response:
    """Show what the person can confirm with."""
    return _page()


@bp.post("/passkeys")
def add_passkey() -> AnyResponse:
    """Add a passkey that the browser has made."""
    _require_own_confirmation()
    here = confirming.site()
    if here is None:
        abort(404)
    try:
        new = passkeys.check_new(here, request.form.get("passkey", ""), bound_to=confirming.bound_here())
        with this.writing() as own:
            passkeys.add(own, this.actor(), new, name=request.form.get("name", ""), at=this.now())
            _tell(own, "passkey_added")
    except InvalidInput as error:
        return _page(error)
    flash(_("The passkey is added. From now on, signing asks for it."))
    return _next()


@bp.post("/passkeys/<int:number>/remove")
def remove_passkey(number: int) -> AnyResponse:
    """Remove a passkey of one's own."""
    _require_own_confirmation()
    with this.writing() as own:
        passkeys.remove(own, this.actor(), number, at=this.now())
        _tell(own, "passkey_removed")
    flash(_("The passkey is removed."))
    return redirect(url_for("second_factor.show"), code=303)


@bp.post("/app")
def begin_app() -> AnyResponse:
    """Make a secret for an authenticator app."""
    _require_own_confirmation()
    with this.writing() as own:
        second_factors.begin_app(own, this.actor(), second_factor_policy.box(), at=this.now())
    return redirect(url_for("second_factor.new_app"), code=303)


@bp.get("/app")
def new_app() -> Response:
    """Show the secret as a QR code, and ask for the first code."""
    return _app_page()


@bp.post("/app/confirm")
def confirm_app() -> AnyResponse:
    """Accept the first code of the app."""
    _require_own_confirmation()
    account = own_account(this.session(), this.actor())
    attempt = Attempt(email=account.email, address=this.address(), kind="second_factor", browser="new app")
    with this.writing() as own:
        wait = attempts.reserve(own, attempt, at=this.now())
    if wait is not None:
        return _app_page(_("Too many attempts. Please wait %(n)s minutes.", n=math.ceil(wait.total_seconds() / 60)))
    try:
        with this.writing() as own:
            second_factors.confirm_app(
                own, this.actor(), second_factor_policy.box(), request.form.get("code", ""), at=this.now()
            )
            attempts.forget(own, attempt)
            _tell(own, "app_added")
    except InvalidInput as error:
        return _app_page(*(translate(text) for texts in error.messages.values() for text in texts))
    flash(_("The authenticator app is added. From now on, signing asks for its code."))
    return _next()


@bp.post("/app/remove")
def remove_app() -> AnyResponse:
    """Remove one's authenticator app."""
    _require_own_confirmation()
    with this.writing() as own:
        second_factors.remove_app(own, this.actor(), at=this.now())
        _tell(own, "app_removed")
    flash(_("The authenticator app is removed."))
    return redirect(url_for("second_factor.show"), code=303)


@bp.post("/recovery-codes")
def new_recovery_codes() -> Response:
    """Make new recovery codes, and show them once."""
    _require_own_confirmation()
    with this.writing() as own:
        codes = second_factors.new_recovery_codes(own, this.actor(), at=this.now())
        _tell(own, "codes_made")
    return make_response(render_template("auth/recovery_codes.html", codes=codes))


def _tell(own: Session, what: str) -> None:
    notices.tell_change(own, this.mailer(), this.actor(), what, at=this.now())


def _require_own_confirmation() -> None:
    """Ask for a second factor before another one is added or one is removed; the first one needs none.

    Otherwise whoever finds a browser signed in would replace the person's factors by their own.
    """
    actor = this.actor()
    if second_factors.has_any(this.session(), own_account(this.session(), actor).pk):
        require_confirmed(actor)
        if actor.confirmed_by is None:
            raise ConfirmationNeeded


def _next() -> AnyResponse:
    """Return to where the person came from; without recovery codes, to the page that makes them."""
    target = local_path(request.form.get("next"))
    return redirect(target or url_for("second_factor.show"), code=303)


def _page(error: InvalidInput | None = None) -> Response:
    actor = this.actor()
    person = own_account(this.session(), actor)
    factors = second_factors.own_factors(this.session(), person.pk)
    here = confirming.site()
    options = (
        None
        if here is None
        else passkeys.creation_options(here, person, factors.passkeys, bound_to=confirming.bound_here())
    )
    complaints = [translate(text) for texts in error.messages.values() for text in texts] if error else []
    page = render_template(
        "auth/second_factor.html",
        factors=factors,
        options=options,
        complaints=complaints,
        needed=second_factor_policy.lacks_factor(this.actor()),
    )
    return make_response(page, 422 if error else 200)


def _app_page(complaint: str | None = None) -> Response:
    person = own_account(this.session(), this.actor())
    secret = second_factors.new_secret(this.session(), this.actor(), second_factor_policy.box())
    address = pyotp.TOTP(secret).provisioning_uri(name=person.email, issuer_name="Judging")
    # Without inline style, which the content security policy refuses.
    picture = segno.make(address, micro=False).svg_inline(scale=5, border=4, omitsize=True, svgclass="qr-code")
    groups = [secret[start : start + 4] for start in range(0, len(secret), 4)]
    page = render_template("auth/new_app.html", picture=Markup(picture), groups=groups, complaint=complaint)  # noqa: S704
    return make_response(page, 422 if complaint else 200)
