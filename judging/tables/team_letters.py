"""The letters to teams that were made from a release, and the links to them."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from judging.tables.types import JSONObject, JSONValue, KeyedRow, UTCDateTime


class TeamLetters(KeyedRow, table=True):
    """All letters of one release with their salts, and the root over them. Appended, never changed."""

    __tablename__ = "team_letters"
    __table_args__ = (UniqueConstraint("release_id", name="uq_team_letters_release_id"),)

    release_id: int = Field(foreign_key="release.id")
    # A list `letters`, each with proposal, language, text and salt.
    content: JSONObject = Field(sa_type=JSONValue)
    root: str = Field(max_length=64)
    made_at: datetime = Field(sa_type=UTCDateTime)
    made_by: int = Field(foreign_key="person.id", index=True)


class TeamLetterLink(KeyedRow, table=True):
    """A link that shows one letter to whoever has it. Only the SHA-256 of its token is stored."""

    __tablename__ = "team_letter_link"
    __table_args__ = (UniqueConstraint("token_hash", name="uq_team_letter_link_token_hash"),)

    team_letters_id: int = Field(foreign_key="team_letters.id", index=True)
    proposal: str = Field(max_length=60)
    token_hash: str = Field(max_length=64)
    issued_at: datetime = Field(sa_type=UTCDateTime)
    issued_by: int = Field(foreign_key="person.id", index=True)
    revoked_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class TeamLetterMessage(KeyedRow, table=True):
    """That one letter went to one address, in which message: no letter goes to an address twice."""

    __tablename__ = "team_letter_message"
    __table_args__ = (
        UniqueConstraint("message_id", name="uq_team_letter_message_message_id"),
        UniqueConstraint(
            "team_letters_id", "proposal", "recipient", name="uq_team_letter_message_team_letters_id_proposal_recipient"
        ),
    )

    team_letters_id: int = Field(foreign_key="team_letters.id")
    proposal: str = Field(max_length=60)
    recipient: str = Field(max_length=254)
    message_id: int = Field(foreign_key="outbox_message.id")
    queued_at: datetime = Field(sa_type=UTCDateTime)
    queued_by: int = Field(foreign_key="person.id", index=True)


class CommentChoice(KeyedRow, table=True):
    """Whether one comment of one version of a scoresheet goes into the letter; without a row nobody has looked at it.

    ``criterion`` is empty for the overall comment.
    """

    __tablename__ = "comment_choice"
    __table_args__ = (UniqueConstraint("scoresheet_id", "criterion", name="uq_comment_choice_scoresheet_id_criterion"),)

    scoresheet_id: int = Field(foreign_key="scoresheet.id", index=True)
    criterion: str = Field(max_length=60)
    is_sent: bool
    decided_at: datetime = Field(sa_type=UTCDateTime)
    decided_by: int = Field(foreign_key="person.id", index=True)
