"""The rows of the ranking table: numbers of a run with current names, filtered, sorted and paged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from judging.calibration.explanation.displayed import displayed_move
from judging.calibration.report.proposals import ProposalResult
from judging.calibration.report.shortlist import ShortlistMove
from judging.calibration.report.whole import Report
from judging.competition import CompetitionRules
from judging.decimals import SCORE
from judging.services.decisions.proposals import ProposalEntry
from judging.web.words.wording import interval

PAGE_SIZE = 200

_Key = Callable[["RankingRow"], Any]
_BY_NUMBER: dict[str, Callable[[RankingRow], float | None]] = {
    "rank": lambda row: row.rank,
    "calibrated": lambda row: row.result.calibrated,
    "standard_error": lambda row: row.result.standard_error,
    "raw": lambda row: row.result.raw,
    "move": lambda row: row.move,
    "n_judges": lambda row: row.result.n_judges,
    "disagreement": lambda row: row.result.disagreement,
    "p_shortlist": lambda row: row.result.p_shortlist,
    "additive": lambda row: row.result.additive,
}
_BY_TEXT: dict[str, _Key] = {
    "title": lambda row: row.listed.title.casefold(),
    "team": lambda row: row.listed.team.casefold(),
    "key": lambda row: row.listed.key,
}
SORTS = (*_BY_NUMBER, *_BY_TEXT)

# Optional columns in their order; the default columns come first. Rank, title and score are always shown.
USUAL_COLUMNS = ("picture", "raw", "move", "n_judges", "disagreement", "p_shortlist")
COLUMNS = (*USUAL_COLUMNS, "additive")


@dataclass(frozen=True, slots=True)
class RankInGroup:
    """A rank within a category or a city."""

    rank: int
    n: int


@dataclass(frozen=True, slots=True)
class RankingRow:
    """One proposal in the ranking.

    Attributes
    ----------
    result : ProposalResult
        The result of the run for this proposal, unchanged.
    listed : ProposalEntry
    lineage : tuple of str
        Keys of its category and of the wider ones.
    in_category, in_city : RankInGroup or None
    interval : (float, float) or None
        Of the calibrated score.
    """

    result: ProposalResult
    listed: ProposalEntry
    lineage: tuple[str, ...]
    in_category: RankInGroup | None
    in_city: RankInGroup | None
    interval: tuple[float, float] | None

    @property
    def rank(self) -> int | None:
        """Return its rank, or None when nobody scored it."""
        return self.result.rank or None

    @property
    def move(self) -> float | None:
        """Return calibrated score minus raw mean, in points, each as displayed."""
        calibrated, raw = self.result.calibrated, self.result.raw
        return None if calibrated is None or raw is None else displayed_move(raw, calibrated, decimals=SCORE.page)

    def number(self, name: str) -> float | None:
        """Return the number of a column."""
        return _BY_NUMBER[name](self)


@dataclass(frozen=True, slots=True)
class CutOffLine:
    """The end of the shortlist, by the rule of the run.

    Attributes
    ----------
    size : int
        Seats.
    selected, tied : frozenset of str
        Keys of the shortlisted proposals, and of the tied ones between which the rule cannot choose.
    last_rank : int
        The worst rank on the shortlist; 0 when nobody is on it.
    clauses : mapping of str to ShortlistMove
        Proposals that are in or out for a reason other than their rank.
    """

    size: int
    selected: frozenset[str]
    tied: frozenset[str]
    last_rank: int
    clauses: Mapping[str, ShortlistMove]

    def first_below(self, rows: Iterable[RankingRow]) -> str | None:
        """Return the key of the best-ranked row below the whole shortlist; None without one."""
        behind = ((row.rank, row.listed.key) for row in rows if row.rank and row.rank > self.last_rank)
        return min(behind, default=(0, None))[1]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters, order and columns that the reader selected."""

    sort: str = "rank"
    descending: bool = False
    category: str = ""
    city: str = ""
    words: str = ""
    page: int = 1
    everything: bool = False
    columns: tuple[str, ...] = USUAL_COLUMNS

    @classmethod
    def of(cls, arguments: Mapping[str, str], *, columns: Sequence[str] = ()) -> Wanted:
        """Read the query of an address; invalid values are ignored.

        ``columns`` contains all values of that parameter; even an empty value counts as a choice.
        """
        sort = arguments.get("sort", "")
        page = arguments.get("page", "")
        return cls(
            sort=sort if sort in SORTS else "rank",
            descending=arguments.get("order") == "desc",
            category=arguments.get("category", ""),
            city=arguments.get("city", ""),
            words=arguments.get("q", "").strip(),
            page=max(int(page), 1) if page.isdecimal() and len(page) < 7 else 1,
            everything=arguments.get("show") == "all",
            columns=tuple(name for name in COLUMNS if name in columns) if columns else USUAL_COLUMNS,
        )

    def query(self, **changes: Any) -> dict[str, Any]:
        """Return the query for this selection with some changes; default values are omitted."""
        asked = {
            "sort": self.sort if self.sort != "rank" else None,
            "order": "desc" if self.descending else None,
            "category": self.category or None,
            "city": self.city or None,
            "q": self.words or None,
            "show": "all" if self.everything else None,
            "columns": None if self.columns == USUAL_COLUMNS else [*self.columns] or [""],
        }
        return {name: value for name, value in {**asked, **changes}.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of one page, and their position among all rows.

    Attributes
    ----------
    rows : sequence of RankingRow
    n_found : int
        On all pages.
    number, n_pages : int
    first : int
        Rows on earlier pages.
    places : mapping of str to RankInGroup
        Ranks within the selected category and city; empty without a selection.
    below : str or None
        The first row below the cut-off among all matching rows.
    """

    rows: Sequence[RankingRow]
    n_found: int
    number: int
    n_pages: int
    first: int
    places: Mapping[str, RankInGroup]
    below: str | None


def rows_of(
    results: Iterable[ProposalResult],
    listed: Mapping[str, ProposalEntry],
    competition: CompetitionRules,
    *,
    level: float,
) -> list[RankingRow]:
    """Join the proposals of a run with their names; a proposal no longer in the round is shown by its key."""
    entries = [(entry, listed.get(entry.proposal) or _unlisted(entry.proposal)) for entry in results]
    by_category = _places((entry, proposal.category) for entry, proposal in entries)
    by_city = _places((entry, proposal.city) for entry, proposal in entries)
    return [
        RankingRow(
            result=entry,
            listed=proposal,
            lineage=_lineage(competition, proposal.category),
            in_category=by_category.get(proposal.key),
            in_city=by_city.get(proposal.key),
            interval=interval(entry.calibrated, entry.standard_error, level),
        )
        for entry, proposal in entries
    ]


def line_of(report: Report) -> CutOffLine | None:
    """Return the end of the shortlist of a run; None without a rule."""
    shortlist = report.shortlist
    if shortlist is None:
        return None
    rank = {row.proposal: row.rank for row in report.proposals if row.rank}
    selected = frozenset(shortlist.selected)
    return CutOffLine(
        size=shortlist.size,
        selected=selected,
        tied=frozenset(shortlist.tied_at_line),
        last_rank=max((rank[key] for key in selected if key in rank), default=0),
        clauses={move.proposal: move for move in shortlist.moves},
    )


def page_of(rows: Iterable[RankingRow], wanted: Wanted, line: CutOffLine | None = None) -> Page:
    """Return the selected rows; proposals without a value in the sorted column come last in either order."""
    group = [row for row in rows if _in_group(row, wanted)]
    places = _places((row.result, "all") for row in group) if wanted.category or wanted.city else {}
    matching = sorted(
        (row for row in group if _has_words(row, wanted)),
        key=lambda row: (row.rank is None, row.rank or 0, row.listed.key),
    )
    below = None if line is None else line.first_below(matching)
    if wanted.sort in _BY_TEXT:
        matching.sort(key=_BY_TEXT[wanted.sort], reverse=wanted.descending)
    elif wanted.sort != "rank" or wanted.descending:
        sign = -1 if wanted.descending else 1
        matching.sort(key=lambda row: _number_key(row.number(wanted.sort), sign))
    n_pages = 1 if wanted.everything else max(-(-len(matching) // PAGE_SIZE), 1)
    number = min(wanted.page, n_pages)
    first = (number - 1) * PAGE_SIZE
    shown = matching if wanted.everything else matching[first : first + PAGE_SIZE]
    return Page(shown, len(matching), number, n_pages, first, places, below)


def _number_key(value: float | None, sign: int) -> tuple[bool, float]:
    return (value is None, sign * (value or 0.0))


def _in_group(row: RankingRow, wanted: Wanted) -> bool:
    if wanted.category and wanted.category not in row.lineage:
        return False
    return not wanted.city or wanted.city == row.listed.city


def _has_words(row: RankingRow, wanted: Wanted) -> bool:
    words = wanted.words.casefold()
    return not words or any(words in text.casefold() for text in (row.listed.key, row.listed.title, row.listed.team))


def _places(entries: Iterable[tuple[ProposalResult, str | None]]) -> dict[str, RankInGroup]:
    groups: dict[str, list[tuple[int, str]]] = {}
    for entry, group in entries:
        if group and entry.rank:
            groups.setdefault(group, []).append((entry.rank, entry.proposal))
    places = {}
    for members in groups.values():
        members.sort()
        place, last = 0, None
        for position, (rank, key) in enumerate(members, start=1):
            place, last = (place if rank == last else position), rank
            places[key] = RankInGroup(place, len(members))
    return places


def _lineage(competition: CompetitionRules, category: str | None) -> tuple[str, ...]:
    if not category:
        return ()
    known = any(known_category.key == category for known_category in competition.categories)
    return competition.lineage(category) if known else (category,)


def _unlisted(key: str) -> ProposalEntry:
    return ProposalEntry(key, key, "", "", None, None, None, None)
