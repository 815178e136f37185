"""What each term of an explanation says to a team, in sentences that can be translated at the edge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from judging.calibration.fit import Fit
from judging.errors import Message

_SPAN_OF_POINTS = 40.0
"""Totals on 0..100 are told to a tenth, on 1..10 to a hundredth."""


@dataclass(frozen=True)
class Wording:
    """Names and the number of digits."""

    judges: tuple[str, ...]
    judge_city: tuple[str | None, ...]
    proposal_city: tuple[str | None, ...]
    decimals: int

    @classmethod
    def of(cls, fit: Fit) -> Wording:
        """Find how many digits say something on this scale."""
        ratings = fit.ratings
        span = float(ratings.weights @ (ratings.maximum - ratings.minimum))
        if not np.isfinite(span):
            span = float(np.ptp(ratings.total))
        cities = (*ratings.cities, None)
        return cls(
            judges=ratings.judges,
            judge_city=tuple(cities[code] for code in ratings.judge_city.tolist()),
            proposal_city=tuple(cities[code] for code in ratings.proposal_city.tolist()),
            decimals=1 if span >= _SPAN_OF_POINTS else 2,
        )

    def of_move(self, raw: float, calibrated: float) -> Message:
        """Say the whole move."""
        move = round(calibrated - raw, self.decimals)
        values = {"raw": self._plain(raw), "calibrated": self._plain(calibrated), "move": self._plain(abs(move))}
        if move > 0:
            return Message("Raw mean {raw}, calibrated {calibrated}: {move} points up.", **values)
        if move < 0:
            return Message("Raw mean {raw}, calibrated {calibrated}: {move} points down.", **values)
        return Message("Raw mean {raw}, calibrated {calibrated}: not moved.", **values)

    def of_sheet(self, kind: str, judge: int, proposal: int, amount: float, value: float, *, n_sheets: int) -> Message:
        """Say a term that belongs to one judge."""
        name, city = self.judges[judge], self.judge_city[judge]
        said = {"judge": name, "amount": self._signed(amount)}
        points = self._plain(abs(value))
        match kind:
            case "severity" if city is None or not self._several_cities:
                if value >= 0:
                    return Message(
                        "{judge} is about {points} points stricter than the panel: {amount}", **said, points=points
                    )
                return Message(
                    "{judge} is about {points} points more generous than the panel: {amount}", **said, points=points
                )
            case "severity":
                if value >= 0:
                    return Message(
                        "{judge} is about {points} points stricter than the other judges of {city}: {amount}",
                        **said,
                        points=points,
                        city=city,
                    )
                return Message(
                    "{judge} is about {points} points more generous than the other judges of {city}: {amount}",
                    **said,
                    points=points,
                    city=city,
                )
            case "city_severity":
                if value >= 0:
                    return Message(
                        "{judge} is of {city}, whose judges are {points} points stricter than the panel: {amount}",
                        **said,
                        points=points,
                        city=city,
                    )
                return Message(
                    "{judge} is of {city}, whose judges are {points} points more generous than the panel: {amount}",
                    **said,
                    points=points,
                    city=city,
                )
            case "home_city" if city is not None and city == self.proposal_city[proposal]:
                return Message(
                    "{judge} is of the proposal's own city, which is worth about {points} points: {amount}",
                    **said,
                    points=self._signed(value),
                )
            case "home_city":
                return Message(
                    "{judge} is not of the proposal's own city; every score stands for the same share of home judges: "
                    "{amount}",
                    **said,
                )
            case "rounding" if value >= 0:
                return Message(
                    "The marks of {judge} are rounded or at an end of the scale; the opinion behind them is about "
                    "{points} points higher: {amount}",
                    **said,
                    points=points,
                )
            case "rounding":
                return Message(
                    "The marks of {judge} are rounded or at an end of the scale; the opinion behind them is about "
                    "{points} points lower: {amount}",
                    **said,
                    points=points,
                )
            case "scale_use":
                return Message(
                    "{judge} spreads scores {factor} times as far as the panel: {amount}", **said, factor=f"{value:.2f}"
                )
            case "consistency":
                shares = {"share": f"{100 * value:.0f}", "even": f"{100 / n_sheets:.0f}"}
                if value * n_sheets >= 1:
                    return Message(
                        "The scores of {judge} tell more than others and count {share} % instead of {even} %: {amount}",
                        **said,
                        **shares,
                    )
                return Message(
                    "The scores of {judge} tell less than others and count {share} % instead of {even} %: {amount}",
                    **said,
                    **shares,
                )
            case "expectation":
                return Message(
                    "The scores of {judge} give way to what the measures of proposal and judge expect: {amount}", **said
                )
            case _:
                return Message(
                    "{judge} left criteria open, or scored them more than once; all are weighed alike: {amount}", **said
                )

    def of_criterion(self, criterion: str, amount: float) -> Message:
        """Say a term that belongs to a criterion."""
        return Message(
            "How far the proposal stands out on {criterion} alone is trusted as far as the readings carry: {amount}",
            criterion=criterion,
            amount=self._signed(amount),
        )

    def of_proposal(self, kind: str, amount: float, kept: float) -> Message:
        """Say a term that belongs to the whole proposal."""
        said = {"amount": self._signed(amount)}
        if kind == "shrinkage":
            return Message(
                "Few readings prove only so much: {kept} % of the distance from the middle is kept: {amount}",
                **said,
                kept=f"{100 * kept:.0f}",
            )
        if kind == "middle":
            return Message("The middle is that of all scoresheets, not of all judges: {amount}", **said)
        return Message("Scale use and consistency of the judges are themselves uncertain: {amount}", **said)

    @property
    def _several_cities(self) -> bool:
        return len({city for city in self.judge_city if city is not None}) > 1

    def _plain(self, number: float) -> str:
        return f"{number + 0.0:.{self.decimals}f}"

    def _signed(self, number: float) -> str:
        rounded = round(number, self.decimals) + 0.0
        return f"{rounded:+.{self.decimals}f}"
