"""Sign in with a passkey, or enter the second factor after a password, a link or a single sign-on."""

from __future__ import annotations

import math

import structlog
from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, session, url_for
from flask_wtf.csrf import generate_csrf
from sqlmodel import Session
from werkzeug.wrappers import Response as AnyResponse

from judging import request as this
from judging import second_factor_policy, tables
from judging.errors import Conflict, InvalidInput, NotAllowed, NotFound
from judging.services.authentication import passkeys, sessions, single_sign_on
from judging.services.authentication import sign_in as signing
from judging.services.authentication.single_sign_on import Identity
from judging.services.authentication.tokens import hash_of
from judging.web.account import confirming
from judging.web.account.confirming import Confirmation, RefusedConfirmation
from judging.web.account.session_start import begin_session, origin_of_request, pending
from judging.web.home import local_path

log = structlog.get_logger()
bp = Blueprint("second_step", __name__, url_prefix="/sign-in")


def passkey_options() -> str | None:
    """Return the JSON with which a browser signs in by any passkey of this site; None where there are none."""
    here = confirming.site() if second_factor_policy.is_asked() else None
    if here is None:
        return None
    return passkeys.request_options(here, [], purpose="sign in", bound_to=_bound_to_form())


@bp.post("/passkey")
def sign_in_with_passkey() -> AnyResponse:
    """Sign in by a passkey alone: the device has asked for a fingerprint or PIN, so it is two factors at once."""
    here = confirming.site() if second_factor_policy.is_asked() else None
    target = local_path(request.form.get("next"))
    try:
        if here is None:
            raise NotFound
        answer = request.form.get("passkey", "")
        verified = passkeys.check(this.session(), here, answer, purpose="sign in", bound_to=_bound_to_form())
        origin = origin_of_request()
        with this.writing_for_anybody() as own:
            passkeys.accept(own, verified, at=this.now())
            person = signing.active_person(own, verified.person_id)
            begun = sessions.begin(own, person, how="passkey", confirmed_by="passkey", at=this.now(), **origin)
    except InvalidInput:
        log.warning("sign-in refused", how="passkey", address=this.address())
        provider = current_app.config["SINGLE_SIGN_ON"]
        page = render_template(
            "auth/sign_in.html",
            next=target,
            email="",
            wrong=False,
            wrong_passkey=True,
            options=passkey_options(),
            provider=provider and provider.name,
        )
        return make_response(page, 422)
    begin_session(begun)
    return redirect(target or url_for("home.index"), code=303)


@bp.get("/second-factor")
def show() -> AnyResponse:
    """Ask for the second factor of the person who has shown the first."""
    person = _pending_person()
    return _page(person) if person is not None else redirect(url_for("auth.sign_in"))


@bp.post("/second-factor")
def finish() -> AnyResponse:
    """Begin the session, if the second factor is right and the first one still holds."""
    shown, person = pending(), _pending_person()
    if shown is None or person is None:
        return redirect(url_for("auth.sign_in"), code=303)
    confirmation = Confirmation(person, purpose="second step", bound_to=shown["nonce"])
    refused = confirmation.prepare()
    if refused is not None:
        return _page(person, refused)
    origin = origin_of_request()
    try:
        with this.writing_for_anybody() as own:
            method = confirmation.accept(own)
            if method is not None:
                person, link_id = _first_factor_again(own, shown)
                begun = sessions.begin(
                    own,
                    person,
                    how=shown["how"],
                    link_id=link_id,
                    confirmed_by=method,
                    id_token=shown.get("id_token"),
                    at=this.now(),
                    **origin,
                )
    except (Conflict, NotAllowed, NotFound):
        session.clear()
        return redirect(url_for("auth.sign_in"), code=303)
    if method is None:
        return _page(person, RefusedConfirmation())
    begin_session(begun)
    return redirect(local_path(shown["target"]) or url_for("home.index"), code=303)


def _first_factor_again(own: Session, shown: dict[str, object]) -> tuple[tables.Person, int | None]:
    """Return the person, and the link that is used now; Conflict when link or password changed in the meantime."""
    if shown["how"] == "link":
        token = str(shown["token"])
        link = signing.find_link(own, token, at=this.now())
        return signing.use_link(own, token, at=this.now()), link.link_id if link else None
    person = signing.active_person(own, int(str(shown["person"])))
    if shown["how"] == "single_sign_on":
        identity = Identity(issuer=current_app.config["SINGLE_SIGN_ON"].issuer, subject=str(shown["subject"]))
        return single_sign_on.remember(own, identity, person.pk, at=this.now(), address=this.address()), None
    if shown["how"] == "password" and shown["password"] != hash_of(person.password_hash or ""):
        raise Conflict
    return person, None


def _pending_person() -> tables.Person | None:
    shown = pending()
    if shown is None or not second_factor_policy.is_asked():
        return None
    person = this.session().get(tables.Person, shown["person"])
    return person if person is not None and person.is_active else None


def _page(person: tables.Person, refused: RefusedConfirmation | None = None) -> Response:
    shown = pending() or {}
    wait = refused.wait if refused else None
    page = render_template(
        "auth/second_step.html",
        options=confirming.request_options(person.pk, purpose="second step", bound_to=shown.get("nonce", "")),
        factors=confirming.factors_of(person.pk),
        refused=refused,
        minutes=math.ceil(wait.total_seconds() / 60) if wait else None,
    )
    status = 200 if refused is None else 429 if wait else 422
    return confirming.refused_page(refused or RefusedConfirmation(), make_response(page, status))


def _bound_to_form() -> str:
    """Return what a challenge of the sign-in page is bound to: the secret of its form token."""
    generate_csrf()
    return f"form {session['csrf_token']}"
