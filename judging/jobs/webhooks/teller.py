"""One try to deliver a message, from its row to how it ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from judging import db, tables
from judging.errors import Message, Unavailable
from judging.jobs.webhooks.message import body_of, headers_of
from judging.jobs.webhooks.posting import WHOLE_SECONDS, post
from judging.jobs.webhooks.reaching import Unreachable, target_of
from judging.services.webhooks import sending
from judging.services.webhooks.registering import box_of
from judging.services.webhooks.sending import Outcome

log = structlog.get_logger()
_GONE = 410
_RETRY_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSettings:
    """What an installation says about webhooks.

    Attributes
    ----------
    secret_key : str
        Of the settings: the secrets of webhooks are encrypted with it.
    base_url : str
        The address of the service, without a slash at the end.
    may_be_private : bool
        Whether receivers in private networks are allowed.
    whole_seconds : float
        For one answer.
    """

    secret_key: str = field(repr=False)
    base_url: str
    may_be_private: bool = False
    whole_seconds: float = WHOLE_SECONDS


@dataclass(frozen=True, slots=True)
class Teller:
    """Sends the messages of an installation to other programs."""

    engine: Engine
    settings: WebhookSettings
    now: Callable[[], datetime]

    def tell_until_stored(self, name: str, delivery_id: int) -> None:
        """Make one try; when the database does not answer, wait for it and make it again."""
        while True:
            try:
                self.tell(name, delivery_id)
                return
            except (Unavailable, DBAPIError) as error:
                log.warning("the database does not answer; a try waits", delivery=delivery_id, error=str(error)[:300])
            time.sleep(_RETRY_SECONDS)

    def tell(self, name: str, delivery_id: int) -> None:
        """Make one try and store how it ended; a try that is over is left alone.

        Raises
        ------
        Unavailable, sqlalchemy.exc.DBAPIError
            When the database does not answer: the try is to be made again.
        """
        with db.transaction(self.engine, read_only=True) as session:
            found = sending.find_try(session, name, delivery_id)
            session.expunge_all()
        if found is None:
            return
        outcome = self._attempt(*found)
        with db.transaction(self.engine) as session:
            sending.end_try(session, name, delivery_id, outcome, at=self.now())

    def _attempt(self, delivery: tables.WebhookDelivery, webhook: tables.Webhook) -> Outcome:
        about = {"delivery": delivery.pk, "told": delivery.event, "number": delivery.tries + 1}
        secret = box_of(self.settings.secret_key).decrypted(webhook.encrypted_secret)
        if secret is None:
            log.warning("message to a program not sent: its secret cannot be read", **about)
            text = Message("Its secret cannot be read: the key of the installation has changed. Add the webhook anew.")
            return Outcome(is_delivered=False, problem=text, is_final=True)
        try:
            target = target_of(webhook.address, may_be_private=self.settings.may_be_private)
            body = body_of(delivery, self.settings.base_url)
            headers = headers_of(delivery, body, secret, at=self.now())
            answer = post(target, body, headers, whole_seconds=self.settings.whole_seconds)
        except Unreachable as error:
            log.warning("message to a program not delivered", reason=str(error), **about)
            return Outcome(is_delivered=False, problem=error.args[0])
        except (Unavailable, DBAPIError):
            raise
        except Exception:
            # The organiser must read that it was not sent, whatever the reason; the log has the traceback.
            log.exception("message to a program failed", **about)
            return Outcome(is_delivered=False, problem=Message("Something went wrong on our side."))
        if 200 <= answer < 300:
            log.info("message to a program delivered", answer=answer, **about)
            return Outcome(is_delivered=True, answer=answer)
        log.warning("message to a program refused", answer=answer, **about)
        return Outcome(is_delivered=False, answer=answer, problem=_refusal(answer), is_final=answer == _GONE)


def _refusal(answer: int) -> Message:
    if 300 <= answer < 400:
        return Message("The receiver answered with a redirect ({answer}), which is not followed.", answer=answer)
    if answer == _GONE:
        return Message("The receiver answered that it is gone (410).")
    return Message("The receiver answered {answer}.", answer=answer)
