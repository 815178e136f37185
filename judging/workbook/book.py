"""What a results workbook says, as one frozen value: the report of a calibration, and the names around its keys.

The command line has only the report; the service adds names, scoresheets and digests. Both go through one writer, and
no number is computed twice: a cell holds the report's own value.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from statistics import NormalDist
from typing import Any

from judging.rubric import Criterion, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalFacts:
    """What a reader wants to know of a proposal besides its key."""

    title: str | None = None
    team: str | None = None
    city: str | None = None
    category: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeFacts:
    """What a reader wants to know of a judge besides the key."""

    name: str | None = None
    city: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetFacts:
    """One scoresheet that went into the run.

    Attributes
    ----------
    scores : mapping of criterion to score
        In the units of the criterion's scale; a criterion left open is not there.
    total : float or None
        On 0..100.
    submitted_at : datetime or None
        Naive, in the zone that the title block names.
    """

    proposal: str
    judge: str
    scores: Mapping[str, float]
    total: float | None
    comments: Mapping[str, str] = field(default_factory=dict)
    comment: str = ""
    justification: str = ""
    version: int | None = None
    submitted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One proposal on the shortlist or behind it.

    Attributes
    ----------
    standing : {"shortlisted", "tied", "reserve", "passed over"}
    clause : str
        Which clause of the rule moved it, if one did (see ``judging.shortlist.Move``); ``group`` names the city,
        category or criterion.
    """

    proposal: str
    standing: str
    clause: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultsBook:
    """Everything that the results workbook of one calibration run says.

    Attributes
    ----------
    report : mapping
        As ``judging.calibration.report.as_dict`` gives it; empty when nothing has been calibrated yet.
    competition, round : str
        Names, in the language asked for.
    run : int or None
        Number of the run within its round.
    moment : str
        When the run was made, with its zone; the times of scoresheets are in the same zone.
    digest : str
        Of the result: it stands on every page.
    notices : tuple of Text
        What a reader must mind, on every sheet.
    proposals, judges : mappings by key
    criteria : tuple of Criterion
        In the rubric's order; empty when scoresheets are not told.
    scoresheets : tuple of SheetFacts
    cities : mapping of str to str
        Key -> name, for the effects of cities.
    provenance : tuple of (label, value)
    """

    report: Mapping[str, Any]
    competition: str = ""
    round: str = ""
    run: int | None = None
    moment: str = ""
    digest: str = ""
    notices: tuple[Text, ...] = ()
    proposals: Mapping[str, ProposalFacts] = field(default_factory=dict)
    judges: Mapping[str, JudgeFacts] = field(default_factory=dict)
    criteria: tuple[Criterion, ...] = ()
    scoresheets: tuple[SheetFacts, ...] = ()
    cities: Mapping[str, str] = field(default_factory=dict)
    provenance: tuple[tuple[Text, str | int | float | None], ...] = ()

    @property
    def model(self) -> str:
        """Return the name of the method."""
        return str(self.report.get("model", ""))

    @property
    def interval(self) -> float:
        """Return the probability that intervals are meant to have."""
        return float((self.report.get("settings") or {}).get("interval", 0.9))

    @property
    def shortlist(self) -> tuple[Listed, ...] | None:
        """Return what the rule makes of the ranking: kept, reserves, passed over; None without a rule."""
        chosen = self.report.get("shortlist")
        if chosen is None:
            return None
        moves = {move["proposal"]: move for move in chosen["moves"]}
        tied = set(chosen["tied_at_line"])
        passed_over = [move["proposal"] for move in chosen["moves"] if not move["selected"]]
        standings = [
            *((key, "tied" if key in tied else "shortlisted") for key in chosen["selected"]),
            *((key, "reserve") for key in chosen["reserves"]),
            *((key, "passed over") for key in passed_over if key not in chosen["reserves"]),
        ]
        return tuple(
            Listed(
                proposal=key,
                standing=standing,
                clause=moves.get(key, {}).get("clause", ""),
                group=moves.get(key, {}).get("group", ""),
            )
            for key, standing in standings
        )

    @property
    def ranked(self) -> list[Mapping[str, Any]]:
        """Return the report's proposals, best first; those nobody scored come last."""
        return sorted(
            self.report["proposals"], key=lambda entry: (not entry["rank"], entry["rank"] or 0, str(entry["proposal"]))
        )

    def facts_of(self, proposal: str) -> ProposalFacts:
        """Return what is known of a proposal."""
        return self.proposals.get(proposal, ProposalFacts())

    def ends_of(self, estimate: float | None, error: float | None) -> tuple[float | None, float | None]:
        """Return the interval of an estimate that is meant to cover with the stated probability."""
        if estimate is None or error is None:
            return None, None
        reach = NormalDist().inv_cdf(0.5 + self.interval / 2) * error
        return estimate - reach, estimate + reach
