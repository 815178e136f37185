"""The calibrated score of a single criterion, for a rule whose floors ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from judging.calibration.estimates import Fit
from judging.calibration.fit import fit
from judging.calibration.ratings import Bools, Floats, Ratings
from judging.calibration.report.shortlist import FloorScore
from judging.calibration.values import number
from judging.errors import CalibrationError, Message

_STREAM = 1
"""Second word of the seed of these draws, which must not repeat those of the totals."""


@dataclass(frozen=True, eq=False)
class CalibratedFloors:
    """The criteria that have a floor, each calibrated on its own.

    Attributes
    ----------
    floors : mapping of str to float
    fits : mapping of str to Fit
        By criterion; without those whose scores alone give no answer, for which the mean score counts.
    notes : tuple of Message
    """

    floors: Mapping[str, float]
    fits: Mapping[str, Fit]
    notes: tuple[Message, ...]
    seed: int

    @property
    def scores(self) -> dict[str, Floats]:
        """Calibrated scores by criterion, each of shape (n_proposals,)."""
        return {criterion: fitted.calibrated for criterion, fitted in self.fits.items()}

    def generator(self) -> np.random.Generator:
        """Return the source of the draws of `passes`."""
        return np.random.default_rng([self.seed, _STREAM])

    def passes(self, n: int, rng: np.random.Generator, *, means: Mapping[str, Floats]) -> Bools:
        """Draw who is above every floor, of shape (n, n_proposals); ``means`` count where nothing is calibrated."""
        n_proposals = len(next(iter(means.values())))
        above = np.ones((n, n_proposals), dtype=bool)
        for criterion, floor in self.floors.items():
            fitted = self.fits.get(criterion)
            if fitted is None or fitted.sample is None:
                score = means[criterion] if fitted is None else fitted.calibrated
                above &= ~(score < floor)
            else:
                above &= ~(fitted.draw(n, rng) < floor)
        return above

    def result(self) -> tuple[FloorScore, ...]:
        """Return every calibrated score, in the order of criteria and proposals."""
        return tuple(
            FloorScore(
                proposal=name,
                criterion=criterion,
                floor=self.floors[criterion],
                score=number(float(fitted.calibrated[code])),
                standard_error=number(float(fitted.standard_error[code])),
            )
            for criterion, fitted in self.fits.items()
            for code, name in enumerate(fitted.ratings.proposals)
        )


def calibrated_floors(fitted: Fit) -> CalibratedFloors | None:
    """Fit the model of a result to the scores of each criterion that has a floor.

    None where the rule has no floors or compares them with mean scores. The draws of a criterion are independent of
    those of the totals: whoever is near a floor and near the cut-off at once is a little less surely out.
    """
    rule = fitted.settings.shortlist
    if rule is None or not rule.floors or rule.floors_by != "calibrated":
        return None
    settings = replace(fitted.settings, shortlist=None, tie_breaks=())
    fits: dict[str, Fit] = {}
    notes = []
    for criterion in rule.floors:
        try:
            fits[criterion] = fit(_alone(fitted.ratings, criterion), settings)
        except (CalibrationError, ValueError):
            notes.append(
                Message(
                    "The scores on {criterion} alone cannot be calibrated: its floor is compared with the mean score.",
                    criterion=criterion,
                )
            )
    return CalibratedFloors(rule.floors, fits, tuple(notes), fitted.settings.seed)


def _alone(ratings: Ratings, criterion: str) -> Ratings:
    """Return the scores of one criterion; proposals and judges stay listed."""
    place = ratings.criteria.index(criterion)
    one = slice(place, place + 1)
    given = ~np.isnan(ratings.score[:, place])
    return replace(
        ratings,
        proposal=ratings.proposal[given],
        judge=ratings.judge[given],
        score=ratings.score[given, one],
        scored_at=ratings.scored_at[given],
        criteria=(criterion,),
        weights=np.ones(1),
        minimum=ratings.minimum[one],
        maximum=ratings.maximum[one],
        step=ratings.step[one],
    )
