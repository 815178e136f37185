"""One attempt to send a message, from its row to what became of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from judging import db, tables
from judging.errors import Message, Unavailable
from judging.jobs.mail.rendering import render
from judging.jobs.mail.smtp import MessageRefused, NotSent, PerhapsSent, Replaced, deliver
from judging.rubric import Text
from judging.services.competitions.definitions import definition_of
from judging.services.mail import mail_texts, sending
from judging.services.mail.letter_parts import Facts
from judging.services.mail.mailer import Mailer
from judging.services.mail.outbox import name_of
from judging.services.releases import letter_mail

if TYPE_CHECKING:
    from config import Smtp

Outcome = Callable[..., None]

log = structlog.get_logger()
_RETRY_SECONDS = 2.0
_TIME_ZONE = "Asia/Hong_Kong"


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends the messages of an installation.

    Attributes
    ----------
    engine : Engine
    server : Smtp
    mailer : Mailer
    now : callable
        Returns the present time, aware.
    """

    engine: Engine
    server: Smtp
    mailer: Mailer
    now: Callable[[], datetime]

    def send(self, message_id: int) -> None:
        """Attempt to send a message once and store what became of it; a message that has ended is left alone.

        Raises
        ------
        Unavailable, sqlalchemy.exc.DBAPIError
            When the database does not answer before the text has gone out; the attempt is to begin again.
        """
        with db.transaction(self.engine) as session:
            message = sending.begin_attempt(session, message_id, at=self.now())
        if message is None:
            return
        outcome, problem = self._attempt(message)
        if outcome is not None:
            self._store(lambda session: outcome(session, message, problem, at=self.now()))

    def _attempt(self, message: tables.OutboxMessage) -> tuple[Outcome | None, str]:
        """Hand the message to the mail server; return what is to be stored about it, and why."""
        try:
            with db.transaction(self.engine, read_only=True) as session:
                text = self._rendered(session, message)
            deliver(self.server, text, message.recipient, lambda: self._begin_handing_over(message))
        except Replaced:
            log.info("message sent elsewhere", message=message.pk)
            return None, ""
        except NotSent as error:
            log.warning("message not sent", message=message.pk, attempt=message.attempts, reason=str(error))
            return sending.try_later, error.args[0]
        except MessageRefused as error:
            log.warning("message refused", message=message.pk, reason=str(error))
            return sending.end_failed, error.args[0]
        except PerhapsSent as error:
            log.warning("message perhaps sent", message=message.pk, reason=str(error))
            return sending.end_uncertain, error.args[0]
        except (Unavailable, DBAPIError):
            raise
        except Exception:
            # The organiser must read that it was not sent, whatever the reason; the log has the traceback.
            log.exception("message failed", message=message.pk)
            return sending.end_failed, Message("Something went wrong on our side. The message was not sent.")
        log.info("message sent", message=message.pk, kind=message.kind)
        return sending.end_sent, ""

    def _begin_handing_over(self, message: tables.OutboxMessage) -> bool:
        with db.transaction(self.engine) as session:
            return sending.begin_handing_over(session, message, at=self.now())

    def _store(self, write: Callable[[Session], None]) -> None:
        """Store what became of an attempt. Only this process knows it: it waits for a database that does not answer."""
        while True:
            try:
                with db.transaction(self.engine) as session:
                    write(session)
                return
            except (Unavailable, DBAPIError) as error:
                log.warning("the database does not answer; what became of a message waits", error=str(error)[:300])
            time.sleep(_RETRY_SECONDS)

    def _rendered(self, session: Session, message: tables.OutboxMessage) -> bytes:
        competition, time_zone, until, link = Text(), _TIME_ZONE, "", None
        if message.competition_id is not None:
            definition = definition_of(session.get_one(tables.Competition, message.competition_id))
            competition, time_zone = definition.name, definition.time_zone
        if message.link_id is not None:
            until = _moment(session.get_one(tables.SignInLink, message.link_id).expires_at, time_zone)
        if message.token_seed is not None:
            path = "confirm" if message.link_id is None else "sign-in"
            link = f"{self.mailer.base_url}/{path}/{self.mailer.token_of(message.token_seed)}"
        is_letter = message.kind == letter_mail.KIND
        content = letter_mail.content_of(session, message) if is_letter else message.content
        facts = Facts(competition=competition, content=content, link_until=until)
        own = mail_texts.own_texts(session, message.competition_id, message.kind)
        name = name_of(session, message)
        return render(message, name=name, sender=self.server.sender, facts=facts, link=link, own_texts=own)


def _moment(moment: datetime, time_zone: str) -> str:
    local = moment.astimezone(ZoneInfo(time_zone))
    offset = local.utcoffset()
    hours = offset.total_seconds() / 3600 if offset else 0.0
    return f"{local:%Y-%m-%d %H:%M} (UTC{hours:+g})"
