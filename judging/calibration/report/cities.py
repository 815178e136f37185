"""Cities and links in a report: what is identifiable from the design, and which judges can be compared."""

from __future__ import annotations

from dataclasses import dataclass

from judging.calibration.report.estimates import ReportedEstimate


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedSet:
    """Judges joined by chains of shared proposals, and the proposals that they scored."""

    judges: tuple[str, ...]
    proposals: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CityPairCount:
    """Scoresheets of a city's judges for a city's proposals."""

    judge_city: str
    proposal_city: str
    n_sheets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CityResult:
    """Mean severity of a city's judges (+ is harsher) and mean quality of its proposals."""

    city: str
    n_judges: int
    n_proposals: int
    severity: ReportedEstimate
    quality: ReportedEstimate


@dataclass(frozen=True, slots=True, kw_only=True)
class CityDifference:
    """The first city ``of`` minus the second ``less``."""

    of: str
    less: str
    severity: ReportedEstimate
    quality: ReportedEstimate


@dataclass(frozen=True, slots=True, kw_only=True)
class CitiesResult:
    """Effects of cities, and which of them are identifiable from the design.

    Attributes
    ----------
    identified : bool or None
        Whether the cities' severities are identifiable; None without two cities.
    assumption : str or None
        The assumption that is used where they are not.
    home_city_identified : bool
    home_city_policy : str
    links : str
        How the cities are linked by scoresheets.
    n_cross_city : int
        Scoresheets of judges of one city for proposals of another.
    readings : tuple of CityPairCount
    cities : tuple of CityResult
    difference : CityDifference or None
        With exactly two cities.
    connectivity : float or None
        Algebraic connectivity, 0 (not linked) to 1 (every judge scores every proposal).
    sentences : tuple of str
        The same in words; they are among the notes of the report.
    """

    identified: bool | None
    assumption: str | None
    home_city_identified: bool
    home_city_policy: str
    links: str
    n_cross_city: int
    readings: tuple[CityPairCount, ...]
    cities: tuple[CityResult, ...]
    difference: CityDifference | None
    connectivity: float | None
    sentences: tuple[str, ...]
