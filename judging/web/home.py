"""The start page: what each person can do, and the language switch."""

from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from judging import request as this
from judging.request_language import LANGUAGE_NAMES
from judging.services.competitions import definitions
from judging.services.decisions.awaited import awaited_by
from judging.services.people import accounts
from judging.services.people.first_organiser import may_make_competitions
from judging.web.judge import remaining

bp = Blueprint("home", __name__)


@bp.get("/")
def index() -> Response | str:
    """Show the competitions of a person, with a link for each of their roles."""
    if not current_user.is_authenticated:
        return redirect(url_for("auth.sign_in"))
    jobs = definitions.list_own_competitions(this.session(), this.actor())
    awaited = awaited_by(this.session(), this.actor())
    may_make = may_make_competitions(this.session(), this.actor())
    return render_template(
        "home.html", jobs=jobs, awaited=awaited, now=this.now(), remaining=remaining, may_make=may_make
    )


@bp.post("/language")
def set_language() -> Response:
    """Change the language, in this browser and at the next sign-in in others."""
    chosen = request.form.get("language", "")
    if chosen in LANGUAGE_NAMES:
        session["language"] = chosen
        if current_user.is_authenticated:
            with this.writing() as own:
                accounts.set_locale(own, this.actor(), chosen)
    return redirect(local_path(request.form.get("next")) or url_for("home.index"), code=303)


def local_path(target: str | None) -> str | None:
    r"""Return a path of this site, or None for anything that could lead elsewhere.

    Browsers read ``//host``, ``/\host`` and control characters as another site.
    """
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    if any(character < " " or character == "\\" for character in target):
        return None
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else None
