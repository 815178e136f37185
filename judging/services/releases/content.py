"""The content of a release, and the differences between two of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from judging import tables
from judging.calibration.report.whole import Report
from judging.competition import CompetitionRules, digest_of
from judging.final_shortlist import FinalShortlist, Verdict, settle
from judging.services.decisions.awards import ListedAward, awards_of
from judging.services.decisions.verdicts import decisions_in_force
from judging.services.runs.reports import report_of

FORMAT = 1
_MOST_MOVES = 10
# The facts that are reported when they differ, in this order.
_FACTS = ("run", "model", "input_digest", "rules_digest", "result_digest", "code_version")

Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that differs between two releases."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A proposal whose rank differs; None without a rank."""

    proposal: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The changes of a later release. Proposals are keys.

    Attributes
    ----------
    facts : tuple of Fact
    entering, leaving : tuple of str
        Changes of the shortlist after decisions.
    moves : tuple of Moved
        The largest of the ``n_moved`` changes of rank.
    n_moved : int
    decisions_added, decisions_gone : tuple of mapping
    awards_added, awards_gone : tuple of (award, proposal)
    award_names : mapping of award to its name by language
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
    award_names: Mapping[str, Mapping[str, str]]

    @property
    def is_empty(self) -> bool:
        """Return whether the two releases have equal content."""
        lists = (self.facts, self.entering, self.leaving, self.moves, self.decisions_added, self.decisions_gone)
        return not any((*lists, self.awards_added, self.awards_gone))

    def without(self, hidden: Collection[str]) -> Difference:
        """Return the difference without hidden proposals."""
        return Difference(
            facts=self.facts,
            entering=tuple(key for key in self.entering if key not in hidden),
            leaving=tuple(key for key in self.leaving if key not in hidden),
            moves=tuple(move for move in self.moves if move.proposal not in hidden),
            n_moved=self.n_moved,
            decisions_added=tuple(decision for decision in self.decisions_added if decision["proposal"] not in hidden),
            decisions_gone=tuple(decision for decision in self.decisions_gone if decision["proposal"] not in hidden),
            awards_added=tuple(pair for pair in self.awards_added if pair[1] not in hidden),
            awards_gone=tuple(pair for pair in self.awards_gone if pair[1] not in hidden),
            award_names=self.award_names,
        )


def content_of(
    session: Session,
    competition_row: tables.Competition,
    round_row: tables.Round,
    definition: CompetitionRules,
    run: tables.CalibrationRun,
) -> Content:
    """Return the content that the chairs sign, as plain data: the run, and the present decisions and awards."""
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
    values = final.as_dict()
    return {name: values[name] for name in ("size", "by_rule", "selected", "reserves", "tied", "unmet", "over_cap")}


def decisions_of(in_force: Mapping[str, Verdict]) -> list[dict[str, str]]:
    """Return the decisions in force, by proposal."""
    return [
        {
            "proposal": key,
            "verdict": verdict.verdict,
            "reason": verdict.reason,
            "decided_at": verdict.decided_at.isoformat(),
            "decided_by": verdict.decided_by,
        }
        for key, verdict in sorted(in_force.items())
    ]


def winners_of(awards: Sequence[ListedAward]) -> list[dict[str, Any]]:
    """Return the awards and their winners."""
    return [
        {
            "award": award.key,
            "name": award.name.by_language,
            "kind": award.kind,
            "category": award.category,
            "winners": [grant.proposal for grant in award.winners],
        }
        for award in awards
    ]


def digest_of_content(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the content as canonical JSON, which is the digest that chairs sign."""
    return digest_of(content)


def difference(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> Difference:
    """Return the changes of a release compared with an earlier one, or with none."""
    before: Mapping[str, Any] = old or {}
    ranks = {entry["proposal"]: entry["rank"] for entry in before.get("ranking", ())}
    moves = [
        Moved(entry["proposal"], ranks.get(entry["proposal"]), entry["rank"])
        for entry in new["ranking"]
        if old is not None and ranks.get(entry["proposal"]) != entry["rank"]
    ]
    moves.sort(key=lambda move: (-_distance(move), move.proposal))
    old_selection, new_selection = before.get("shortlist", {}).get("selected", []), new["shortlist"]["selected"]
    old_decisions, new_decisions = before.get("decisions", []), new["decisions"]
    old_winners, new_winners = _pairs(before.get("awards", [])), _pairs(new["awards"])
    return Difference(
        facts=tuple(
            Fact(name, str(before[name]), str(new[name]))
            for name in _FACTS
            if name in before and before[name] != new[name]
        ),
        entering=tuple(key for key in new_selection if key not in old_selection),
        leaving=tuple(key for key in old_selection if key not in new_selection),
        moves=tuple(moves[:_MOST_MOVES]),
        n_moved=len(moves),
        decisions_added=tuple(decision for decision in new_decisions if decision not in old_decisions),
        decisions_gone=tuple(decision for decision in old_decisions if decision not in new_decisions),
        awards_added=tuple(pair for pair in new_winners if pair not in old_winners),
        awards_gone=tuple(pair for pair in old_winners if pair not in new_winners),
        award_names={award["award"]: award["name"] for award in (*before.get("awards", []), *new["awards"])},
    )


def _distance(move: Moved) -> float:
    return float("inf") if move.before is None or move.after is None else abs(move.after - move.before)


def _pairs(awards: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    return [(award["award"], proposal) for award in awards for proposal in award["winners"]]
