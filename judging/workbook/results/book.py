"""The content of a results workbook as one frozen value: the report of a calibration, and the names for its keys.

The command line has only the report; the service adds names, scoresheets and digests. Both use the same writer, and
no number is computed twice: a cell has the value of the report.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from judging.calibration.explanation.term_sentences import TermSentences
from judging.calibration.report.proposals import ProposalResult
from judging.calibration.report.whole import Report
from judging.calibration.values import half_width
from judging.decimals import SCORE
from judging.rubric import Criterion, Text
from judging.workbook.results.decided import (
    AppealFacts,
    AwardFacts,
    DecisionFacts,
    RulesFacts,
    StandingFacts,
    VersionFacts,
)


def joined(sentences: Iterable[str], language: str, *, between: str = " ") -> str:
    """Return sentences behind each other; no space follows a full-width mark."""
    return ("" if between == " " and language.startswith("zh") else between).join(sentences)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalFacts:
    """Facts about a proposal besides its key."""

    title: str | None = None
    team: str | None = None
    city: str | None = None
    category: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeFacts:
    """Facts about a judge besides the key."""

    name: str | None = None
    city: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetFacts:
    """One scoresheet that is an input of the run.

    Attributes
    ----------
    scores : mapping of criterion to score
        In the units of the criterion's scale; without the criteria that were left open.
    total : float or None
        On 0..100.
    submitted_at : datetime or None
        Naive, in the time zone of the title block.
    entered : str or None
        Who entered and who confirmed a sheet that is not the judge's own.
    handed_over : str or None
        Who handed over the sign-in link of the session in which it was saved.
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
    entered: str | None = None
    handed_over: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultsBook:
    """The content of the results workbook of one calibration run.

    Attributes
    ----------
    report : Report or None
        Without the results that are hidden from the reader; None when nothing has been calibrated yet.
    competition, round : str
        Names, in the requested language.
    run : int or None
        Number of the run within its round.
    moment : str
        When the run was made, with its zone; the times of scoresheets are in the same zone.
    digest : str
        Of the result; printed on every page.
    notices : tuple of Text
        Warnings for the reader, on every sheet.
    disclosures : tuple of Text
        Who appointed whom, and similar; once, on the first sheet.
    proposals, judges : mappings by key
    criteria : tuple of Criterion
        In the rubric's order; empty when scoresheets are not shown.
    scoresheets : tuple of SheetFacts
    cities, categories : mapping of str to str
        Key -> name, in the requested language.
    provenance : tuple of (label, value)
    listed : tuple of StandingFacts or None
        The shortlist after decisions; None for the shortlist of the rule.
    decisions, awards, appeals, releases : tuples
        Oldest first; empty without decisions, as on the command line.
    rules : RulesFacts or None
    hidden : frozenset of str
        Proposals whose results are hidden from the reader.
    language : str
        The requested language.
    translate : callable
        Translates a message to that language.
    languages : mapping of language to callable
        The languages of headings and sentences, in order, each with its translation of a message. Empty: headings in
        all three, sentences in the requested language.
    """

    report: Report | None
    competition: str = ""
    round: str = ""
    run: int | None = None
    moment: str = ""
    digest: str = ""
    notices: tuple[Text, ...] = ()
    disclosures: tuple[Text, ...] = ()
    proposals: Mapping[str, ProposalFacts] = field(default_factory=dict)
    judges: Mapping[str, JudgeFacts] = field(default_factory=dict)
    criteria: tuple[Criterion, ...] = ()
    scoresheets: tuple[SheetFacts, ...] = ()
    cities: Mapping[str, str] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)
    provenance: tuple[tuple[Text, str | int | float | None], ...] = ()
    listed: tuple[StandingFacts, ...] | None = None
    decisions: tuple[DecisionFacts, ...] = ()
    awards: tuple[AwardFacts, ...] = ()
    appeals: tuple[AppealFacts, ...] = ()
    releases: tuple[VersionFacts, ...] = ()
    rules: RulesFacts | None = None
    hidden: frozenset[str] = frozenset()
    language: str = "en"
    translate: Callable[[str], str] = str
    languages: Mapping[str, Callable[[str], str]] = field(default_factory=dict)

    @property
    def decimals(self) -> int:
        """Return the decimals of scores in cells: those of the sentences beside them."""
        return SCORE.workbook if self.report is None else TermSentences.of_report(self.report).decimals

    def tell(self, *messages: str, between: str = " ") -> str:
        """Return sentences, one language a line where there are several."""
        told = self.languages or {self.language: self.translate}
        return "\n".join(joined(map(say, messages), tag, between=between) for tag, say in told.items())

    @property
    def has_cities(self) -> bool:
        """Return whether there is more than one city, as far as the names say; otherwise no result names it."""
        return len(self.cities) != 1

    @property
    def model(self) -> str:
        """Return the name of the method."""
        return "" if self.report is None else self.report.model

    @property
    def interval(self) -> float:
        """Return the coverage probability of the intervals."""
        return 0.9 if self.report is None else self.report.settings.interval

    @property
    def shortlist(self) -> tuple[StandingFacts, ...] | None:
        """Return shortlisted, reserves and passed over, after decisions if there are any; None without a rule."""
        if self.listed is not None:
            return self.listed
        chosen = None if self.report is None else self.report.shortlist
        if chosen is None:
            return None
        moves = {move.proposal: move for move in chosen.moves}
        passed_over = [move.proposal for move in chosen.moves if not move.selected]
        standings = [
            *((key, "tied" if key in chosen.tied_at_line else "shortlisted") for key in chosen.selected),
            *((key, "reserve") for key in chosen.reserves),
            *((key, "passed over") for key in passed_over if key not in chosen.reserves),
        ]
        return tuple(
            StandingFacts(
                proposal=key,
                standing=standing,
                clause=moves[key].clause if key in moves else "",
                group=moves[key].group if key in moves else "",
            )
            for key, standing in standings
        )

    @property
    def release(self) -> VersionFacts | None:
        """Return the release in force, when it is one of this run."""
        in_force = (version for version in self.releases if version.state == "in force" and version.run == self.run)
        return next(in_force, None)

    @property
    def ranked(self) -> list[ProposalResult]:
        """Return the report's proposals, best first; those nobody scored come last."""
        rows = () if self.report is None else self.report.proposals
        return sorted(rows, key=lambda row: (not row.rank, row.rank or 0, row.proposal))

    def named(self, group: str) -> str:
        """Return the name of a city or category, or the key when it has no name."""
        return self.cities.get(group) or self.categories.get(group, group)

    def city_of(self, facts: ProposalFacts | JudgeFacts, key: str | None = None) -> str | None:
        """Return the city of a proposal or judge, by ``key`` when the facts have none; None where there is one city."""
        return (facts.city or self.named(key or "") or None) if self.has_cities else None

    def criterion_named(self, key: str, say: Callable[[Text], str]) -> str:
        """Return the name of a criterion, or the key where the book has no criteria."""
        return next((say(criterion.name) for criterion in self.criteria if criterion.key == key), key)

    def facts_of(self, proposal: str) -> ProposalFacts:
        """Return the facts about a proposal."""
        return self.proposals.get(proposal, ProposalFacts())

    def reach_of(self, error: float | None) -> float | None:
        """Return the half-width of the interval of an estimate with this standard error."""
        return None if error is None else half_width(self.interval, error)

    def ends_of(self, estimate: float | None, error: float | None) -> tuple[float | None, float | None]:
        """Return the ends of the interval of an estimate, for the coverage probability of the report."""
        reach = self.reach_of(error)
        return (None, None) if estimate is None or reach is None else (estimate - reach, estimate + reach)
