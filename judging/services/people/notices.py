"""Tell a person that a way to sign in to their account was changed: whoever did it may have been somebody else."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from judging.services.access import Actor
from judging.services.mail.mailer import Mailer
from judging.services.mail.outbox import queue_message
from judging.services.people.sign_in import own_account

CHANGES = ("password", "passkey_added", "passkey_removed", "app_added", "app_removed", "codes_made")
"""What can be changed; `judging.services.mail.letters` has the words."""


def tell_change(session: Session, mailer: Mailer | None, actor: Actor, what: str, *, at: datetime) -> None:
    """Queue a message to the actor's own mailbox, in the transaction of the change; without a mail server, none."""
    if what not in CHANGES:
        raise ValueError(f"what: {what!r} is not one of {', '.join(CHANGES)}")
    if mailer is not None:
        person = own_account(session, actor)
        queue_message(session, mailer, actor, "sign_in_changed", person, at=at, content={"what": what})
