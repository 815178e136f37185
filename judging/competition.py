"""A competition as its organiser defined it: cities, categories, rounds, and the rules sealed before the first score.

Frozen values only. A definition leaves as plain data by ``to_dict`` and comes back through ``judging.schemas``, which
reads the YAML files and the stored JSON with one and the same schema.
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
"""What a person may declare, or give as the reason for a recusal."""
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
    """What holds for the whole competition.

    Attributes
    ----------
    release : one of RELEASES
        Whose signatures make results public: a chair of every city, or one chair.
    conflicts : some of CONFLICTS
        The ties to a team that a judge is asked to declare.
    feedback : bool
        Whether teams get their anonymised scores and comments after release.
    code_of_conduct : Text or None
        What a judge accepts before the first scoresheet.
    """

    release: str = "every-city"
    conflicts: tuple[str, ...] = CONFLICTS
    feedback: bool = True
    code_of_conduct: Text | None = None


@dataclass(frozen=True, slots=True)
class CalibrationPolicy:
    """How scores become calibrated scores.

    Attributes
    ----------
    model : one of MODELS
    home_city : one of HOME_CITY_POLICIES
        The advantage of being scored by one's own city: shown, also taken out of the ranking, or left out of the model.
    quality_prior : one of QUALITY_PRIORS
        ``city_blind`` draws no proposal towards the usual level of its own city or category.
    assumption : one of ASSUMPTIONS
        What separates a city's quality from its severity when no readings across cities do.
    interval : float
        Probability that the intervals are meant to cover, such as 0.9.
    n_draws, seed : int
        Joint draws behind rank intervals, and where they start.
    """

    # The defaults are those of the command line: one home for both.
    model: str = Settings.model
    home_city: str = Settings.home_city
    quality_prior: str = Settings.quality_prior
    assumption: str = Settings.assumption
    interval: float = Settings.interval
    n_draws: int = Settings.n_draws
    seed: int = Settings.seed


@dataclass(frozen=True, slots=True)
class ReadingPolicy:
    """How many scoresheets proposals get.

    Attributes
    ----------
    per_proposal : int
        Given to every proposal when the round opens.
    extra : int
        Further readings of the whole round, given where they would change the shortlist most; 0 is a fixed design.
    maximum : int
        No proposal is read more often, so that nobody gets readings by favour.
    cross_city : int
        At least so many proposals of each city are also read by a judge of another city.
    """

    per_proposal: int = 3
    extra: int = 0
    maximum: int = 3
    cross_city: int = 0


@dataclass(frozen=True, slots=True)
class PrivacyPolicy:
    """What judges may not see.

    Attributes
    ----------
    teams_hidden : bool
        Proposals are shown without the name of their team.
    identity_flags : int
        So many judges who report independently that a team is recognisable bring the proposal to the chair.
    """

    teams_hidden: bool = True
    identity_flags: int = 2


@dataclass(frozen=True, slots=True)
class CarryOver:
    """Calibrated scores of an earlier round count for ``weight`` percent in this one."""

    round: str
    weight: float


@dataclass(frozen=True)
class Round:
    """One round with everything that is sealed before its first score; times are aware."""

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

    def to_dict(self) -> dict[str, Any]:
        """Return the definition as plain data that JSON can hold, in the shape of the YAML file."""
        return _plain_fields(self)

    @cached_property
    def digest(self) -> str:
        """Return the SHA-256 of the definition; two files that mean the same have the same digest."""
        return digest_of(self.to_dict())


@dataclass(frozen=True)
class Competition:
    """The event: who takes part, what it is about, in which order its rounds come."""

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
    # 10 and 10.0 are one weight: the digest must not tell a file from what a database gave back.
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
