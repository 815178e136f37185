"""The estimates of cities in a fit, and which of them are identifiable from the design."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from judging.calibration.estimates import Estimate, Fit
from judging.calibration.report.cities import CitiesResult, CityDifference, CityPairCount, CityResult
from judging.calibration.report.estimates import ReportedEstimate
from judging.calibration.values import estimate, number
from judging.errors import Message


def city_report(fit: Fit) -> tuple[CitiesResult, list[Message]]:
    """Report severity, quality and home-city effect of the cities.

    Parameters
    ----------
    fit : Fit

    Returns
    -------
    cities : CitiesResult
    sentences : list of Message
        The same in words; they must be shown with the ranking.
    """
    ratings, linkage, interval = fit.ratings, fit.linkage, fit.settings.interval
    several = linkage.links in ("both", "one_way", "none")
    assumption = _assumption(fit) if several else None
    rows = tuple(
        CityResult(
            city=city,
            n_judges=int(((ratings.judge_city == code) & (fit.n_sheets > 0)).sum()),
            n_proposals=int(((ratings.proposal_city == code) & (fit.n_judges > 0)).sum()),
            severity=estimate(_single(fit, "severity", code), interval),
            quality=estimate(_single(fit, "quality", code), interval),
        )
        for code, city in enumerate(ratings.cities)
    )
    pairs = tuple(
        CityPairCount(judge_city=ratings.cities[judge], proposal_city=ratings.cities[proposal], n_sheets=int(count))
        for (judge, proposal), count in np.ndenumerate(linkage.cross_city)
        if count
    )
    n_cross = int(linkage.cross_city.sum() - np.trace(linkage.cross_city))
    sentences = _sentences(fit, assumption, n_cross) if several else []
    cities = CitiesResult(
        identified=linkage.severity_identified if several else None,
        assumption=assumption,
        home_city_identified=linkage.home_identified,
        home_city_policy=fit.settings.home_city,
        links=linkage.links,
        n_cross_city=n_cross,
        readings=pairs,
        cities=rows,
        difference=_difference(fit),
        connectivity=number(linkage.algebraic_connectivity),
        sentences=tuple(str(sentence) for sentence in sentences),
    )
    return cities, sentences


def _single(fit: Fit, name: str, code: int) -> Estimate | None:
    if fit.city_effects is None:
        return None
    value = float(getattr(fit.city_effects, name)[code])
    variance = float(getattr(fit.city_effects, f"{name}_covariance")[code, code])
    return Estimate(value, math.sqrt(variance) if variance >= 0 else None) if math.isfinite(value) else None


def _difference(fit: Fit) -> CityDifference | None:
    """Compare the first two cities; None unless there are exactly two."""
    if len(fit.ratings.cities) != 2 or fit.city_effects is None:
        return None
    contrast = np.array([1.0, -1.0])
    effects: dict[str, ReportedEstimate] = {}
    for name in ("severity", "quality"):
        value = float(contrast @ getattr(fit.city_effects, name))
        variance = float(contrast @ getattr(fit.city_effects, f"{name}_covariance") @ contrast)
        known = Estimate(value, math.sqrt(variance) if variance >= 0 else None) if math.isfinite(value) else None
        effects[name] = estimate(known, fit.settings.interval)
    return CityDifference(of=fit.ratings.cities[0], less=fit.ratings.cities[1], **effects)


def _assumption(fit: Fit) -> str | None:
    if fit.city_assumption is not None:
        return fit.city_assumption
    return None if fit.linkage.severity_identified else fit.settings.assumption


def _sentences(fit: Fit, assumption: str | None, n_cross: int) -> list[Message]:
    linkage = fit.linkage
    sentences = []
    if linkage.severity_identified:
        sentences.append(
            Message(
                "{n} scoresheets cross cities, and they link the judges: the cities' severities can be separated "
                "from the quality of their proposals.",
                n=n_cross,
            )
        )
    elif linkage.links == "none":
        sentences.append(
            Message(
                "No judge scored a proposal of another city: severity and quality of cities cannot be separated, "
                "and a home-city effect cannot be estimated."
            )
        )
    elif linkage.links == "one_way":
        sentences.append(
            Message(
                "{n} scoresheets cross cities, but one way only: the sum of the cities' severity and the "
                "home-city effect can be estimated, not each.",
                n=n_cross,
            )
        )
    else:
        sentences.append(
            Message(
                "{n} scoresheets cross cities, but they do not link the judges: severity and quality of cities "
                "cannot be separated.",
                n=n_cross,
            )
        )
    if assumption == "prior":
        sentences.append(
            Message(
                "Assumption in force: judges of all cities are drawn from one pool, and so are proposals; a difference "
                "between cities is shared out between severity and quality in proportion to what varies more."
            )
        )
    elif assumption == "equal quality":
        sentences.append(Message("Assumption in force: proposals of all cities are equally good on average."))
    elif assumption == "equal severity":
        sentences.append(Message("Assumption in force: judges of all cities are equally severe on average."))
    sentences += _home_sentences(fit)
    return sentences


def _home_sentences(fit: Fit) -> list[Message]:
    home = fit.fixed.get("home_city")
    if fit.settings.home_city == "ignore" or not fit.estimates_home_city:
        return [Message("An advantage of being scored by one's own city is not part of this calibration.")]
    if home is None:
        return [Message("An advantage of being scored by one's own city cannot be estimated with this design.")]
    effect = estimate(home, fit.settings.interval)
    direction = "more" if effect.low is not None and effect.low > 0 else "none"
    if effect.high is not None and effect.high < 0:
        direction = "less"
    size = f"{home.estimate:+.3g}" if direction == "none" else f"{abs(home.estimate):.3g}"
    error = f"{home.standard_error or 0.0:.2g}"
    return [_HOME[direction, fit.settings.home_city == "report"](points=size, error=error)]


# Functions, so that the extraction of texts finds each sentence.
_HOME: dict[tuple[str, bool], Callable[..., Message]] = {
    ("more", True): lambda **values: Message(
        "Scored by a judge of its own city, a proposal gets {points} points more (standard error {error}). "
        "This is reported only: it is still in the scores.",
        **values,
    ),
    ("more", False): lambda **values: Message(
        "Scored by a judge of its own city, a proposal gets {points} points more (standard error {error}). "
        "It is taken out: every score represents the same mix of home and other judges.",
        **values,
    ),
    ("less", True): lambda **values: Message(
        "Scored by a judge of its own city, a proposal gets {points} points less (standard error {error}). "
        "This is reported only: it is still in the scores.",
        **values,
    ),
    ("less", False): lambda **values: Message(
        "Scored by a judge of its own city, a proposal gets {points} points less (standard error {error}). "
        "It is taken out: every score represents the same mix of home and other judges.",
        **values,
    ),
    ("none", True): lambda **values: Message(
        "No clear advantage of being scored by a judge of its own city: {points} points (standard error {error}). "
        "This is reported only: it is still in the scores.",
        **values,
    ),
    ("none", False): lambda **values: Message(
        "No clear advantage of being scored by a judge of its own city: {points} points (standard error {error}). "
        "It is taken out: every score represents the same mix of home and other judges.",
        **values,
    ),
}
