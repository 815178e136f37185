"""Which judge has accepted which code of conduct."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from judging.tables.types import KeyedRow, UTCDateTime


class ConductAcceptance(KeyedRow, table=True):
    """A judge has accepted the code of conduct of a competition as it was then."""

    __tablename__ = "conduct_acceptance"
    __table_args__ = (UniqueConstraint("judge_id", "digest", name="uq_conduct_acceptance_judge_id_digest"),)

    judge_id: int = Field(foreign_key="judge.id", index=True)
    # SHA-256 of the text in all languages.
    digest: str = Field(max_length=64)
    accepted_at: datetime = Field(sa_type=UTCDateTime)
