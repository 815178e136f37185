"""The content of a release, and the difference of two releases."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from judging import tables
from judging.calibration.report.whole import Report
from judging.competition import Competition, digest_of
from judging.final_shortlist import FinalShortlist, Verdict, settle
from judging.services.decisions.awards import ListedAward, awards_of
from judging.services.decisions.verdicts import decisions_in_force
from judging.services.runs.reports import report_of

FORMAT = 1
_MOST_MOVES = 10
# Facts that are listed when they differ, in this order.
_FACTS = ("run", "model", "input_digest", "rules_digest", "result_digest", "code_version")

Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of a release that differs."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A proposal whose rank differs; None where it has none."""

    proposal: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The changes by a later release. Proposals are keys.

    Attributes
    ----------
    facts : tuple of Fact
    entering, leaving : tuple of str
        Of the shortlist after decisions.
    moves : tuple of Moved
        The largest changes of rank, out of ``n_moved``.
    n_moved : int
    decisions_added, decisions_gone : tuple of mapping
    awards_added, awards_gone : tuple of (award, proposal)
    """

    facts: tuple[Fact, ...]
    entering: tuple[str, ...]
    leaving: tuple[str, ...]
    moves: tuple[Moved, ...]
    n_moved: int
    decisions_added: tuple[Mapping[str, str], ...]
    decisions_gone: tuple[Mapping[str, str], ...]
    awards_added: tuple[tuple[str, str], ...]
    awards_gone: tuple[tuple[str, str], ...]

    @property
    def is_empty(self) -> bool:
        """Return whether the two contents are equal."""
        lists = (self.facts, self.entering, self.leaving, self.moves, self.decisions_added, self.decisions_gone)
        return not any((*lists, self.awards_added, self.awards_gone))

    def without(self, hidden: Collection[str]) -> Difference:
        """Return the difference without hidden proposals."""
        return Difference(
            facts=self.facts,
            entering=tuple(key for key in self.entering if key not in hidden),
            leaving=tuple(key for key in self.leaving if key not in hidden),
            moves=tuple(entry for entry in self.moves if entry.proposal not in hidden),
            n_moved=self.n_moved,
            decisions_added=tuple(entry for entry in self.decisions_added if entry["proposal"] not in hidden),
            decisions_gone=tuple(entry for entry in self.decisions_gone if entry["proposal"] not in hidden),
            awards_added=tuple(pair for pair in self.awards_added if pair[1] not in hidden),
            awards_gone=tuple(pair for pair in self.awards_gone if pair[1] not in hidden),
        )


def content_of(
    session: Session,
    competition_row: tables.Competition,
    round_row: tables.Round,
    definition: Competition,
    run: tables.CalibrationRun,
) -> Content:
    """Return everything that the chairs sign, as plain data: the run, and the current decisions and awards."""
    in_force = decisions_in_force(session, round_row)
    report = report_of(run)
    final = settle(report, in_force)
    return {
        "format": FORMAT,
        "competition": competition_row.key,
        "competition_digest": definition.digest,
        "round": round_row.key,
        "run": run.number,
        "model": run.model,
        "code_version": run.code_version,
        "input_digest": run.input_digest,
        "rules_digest": run.rules_digest,
        "result_digest": run.result_digest,
        "ranking": ranking_of(report),
        "shortlist": shortlist_of(final),
        "decisions": decisions_of(in_force),
        "awards": winners_of(awards_of(session, round_row)),
    }


def ranking_of(report: Report) -> list[dict[str, Any]]:
    """Return rank and score of every proposal, best first; those without a rank come last."""
    rows = sorted(report.proposals, key=lambda row: (row.rank is None, row.rank or 0, row.proposal))
    return [
        {
            "proposal": row.proposal,
            "rank": row.rank,
            "score": row.calibrated if row.combined is None else row.combined,
        }
        for row in rows
    ]


def shortlist_of(final: FinalShortlist) -> dict[str, Any]:
    """Return the shortlist after decisions."""
    shortlist = final.as_dict()
    return {name: shortlist[name] for name in ("size", "by_rule", "selected", "reserves", "tied", "unmet", "over_cap")}


def decisions_of(in_force: Mapping[str, Verdict]) -> list[dict[str, str]]:
    """Return the decisions in force by proposal."""
    return [
        {
            "proposal": key,
            "verdict": entry.verdict,
            "reason": entry.reason,
            "decided_at": entry.decided_at.isoformat(),
            "decided_by": entry.decided_by,
        }
        for key, entry in sorted(in_force.items())
    ]


def winners_of(awards: Sequence[ListedAward]) -> list[dict[str, Any]]:
    """Return the awards and their winners."""
    return [
        {
            "award": entry.key,
            "name": entry.name.by_language,
            "kind": entry.kind,
            "category": entry.category,
            "winners": [grant.proposal for grant in entry.winners],
        }
        for entry in awards
    ]


def digest_of_content(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 that is signed: of the content as canonical JSON."""
    return digest_of(content)


def difference(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> Difference:
    """Return the changes of a release compared with an earlier one, or with no release."""
    before: Mapping[str, Any] = old or {}
    ranks = {entry["proposal"]: entry["rank"] for entry in before.get("ranking", ())}
    moves = [
        Moved(entry["proposal"], ranks.get(entry["proposal"]), entry["rank"])
        for entry in new["ranking"]
        if old is not None and ranks.get(entry["proposal"]) != entry["rank"]
    ]
    moves.sort(key=lambda entry: (-_distance(entry), entry.proposal))
    was, now = before.get("shortlist", {}).get("selected", []), new["shortlist"]["selected"]
    decided, decides = before.get("decisions", []), new["decisions"]
    old_awards, new_awards = _pairs(before.get("awards", [])), _pairs(new["awards"])
    return Difference(
        facts=tuple(
            Fact(name, str(before[name]), str(new[name]))
            for name in _FACTS
            if name in before and before[name] != new[name]
        ),
        entering=tuple(key for key in now if key not in was),
        leaving=tuple(key for key in was if key not in now),
        moves=tuple(moves[:_MOST_MOVES]),
        n_moved=len(moves),
        decisions_added=tuple(entry for entry in decides if entry not in decided),
        decisions_gone=tuple(entry for entry in decided if entry not in decides),
        awards_added=tuple(pair for pair in new_awards if pair not in old_awards),
        awards_gone=tuple(pair for pair in old_awards if pair not in new_awards),
    )


def _distance(entry: Moved) -> float:
    return float("inf") if entry.before is None or entry.after is None else abs(entry.after - entry.before)


def _pairs(awards: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    return [(entry["award"], proposal) for entry in awards for proposal in entry["winners"]]
