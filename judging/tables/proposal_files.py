"""Decks and videos of proposals, and the pages of decks as they were rendered."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from judging.media.media_limits import KINDS
from judging.tables.types import JSONObject, JSONValue, KeyedRow, UTCDateTime, one_of

RENDERING_STATES = ("ready", "failed")


class ProposalFile(KeyedRow, table=True):
    """A deck or video of a proposal; its content is in the folder of files under ``digest``.

    A file that is replaced or removed keeps its row, with the time; at most one of a kind is in use.
    """

    __tablename__ = "proposal_file"
    __table_args__ = (
        one_of("kind", KINDS, name="kind_known"),
        CheckConstraint("n_bytes > 0", name="n_bytes_positive"),
        Index(
            "uq_proposal_file_in_use",
            "proposal_id",
            "kind",
            unique=True,
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
    )

    proposal_id: int = Field(foreign_key="proposal.id", index=True)
    kind: str = Field(max_length=10)
    # As the uploader's machine names it; judges never see it, because it may name the team.
    name: str = Field(max_length=200)
    media_type: str = Field(max_length=40)
    n_bytes: int = Field(sa_type=BigInteger)
    digest: str = Field(max_length=64, index=True)
    # Of a deck: how many pages, and whether it has scripts or attachments.
    facts: JSONObject = Field(default_factory=dict, sa_type=JSONValue)
    # None for the command line.
    uploaded_by: int | None = Field(default=None, foreign_key="person.id")
    uploaded_at: datetime = Field(sa_type=UTCDateTime)
    removed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    removed_by: int | None = Field(default=None, foreign_key="person.id")


class RenderedDeck(SQLModel, table=True):
    """The pages of a deck by the digest of its file: sizes and texts; their images are in the folder of files."""

    __tablename__ = "rendered_deck"
    __table_args__ = (one_of("state", RENDERING_STATES, name="state_known"),)

    digest: str = Field(max_length=64, primary_key=True)
    state: str = Field(max_length=10)
    # For each page: width, height, bytes by the name of the width, text.
    pages: list[JSONObject] = Field(default_factory=list, sa_type=JSONValue)
    # Why it failed: a stored message, and complaints by field.
    problem: JSONObject | None = Field(default=None, sa_type=JSONValue)
    rendered_at: datetime = Field(sa_type=UTCDateTime)
