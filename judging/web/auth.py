"""Signing in and out, and a person's own account.

A hash of a password takes a tenth of a second. It is always computed without a transaction.
"""

import math
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, logout_user
from sqlmodel import Session
from werkzeug.wrappers import Response as AnyResponse

from judging import request as this
from judging import tables
from judging.errors import Conflict, InvalidInput, Message
from judging.schemas.invitations import MAX_EMAIL, MIN_PASSWORD, normal_email
from judging.services import competitions
from judging.services.access import load_actor
from judging.services.mail.mailer import Mailer
from judging.services.people import account_changes, accounts, links
from judging.services.people import sign_in as signing
from judging.web.home import local_path
from judging.web.languages import LANGUAGE_NAMES, translate

bp = Blueprint("auth", __name__)

_NO_MAIL = Message("This installation has no mail server. Ask the organiser who invited you for a new link.")


@bp.get("/sign-in")
def sign_in() -> AnyResponse | str:
    """Ask for e-mail and password."""
    target = local_path(request.args.get("next"))
    if current_user.is_authenticated:
        return redirect(target or url_for("home.index"))
    return render_template("auth/sign_in.html", next=target, email="", wrong=False, has_mail=this.mailer() is not None)


@bp.post("/sign-in")
def sign_in_with_password() -> AnyResponse:
    """Sign in by e-mail and password; an unknown e-mail and a wrong password give the same answer in the same time."""
    email = normal_email(request.form.get("email", ""))[:MAX_EMAIL]
    # Whoever repeats the form in a loop must not take the write lock each time.
    wait = signing.wait_before_attempt(this.session(), email, this.address(), at=this.now())
    if wait is not None:
        return _throttled(wait)
    # A transaction of its own: the attempt is counted before the password is checked, so that many at once all count.
    with this.writing_for_anybody() as own:
        wait = signing.reserve_attempt(own, email, this.address(), at=this.now())
    if wait is not None:
        return _throttled(wait)
    person_id, password_hash = signing.find_password(this.session(), email)
    this.end_reading()
    if not signing.password_matches(password_hash, request.form.get("password", "")) or person_id is None:
        page = render_template(
            "auth/sign_in.html",
            next=local_path(request.form.get("next")),
            email=email,
            wrong=True,
            has_mail=this.mailer() is not None,
        )
        return make_response(page, 422)
    with this.writing_for_anybody() as own:
        person = signing.sign_in(own, person_id, how="password", at=this.now(), address=this.address())
        signing.forget_attempts(own, email, this.address())
    _begin_session(person)
    return redirect(local_path(request.form.get("next")) or url_for("home.index"), code=303)


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
    jobs = competitions.list_own_competitions(this.session(), own)
    return make_response(render_template("auth/link.html", person=sign_in_link.person, token=token, jobs=jobs))


@bp.post("/sign-in/<token>")
def sign_in_with_link(token: str) -> AnyResponse:
    """Sign in by a personal link, which works once. The limit on password attempts does not apply."""
    sign_in_link = signing.find_link(this.session(), token, at=this.now())
    if sign_in_link is None:
        return _dead_link("unknown", token)
    try:
        with this.writing_for_anybody() as own:
            person = signing.use_link(own, token, at=this.now(), address=this.address())
    except Conflict:
        return _dead_link(sign_in_link.state, token)
    _begin_session(person)
    return redirect(url_for("home.index"), code=303)


@bp.post("/sign-in-link")
def ask_for_link() -> str:
    """Send a sign-in link to the account with an address; the answer is the same whether there is one or not."""
    return _send_link(lambda own, mailer: links.ask_for_link(own, mailer, _typed_email(), **_asked_now()))


@bp.post("/sign-in/<token>/again")
def ask_for_link_again(token: str) -> str:
    """Send a new link to the person of a link that no longer works; the answer is the same for every link."""
    return _send_link(lambda own, mailer: links.ask_for_link_again(own, mailer, token, **_asked_now()))


@bp.post("/sign-out")
def sign_out() -> AnyResponse:
    """Sign out in this browser; its language setting stays."""
    language = session.get("language")
    logout_user()
    session.clear()
    if language in LANGUAGE_NAMES:
        session["language"] = language
    return redirect(url_for("auth.sign_in"), code=303)


@bp.post("/sign-out-everywhere")
def sign_out_everywhere() -> AnyResponse:
    """Sign out in every browser, this one included."""
    with this.writing() as own:
        signing.sign_out_everywhere(own, this.actor(), at=this.now())
    return sign_out()


@bp.get("/account")
def account() -> Response:
    """Show who is signed in, with what roles, and what they can change."""
    return _account_page()


@bp.post("/account/password")
def change_password() -> AnyResponse:
    """Change the password. Sessions in other browsers end; this session continues."""
    account = signing.own_account(this.session(), this.actor())
    this.end_reading()
    try:
        new_password = signing.check_new_password(
            account,
            new=request.form.get("new", ""),
            repeated=request.form.get("repeated", ""),
            current=request.form.get("current"),
        )
        with this.writing() as own:
            person = signing.store_password(own, this.actor(), new_password, at=this.now())
    except InvalidInput as error:
        complaints = {field: [translate(text) for text in texts] for field, texts in error.messages.items()}
        return _account_page(complaints, status=422)
    _begin_session(person)
    flash(_("Your password is changed. Other devices are signed out."))
    return redirect(url_for("auth.account"), code=303)


@bp.post("/account/name")
def change_name() -> AnyResponse:
    """Change one's own name."""
    try:
        with this.writing() as own:
            account_changes.change_own_name(
                own, this.actor(), this.mailer(), request.form.get("value", ""), at=this.now()
            )
    except InvalidInput as error:
        return _account_page({"name": [translate(text) for text in error.messages["value"]]}, status=422)
    flash(_("Your name is changed."))
    return redirect(url_for("auth.account"), code=303)


@bp.post("/account/address")
def change_address() -> AnyResponse:
    """Ask for another e-mail address; both mailboxes confirm it."""
    try:
        with this.writing() as own:
            account_changes.propose_own_address(
                own, this.actor(), this.mailer(), request.form.get("value", ""), at=this.now()
            )
    except InvalidInput as error:
        return _account_page({"address": [translate(text) for text in error.messages["value"]]}, status=422)
    flash(_("Look into both mailboxes: the old and the new one confirm the change."))
    return redirect(url_for("auth.account"), code=303)


@bp.post("/account/language")
def change_language() -> AnyResponse:
    """Change the language of the pages, in this browser and at the next sign-in in others."""
    chosen = request.form.get("language", "")
    if chosen in LANGUAGE_NAMES:
        with this.writing() as own:
            accounts.set_locale(own, this.actor(), chosen)
        session["language"] = chosen
    return redirect(url_for("auth.account"), code=303)


def _begin_session(person: tables.Person) -> None:
    language = person.locale or session.get("language")
    # Discard values that another person may have put into the session of this browser (session fixation).
    session.clear()
    this.sign_in(person)
    session.permanent = True
    if language in LANGUAGE_NAMES:
        session["language"] = language


def _account_page(complaints: dict[str, list[str]] | None = None, *, status: int = 200) -> Response:
    person = signing.own_account(this.session(), this.actor())
    jobs = competitions.list_own_competitions(this.session(), this.actor())
    page = render_template(
        "auth/account.html",
        person=person,
        jobs=jobs,
        complaints=complaints or {},
        least=MIN_PASSWORD,
        has_mail=this.mailer() is not None,
    )
    return make_response(page, status)


def _send_link(ask: Callable[[Session, Mailer], None]) -> str:
    this.count_link_request()
    mailer = this.mailer()
    if mailer is None:
        raise Conflict(_NO_MAIL)
    with this.writing_for_anybody() as own:
        ask(own, mailer)
    return render_template("auth/link_sent.html")


def _asked_now() -> dict[str, Any]:
    return {"at": this.now(), "address": this.address()}


def _typed_email() -> str:
    return normal_email(request.form.get("email", ""))[:MAX_EMAIL]


def _dead_link(state: str, token: str) -> Response:
    page = render_template("auth/dead_link.html", state=state, token=token, has_mail=this.mailer() is not None)
    return make_response(page, 404 if state == "unknown" else 410)


def _throttled(wait: timedelta) -> Response:
    seconds = max(1, math.ceil(wait.total_seconds()))
    response = make_response(render_template("auth/throttled.html", minutes=math.ceil(seconds / 60)), 429)
    response.headers["Retry-After"] = str(seconds)
    return response
