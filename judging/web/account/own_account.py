"""A person's own account: password, name, address, language, sessions.

A hash of a password takes a tenth of a second. It is always computed without a transaction.
"""

from flask import Response, flash, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from judging import request as this
from judging import second_factor_policy
from judging.errors import InvalidInput
from judging.request_language import LANGUAGE_NAMES, translate
from judging.schemas.invitations import MIN_PASSWORD
from judging.services.authentication import attempts, sessions
from judging.services.authentication import sign_in as signing
from judging.services.authentication.attempts import Attempt
from judging.services.authentication.password_words import known_words
from judging.services.competitions import definitions
from judging.services.people import account_changes, accounts, new_links, notices
from judging.web.account import known_browsers
from judging.web.account.blueprint import bp
from judging.web.account.browser_names import described
from judging.web.account.confirming import factors_of
from judging.web.account.throttling import reserve_attempt, throttled


@bp.get("/account")
def account() -> Response:
    """Show who is signed in, with what roles, and what they can change."""
    return _account_page()


@bp.post("/account/password")
def change_password() -> AnyResponse:
    """Change the password. Sessions in other browsers end; this session continues."""
    account = signing.own_account(this.session(), this.actor())
    words = known_words(this.session(), this.actor())
    attempt = Attempt(
        email=account.email,
        address=this.address(),
        kind="password_change",
        browser=known_browsers.mark_for(this.actor().person_id),
    )
    if account.password_hash is not None and (wait := reserve_attempt(attempt)) is not None:
        return throttled(wait)
    this.end_reading()
    try:
        new_password = signing.check_new_password(
            account,
            new=request.form.get("new", ""),
            repeated=request.form.get("repeated", ""),
            current=request.form.get("current"),
            words=words,
        )
        with this.writing() as own:
            attempts.forget(own, attempt)
            signing.store_password(own, this.actor(), new_password, at=this.now())
            notices.tell_change(own, this.mailer(), this.actor(), "password", at=this.now())
    except InvalidInput as error:
        complaints = {field: [translate(text) for text in texts] for field, texts in error.messages.items()}
        return _account_page(complaints, status=422)
    if account.password_hash is None:
        flash(_("Your password is set. Other devices are signed out."))
    else:
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


def _account_page(complaints: dict[str, list[str]] | None = None, *, status: int = 200) -> Response:
    person = signing.own_account(this.session(), this.actor())
    jobs = definitions.list_own_competitions(this.session(), this.actor())
    page = render_template(
        "auth/account.html",
        person=person,
        jobs=jobs,
        complaints=complaints or {},
        least=MIN_PASSWORD,
        has_mail=this.mailer() is not None,
        givers=new_links.givers_of_links(this.session(), person.pk),
        sessions=sessions.list_own(this.session(), this.actor(), earliest=this.earliest_session()),
        browser_name=described,
        asks_second_factor=second_factor_policy.is_asked(),
        has_passkey=second_factor_policy.is_asked() and bool(factors_of(person.pk).passkeys),
    )
    return make_response(page, status)
