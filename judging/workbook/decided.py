"""What people decided around a calibration run, as the workbook tells it: verdicts, awards, rules, releases.

Moments are naive, in the zone that the title block names.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from judging.competition import Round
from judging.rubric import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One proposal on the shortlist, behind it, or moved off it.

    Attributes
    ----------
    standing : {"shortlisted", "tied", "reserve", "passed over", "out"}
        After decisions; ``out`` is whom people took off it, ``passed over`` whom a clause of the rule did.
    clause : str
        Which clause of the rule moved it, if one did (see ``judging.shortlist.Move``); ``group`` names the city,
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
    """One verdict on a proposal: what, why, when, by whom, and whether a later one replaced it."""

    proposal: str
    verdict: str
    reason: str
    decided_at: datetime
    decided_by: str
    is_in_force: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantFacts:
    """An award given to a proposal."""

    proposal: str
    reason: str
    granted_at: datetime
    granted_by: str
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardFacts:
    """One award with whoever it was given to."""

    name: Text
    kind: str
    category: str | None
    most_winners: int
    grants: tuple[GrantFacts, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Somebody agreed for a city: a consent to rules, or a signature under a release."""

    city: str
    name: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionFacts:
    """One version of the rules, or one release: its digest, who proposed it and why, and who agreed.

    A release is of a ``run``, and ``is_changed`` when something it froze is no longer so.
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
    definition : Round
    digest : str
    versions : tuple of VersionFacts
        Oldest first.
    """

    definition: Round
    digest: str
    versions: tuple[VersionFacts, ...] = ()
