"""Sentences for the terms of an explanation, to be translated where they are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from judging.calibration.estimates import Fit
from judging.calibration.report.proposals import ProposalExplanation, ProposalResult
from judging.calibration.report.whole import Report
from judging.calibration.values import rounded
from judging.errors import Message

_SPAN_OF_POINTS = 40.0
"""Totals on 0..100 are shown with one decimal, on 1..10 with two."""


@dataclass(frozen=True)
class Wording:
    """What the sentences need from a result besides their own numbers.

    Attributes
    ----------
    city_of : mapping of str to str or None
        City of each judge who scored.
    decimals : int
    home_city : str
        The policy; under ``report`` the advantage of the own city stays in the scores.
    """

    city_of: Mapping[str, str | None]
    decimals: int
    home_city: str = "adjust"

    @classmethod
    def of(cls, fit: Fit) -> Wording:
        """Make it from a fit."""
        ratings = fit.ratings
        span = float(ratings.weights @ (ratings.maximum - ratings.minimum))
        cities = (*ratings.cities, None)
        city_of = {
            ratings.judges[code]: cities[ratings.judge_city[code]]
            for code in np.flatnonzero(ratings.n_sheets_of_judge).tolist()
        }
        decimals = _decimals(span if np.isfinite(span) else float(np.ptp(ratings.total)))
        return cls(city_of, decimals, fit.settings.home_city)

    @classmethod
    def of_report(cls, report: Report) -> Wording:
        """Make it from a stored report, so that the sentences on its terms can be in another language."""
        minimum, maximum = report.scale.minimum, report.scale.maximum
        if minimum is None or maximum is None:
            raw = [row.raw for row in report.proposals if row.raw is not None]
            span = max(raw) - min(raw)
        else:
            span = maximum - minimum
        cities = {row.judge: row.city for row in report.judges if row.n_sheets}
        return cls(cities, _decimals(span), report.settings.home_city)

    def of_move(self, raw: float, calibrated: float) -> Message:
        """Return the sentence on the whole difference of raw mean and calibrated score."""
        move = round(calibrated - raw, self.decimals)
        values = {"raw": self._plain(raw), "calibrated": self._plain(calibrated), "move": self._plain(abs(move))}
        if move > 0:
            return Message("Raw mean {raw}, calibrated {calibrated}: {move} points up.", **values)
        if move < 0:
            return Message("Raw mean {raw}, calibrated {calibrated}: {move} points down.", **values)
        return Message("Raw mean {raw}, calibrated {calibrated}: not moved.", **values)

    def of_term(
        self,
        kind: str,
        amount: float,
        value: float,
        *,
        judge: str | None,
        criterion: str | None,
        proposal_city: str | None,
        n_sheets: int,
    ) -> Message:
        """Return the sentence on one term; its numbers as in `Term`, ``n_sheets`` those of the proposal."""
        if judge is not None:
            return self._of_judge(kind, judge, amount, value, proposal_city=proposal_city, n_sheets=n_sheets)
        if criterion is not None:
            return self._of_criterion(criterion, amount)
        return self._of_proposal(kind, amount, value)

    def _of_judge(
        self, kind: str, name: str, amount: float, value: float, *, proposal_city: str | None, n_sheets: int
    ) -> Message:
        city = self.city_of.get(name)
        values = {"judge": name, "amount": self._signed(amount)}
        points = self._plain(abs(value))
        match kind:
            case "severity" if city is None or not self._several_cities:
                if value >= 0:
                    return Message(
                        "{judge} is about {points} points stricter than the panel: {amount}", **values, points=points
                    )
                return Message(
                    "{judge} is about {points} points more generous than the panel: {amount}", **values, points=points
                )
            case "severity":
                if value >= 0:
                    return Message(
                        "{judge} is about {points} points stricter than the other judges of {city}: {amount}",
                        **values,
                        points=points,
                        city=city,
                    )
                return Message(
                    "{judge} is about {points} points more generous than the other judges of {city}: {amount}",
                    **values,
                    points=points,
                    city=city,
                )
            case "city_severity":
                if value >= 0:
                    return Message(
                        "{judge} is of {city}, whose judges are {points} points stricter than the panel: {amount}",
                        **values,
                        points=points,
                        city=city,
                    )
                return Message(
                    "{judge} is of {city}, whose judges are {points} points more generous than the panel: {amount}",
                    **values,
                    points=points,
                    city=city,
                )
            case "home_city" if self.home_city == "report":
                return Message(
                    "The advantage that {judge} gives the own city stays in the scores, as the rules say; only how "
                    "differently judges give it is evened out: {amount}",
                    **values,
                )
            case "home_city" if city is not None and city == proposal_city:
                return Message(
                    "{judge} is of the proposal's own city, which is worth about {points} points: {amount}",
                    **values,
                    points=self._signed(value),
                )
            case "home_city":
                return Message(
                    "{judge} is not of the proposal's own city; every score represents the same share of home "
                    "judges: {amount}",
                    **values,
                )
            case "rounding" if value >= 0:
                return Message(
                    "The marks of {judge} are rounded or at an end of the scale; the opinion behind them is about "
                    "{points} points higher: {amount}",
                    **values,
                    points=points,
                )
            case "rounding":
                return Message(
                    "The marks of {judge} are rounded or at an end of the scale; the opinion behind them is about "
                    "{points} points lower: {amount}",
                    **values,
                    points=points,
                )
            case "scale_use" if value < 0:
                return Message("The scores of {judge} are read with the scale turned round: {amount}", **values)
            case "scale_use":
                return Message(
                    "{judge} spreads scores {factor} times as far as the panel: {amount}",
                    **values,
                    factor=f"{value:.2f}",
                )
            case "consistency":
                shares = {"share": f"{100 * value:.0f}", "even": f"{100 / n_sheets:.0f}"}
                if value * n_sheets >= 1:
                    return Message(
                        "The scores of {judge} are more informative than others and count {share} % instead of "
                        "{even} %: {amount}",
                        **values,
                        **shares,
                    )
                return Message(
                    "The scores of {judge} are less informative than others and count {share} % instead of "
                    "{even} %: {amount}",
                    **values,
                    **shares,
                )
            case "expectation":
                return Message(
                    "The scores of {judge} are replaced by the scores expected from the measures of proposal and "
                    "judge: {amount}",
                    **values,
                )
            case _:
                return Message(
                    "{judge} left criteria open, or scored them more than once; all are weighed alike: {amount}",
                    **values,
                )

    def _of_criterion(self, criterion: str, amount: float) -> Message:
        return Message(
            "The proposal's difference on {criterion} alone counts only as far as the number of scoresheets "
            "supports it: {amount}",
            criterion=criterion,
            amount=self._signed(amount),
        )

    def _of_proposal(self, kind: str, amount: float, retained: float) -> Message:
        values = {"amount": self._signed(amount)}
        if kind == "shrinkage":
            return Message(
                "With few scoresheets the estimate is uncertain; {kept} % of the distance from the mean is "
                "retained: {amount}",
                **values,
                kept=f"{100 * retained:.0f}",
            )
        return Message("The mean is that of all scoresheets, not of all judges: {amount}", **values)

    @cached_property
    def _several_cities(self) -> bool:
        return len(set(self.city_of.values()) - {None}) > 1

    def _plain(self, number: float) -> str:
        return f"{number + 0.0:.{self.decimals}f}"

    def _signed(self, number: float) -> str:
        return f"{rounded(number, self.decimals):+.{self.decimals}f}"


def displayed_amounts(raw: float, calibrated: float, amounts: Sequence[float], *, decimals: int) -> list[float]:
    """Round the terms of a move so that, as displayed, they add up to the move as displayed.

    The terms whose rounding costs least are rounded the other way (largest remainder).

    Examples
    --------
    >>> displayed_amounts(60.0, 61.0, [0.33, 0.33, 0.34], decimals=1)
    [0.3, 0.3, 0.4]
    """
    unit = 10**decimals
    exact = np.asarray(amounts, dtype=np.float64) * unit
    units = np.round(exact)
    lacking = round(round(calibrated, decimals) * unit) - round(round(raw, decimals) * unit) - int(units.sum())
    way = 1 if lacking > 0 else -1
    # More steps than terms are lacking only where terms too small to be listed were left out.
    for _ in range(abs(lacking) if len(units) else 0):
        units[int(np.argmax(way * (exact - units)))] += way
    return [float(value) / unit for value in units]


def shown_amounts(report: Report, explanation: ProposalExplanation) -> list[float]:
    """Return the amounts of the terms of a stored explanation as the sentences of `say` show them."""
    amounts = [term.amount for term in explanation.terms]
    decimals = Wording.of_report(report).decimals
    return displayed_amounts(explanation.raw, explanation.calibrated, amounts, decimals=decimals)


def say(
    report: Report, explanation: ProposalExplanation, *, proposal_city: str | None
) -> tuple[Message, list[Message]]:
    """Return the sentences on a stored explanation; they can be translated.

    Parameters
    ----------
    report : Report
        Its names of judges and their cities are used in the sentences.
    explanation : ProposalExplanation
        Of one of its proposals, with the same names of judges and criteria.
    proposal_city : str or None
        City of that proposal, with the same name.

    Returns
    -------
    move : Message
    terms : list of Message
        One for each term, in their order.
    """
    words = Wording.of_report(report)
    terms = [
        words.of_term(
            term.kind,
            amount,
            term.value,
            judge=term.judge,
            criterion=term.criterion,
            proposal_city=proposal_city,
            n_sheets=explanation.n_sheets,
        )
        for term, amount in zip(explanation.terms, shown_amounts(report, explanation), strict=True)
    ]
    return words.of_move(explanation.raw, explanation.calibrated), terms


def say_carried(report: Report, row: ProposalResult) -> Message | None:
    """Return the sentence on the step from calibrated to combined score; None where no earlier score counts."""
    if report.carried is None or row.carried is None or row.calibrated is None or row.combined is None:
        return None
    decimals = Wording.of_report(report).decimals
    amount = round(row.combined, decimals) - round(row.calibrated, decimals)
    return Message(
        "The score of {round}, {score}, counts {weight} %: {amount}",
        round=report.carried.round,
        score=f"{row.carried:.{decimals}f}",
        weight=f"{report.carried.weight:.0f}",
        amount=f"{rounded(amount, decimals):+.{decimals}f}",
    )


def _decimals(span: float) -> int:
    return 1 if span >= _SPAN_OF_POINTS else 2
