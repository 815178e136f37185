"""Conflicts of interest of judges that organisers entered, or decided on when they were proposed."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from judging.competition import CONFLICT_KINDS
from judging.tables.types import KeyedRow, UTCDateTime, one_of

CONFLICT_ORIGINS = ("hand", "email_domain", "affiliation", "mentoring")
CONFLICT_STATES = ("in_force", "refused", "ended")


class JudgeConflict(KeyedRow, table=True):
    """A conflict between a judge of the roster and a proposal; the judge needs no account.

    ``refused`` is one that was proposed and is none: it is not proposed again. What people declare themselves is
    ``ConflictOfInterest``.
    """

    __tablename__ = "judge_conflict"
    __table_args__ = (
        UniqueConstraint("judge_id", "proposal_id", name="uq_judge_conflict_judge_id_proposal_id"),
        one_of("kind", CONFLICT_KINDS, name="kind_known"),
        one_of("origin", CONFLICT_ORIGINS, name="origin_known"),
        one_of("state", CONFLICT_STATES, name="state_known"),
    )

    judge_id: int = Field(foreign_key="judge.id")
    proposal_id: int = Field(foreign_key="proposal.id", index=True)
    kind: str = Field(max_length=20)
    # Of the competition's own kinds, which are ``other`` in the column above.
    own_kind: str | None = Field(default=None, max_length=60)
    reason: str = ""
    origin: str = Field(max_length=20)
    state: str = Field(max_length=20)
    decided_at: datetime = Field(sa_type=UTCDateTime)
    # None is the command line.
    decided_by: int | None = Field(default=None, foreign_key="person.id")

    @property
    def named_kind(self) -> str:
        """Return the kind as forms and definitions name it."""
        return self.own_kind or self.kind
