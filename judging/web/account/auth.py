"""Signing in and out.

A hash of a password takes a tenth of a second. It is always computed without a transaction.
"""

from collections.abc import Callable
from typing import Any

import structlog
from flask import Response, flash, jsonify, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, logout_user
from sqlmodel import Session
from werkzeug.wrappers import Response as AnyResponse

from judging import request as this
from judging.errors import Conflict, Message
from judging.request_language import LANGUAGE_NAMES
from judging.schemas.invitations import MAX_EMAIL, normal_email
from judging.services.access import load_actor
from judging.services.authentication import attempts, sessions
from judging.services.authentication import sign_in as signing
from judging.services.authentication.attempts import Attempt
from judging.services.authentication.tokens import hash_of
from judging.services.competitions import definitions
from judging.services.people import links, new_links
from judging.web.account import known_browsers, single_sign_on
from judging.web.account.blueprint import bp
from judging.web.account.second_step import passkey_options
from judging.web.account.session_start import begin_second_step, begin_session, needs_second_step, origin_of_request
from judging.web.account.throttling import reserve_attempt, throttled
from judging.web.home import local_path

log = structlog.get_logger()

_NO_MAIL = Message("This installation has no mail server. Ask the organiser who invited you for a new link.")


@bp.get("/sign-in")
def sign_in() -> AnyResponse | str:
    """Ask for e-mail and password."""
    target = local_path(request.args.get("next"))
    if current_user.is_authenticated:
        return redirect(target or url_for("home.index"))
    return render_template(
        "auth/sign_in.html",
        next=target,
        email="",
        wrong=False,
        has_mail=this.mailer() is not None,
        options=passkey_options(),
        provider=single_sign_on.provider_name(),
    )


@bp.post("/sign-in")
def sign_in_with_password() -> AnyResponse:
    """Sign in by e-mail and password; an unknown e-mail and a wrong password give the same answer in the same time."""
    email = normal_email(request.form.get("email", ""))[:MAX_EMAIL]
    person_id, password_hash = signing.find_password(this.session(), email)
    attempt = Attempt(email=email, address=this.address(), browser=known_browsers.mark_for(person_id))
    if (wait := reserve_attempt(attempt)) is not None:
        return throttled(wait)
    this.end_reading()
    if not signing.password_matches(password_hash, request.form.get("password", "")) or person_id is None:
        log.warning("sign-in refused", how="password", person=person_id, address=this.address())
        page = render_template(
            "auth/sign_in.html",
            next=local_path(request.form.get("next")),
            email=email,
            wrong=True,
            has_mail=this.mailer() is not None,
            options=passkey_options(),
            provider=single_sign_on.provider_name(),
        )
        return make_response(page, 422)
    target = local_path(request.form.get("next"))
    if needs_second_step(person_id):
        return begin_second_step("password", person_id, target=target, password=hash_of(password_hash or ""))
    origin = origin_of_request()
    with this.writing_for_anybody() as own:
        person = signing.active_person(own, person_id)
        begun = sessions.begin(own, person, how="password", at=this.now(), **origin)
        attempts.forget(own, attempt)
    begin_session(begun)
    return redirect(target or url_for("home.index"), code=303)


@bp.get("/sign-in/<token>")
def link(token: str) -> AnyResponse:
    """Show whose personal link this is, with a button. Only the button uses the link."""
    sign_in_link = signing.find_link(this.session(), token, at=this.now())
    if sign_in_link is None:
        return _dead_link("unknown", token)
    if sign_in_link.state != "good":
        if current_user.is_authenticated and current_user.person_id == sign_in_link.person.id:
            return redirect(url_for("home.index"))
        return _dead_link(sign_in_link.state, token)
    own = load_actor(this.session(), sign_in_link.person.pk)
    jobs = definitions.list_own_competitions(this.session(), own)
    return make_response(render_template("auth/link.html", person=sign_in_link.person, token=token, jobs=jobs))


@bp.post("/sign-in/<token>")
def sign_in_with_link(token: str) -> AnyResponse:
    """Sign in by a personal link, which works once. The limit on password attempts does not apply."""
    sign_in_link = signing.find_link(this.session(), token, at=this.now())
    if sign_in_link is None:
        return _dead_link("unknown", token)
    if sign_in_link.state == "good" and needs_second_step(sign_in_link.person.pk):
        return begin_second_step("link", sign_in_link.person.pk, target=None, token=token)
    origin = origin_of_request()
    try:
        with this.writing_for_anybody() as own:
            person = signing.use_link(own, token, at=this.now())
            begun = sessions.begin(own, person, how="link", link_id=sign_in_link.link_id, at=this.now(), **origin)
    except Conflict:
        return _dead_link(sign_in_link.state, token)
    begin_session(begun)
    return redirect(url_for("home.index"), code=303)


@bp.post("/sign-in-link")
def ask_for_link() -> str:
    """Send a sign-in link to the account with an address; the answer is the same whether there is one or not."""
    return _send_link(lambda own: links.ask_for_link(own, _typed_email(), **_asked_now()))


@bp.post("/sign-in/<token>/again")
def ask_for_link_again(token: str) -> str:
    """Send a new link to the person of a link that no longer works; the answer is the same for every link."""
    return _send_link(lambda own: links.ask_for_link_again(own, token, **_asked_now()))


@bp.post("/sign-out")
def sign_out() -> AnyResponse | str:
    """End the session of this browser, and the provider's when it began by single sign-on; the language stays.

    Who would need a new link to come back is asked first. The script of the pages, which deletes what is only in this
    browser, is told where to go once the session has ended, or nothing.
    """
    is_script = request.headers.get("Accept") == "application/json"
    if not current_user.is_authenticated:
        return _told(_signed_out()) if is_script else _signed_out()
    if request.form.get("sure") != "yes" and new_links.needs_link_to_return(this.session(), this.actor()):
        if is_script:
            return jsonify({})
        return render_template(
            "auth/sign_out.html",
            has_mail=this.mailer() is not None,
            givers=new_links.givers_of_links(this.session(), current_user.person_id),
        )
    with this.writing() as own:
        ended = sessions.sign_out(own, this.actor(), at=this.now())
    this.end_reading()
    there = single_sign_on.sign_out_address(ended.id_token if ended is not None else None)
    here = _signed_out()
    answer = redirect(there, code=303) if there is not None else here
    return _told(answer) if is_script else answer


@bp.post("/sign-out-everywhere")
def sign_out_everywhere() -> AnyResponse:
    """Sign out in every browser, this one included."""
    with this.writing() as own:
        sessions.sign_out_everywhere(own, this.actor(), at=this.now())
    return _signed_out()


@bp.post("/account/sessions/<int:number>/end")
def end_session(number: int) -> AnyResponse:
    """End one of one's own sessions; the one of this browser is signed out."""
    with this.writing() as own:
        sessions.end_own(own, this.actor(), number, at=this.now())
        is_here = number == this.actor().session_id
    if is_here:
        return _signed_out()
    flash(_("That session is ended. Whoever used it must sign in again."))
    return redirect(url_for("auth.account") + "#sessions", code=303)


def _signed_out() -> AnyResponse:
    language = session.get("language")
    logout_user()
    session.clear()
    if language in LANGUAGE_NAMES:
        session["language"] = language
    return redirect(url_for("auth.sign_in"), code=303)


def _told(answer: AnyResponse) -> Response:
    return jsonify({"to": answer.location})


def _send_link(ask: Callable[[Session], None]) -> str:
    this.count_link_request()
    if this.mailer() is None:
        raise Conflict(_NO_MAIL)
    with this.writing_for_anybody() as own:
        ask(own)
    return render_template("auth/link_sent.html")


def _asked_now() -> dict[str, Any]:
    return {"at": this.now(), "address": this.address()}


def _typed_email() -> str:
    return normal_email(request.form.get("email", ""))[:MAX_EMAIL]


def _dead_link(state: str, token: str) -> Response:
    page = render_template("auth/dead_link.html", state=state, token=token, has_mail=this.mailer() is not None)
    return make_response(page, 404 if state == "unknown" else 410)
