r"""The difference of raw mean and calibrated score of a proposal, as an exact sum of named terms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from judging.calibration.answers.terms import PROPOSAL_KINDS, SHEET_KINDS
from judging.calibration.estimates import Fit
from judging.calibration.explanation.displayed import displayed_amounts
from judging.calibration.explanation.term_sentences import TermSentences
from judging.calibration.ratings import Bools, Ints
from judging.calibration.report.proposals import ExplanationTerm, ProposalExplanation
from judging.errors import Message

NEGLIGIBLE = 1e-12
"""Amount below which a term is left out, as a share of the largest total."""

MOST_EXPLAINED = 2000
"""Number of proposals up to which a report explains every proposal by default."""


@dataclass(frozen=True, kw_only=True)
class Term:
    """One named part of a move, in the units of the ratings.

    Attributes
    ----------
    kind : str
        One of ``KINDS``.
    judge, criterion : str or None
        The judge or criterion that it belongs to.
    amount : float
        + raises the score.
    value : float
        The cause of the amount: severity in points (+ is harsher), points of home advantage or of rounding, factor
        of scale use, share of the weight, share of the distance from the middle that is retained.
    text : Message
        The same in a sentence.
    """

    kind: str
    judge: str | None
    criterion: str | None
    amount: float
    value: float
    text: Message


@dataclass(frozen=True, kw_only=True)
class Step:
    """All terms of one judge, or of none: a bar of the waterfall, from ``start`` to ``stop``."""

    judge: str | None
    start: float
    stop: float
    terms: tuple[Term, ...]

    @property
    def amount(self) -> float:
        """Signed length of the bar, + upwards."""
        return self.stop - self.start


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """The terms between a proposal's raw mean and its calibrated score; ``raw`` plus all terms is ``calibrated``."""

    proposal: str
    n_sheets: int
    raw: float
    calibrated: float
    terms: tuple[Term, ...]
    text: Message

    @property
    def move(self) -> float:
        """Calibrated score less raw mean."""
        return self.calibrated - self.raw

    def steps(self) -> tuple[Step, ...]:
        """Group the terms by judge for a waterfall chart; terms without a judge come last, one bar for each kind."""
        steps: list[Step] = []
        at = self.raw
        keys = dict.fromkeys((term.judge, None if term.judge is not None else term.kind) for term in self.terms)
        for judge, kind in keys:
            terms = tuple(
                term for term in self.terms if term.judge == judge and (judge is not None or term.kind == kind)
            )
            stop = at + sum(term.amount for term in terms)
            steps.append(Step(judge=judge, start=at, stop=stop, terms=terms))
            at = stop
        return tuple(steps)

    def result(self) -> ProposalExplanation:
        """Return it as part of a report; `judging.calibration.explanation.sentences.say` makes messages from that."""
        return ProposalExplanation(
            raw=self.raw,
            calibrated=self.calibrated,
            move=self.move,
            n_sheets=self.n_sheets,
            text=str(self.text),
            terms=tuple(
                ExplanationTerm(
                    kind=term.kind,
                    judge=term.judge,
                    criterion=term.criterion,
                    amount=term.amount,
                    value=term.value,
                    text=str(term.text),
                )
                for term in self.terms
            ),
        )


def explain(fit: Fit, proposal: int) -> Explanation | None:
    """Explain one proposal's move; None when nobody scored it, or when the model has no terms.

    Parameters
    ----------
    fit : Fit
    proposal : int
        Code in the fit's ratings.

    Examples
    --------
    >>> from judging.calibration.fit import Settings, fit
    >>> from judging.calibration.coding import ratings_from_sheets
    >>> ratings = ratings_from_sheets(["a", "a", "b"], ["x", "y", "x"], score=[8.0, 6.0, 5.0])
    >>> move = explain(fit(ratings, Settings(model="additive")), 1)
    >>> round(move.raw, 6), round(move.calibrated, 6), [(t.kind, t.judge, round(t.amount, 6)) for t in move.terms]
    (5.0, 4.0, [('severity', 'x', -1.0)])
    """
    return next(_explanations(fit, np.array([proposal])))


def explain_all(fit: Fit) -> tuple[Explanation | None, ...]:
    """Explain every proposal, in the order of the ratings; None as in `explain`."""
    return tuple(_explanations(fit, np.arange(fit.ratings.n_proposals)))


def _explanations(fit: Fit, proposals: Ints) -> Iterator[Explanation | None]:
    ratings = fit.ratings.without_unused_criteria()
    if fit.answers.explanation_terms is None:
        yield from [None] * len(proposals)
        return
    arrays = fit.answers.explanation_terms()
    negligible = NEGLIGIBLE * max(float(np.abs(ratings.total).max()), 1.0)
    words = TermSentences.of(fit)
    start = np.searchsorted(ratings.proposal, np.arange(ratings.n_proposals + 1))
    of_sheets: list[tuple[str, list[float], list[float], Bools]] = [
        (kind, arrays.of_sheet[kind].tolist(), arrays.value[kind].tolist(), np.abs(arrays.of_sheet[kind]) > negligible)
        for kind in SHEET_KINDS
        if kind in arrays.of_sheet and bool((np.abs(arrays.of_sheet[kind]) > negligible).any())
    ]
    judge = ratings.judge.tolist()
    cities = (*ratings.cities, None)
    for code in proposals.tolist():
        rows = range(int(start[code]), int(start[code + 1]))
        if not rows:
            yield None
            continue
        collected: list[tuple[str, str | None, str | None, float, float]] = [
            (kind, ratings.judges[judge[row]], None, amounts[row], values[row])
            for row in rows
            for kind, amounts, values, counts in of_sheets
            if counts[row]
        ]
        collected += [
            ("criterion", None, criterion, amount, amount)
            for criterion, amount in zip(ratings.criteria, arrays.of_criterion[code].tolist(), strict=True)
        ]
        collected += [
            (kind, None, None, float(arrays.of_proposal[kind][code]), float(arrays.retained[code]))
            for kind in PROPOSAL_KINDS
            if kind in arrays.of_proposal
        ]
        city = cities[ratings.proposal_city[code]]
        raw, calibrated = float(fit.raw[code]), float(fit.calibrated[code])
        counted = [row for row in collected if abs(row[3]) > negligible]
        shown = displayed_amounts(raw, calibrated, [row[3] for row in counted], decimals=words.decimals)
        terms = tuple(
            Term(
                kind=kind,
                judge=name,
                criterion=criterion,
                amount=amount,
                value=value,
                text=words.of_term(
                    kind, amount_shown, value, judge=name, criterion=criterion, proposal_city=city, n_sheets=len(rows)
                ),
            )
            for (kind, name, criterion, amount, value), amount_shown in zip(counted, shown, strict=True)
        )
        yield Explanation(
            proposal=ratings.proposals[code],
            n_sheets=len(rows),
            raw=raw,
            calibrated=calibrated,
            terms=terms,
            text=words.of_move(raw, calibrated),
        )
