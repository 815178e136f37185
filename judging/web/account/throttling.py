"""How often somebody may try a password: count an attempt, and the page that says how long to wait."""

import math
from datetime import timedelta

from flask import Response, make_response, render_template

from judging import request as this
from judging.services.authentication import attempts
from judging.services.authentication.attempts import Attempt
from judging.web.account import single_sign_on
from judging.web.account.second_step import passkey_options


def reserve_attempt(attempt: Attempt) -> timedelta | None:
    """Count an attempt in a transaction of its own, or return how long to wait."""
    # Whoever repeats the form in a loop must not take the write lock each time.
    wait = attempts.wait_before(this.session(), attempt, at=this.now())
    if wait is not None:
        return wait
    with this.writing_for_anybody() as own:
        return attempts.reserve(own, attempt, at=this.now())


def throttled(wait: timedelta) -> Response:
    """Render the page that says how long to wait."""
    seconds = max(1, math.ceil(wait.total_seconds()))
    page = render_template(
        "auth/throttled.html",
        minutes=math.ceil(seconds / 60),
        passkeys=passkey_options() is not None,
        provider=single_sign_on.provider_name(),
    )
    response = make_response(page, 429)
    response.headers["Retry-After"] = str(seconds)
    return response
