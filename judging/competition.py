"""The definition of a competition: cities, categories, rounds, and the rules sealed before the first score.

Frozen values only. ``to_dict`` converts a definition to plain data, and ``judging.schemas`` converts it back: it
reads the YAML files and the stored JSON with the same schema.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from judging.round_policies import (
    CalibrationPolicy,
    CarryOver,
    PitchPolicy,
    PracticePolicy,
    PrivacyPolicy,
    ReadingPolicy,
)
from judging.rubric import LANGUAGES, Rubric, Text
from judging.shortlist import ShortlistRule

RELEASES = ("every-city", "one-chair")
ALONE = "organiser-alone"
APPOINTMENTS = (ALONE,)
"""Who may appoint a chair or an auditor, other than an organiser together with an independent second person."""
PLACES = ("cities", "countries")
"""What judges and teams belong to, in the words of the pages."""
CONFLICTS = ("family", "employer", "mentoring", "sponsor")
"""Conflicts of interest that rules can name."""
CONFLICT_KINDS = (*CONFLICTS, "other")
"""Conflicts that a person may declare, or give as the reason for a recusal."""
ABSTENTION_KINDS = ("subject", "language", "files", "time", "other")
"""Reasons to give a scoresheet back that are no conflict of interest."""
RESULTS_FOR = ("signed-in", "public")
"""Who may read released results, beside chairs, organisers and auditors."""
RESULTS_ORDER = ("alphabetical", "rank")
LETTER_PARTS = ("decision", "band", "profile", "comments")
"""What a letter may say beside awards: selected or not, its part of the list, its place on each criterion, comments."""
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
class PublicationPolicy:
    """Who may read the list of released results, and its order.

    Attributes
    ----------
    results : one of RESULTS_FOR
        Everybody with a role in the competition, or anybody without signing in.
    order : one of RESULTS_ORDER
        By title, which tells no rank, or by rank with the ranks.
    """

    results: str = "signed-in"
    order: str = "alphabetical"


@dataclass(frozen=True, slots=True)
class ConflictKind:
    """A kind of conflict of interest that the competition names itself."""

    key: str
    name: Text


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
        Whether teams get a letter after release.
    letters : some of LETTER_PARTS or None
        What a letter says beside awards. None, which keeps the digest of older definitions: the decision alone.
    conflict_kinds : tuple of ConflictKind or None
        Further kinds of the competition's own. None, not empty: a definition without them keeps its digest.
    code_of_conduct : Text or None
        Text that a judge must accept before the first scoresheet.
    appointments : one of APPOINTMENTS or None
        Who appoints chairs and auditors. None: an organiser and an independent second person. With ``organiser-alone``
        one organiser does, for a small event; releases and method reports then say so.
    publication : PublicationPolicy or None
        None, so that older definitions keep their digest: chairs, organisers and auditors read released results.
    """

    release: str = "every-city"
    conflicts: tuple[str, ...] = CONFLICTS
    feedback: bool = True
    code_of_conduct: Text | None = None
    publication: PublicationPolicy | None = None
    letters: tuple[str, ...] | None = None
    conflict_kinds: tuple[ConflictKind, ...] | None = None

    @property
    def own_conflict_keys(self) -> tuple[str, ...]:
        """Return the keys of the competition's own kinds of conflicts."""
        return tuple(kind.key for kind in self.conflict_kinds or ())

    appointments: str | None = None


@dataclass(frozen=True)
class RoundRules:
    """One round with all rules that are sealed before its first score; times are time-zone-aware."""

    key: str
    name: Text
    briefing: Text
    rubric: Rubric
    shortlist: ShortlistRule | None = None
    tie_breaks: tuple[str, ...] = ("calibrated", "people")
    calibration: CalibrationPolicy = field(default_factory=CalibrationPolicy)
    readings: ReadingPolicy = field(default_factory=ReadingPolicy)
    privacy: PrivacyPolicy = field(default_factory=PrivacyPolicy)
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
    """The event: its cities, categories and policies, and its rounds in order.

    ``places``, one of PLACES, is what pages call the cities; None is cities, and keeps the digest of older definitions.
    """

    key: str
    name: Text
    cities: tuple[City, ...]
    categories: tuple[Category, ...]
    time_zone: str
    rounds: tuple[str, ...]
    languages: tuple[str, ...] = LANGUAGES
    policies: Policies = Policies()
    places: str | None = None

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


def moment(value: datetime, zone: ZoneInfo, *, seconds: bool = False) -> str:
    """Return a time in a zone with its offset from UTC.

    >>> moment(datetime(2023, 7, 3, 6, 5, tzinfo=UTC), ZoneInfo("Asia/Hong_Kong"))
    '2023-07-03 14:05 (UTC+8)'
    """
    local = value.astimezone(zone)
    offset = local.utcoffset()
    hours = offset.total_seconds() / 3600 if offset else 0.0
    return f"{local.strftime('%Y-%m-%d %H:%M:%S' if seconds else '%Y-%m-%d %H:%M')} (UTC{hours:+g})"


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
