"""The sentence on each term of an explanation, to be translated where it is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from judging.calibration.estimates import Fit
from judging.calibration.explanation.displayed import decimals_of, displayed_move
from judging.calibration.report.whole import Report
from judging.calibration.values import rounded
from judging.errors import Message

# Functions, so that the extraction of texts finds each sentence.
_SEVERITY: Mapping[tuple[bool, str, bool], Callable[..., Message]] = {
    (False, "panel", True): lambda **values: Message(
        "{judge} is about {points} points stricter than the panel: {amount}", **values
    ),
    (False, "panel", False): lambda **values: Message(
        "{judge} is about {points} points more generous than the panel: {amount}", **values
    ),
    (False, "city", True): lambda **values: Message(
        "{judge} is about {points} points stricter than the other judges of {city}: {amount}", **values
    ),
    (False, "city", False): lambda **values: Message(
        "{judge} is about {points} points more generous than the other judges of {city}: {amount}", **values
    ),
    (False, "city_severity", True): lambda **values: Message(
        "{judge} is of {city}, whose judges are {points} points stricter than the panel: {amount}", **values
    ),
    (False, "city_severity", False): lambda **values: Message(
        "{judge} is of {city}, whose judges are {points} points more generous than the panel: {amount}", **values
    ),
    (True, "panel", True): lambda **values: Message(
        "With a proposal of this level {judge} is about {points} points stricter than the panel: {amount}", **values
    ),
    (True, "panel", False): lambda **values: Message(
        "With a proposal of this level {judge} is about {points} points more generous than the panel: {amount}",
        **values,
    ),
    (True, "city", True): lambda **values: Message(
        "With a proposal of this level {judge} is about {points} points stricter than the other judges of {city}: "
        "{amount}",
        **values,
    ),
    (True, "city", False): lambda **values: Message(
        "With a proposal of this level {judge} is about {points} points more generous than the other judges of "
        "{city}: {amount}",
        **values,
    ),
    (True, "city_severity", True): lambda **values: Message(
        "{judge} is of {city}, whose judges are {points} points stricter than the panel with a proposal of this "
        "level: {amount}",
        **values,
    ),
    (True, "city_severity", False): lambda **values: Message(
        "{judge} is of {city}, whose judges are {points} points more generous than the panel with a proposal of this "
        "level: {amount}",
        **values,
    ),
}


@dataclass(frozen=True)
class TermSentences:
    """What the sentences need from a result besides their own numbers.

    Attributes
    ----------
    city_of : mapping of str to str or None
        City of each judge who scored.
    decimals : int
    home_city : str
        The policy; under ``report`` the advantage of the own city stays in the scores.
    by_level : bool
        Whether a severity in points depends on the proposal's level, as in a model with measures in logits.
    """

    city_of: Mapping[str, str | None]
    decimals: int
    home_city: str = "adjust"
    by_level: bool = False

    @classmethod
    def of(cls, fit: Fit) -> TermSentences:
        """Make it from a fit."""
        ratings = fit.ratings
        span = float(ratings.weights @ (ratings.maximum - ratings.minimum))
        cities = (*ratings.cities, None)
        city_of = {
            ratings.judges[code]: cities[ratings.judge_city[code]]
            for code in np.flatnonzero(ratings.n_sheets_of_judge).tolist()
        }
        decimals = decimals_of(span if np.isfinite(span) else float(np.ptp(ratings.total)))
        return cls(city_of, decimals, fit.settings.home_city, fit.answers.logit_measures is not None)

    @classmethod
    def of_report(cls, report: Report) -> TermSentences:
        """Make it from a stored report, so that the sentences on its terms can be in another language."""
        minimum, maximum = report.scale.minimum, report.scale.maximum
        if minimum is None or maximum is None:
            raw = [row.raw for row in report.proposals if row.raw is not None]
            span = max(raw, default=0.0) - min(raw, default=0.0)
        else:
            span = maximum - minimum
        cities = {row.judge: row.city for row in report.judges if row.n_sheets}
        return cls(cities, decimals_of(span), report.settings.home_city, report.logits is not None)

    def of_move(self, raw: float, calibrated: float) -> Message:
        """Return the sentence on the whole difference of raw mean and calibrated score."""
        move = displayed_move(raw, calibrated, decimals=self.decimals)
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
            case "severity" | "city_severity":
                compared = "panel" if city is None or not self._several_cities else "city"
                say = _SEVERITY[self.by_level, kind if kind == "city_severity" else compared, value >= 0]
                return say(**values, points=points, city=city)
            case "drift" if value >= 0:
                return Message(
                    "{judge} was about {points} points stricter at this point of the round than on average: {amount}",
                    **values,
                    points=points,
                )
            case "drift":
                return Message(
                    "{judge} was about {points} points more generous at this point of the round than on average: "
                    "{amount}",
                    **values,
                    points=points,
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
        return f"{rounded(number, self.decimals):.{self.decimals}f}"

    def _signed(self, number: float) -> str:
        return f"{rounded(number, self.decimals):+.{self.decimals}f}"
