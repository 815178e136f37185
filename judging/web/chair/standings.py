"""Where each proposal stands once rule and people have spoken: what shortlist, meeting and awards pages show of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from judging import request as this
from judging.calibration.report.shortlist import ShortlistMove
from judging.final_shortlist import FinalShortlist, Verdict
from judging.services.decisions import proposals, verdicts
from judging.web.chair import ranking_table as rows
from judging.web.chair.blueprint import RoundFrame


@dataclass(frozen=True, slots=True)
class Standing:
    """One proposal in rank order, with what rule and people say of it.

    Attributes
    ----------
    row : rows.Row
    by_rule, kept, tied : bool
        Whether the rule keeps it, whether it is kept now, and whether people still have to choose.
    reserve : int or None
        Its place among the reserves.
    moved : ShortlistMove or None
        The clause by which the rule keeps it, or passes it over, for another reason than its rank.
    verdict : Verdict or None
        In force.
    """

    row: rows.Row
    by_rule: bool
    kept: bool
    tied: bool
    reserve: int | None
    moved: ShortlistMove | None
    verdict: Verdict | None

    @property
    def key(self) -> str:
        """Return the proposal's key."""
        return self.row.listed.key


@dataclass(frozen=True, slots=True)
class Standings:
    """The final shortlist of a run and where every proposal that the reader may see stands in it."""

    final: FinalShortlist
    by_key: Mapping[str, Standing]

    @property
    def kept(self) -> list[Standing]:
        """Return the shortlist, by rank."""
        return self._of(self.final.selected)

    @property
    def reserves(self) -> list[Standing]:
        """Return the reserves, in order."""
        return self._of(self.final.reserves)

    @property
    def tied(self) -> list[Standing]:
        """Return those between whom people still have to choose."""
        return self._of(self.final.tied)

    @property
    def near(self) -> list[Standing]:
        """Return the others that the line concerns: in the tie band, moved by the rule, or decided on."""
        listed = {*self.final.selected, *self.final.reserves}
        return [
            one
            for key, one in self.by_key.items()
            if key not in listed and (one.row.result.tie_band or one.moved or one.verdict)
        ]

    def discussion_order(self) -> list[str]:
        """Return keys: the tie band by closeness to the line first, then the rest of the shortlist by rank."""
        band = [one for one in self.by_key.values() if one.row.result.tie_band or one.tied]
        band.sort(key=lambda one: (abs((one.row.result.p_shortlist or 0.0) - 0.5), one.row.rank or 0, one.key))
        first = [one.key for one in band]
        return [*first, *(key for key in self.final.selected if key in self.by_key and key not in first)]

    def _of(self, keys: tuple[str, ...]) -> list[Standing]:
        return [self.by_key[key] for key in keys if key in self.by_key]


def standings_of(frame: RoundFrame) -> Standings:
    """Return the standings of the run shown, by rank; proposals hidden from the reader are left out."""
    session = this.session()
    final = verdicts.final_shortlist(session, frame.row, frame.run)
    everyone = rows.rows_of(
        () if frame.result is None else frame.result.proposals,
        proposals.list_proposals(session, frame.row),
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
                kept=row.listed.key in final.selected,
                tied=row.listed.key in final.tied,
                reserve=reserve.get(row.listed.key),
                moved=final.moved.get(row.listed.key),
                verdict=final.overridden.get(row.listed.key),
            )
            for row in everyone
            if row.listed.key not in frame.hidden
        },
    )
