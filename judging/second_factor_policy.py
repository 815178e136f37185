"""What this installation asks of people with respect to second factors: nothing, what they have, or one of each."""

import functools
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from flask import current_app, g, request
from flask_login import current_user

from judging import errors
from judging.services.access import Account, Actor
from judging.services.authentication.secret_box import SecretBox

RESPONSIBLE = ("organiser", "chair")
"""Roles that need a second factor where the policy requires one."""
_WITHOUT_FACTOR = (
    *(None, "assets", "auth", "health", "home", "judge", "scoresheets"),
    *("second_factor", "second_step", "single_sign_on"),
)


@functools.lru_cache(maxsize=4)
def _box(secret_key: str) -> SecretBox:
    return SecretBox(secret_key)


def box() -> SecretBox:
    """Return what encrypts the secrets of authenticator apps."""
    return _box(str(current_app.secret_key))


def is_asked() -> bool:
    """Return whether this installation asks for second factors at all."""
    return bool(current_app.config["SECOND_FACTOR"] != "off")


def actor_of(account: Account, *, at: datetime) -> Actor:
    """Return the actor of an account, with what is known of a second factor at the time of this request."""
    if not is_asked():
        return account.actor
    lifetime = cast(timedelta, current_app.config["CONFIRMATION_LIFETIME"])
    is_fresh = account.confirmed_at is not None and abs(at - account.confirmed_at) < lifetime
    is_required = current_app.config["SECOND_FACTOR"] == "required" and is_responsible(account.actor)
    g.judging_lacks_factor = is_required and not account.has_second_factor
    return replace(
        account.actor,
        confirmed_by=account.confirmed_by if is_fresh else None,
        must_confirm=not is_fresh and (is_required or account.has_second_factor),
    )


def lacks_factor(person: Actor) -> bool:
    """Return whether the policy requires a second factor of the signed-in person, who has none."""
    return person.person_id is not None and bool(g.get("judging_lacks_factor"))


def is_responsible(person: Actor) -> bool:
    """Return whether a person is an organiser or a chair anywhere."""
    return any(not roles.isdisjoint(RESPONSIBLE) for roles in person.roles.values())


def require() -> None:
    """Refuse an organiser or chair who has no second factor where the policy requires one.

    Scoresheets are a judge's own, and the pages that add a second factor are open.
    """
    if current_app.config["SECOND_FACTOR"] != "required" or request.blueprint in _WITHOUT_FACTOR:
        return
    # Whether somebody asks is found out first; `judging_lacks_factor` is known of a token then too.
    if (g.get("judging_token") is not None or current_user.is_authenticated) and g.get("judging_lacks_factor"):
        raise errors.SecondFactorMissing
