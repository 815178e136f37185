"""An authenticator app of a person, as the service knows it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
from sqlmodel import Session

from judging import tables
from judging.services.access import load_actor
from judging.services.authentication import second_factors
from judging.services.authentication.secret_box import SecretBox


def add_app(session: Session, person: tables.Person, box: SecretBox) -> pyotp.TOTP:
    """Give a person an authenticator app whose first code was used a day ago."""
    actor, at = load_actor(session, person.pk), datetime.now(UTC) - timedelta(days=1)
    second_factors.begin_app(session, actor, box, at=at)
    app = pyotp.TOTP(second_factors.new_secret(session, actor, box))
    second_factors.confirm_app(session, actor, box, app.at(at), at=at)
    session.commit()
    return app
