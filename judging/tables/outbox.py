"""The outbox: e-mail messages, how far each of them is, and wishes for one."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from judging.tables.types import JSONObject, JSONValue, KeyedRow, UTCDateTime, one_of

MESSAGE_STATES = ("queued", "sending", "sent", "failed", "uncertain")
RETURNED = ("bounced", "delayed")
"""What a mail server has reported later about a message that was sent."""


class LinkRequest(KeyedRow, table=True):
    """A wish for a sign-in link, of whoever has typed an address. A worker answers it within seconds.

    It is stored for every address alike: whoever measures the answer learns nothing of who has an account.
    """

    __tablename__ = "link_request"

    email: str = Field(max_length=254)
    # Where the wish came from, for the audit log.
    address: str = Field(max_length=64)
    asked_at: datetime = Field(sa_type=UTCDateTime)


class OutboxMessage(KeyedRow, table=True):
    """One e-mail message to one person or team, written in the transaction of the request that causes it.

    The text is not stored: it is rendered at each attempt from ``kind`` and ``content``. A sign-in link in it is
    computed from ``token_seed`` and the secret key of the installation; the seed is deleted when the message is sent.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (
        UniqueConstraint("message_id", name="uq_outbox_message_message_id"),
        one_of("state", MESSAGE_STATES, name="state_known"),
        CheckConstraint("(state IN ('queued', 'sending')) = (ended_at IS NULL)", name="ended_at_matches_state"),
        CheckConstraint("state <> 'sent' OR token_seed IS NULL", name="sent_without_seed"),
        CheckConstraint("(person_id IS NULL) <> (team_id IS NULL)", name="person_or_team"),
        one_of("returned", RETURNED, name="returned_known"),
        Index("ix_outbox_message_state_next_attempt_at", "state", "next_attempt_at"),
    )

    # The Message-ID of every attempt: a mailbox that receives two copies recognises them as one message.
    message_id: str = Field(max_length=200)
    kind: str = Field(max_length=40)
    competition_id: int | None = Field(default=None, foreign_key="competition.id", index=True)
    # Whom it is for: a person with an account, or a team, at the address of the roster.
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    team_id: int | None = Field(default=None, foreign_key="team.id")
    # Who caused the message; None for the command line and for the service itself.
    asked_by: int | None = Field(default=None, foreign_key="person.id")
    recipient: str = Field(max_length=254)
    # Empty: the language of the recipient is not known, and the message is written in all languages.
    language: str = Field(default="", max_length=20)
    content: JSONObject = Field(default_factory=dict, sa_type=JSONValue)
    link_id: int | None = Field(default=None, foreign_key="sign_in_link.id")
    token_seed: str | None = Field(default=None, max_length=64)
    state: str = Field(default="queued", max_length=20)
    attempts: int = 0
    # When it was last queued by a person; sending is given up some days later.
    queued_at: datetime = Field(sa_type=UTCDateTime)
    next_attempt_at: datetime = Field(sa_type=UTCDateTime)
    # Names the attempt in progress: whoever does not know it has been replaced and sends nothing.
    claim: str = Field(default="", max_length=32)
    # When the text began to go to the mail server. From then on, it may have been accepted.
    handed_over_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    # Why the last attempt failed, as a stored message.
    problem: JSONObject | None = Field(default=None, sa_type=JSONValue)
    created_at: datetime = Field(sa_type=UTCDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    # What a mail server has reported after the message was sent, and when the report was read.
    returned: str | None = Field(default=None, max_length=10)
    returned_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    # The recipient, when that report says that there is no such address: other messages to it wait for a person.
    refused_address: str | None = Field(default=None, max_length=254, index=True)

    @property
    def delivery(self) -> str:
        """Return how far the message is: what was reported about it, otherwise its state."""
        return self.returned or self.state
