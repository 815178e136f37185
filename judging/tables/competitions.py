"""Competitions, their rounds, and the rosters of judges, teams and proposals."""

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from judging.tables.types import JSONObject, JSONValue, KeyedRow, UTCDateTime, one_of

ROUND_STATES = ("draft", "open", "closed")


class Competition(KeyedRow, table=True):
    """A competition, as its YAML file defined it when it was last loaded."""

    __tablename__ = "competition"
    __table_args__ = (UniqueConstraint("key", name="uq_competition_key"),)

    key: str = Field(max_length=60)
    definition: JSONObject = Field(sa_type=JSONValue)
    digest: str = Field(max_length=64)
    # Shown on every page and export of a competition whose proposals are not real.
    is_simulated: bool = False
    created_at: datetime = Field(sa_type=UTCDateTime)
    # Since then nothing in it is changed; the reason is whoever archived it.
    archived_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    archived_reason: str | None = None
    # Since then the people of this event alone have pseudonyms.
    personal_data_removed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    # A removal of personal data that was asked for: it begins when it is due, or was confirmed by a second person.
    removal_asked_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    removal_due_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    removal_asked_by: int | None = Field(default=None, foreign_key="person.id")
    removal_confirmed_by: int | None = Field(default=None, foreign_key="person.id")
    removal_objected_by: int | None = Field(default=None, foreign_key="person.id")
    # Why a chair or an auditor has stopped the last one.
    removal_objection: str | None = None


class Round(KeyedRow, table=True):
    """One round: its rules as loaded, and whether scores can be entered."""

    __tablename__ = "round"
    __table_args__ = (
        UniqueConstraint("competition_id", "key", name="uq_round_competition_id_key"),
        UniqueConstraint("competition_id", "position", name="uq_round_competition_id_position"),
        one_of("state", ROUND_STATES, name="state_known"),
        CheckConstraint("position >= 1", name="position_from_one"),
        CheckConstraint("(state = 'draft') = (opened_at IS NULL)", name="opened_at_matches_state"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_at_matches_state"),
    )

    competition_id: int = Field(foreign_key="competition.id", index=True)
    key: str = Field(max_length=60)
    position: int
    definition: JSONObject = Field(sa_type=JSONValue)
    digest: str = Field(max_length=64)
    state: str = Field(default="draft", max_length=20)
    opened_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    closes_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    # Hours before the deadline at which judges are reminded by themselves; None: never.
    reminder_hours: list[int] | None = Field(default=None, sa_type=JSONValue)


class Judge(KeyedRow, table=True):
    """A judge on a competition's roster, with or without an account."""

    __tablename__ = "judge"
    __table_args__ = (
        UniqueConstraint("competition_id", "key", name="uq_judge_competition_id_key"),
        UniqueConstraint("competition_id", "person_id", name="uq_judge_competition_id_person_id"),
        CheckConstraint("max_load IS NULL OR max_load >= 0", name="max_load_not_negative"),
    )

    competition_id: int = Field(foreign_key="competition.id", index=True)
    key: str = Field(max_length=40)
    name: str = Field(max_length=200)
    city: str = Field(max_length=40)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    # Keys of the categories and language tags this judge reads; empty means all.
    categories: list[str] = Field(default_factory=list, sa_type=JSONValue)
    languages: list[str] = Field(default_factory=list, sa_type=JSONValue)
    max_load: int | None = None
    # Where the judge works: compared with teams, to propose conflicts of interest.
    affiliation: str | None = Field(default=None, max_length=200)
    is_active: bool = True
    # Of a judge who is not active: since when, why, and the key of the judge who took over what was open.
    left_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    left_reason: str | None = None
    replaced_by: str | None = Field(default=None, max_length=40)


def addresses_in(email: str | None) -> tuple[str, ...]:
    """Return the addresses that the column ``email`` of a team holds.

    >>> addresses_in("a@example.org, b@example.org"), addresses_in(None)
    (('a@example.org', 'b@example.org'), ())
    """
    return tuple(email.split(", ")) if email else ()


class Team(KeyedRow, table=True):
    """The people who submitted a proposal."""

    __tablename__ = "team"
    __table_args__ = (UniqueConstraint("competition_id", "key", name="uq_team_competition_id_key"),)

    competition_id: int = Field(foreign_key="competition.id", index=True)
    key: str = Field(max_length=40)
    name: str = Field(max_length=200)
    city: str = Field(max_length=40)
    # Conflicts of interest are proposed from these: where the team works, its address, keys or names of its mentors.
    affiliation: str | None = Field(default=None, max_length=200)
    # One address or several, with a comma and a blank between them.
    email: str | None = Field(default=None, max_length=254)
    mentors: str | None = Field(default=None, max_length=500)

    @property
    def emails(self) -> tuple[str, ...]:
        """Return each e-mail address."""
        return addresses_in(self.email)


class Proposal(KeyedRow, table=True):
    """What is judged. Its city is the city of its team."""

    __tablename__ = "proposal"
    __table_args__ = (UniqueConstraint("competition_id", "key", name="uq_proposal_competition_id_key"),)

    competition_id: int = Field(foreign_key="competition.id", index=True)
    team_id: int = Field(foreign_key="team.id", index=True)
    key: str = Field(max_length=60)
    title: str = Field(max_length=300)
    category: str | None = Field(default=None, max_length=60)
    language: str | None = Field(default=None, max_length=20)
    summary: str = ""
    deck_url: str | None = Field(default=None, max_length=2000)
    video_url: str | None = Field(default=None, max_length=2000)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    withdrawn_reason: str | None = None

    @property
    def named(self) -> str:
        """Return key and title, as a sentence for chairs and organisers names the proposal."""
        return f"{self.key} {self.title}"


class RoundProposal(SQLModel, table=True):
    """A proposal takes part in a round, with or without scoresheets; until it is withdrawn."""

    __tablename__ = "round_proposal"

    round_id: int = Field(foreign_key="round.id", primary_key=True)
    proposal_id: int = Field(foreign_key="proposal.id", primary_key=True, index=True)
    # A round that was released before stays as it was signed: there this is NULL.
    withdrawn_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
