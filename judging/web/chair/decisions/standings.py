"""The position of each proposal after rule and decisions, for the pages shortlist, meeting and awards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from judging import request as this
from judging.calibration.report.shortlist import ShortlistMove
from judging.final_shortlist import FinalShortlist, Verdict
from judging.services import access
from judging.services.access import READERS
from judging.services.decisions import proposals, verdicts
from judging.services.decisions.discussion_order import discussion_order
from judging.web.chair.blueprint import RoundFrame
from judging.web.chair.results import ranking_table as rows


@dataclass(frozen=True, slots=True)
class Standing:
    """The position of one proposal after rule and decisions.

    Attributes
    ----------
    row : rows.RankingRow
    by_rule, selected, tied : bool
        Whether the rule selects it, whether it is on the shortlist now, and whether people still have to choose.
    reserve : int or None
        Its position among the reserves.
    moved : ShortlistMove or None
        The clause by which the rule selects it, or does not, for a reason other than its rank.
    verdict : Verdict or None
        The verdict in force.
    replaces : str
        Key and title of the proposal whose place it took by a verdict; empty otherwise.
    """

    row: rows.RankingRow
    by_rule: bool
    selected: bool
    tied: bool
    reserve: int | None
    moved: ShortlistMove | None
    verdict: Verdict | None
    replaces: str

    @property
    def key(self) -> str:
        """Return the proposal's key."""
        return self.row.listed.key


@dataclass(frozen=True, slots=True)
class Standings:
    """The final shortlist of a run, and the position of every proposal that the reader may see."""

    final: FinalShortlist
    by_key: Mapping[str, Standing]

    @property
    def selected(self) -> list[Standing]:
        """Return the shortlist, by rank."""
        return self._of(self.final.selected)

    @property
    def reserves(self) -> list[Standing]:
        """Return the reserves, in order."""
        return self._of(self.final.reserves)

    @property
    def tied(self) -> list[Standing]:
        """Return the tied proposals between which people have to choose."""
        return self._of(self.final.tied)

    @property
    def near(self) -> list[Standing]:
        """Return the other proposals near the cut-off: in the tie band, moved by the rule, or with a verdict."""
        listed = {*self.final.selected, *self.final.reserves}
        return [
            standing
            for key, standing in self.by_key.items()
            if key not in listed and (standing.row.result.tie_band or standing.moved or standing.verdict)
        ]

    def discussion_order(self) -> list[str]:
        """Return keys in the usual order of discussion."""
        return discussion_order(self.final, (standing.row.result for standing in self.by_key.values()))

    def _of(self, keys: tuple[str, ...]) -> list[Standing]:
        return [self.by_key[key] for key in keys if key in self.by_key]


def named(competition: str, round_key: str, *keys: str) -> str:
    """Return proposals of a round by key and title, for a message to the reader."""
    row = access.get_round(this.session(), this.actor(), competition, round_key, *READERS)[1]
    listed = proposals.list_proposals(this.session(), row)
    return str(_(", ")).join(f"{key} {listed[key].title}" if key in listed else key for key in keys)


def _replaced(verdict: Verdict | None, listed: Mapping[str, proposals.ProposalEntry]) -> str:
    if verdict is None or verdict.replaces is None:
        return ""
    return f"{verdict.replaces} {listed[verdict.replaces].title}" if verdict.replaces in listed else verdict.replaces


def standings_of(frame: RoundFrame) -> Standings:
    """Return the standings of the run shown, by rank, without proposals hidden from the reader."""
    session = this.session()
    final = verdicts.final_shortlist(session, frame.row, frame.run)
    listed = proposals.list_proposals(session, frame.row)
    everyone = rows.rows_of(
        () if frame.result is None else frame.result.proposals,
        listed,
        frame.competition,
        level=frame.level,
    )
    everyone.sort(key=lambda row: (row.rank is None, row.rank or 0, row.listed.key))
    reserve = {key: place for place, key in enumerate(final.reserves, 1)}
    return Standings(
        final,
        {
            row.listed.key: Standing(
                row=row,
                by_rule=row.listed.key in final.by_rule,
                selected=row.listed.key in final.selected,
                tied=row.listed.key in final.tied,
                reserve=reserve.get(row.listed.key),
                moved=final.moved.get(row.listed.key),
                verdict=final.overridden.get(row.listed.key),
                replaces=_replaced(final.overridden.get(row.listed.key), listed),
            )
            for row in everyone
            if row.listed.key not in frame.hidden
        },
    )
