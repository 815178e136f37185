"""Confirm with a second factor in a session that is used by a program.

A decision needs it as on the pages: until a few minutes ago at most, by an authenticator app or a recovery code. A
passkey needs a browser: who has nothing else confirms on a page of the same session.
"""

from __future__ import annotations

import math
from typing import Any

from judging import request as this
from judging import second_factor_policy
from judging.api.bodies import Blueprint
from judging.errors import ConfirmationNeeded, Conflict, Message, TooFast
from judging.schemas.answers.account.confirmation import CodeSchema, ConfirmedSessionSchema
from judging.services.authentication import attempts, second_factors
from judging.services.authentication.attempts import Attempt
from judging.services.authentication.sign_in import own_account

bp = Blueprint("confirmation", __name__, description="Confirm with a second factor")


@bp.post("/session/confirmation")
@bp.arguments(CodeSchema)
@bp.response(200, ConfirmedSessionSchema)
@bp.alt_response(409, description="This installation asks for no second factor")
@bp.alt_response(403, description="The code is wrong or was used before")
@bp.alt_response(429, description="Too many attempts; Retry-After says how long to wait")
def confirm(typed: dict[str, str]) -> dict[str, Any]:
    """Confirm with a code; decisions of this session are then accepted for some minutes."""
    if not second_factor_policy.is_asked():
        raise Conflict(Message("This installation asks for no second factor."))
    person = own_account(this.session(), this.actor())
    attempt = Attempt(email=person.email, address=this.address(), kind="second_factor")
    # Counted before the code is checked, in a transaction of its own: a failed request is rolled back.
    wait = attempts.wait_before(this.session(), attempt, at=this.now())
    if wait is None:
        with this.writing_for_anybody() as session:
            wait = attempts.reserve(session, attempt, at=this.now())
    if wait is not None:
        raise TooFast(
            Message("Too many wrong codes. Please wait."), retry_after_seconds=max(1, math.ceil(wait.total_seconds()))
        )
    with this.writing() as session:
        method = second_factors.use_code(session, person.pk, second_factor_policy.box(), typed["code"], at=this.now())
        if method is None:
            raise ConfirmationNeeded(Message("This code is wrong or was used before."))
        attempts.forget(session, attempt)
        second_factors.mark_confirmed(session, this.actor(), method, at=this.now())
    this.forget_actor()
    return {"confirmed_by": method, "at": this.now()}
