"""What every way to sign in ends with: a session, or the question for a second factor."""

from __future__ import annotations

import secrets
import time
from typing import Any

from flask import redirect, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from judging import request as this
from judging import second_factor_policy
from judging.request_language import LANGUAGE_NAMES
from judging.services.authentication import second_factors
from judging.services.authentication.sessions import Begun
from judging.web.account import known_browsers

PENDING = "half_signed_in"
PENDING_SECONDS = 600
"""How long a person may take to enter the second factor after the first."""
_LONGEST_TOKEN = 1500
"""A cookie has room for 4 KB; an ID token that is longer is left out, and signing out there asks once more."""


def begin_session(begun: Begun) -> None:
    """Set the cookie of a session that has been committed; the language of the person or of this browser stays."""
    language = begun.person.locale or session.get("language")
    this.sign_in(begun)
    known_browsers.remember(begun.person.pk)
    if language in LANGUAGE_NAMES:
        session["language"] = language


def origin_of_request() -> dict[str, Any]:
    """Return what a new session stores of this request: address, browser, and the session that it replaces."""
    replaced = this.actor().session_id if current_user.is_authenticated else None
    return {"address": this.address(), "browser": this.browser(), "instead_of": replaced}


def needs_second_step(person_id: int) -> bool:
    """Return whether a person who has shown a first factor must show a second one."""
    return second_factor_policy.is_asked() and second_factors.has_any(this.session(), person_id)


def begin_second_step(how: str, person_id: int, *, target: str | None, **proof: str | None) -> AnyResponse:
    """Remember in the cookie what was shown first, and ask for the second factor. Nobody is signed in yet.

    Parameters
    ----------
    how : str
        One of ``tables.BEGINNINGS``.
    person_id : int
    target : str or None
        The page to go to afterwards.
    **proof : str or None
        What is checked again at the end: the token of a link, or the digest of the password's hash.
    """
    remember_first_factor(how, person_id, target=target, **proof)
    return redirect(url_for("second_step.show"), code=303)


def remember_first_factor(how: str, person_id: int, *, target: str | None, **proof: str | None) -> None:
    """Remember in the cookie what was shown; see ``begin_second_step``. Everything else in it is discarded."""
    language = session.get("language")
    session.clear()
    if language in LANGUAGE_NAMES:
        session["language"] = language
    session[PENDING] = {
        "how": how,
        "person": person_id,
        "at": int(time.time()),
        "nonce": secrets.token_urlsafe(16),
        "target": target,
        **{name: value if len(value or "") <= _LONGEST_TOKEN else None for name, value in proof.items()},
    }


def pending() -> dict[str, Any] | None:
    """Return what was shown first, if that was not long ago."""
    content = session.get(PENDING)
    if not isinstance(content, dict) or abs(time.time() - content["at"]) > PENDING_SECONDS:
        return None
    return content
