"""The set-up link: the first organiser of an installation makes an account."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from judging import request as this
from judging.errors import Conflict, InvalidInput, NotFound
from judging.request_language import LANGUAGE_NAMES, translate
from judging.schemas.invitations import MIN_PASSWORD
from judging.services.authentication import sessions
from judging.services.people import first_organiser
from judging.web.account.blueprint import bp
from judging.web.account.session_start import begin_session, origin_of_request


@bp.get("/set-up/<token>")
def setup_link(token: str) -> Response:
    """Ask the first organiser for name, address, language and password."""
    state = first_organiser.setup_state(this.session(), token, at=this.now())
    return _page(token, {}, {}) if state == "good" else _dead(state)


@bp.post("/set-up/<token>")
def set_up(token: str) -> AnyResponse:
    """Make the account and sign it in; the link is used by that. Without an event, the next page makes the first."""
    state = first_organiser.setup_state(this.session(), token, at=this.now())
    if state != "good":
        return _dead(state)
    this.count_link_request()
    typed = {name: request.form.get(name, "") for name in ("name", "email", "language")}
    locale = typed["language"] if typed["language"] in LANGUAGE_NAMES else None
    origin = origin_of_request()
    this.end_reading()
    try:
        new = first_organiser.check_new_organiser(
            email=typed["email"],
            name=typed["name"],
            password=request.form.get("new", ""),
            repeated=request.form.get("repeated", ""),
        )
        with this.writing_for_anybody() as own:
            person = first_organiser.set_up(own, token, new, locale=locale, at=this.now())
            begun = sessions.begin(own, person, how="password", at=this.now(), **origin)
            is_empty = first_organiser.is_without_events(own)
    except InvalidInput as error:
        complaints = {field: [translate(text) for text in texts] for field, texts in error.messages.items()}
        return _page(token, typed, complaints, status=422)
    except (Conflict, NotFound):
        return _dead("used")
    begin_session(begun)
    return redirect(url_for("new_competition.show" if is_empty else "home.index"), code=303)


def _page(token: str, typed: dict[str, str], complaints: dict[str, list[str]], *, status: int = 200) -> Response:
    page = render_template(
        "auth/set_up.html",
        token=token,
        typed=typed,
        complaints=complaints,
        least=MIN_PASSWORD,
        language_names=LANGUAGE_NAMES,
    )
    return make_response(page, status)


def _dead(state: str) -> Response:
    return make_response(render_template("auth/set_up_over.html", state=state), 404 if state == "unknown" else 410)
