"""The definition of a competition: cities, categories, rounds, and the rules sealed before the first score.

Frozen values only. ``to_dict`` converts a definition to plain data, and ``judging.schemas`` converts it back: it
reads the YAML files and the stored JSON with the same schema.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from judging.calibration.settings import Settings
from judging.rubric import LANGUAGES, Rubric, Text
from judging.shortlist import ShortlistRule

RELEASES = ("every-city", "one-chair")
CONFLICTS = ("family", "employer", "mentoring", "sponsor")
"""Conflicts of interest that rules can name."""
CONFLICT_KINDS = (*CONFLICTS, "other")
"""Conflicts that a person may declare, or give as the reason for a recusal."""
ABSTENTION_KINDS = ("subject", "language", "files", "time", "other")
"""Reasons to give a scoresheet back that are no conflict of interest."""
AWARD_KINDS = ("category", "jury", "other")

MAX_TIE_BREAKS = 8
TIE_BREAKS = ("calibrated", "raw", "median", "p_shortlist", "n_judges", "disagreement", "people")
CRITERION_TIE_BREAK = "criterion:"

_Keyed = TypeVar("_Keyed", "City", "Category")


@dataclass(frozen=True, slots=True)
class City:
    """The site a judge or a team belongs to."""

    key: str
    name: Text


@dataclass(frozen=True, slots=True)
class Category:
    """A theme of the challenge; ``parent`` is the key of the wider category it belongs to."""

    key: str
    name: Text
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Policies:
    """Policies of the whole competition.

    Attributes
    ----------
    release : one of RELEASES
        Whose signatures make results public: a chair of every city, or one chair.
    conflicts : some of CONFLICTS
        The conflicts of interest with a team that a judge is asked to declare.
    feedback : bool
        Whether teams get their anonymised scores and comments after release.
    code_of_conduct : Text or None
        Text that a judge must accept before the first scoresheet.
    """

    release: str = "every-city"
    conflicts: tuple[str, ...] = CONFLICTS
    feedback: bool = True
    code_of_conduct: Text | None = None


@dataclass(frozen=True, slots=True)
class EarlierSheets:
    """Scoresheets that count for what they say about the judges; their proposals are not ranked.

    Attributes
    ----------
    kind : one of OCCASION_KINDS
        ``round`` and ``anchor`` (practice proposals that everyone scores) are rounds of this competition, ``year`` is a
        round of another one.
    round : str
        Key of the round.
    competition : str or None
        Key of the other competition; its judges are matched by account.
    """

    kind: str
    round: str
    competition: str | None = None

    @property
    def name(self) -> str:
        """Return the key of the round, with that of its competition where it is another one."""
        return self.round if self.competition is None else f"{self.competition}/{self.round}"


@dataclass(frozen=True, slots=True)
class CalibrationPolicy:
    """Settings of the calibration of a round.

    Attributes
    ----------
    model : one of MODELS
    home_city : one of HOME_CITY_POLICIES
        The advantage of being scored by one's own city: shown, also removed from the ranking, or left out of the model.
    quality_prior : one of QUALITY_PRIORS
        ``city_blind`` shrinks no proposal towards the usual level of its own city or category.
    assumption : one of ASSUMPTIONS
        The assumption that separates a city's quality from its severity when there are no cross-city scoresheets.
    interval : float
        Coverage probability of the intervals, such as 0.9.
    n_draws, seed : int
        Number of joint draws for rank intervals, and the seed of the draws.
    earlier : tuple of EarlierSheets or None
        Earlier scoresheets of the same judges, the oldest first. None, not empty: a definition without the field keeps
        its digest.
    """

    # The defaults are those of the command line.
    model: str = Settings.model
    home_city: str = Settings.home_city
    quality_prior: str = Settings.quality_prior
    assumption: str = Settings.assumption
    interval: float = Settings.interval
    n_draws: int = Settings.n_draws
    seed: int = Settings.seed
    earlier: tuple[EarlierSheets, ...] | None = None


@dataclass(frozen=True, slots=True)
class ReadingPolicy:
    """How many scoresheets proposals get.

    Attributes
    ----------
    per_proposal : int
        Number for every proposal when the round opens.
    extra : int
        Additional scoresheets of the whole round, assigned where they would change the shortlist most; 0 is a fixed
        design.
    maximum : int
        Maximum for a proposal, so that no proposal is favoured with more scoresheets.
    cross_city : int
        At least this many proposals of each city are also scored by a judge of another city.
    stop_below : float or None
        Percent: no further scoresheet is asked for where it would change the shortlist with a lower probability. None:
        as long as it could change it at all.
    """

    per_proposal: int = 3
    extra: int = 0
    maximum: int = 3
    cross_city: int = 0
    stop_below: float | None = None


@dataclass(frozen=True, slots=True)
class PrivacyPolicy:
    """Information that is hidden from judges.

    Attributes
    ----------
    teams_hidden : bool
        Proposals are shown without the name of their team.
    identity_flags : int
        Number of independent reports that a team is recognisable, from which the chair must decide on the proposal.
    mirror : bool or None
        Whether judges see, after the round, how their own scores compare with the panel. None, not False: a definition
        without the field keeps its digest.
    """

    teams_hidden: bool = True
    identity_flags: int = 2
    mirror: bool | None = None


@dataclass(frozen=True, slots=True)
class CarryOver:
    """Calibrated scores of an earlier round count for ``weight`` percent in this one."""

    round: str
    weight: float


@dataclass(frozen=True, slots=True)
class ReferenceScore:
    """The agreed score of a practice proposal on one criterion, in the units of its scale, and why."""

    criterion: str
    score: float
    reason: Text | None = None


@dataclass(frozen=True, slots=True)
class PracticeProposal:
    """A proposal that every judge scores for practice, by its key, with the agreed scores if there are any."""

    key: str
    reference: tuple[ReferenceScore, ...] = ()


@dataclass(frozen=True, slots=True)
class PracticePolicy:
    """Makes a round practice: every judge scores these proposals, and nothing of it is ranked.

    Attributes
    ----------
    proposals : tuple of PracticeProposal
        They take part in this round only.
    """

    proposals: tuple[PracticeProposal, ...]

    def proposal(self, key: str) -> PracticeProposal | None:
        """Return the practice proposal with this key; None when there is none."""
        return next((proposal for proposal in self.proposals if proposal.key == key), None)


@dataclass(frozen=True, slots=True)
class PitchPolicy:
    """How long each team has on the stage; the clock stops nobody, and scores are accepted until the round closes.

    Attributes
    ----------
    pitch_minutes : int
        For the pitch itself.
    questions_minutes : int
        For the questions of the judges; 0 is a pitch without questions.
    scoring_minutes : int
        For the scoresheets, before the next team is called.
    """

    pitch_minutes: int
    questions_minutes: int
    scoring_minutes: int


@dataclass(frozen=True)
class RoundRules:
    """One round with all rules that are sealed before its first score; times are time-zone-aware."""

    key: str
    name: Text
    briefing: Text
    rubric: Rubric
    shortlist: ShortlistRule | None = None
    tie_breaks: tuple[str, ...] = ("calibrated", "people")
    calibration: CalibrationPolicy = CalibrationPolicy()
    readings: ReadingPolicy = ReadingPolicy()
    privacy: PrivacyPolicy = PrivacyPolicy()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    carries_over: CarryOver | None = None
    practice: PracticePolicy | None = None
    # None is a round without a stage: a definition without the field keeps its digest.
    pitches: PitchPolicy | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the definition as plain data that JSON can hold, in the shape of the YAML file."""
        return _plain_fields(self)

    @cached_property
    def digest(self) -> str:
        """Return the SHA-256 of the definition; two files with the same content have the same digest."""
        return digest_of(self.to_dict())


@dataclass(frozen=True)
class CompetitionRules:
    """The event: its cities, categories and policies, and its rounds in order."""

    key: str
    name: Text
    cities: tuple[City, ...]
    categories: tuple[Category, ...]
    time_zone: str
    rounds: tuple[str, ...]
    languages: tuple[str, ...] = LANGUAGES
    policies: Policies = Policies()

    @property
    def zone(self) -> ZoneInfo:
        """Return the time zone in which dates are shown."""
        return ZoneInfo(self.time_zone)

    def city(self, key: str) -> City:
        """Return the city with this key, or raise KeyError."""
        return _keyed(self.cities, key)

    def category(self, key: str) -> Category:
        """Return the category with this key, or raise KeyError."""
        return _keyed(self.categories, key)

    def lineage(self, key: str) -> tuple[str, ...]:
        """Return the key of a category and those of the wider ones it belongs to, nearest first."""
        keys = [key]
        while (parent := self.category(keys[-1]).parent) is not None:
            keys.append(parent)
        return tuple(keys)

    def to_dict(self) -> dict[str, Any]:
        """Return the definition as plain data that JSON can hold, in the shape of the YAML file."""
        return _plain_fields(self)

    @cached_property
    def digest(self) -> str:
        """Return the SHA-256 of the definition without its rounds' files, which have their own."""
        return digest_of(self.to_dict())


def digest_of(definition: Mapping[str, Any]) -> str:
    """Return the SHA-256 of plain data in its canonical JSON: keys sorted, no spaces, UTF-8."""
    canonical = json.dumps(definition, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _keyed(values: tuple[_Keyed, ...], key: str) -> _Keyed:
    for value in values:
        if value.key == key:
            return value
    raise KeyError(key)


def _plain_fields(value: Any) -> dict[str, Any]:
    named = ((f.name, getattr(value, f.name)) for f in fields(value))
    return {name: _plain(content) for name, content in named if content is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, Text):
        return value.by_language
    if is_dataclass(value):
        return _plain_fields(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(content) for key, content in value.items()}
    if isinstance(value, tuple | list | frozenset):
        return [_plain(content) for content in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    # 10 and 10.0 are the same weight: the digests of a file and of its stored copy must be equal.
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
