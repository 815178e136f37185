"""Texts of e-mails that organisers have written in place of the standard ones."""

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from judging.tables.types import KeyedRow, UTCDateTime


class MailText(KeyedRow, table=True):
    """A version of the text of one kind of e-mail in one language. Appended, never changed; the newest is used.

    Without subject and body it says that the standard text is used again.
    """

    __tablename__ = "mail_text"
    __table_args__ = (
        UniqueConstraint(
            "competition_id", "kind", "language", "version", name="uq_mail_text_competition_id_kind_language_version"
        ),
        CheckConstraint("(subject IS NULL) = (body IS NULL)", name="both_or_neither"),
    )

    competition_id: int = Field(foreign_key="competition.id")
    kind: str = Field(max_length=40)
    language: str = Field(max_length=20)
    version: int
    subject: str | None = None
    body: str | None = None
    saved_at: datetime = Field(sa_type=UTCDateTime)
    saved_by: int = Field(foreign_key="person.id", index=True)
