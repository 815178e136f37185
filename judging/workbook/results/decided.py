"""Decisions of people on a calibration run, for the workbook: verdicts, awards, rules, releases.

Moments are naive, in the time zone of the title block.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from judging.competition import RoundRules
from judging.rubric import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealFacts:
    """An appeal of a team; ``outcome`` is ``open``, ``stands`` or ``changed``, ``reason`` that of the outcome."""

    number: int
    proposal: str
    entered_at: datetime
    outcome: str
    reason: str
    release: int | None
    n_judges: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingFacts:
    """One proposal on the shortlist, below it, or removed from it.

    Attributes
    ----------
    standing : {"shortlisted", "tied", "reserve", "passed over", "out"}
        After decisions; ``out``: removed by people; ``passed over``: removed by a clause of the rule.
    clause : str
        The clause of the rule that moved it, if any (see ``judging.shortlist.Move``); ``group`` names the city,
        category or criterion.
    verdict, reason : str
        Of the decision in force, if there is one.
    """

    proposal: str
    standing: str
    clause: str = ""
    group: str = ""
    verdict: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionFacts:
    """One verdict on a proposal: its reason, time and person, and whether a later one replaced it."""

    proposal: str
    verdict: str
    reason: str
    decided_at: datetime
    decided_by: str
    is_in_force: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantFacts:
    """An award granted to a proposal."""

    proposal: str
    reason: str
    granted_at: datetime
    granted_by: str
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardFacts:
    """One award with its grants."""

    name: Text
    kind: str
    category: str | None
    most_winners: int
    grants: tuple[GrantFacts, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """An agreement, for a city where there are several: a consent to rules, or a signature of a release."""

    city: str
    name: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionFacts:
    """One version of the rules, or one release: its digest, who proposed it and why, and who agreed.

    A release is of a ``run``, and ``is_changed`` when some of its frozen content has changed since.
    """

    number: int
    digest: str
    state: str
    reason: str
    proposed_at: datetime
    proposed_by: str
    agreements: Sequence[Agreement] = ()
    run: int | None = None
    is_changed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesFacts:
    """The definition that the run followed, and every version that the round has had.

    Attributes
    ----------
    definition : RoundRules
    digest : str
    versions : tuple of VersionFacts
        Oldest first.
    """

    definition: RoundRules
    digest: str
    versions: tuple[VersionFacts, ...] = ()
