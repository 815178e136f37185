"""What becomes of a message that a mail server reports as returned or delayed, after it was sent.

A report is believed because it names the Message-ID: 128 random bits that only the recipient and the servers on the way
have seen. It marks the message, says why in plain words, and tells the organisers. The address is held as refused only
when the report says that it does not exist; then other messages to it wait until a person sends one again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from judging import tables
from judging.errors import Message
from judging.schemas.older_reports import DELAYED, FAILED, Report
from judging.schemas.stored_messages import to_stored
from judging.services import audit
from judging.services.access import Actor
from judging.services.mail.mailer import Mailer
from judging.services.mail.outbox import new_message, recipient_of

BOUNCED, WAITS, KNOWN, UNKNOWN, NEWS_OF_NOTHING = "bounced", "waits", "known", "unknown", "nothing"
TOLD_AGAIN_AFTER: Final = timedelta(hours=6)
"""Organisers get no second message about returned ones before: a list with a wrong domain returns all at once."""
NO_SUCH_ADDRESS: Final = ("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1")
"""Codes of RFC 3463 and RFC 7505 after which nothing arrives at an address, whatever is sent."""
NOT_HELD: Final = ("requested_link", "change_asked", "new_address", "address_changed", "name_changed")
"""Kinds that go to a refused address too: their recipient asked for them, or must be told of a change."""
HELD = Message(
    "Mail to this address came back before. Correct the address, or send this message again if the address is right."
)
_ADDRESS = Message("The address does not exist. Correct it, then send again.")
_WORDS: Final = {
    "1.2": Message("There is no mail server for the part after @. Correct the address, then send again."),
    "1": _ADDRESS,
    "2.1": Message("The mailbox is closed. Ask the person for another address, then send again."),
    "2.2": Message("The mailbox is full. Tell the person in another way, then send again."),
    "2.3": Message("The message is too large for the mailbox. Send it in another way."),
    "3.4": Message("The message is too large for the mailbox. Send it in another way."),
    "4": Message("The mail server of the recipient was not reached. Check the part after @, then send again."),
    "7": Message(
        "The mail server of the recipient does not accept mail from here. Tell whoever runs this service, or use "
        "another address."
    ),
}
_OTHER = Message("The message did not arrive. Check the address, then send again.")
_LATE = Message("The message has not arrived yet. Mail servers go on trying; there is nothing to do.")


def store_report(session: Session, report: Report, *, at: datetime, mailer: Mailer | None = None) -> str:
    """Store what a report says about a message of ours, and tell the organisers; the caller commits.

    The same report again changes nothing, so that it does not matter who reads it, and how often.

    Returns
    -------
    str
        ``bounced`` or ``delayed`` when the message is marked now; ``known`` when it was before; ``waits`` when the
        message is just being sent, and the report is to be read again; ``nothing`` when it reports no trouble;
        ``unknown`` when no message has such a Message-ID, and nothing was changed.
    """
    table = tables.OutboxMessage
    message = session.exec(
        select(table)
        .where(col(table.message_id).in_(report.ids))
        .order_by(col(table.id))
        .limit(1)
        .with_for_update(key_share=True)
    ).first()
    if message is None:
        return UNKNOWN
    if report.outcome not in (FAILED, DELAYED):
        return NEWS_OF_NOTHING
    if message.state in ("queued", "sending"):
        return WAITS
    if message.state == "failed" or message.returned == BOUNCED or (message.returned and report.outcome == DELAYED):
        return KNOWN
    # Whether it was sent was perhaps not known before.
    message.state, message.returned_at = "sent", at
    message.token_seed = None
    message.returned = BOUNCED if report.outcome == FAILED else DELAYED
    message.problem = to_stored(words_of(report))
    if message.returned == BOUNCED and report.status in NO_SUCH_ADDRESS:
        message.refused_address = message.recipient
    session.add(message)
    session.flush()
    if message.returned == BOUNCED:
        _record_and_tell(session, mailer, message, at=at)
    return message.returned


def words_of(report: Report) -> Message:
    """Return what happened and what to do, with the words of the server."""
    if report.outcome == DELAYED:
        what = _LATE
    else:
        detail = report.status.partition(".")[2]
        what = _WORDS.get(detail) or _WORDS.get(detail.partition(".")[0]) or _OTHER
    reason = report.reason or report.status
    return Message("{what} The mail server said: {reason}", what=what, reason=reason) if reason else what


def is_held(session: Session, message: tables.OutboxMessage) -> bool:
    """Return whether a message is not to be sent, because earlier mail to its address came back for good."""
    table = tables.OutboxMessage
    if message.kind in NOT_HELD:
        return False
    found = session.exec(select(table.id).where(col(table.refused_address) == message.recipient).limit(1)).first()
    return found is not None


def _record_and_tell(session: Session, mailer: Mailer | None, message: tables.OutboxMessage, *, at: datetime) -> None:
    if message.competition_id is None:
        return
    competition = session.get_one(tables.Competition, message.competition_id)
    if competition.archived_at is not None:
        # Nothing is recorded in an archived competition any more; its page of messages has the report all the same.
        return
    service = Actor(person_id=None, name="service")
    audit.record(
        session,
        service,
        "message.bounced",
        f"message {message.pk}",
        at=at,
        competition_id=competition.pk,
        detail={"kind": message.kind},
    )
    if mailer is None:
        return
    table = tables.OutboxMessage
    told = select(table.person_id).where(
        table.competition_id == competition.id, table.kind == "returned", col(table.created_at) > at - TOLD_AGAIN_AFTER
    )
    people = session.exec(
        select(tables.Person)
        .join(tables.Role, col(tables.Role.person_id) == col(tables.Person.id))
        .where(
            tables.Role.competition_id == competition.id,
            tables.Role.role == "organiser",
            col(tables.Person.is_active),
            col(tables.Person.id).not_in(told),
            # No message about a message that came back from the same mailbox.
            col(tables.Person.email) != message.recipient,
        )
        .order_by(col(tables.Person.id))
    ).all()
    content = {"recipient": message.recipient, "problem": message.problem}
    session.add_all(
        new_message(
            mailer, service, "returned", recipient_of(one), at=at, competition_id=competition.pk, content=content
        )
        for one in people
        if message.kind != "returned"
    )
