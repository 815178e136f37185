"""The shortlist by the sealed rule in a report, and simultaneous confidence sets of ranks."""

from __future__ import annotations

from dataclasses import dataclass

from judging.calibration.report.estimates import NoteTemplate


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortlistMove:
    """A proposal selected or passed over for another reason than its rank; see `judging.shortlist.Move`."""

    proposal: str
    selected: bool
    clause: str
    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatErrors:
    """Expected number of seats that would be others if the true scores were known, for a city, a category or all.

    ``wrong`` counts proposals selected that should not be, ``missed`` those not selected that should be. ``group`` is
    the key of the city or category, empty for all.
    """

    group: str
    wrong: float
    missed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorScore:
    """Calibrated score of a proposal on a criterion that has a floor, in the units of the ratings."""

    proposal: str
    criterion: str
    floor: float
    score: float | None
    standard_error: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortlistResult:
    """The proposals selected by the rule, as keys, best first; see `judging.shortlist.Shortlist`.

    ``seat_errors`` is of all proposals, None where the model has no spread; those by city and by category are in the
    order of their keys. ``floor_scores`` are those that were compared with floors, by criterion and proposal; empty
    where the mean scores were.
    """

    size: int
    selected: tuple[str, ...]
    reserves: tuple[str, ...]
    cut_off: float | None
    tied_at_line: tuple[str, ...]
    moves: tuple[ShortlistMove, ...]
    unmet: tuple[str, ...]
    seat_errors: SeatErrors | None = None
    seat_errors_by_city: tuple[SeatErrors, ...] = ()
    seat_errors_by_category: tuple[SeatErrors, ...] = ()
    floor_scores: tuple[FloorScore, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SimultaneousSets:
    """The values that belong to the rank sets of all proposals together.

    ``may_be_among_first`` are the keys of the proposals that the data do not exclude from the first ``size``; None
    without a size.
    """

    level: float
    n_draws: int
    size: int | None
    may_be_among_first: tuple[str, ...] | None
    sentences: tuple[str, ...]
    sentence_templates: tuple[NoteTemplate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedSource:
    """The earlier round whose scores count: its key, the number and digest of its run, and its weight in percent."""

    round: str
    run: int
    result_digest: str
    weight: float
