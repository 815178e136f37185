"""Decisions that people make in addition to the numbers: rules, verdicts, awards, meetings, releases, signatures."""

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from judging.competition import AWARD_KINDS, CONFLICT_KINDS
from judging.final_shortlist import VERDICTS
from judging.tables.people import CONFIRMATIONS
from judging.tables.types import JSONObject, JSONValue, KeyedRow, UTCDateTime, one_of

RULES_STATES = ("proposed", "sealed", "withdrawn")


class RulesVersion(KeyedRow, table=True):
    """A version of the rules of a round: sealed, proposed or withdrawn.

    Version 1 is sealed when the round opens. A later version is proposed with a reason and sealed when the chairs have
    consented. Only then the round uses its definition.
    """

    __tablename__ = "rules_version"
    __table_args__ = (
        UniqueConstraint("round_id", "number", name="uq_rules_version_round_id_number"),
        one_of("state", RULES_STATES, name="state_known"),
        CheckConstraint("number >= 1", name="number_from_one"),
        CheckConstraint("number = 1 OR reason <> ''", name="reason_when_changed"),
        CheckConstraint("(state = 'sealed') = (sealed_at IS NOT NULL)", name="sealed_at_matches_state"),
    )

    round_id: int = Field(foreign_key="round.id", index=True)
    number: int
    definition: JSONObject = Field(sa_type=JSONValue)
    digest: str = Field(max_length=64)
    reason: str = ""
    state: str = Field(default="proposed", max_length=20)
    proposed_at: datetime = Field(sa_type=UTCDateTime)
    proposed_by: int | None = Field(default=None, foreign_key="person.id")
    sealed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class RulesConsent(KeyedRow, table=True):
    """One city's chair agrees to a version of the rules. Appended, never changed: triggers refuse it."""

    __tablename__ = "rules_consent"
    __table_args__ = (
        UniqueConstraint("rules_version_id", "city", name="uq_rules_consent_rules_version_id_city"),
        one_of("confirmed_by", CONFIRMATIONS, name="confirmed_by_known"),
    )

    rules_version_id: int = Field(foreign_key="rules_version.id", index=True)
    person_id: int = Field(foreign_key="person.id")
    city: str = Field(max_length=40)
    # The digest is stored again: a consent applies to a digest, not to a row.
    digest: str = Field(max_length=64)
    given_at: datetime = Field(sa_type=UTCDateTime)
    # In which session, and by which second factor the person confirmed it; None where none was asked for.
    sign_in_session_id: int | None = Field(default=None, foreign_key="sign_in_session.id")
    confirmed_by: str | None = Field(default=None, max_length=20)


class ConflictOfInterest(KeyedRow, table=True):
    """A conflict of interest between a person and a proposal, declared in advance."""

    __tablename__ = "conflict_of_interest"
    __table_args__ = (
        UniqueConstraint("person_id", "proposal_id", name="uq_conflict_of_interest_person_id_proposal_id"),
        one_of("kind", CONFLICT_KINDS, name="kind_known"),
    )

    person_id: int = Field(foreign_key="person.id", index=True)
    proposal_id: int = Field(foreign_key="proposal.id", index=True)
    kind: str = Field(max_length=20)
    # Of the competition's own kinds, which are ``other`` in the column above.
    own_kind: str | None = Field(default=None, max_length=60)
    reason: str = ""
    declared_at: datetime = Field(sa_type=UTCDateTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UTCDateTime)

    @property
    def named_kind(self) -> str:
        """Return the kind as forms and definitions name it."""
        return self.own_kind or self.kind


class Decision(KeyedRow, table=True):
    """A verdict of the chairs on one proposal of one round. Appended, never changed; the latest one is valid.

    The verdict ``rule`` cancels an earlier verdict: the shortlist rule decides again.
    """

    __tablename__ = "decision"
    __table_args__ = (
        one_of("verdict", VERDICTS, name="verdict_known"),
        one_of("confirmed_by", CONFIRMATIONS, name="confirmed_by_known"),
        CheckConstraint("reason <> ''", name="reason_given"),
    )

    round_id: int = Field(foreign_key="round.id", index=True)
    proposal_id: int = Field(foreign_key="proposal.id", index=True)
    verdict: str = Field(max_length=10)
    reason: str
    # The key of the proposal in whose place this one moved up; it goes back to the rule when that one comes back.
    replaces: str | None = Field(default=None, max_length=60)
    decided_at: datetime = Field(sa_type=UTCDateTime)
    decided_by: int = Field(foreign_key="person.id")
    # In which session, and by which second factor the person confirmed it; None where none was asked for.
    sign_in_session_id: int | None = Field(default=None, foreign_key="sign_in_session.id")
    confirmed_by: str | None = Field(default=None, max_length=20)


class Award(KeyedRow, table=True):
    """An award that a team can win in addition to its rank."""

    __tablename__ = "award"
    __table_args__ = (
        UniqueConstraint("round_id", "key", name="uq_award_round_id_key"),
        one_of("kind", AWARD_KINDS, name="kind_known"),
        CheckConstraint("most_winners >= 1", name="most_winners_from_one"),
    )

    round_id: int = Field(foreign_key="round.id", index=True)
    key: str = Field(max_length=60)
    # By language tag, like all texts of a competition.
    name: JSONObject = Field(sa_type=JSONValue)
    kind: str = Field(max_length=20)
    category: str | None = Field(default=None, max_length=60)
    most_winners: int = 1


class AwardGrant(KeyedRow, table=True):
    """An award given to a proposal; withdrawn by setting a date, never deleted."""

    __tablename__ = "award_grant"
    __table_args__ = (CheckConstraint("reason <> ''", name="reason_given"),)

    award_id: int = Field(foreign_key="award.id", index=True)
    proposal_id: int = Field(foreign_key="proposal.id", index=True)
    reason: str
    granted_at: datetime = Field(sa_type=UTCDateTime)
    granted_by: int = Field(foreign_key="person.id")
    withdrawn_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class Meeting(KeyedRow, table=True):
    """A panel meeting on one round: who is present, and the order in which proposals are discussed."""

    __tablename__ = "meeting"
    __table_args__ = (UniqueConstraint("round_id", "number", name="uq_meeting_round_id_number"),)

    round_id: int = Field(foreign_key="round.id", index=True)
    number: int
    # Names as entered: guests and interpreters have no account.
    present: list[str] = Field(default_factory=list, sa_type=JSONValue)
    # Keys of proposals.
    agenda: list[str] = Field(default_factory=list, sa_type=JSONValue)
    # The run that is discussed; None for a meeting from before it was recorded.
    calibration_run_id: int | None = Field(default=None, foreign_key="calibration_run.id")
    # What was said and decided, once the meeting is closed; it follows nothing that changes later.
    minutes: JSONObject | None = Field(default=None, sa_type=JSONValue)
    opened_at: datetime = Field(sa_type=UTCDateTime)
    opened_by: int = Field(foreign_key="person.id")
    closed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class MeetingNote(KeyedRow, table=True):
    """A note of a meeting, on one proposal or on none. Appended, never changed."""

    __tablename__ = "meeting_note"
    __table_args__ = (CheckConstraint("text <> ''", name="text_given"),)

    meeting_id: int = Field(foreign_key="meeting.id", index=True)
    proposal_id: int | None = Field(default=None, foreign_key="proposal.id", index=True)
    text: str
    written_at: datetime = Field(sa_type=UTCDateTime)
    written_by: int = Field(foreign_key="person.id")


class Release(KeyedRow, table=True):
    """Run, rules and decisions of a round under one digest, for the chairs to sign. Appended, never changed."""

    __tablename__ = "release"
    __table_args__ = (UniqueConstraint("round_id", "number", name="uq_release_round_id_number"),)

    round_id: int = Field(foreign_key="round.id", index=True)
    number: int
    calibration_run_id: int = Field(foreign_key="calibration_run.id")
    content: JSONObject = Field(sa_type=JSONValue)
    digest: str = Field(max_length=64)
    reason: str = ""
    proposed_at: datetime = Field(sa_type=UTCDateTime)
    proposed_by: int = Field(foreign_key="person.id")


class Signature(KeyedRow, table=True):
    """One city's chair signs one release. Appended, never changed."""

    __tablename__ = "signature"
    __table_args__ = (
        UniqueConstraint("release_id", "city", name="uq_signature_release_id_city"),
        one_of("confirmed_by", CONFIRMATIONS, name="confirmed_by_known"),
    )

    release_id: int = Field(foreign_key="release.id", index=True)
    person_id: int = Field(foreign_key="person.id")
    city: str = Field(max_length=40)
    digest: str = Field(max_length=64)
    signed_at: datetime = Field(sa_type=UTCDateTime)
    # In which session, and by which second factor the person confirmed it; None where none was asked for.
    sign_in_session_id: int | None = Field(default=None, foreign_key="sign_in_session.id")
    confirmed_by: str | None = Field(default=None, max_length=20)
