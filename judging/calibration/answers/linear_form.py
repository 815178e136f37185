r"""The linear form of a calibrated score, and the terms that it is split into.

`mixed` and `hierarchical` are linear once their spreads and the judges' log-factors are given: with ``y`` a judge's
opinion (the mark; in `hierarchical` its posterior mean inside the mark's interval), ``l`` the judge's level and ``a``
the scale use, a proposal's weighted quality is

.. math:: D_i = \sum_{sheets} \kappa_s (y_s - l_j - home_s - a_j g_i), \quad
          \kappa_s = w' (P_0 + \sum a^2 R)^{-1} a_j R_s

with ``P_0`` the prior precision of quality over the criteria, ``R`` the precision of a sheet's noise and ``g`` the
prior mean of the proposal. The form is exact for the numbers of the fit, no approximation: conditional on the
judges' posterior means it is the posterior mean.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from judging.calibration.answers.terms import TermArrays, equal_shares, no_terms, sum_by_proposal
from judging.calibration.ratings import Floats, Ratings

_NOTHING_RETAINED = 1e-12


@dataclass(frozen=True, eq=False, kw_only=True)
class LinearForm:
    """The parts of a linear fit, in units of the criteria; rows in the ratings' order.

    Attributes
    ----------
    weights : ndarray of shape (n_criteria,)
        ``weights @ mark`` is a total.
    sheet_weights : ndarray of shape (n_sheets, n_criteria)
        The same with open criteria's weights distributed over the others, 0 where a criterion is open.
    mark, opinion : ndarray of shape (n_sheets, n_criteria)
        The score as given, and the value that replaces it in the linear form; 0 where open.
    level : ndarray of shape (n_judges, n_criteria)
        Expected opinion of an average proposal.
    middle : ndarray of shape (n_criteria,)
        The panel's level, from which severity is counted.
    home : ndarray of shape (n_sheets,)
        Home advantage in each opinion of a sheet; 0 on sheets without.
    home_share : ndarray of shape (n_proposals,)
        Home advantage that is part of the calibrated score.
    drift : ndarray of shape (n_sheets,), optional
        How much stricter the judge was at a sheet than on average.
    scale : ndarray of shape (n_sheets,)
        Scale use of the sheet's judge.
    gain : ndarray of shape (n_sheets, n_criteria)
        kappa above; 0 where open.
    usual : ndarray of shape (n_proposals,)
        What the prior adds to the total of such a proposal (its city or category); 0 under a city-blind prior.
    intercept : float
        Total that the prior expects of an average proposal, without home advantage.
    """

    weights: Floats
    sheet_weights: Floats
    mark: Floats
    opinion: Floats
    level: Floats
    middle: Floats
    home: Floats
    home_share: Floats
    scale: Floats
    gain: Floats
    usual: Floats
    intercept: float
    drift: Floats | None = None


def terms_of(ratings: Ratings, form: LinearForm) -> TermArrays:
    """Split every move of a linear fit into terms; their sum is exactly the linear form of the fit.

    Parameters
    ----------
    ratings : Ratings
        Those of the fit.
    form : LinearForm

    Returns
    -------
    terms : TermArrays

    Notes
    -----
    1. ``open_criteria``: the mean level of the criteria that a sheet leaves open, and the judge's severity on those
       compared with the judge's severity on all criteria;
    2. ``severity``: the severity as reported, split into the mean of the judge's city (``city_severity``) and the rest;
       ``drift``: how much stricter the judge was at this sheet than on average;
    3. ``home_city``: the judge's own home advantage is subtracted, the share that is part of all scores is added;
    4. ``rounding``: the mark is replaced by the opinion behind it, the posterior mean inside the mark's interval;
    5. ``scale_use``: deviations from the panel's level are divided by the judge's scale use;
    6. ``consistency``: sheets count by their information instead of equally; a judge's term is the change of share
       times the sheet's distance from the proposal's mean;
    7. ``criterion``: profiles over the criteria are shrunk more, or less, than the whole;
    8. ``shrinkage``: the distance from the middle that is retained, less the distance.
    """
    terms = no_terms(ratings)
    proposal, judge = ratings.proposal, ratings.judge
    w, of_sheet = form.weights, form.sheet_weights
    whole = float(w.sum())
    share = equal_shares(ratings)

    away = form.middle - form.level
    severity = away @ w
    lacking = w - of_sheet
    opened = (lacking * (form.middle - away[judge])).sum(axis=1)
    terms.put("open_criteria", opened * share, opened)
    terms.put_severity(ratings, severity)
    drift = np.zeros(ratings.n_sheets) if form.drift is None else form.drift
    if form.drift is not None:
        stricter = of_sheet.sum(axis=1) * drift
        terms.put("drift", stricter * share, stricter)
    home = of_sheet.sum(axis=1) * form.home
    terms.put("home_city", (whole * form.home_share[proposal] - home) * share, home)
    rounded = (of_sheet * (form.opinion - form.mark)).sum(axis=1)
    terms.put("rounding", rounded * share, rounded)
    deviation = form.opinion - form.level[judge] - (form.home - drift)[:, None]
    stretched = (of_sheet * deviation).sum(axis=1)
    even = stretched / form.scale
    terms.put("scale_use", (even - stretched) * share, form.scale)

    information = form.gain.sum(axis=1) * form.scale / whole
    retained = sum_by_proposal(ratings, information)
    # Where nothing of the distance from the middle is retained, no sheet has a share of it: all count equally.
    some = np.abs(retained) > _NOTHING_RETAINED
    weight = np.where(some[proposal], information / np.where(some, retained, 1.0)[proposal], share)
    mean = sum_by_proposal(ratings, even * share)
    terms.put("consistency", (weight - share) * (even - mean[proposal]), weight)
    estimate = sum_by_proposal(ratings, weight * even)
    profile = form.gain - (retained[proposal] * weight / form.scale)[:, None] * of_sheet
    np.add.at(terms.of_criterion, proposal, profile * deviation)
    terms.of_proposal["shrinkage"] = (
        (1.0 - retained) * (form.usual - estimate) + form.intercept - float(w @ form.middle)
    )
    terms.retained[:] = retained
    return terms
