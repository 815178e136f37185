"""A person's own access tokens: make one, see it once, revoke it."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from judging import request as this
from judging.errors import Conflict, InvalidInput
from judging.request_language import translate
from judging.schemas.access_tokens import MOST_DAYS, SCOPES
from judging.services.authentication import access_tokens
from judging.services.people import notices

bp = Blueprint("own_tokens", __name__, url_prefix="/account/tokens")

_USUAL_DAYS = "90"


@bp.get("")
def show() -> Response:
    """Show the tokens that can still be used, and the form for a new one."""
    return _page()


@bp.post("")
def make() -> Response:
    """Make a token; the answer is the only page that shows its text."""
    typed = {
        "name": request.form.get("name", ""),
        "scopes": request.form.getlist("scopes"),
        "days": request.form.get("days", ""),
    }
    try:
        with this.writing() as own:
            row, text = access_tokens.make(
                own,
                this.actor(),
                typed,
                secret_key=str(current_app.secret_key),
                browser=this.browser(),
                at=this.now(),
            )
            name, expires_at = row.name, row.expires_at
            notices.tell_change(own, this.mailer(), this.actor(), "token_made", at=this.now())
    except InvalidInput as error:
        return _page({field: [translate(text) for text in texts] for field, texts in error.messages.items()}, 422)
    except Conflict as error:
        return _page({"name": [translate(error.message)]}, 409)
    return make_response(render_template("auth/token.html", name=name, expires_at=expires_at, token=text), 201)


@bp.post("/<int:number>/revoke")
def revoke(number: int) -> AnyResponse:
    """Revoke a token of one's own."""
    with this.writing() as own:
        access_tokens.revoke(own, this.actor(), number, at=this.now())
    flash(_("The access token is revoked. Programs that use it are refused from now on."))
    return redirect(url_for("own_tokens.show"), code=303)


def _page(complaints: dict[str, list[str]] | None = None, status: int = 200) -> Response:
    page = render_template(
        "auth/tokens.html",
        tokens=access_tokens.list_own(this.session(), this.actor(), at=this.now()),
        scopes=SCOPES,
        complaints=complaints or {},
        typed_name=request.form.get("name", ""),
        typed_days=request.form.get("days", _USUAL_DAYS),
        typed_scopes=request.form.getlist("scopes"),
        most_days=MOST_DAYS,
    )
    return make_response(page, status)
