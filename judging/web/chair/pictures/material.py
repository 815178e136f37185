"""What the pictures of a run are drawn from, collected once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from judging import request as this
from judging.calibration.ratings import Ratings
from judging.calibration.report.whole import Report
from judging.final_shortlist import FinalShortlist
from judging.services.decisions import proposals, verdicts
from judging.services.runs import calibration_runs
from judging.services.runs.inputs import collect_input
from judging.web.chair.blueprint import RoundFrame
from judging.web.chair.results import ranking_table as rows

MOST_DRAWN = 120
"""Proposals in one picture; of a larger round, those around the line."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Material:
    """A run as its pictures need it.

    Attributes
    ----------
    report : Report
        Without what is hidden from the reader.
    ranked : list of RankingRow
        Proposals with a rank, best first.
    drawn : list of RankingRow
        Those of them that a picture has room for, best first.
    raw_rank : mapping of str to int
        Rank by the raw mean among the ranked; equal means share a rank.
    seats : int
        Seats by the rule; 0 without one.
    final : FinalShortlist
    ratings : Ratings
        What went into the run, on 0..100; hidden proposals are in it.
    names : mapping of str to str
        Judges by key.
    cities : mapping of str to str
        Names by key, in the order of the definition.
    """

    report: Report
    ranked: list[rows.RankingRow]
    drawn: list[rows.RankingRow]
    raw_rank: Mapping[str, int]
    seats: int
    final: FinalShortlist
    ratings: Ratings
    names: Mapping[str, str]
    cities: Mapping[str, str]

    def city_place(self, key: str | None) -> int:
        """Return the place of a city in the definition, which is that of its colour."""
        keys = list(self.cities)
        return keys.index(key) if key is not None and key in self.cities else len(keys)

    @property
    def is_cut(self) -> bool:
        """Return whether there are more proposals than a picture has room for."""
        return len(self.drawn) < len(self.ranked)


def material_of(frame: RoundFrame) -> Material | None:
    """Collect it for the run of a page; None without a ranking."""
    if frame.run is None or frame.result is None:
        return None
    session = this.session()
    listed = rows.rows_of(
        frame.result.proposals, proposals.list_proposals(session, frame.row), frame.competition, level=frame.level
    )
    ranked = sorted((row for row in listed if row.rank), key=lambda row: (row.rank or 0, row.listed.key))
    if not ranked:
        return None
    means = sorted((round(row.result.raw or 0.0, 9) for row in ranked), reverse=True)
    shortlist = frame.result.shortlist
    seats = 0 if shortlist is None else shortlist.size
    first = max(0, min(seats - MOST_DRAWN // 2, len(ranked) - MOST_DRAWN))
    return Material(
        report=frame.result,
        ranked=ranked,
        drawn=ranked[first : first + MOST_DRAWN],
        raw_rank={row.listed.key: means.index(round(row.result.raw or 0.0, 9)) + 1 for row in ranked},
        seats=seats,
        final=verdicts.final_shortlist(session, frame.row, frame.run),
        ratings=collect_input(session, frame.row, settings=frame.run.settings).ratings,
        names={
            key: judge.name for key, judge in calibration_runs.judges_by_key(session, frame.row.competition_id).items()
        },
        cities=frame.city_names,
    )
