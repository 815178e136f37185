"""What must be said with a result of `mixed`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from judging.calibration.linkage import Linkage
from judging.calibration.models.mixed.fixed_effects import has_city_term
from judging.calibration.models.mixed.precision import LARGEST_DENSE
from judging.calibration.ratings import Ratings
from judging.calibration.settings import Settings
from judging.errors import Message

_PLAIN_WORDS = {
    "proposal": Message("quality between proposals"),
    "judge": Message("severity between judges"),
    "judge_proposal": Message("halo (a judge's liking for a proposal across criteria)"),
    "proposal_criterion": Message("proposals' profiles over the criteria"),
    "judge_criterion": Message("judges' severities on single criteria"),
}


def notes_of(
    ratings: Ratings,
    settings: Settings,
    linkage: Linkage,
    variances: Mapping[str, float | None],
    *,
    is_zero_avoided: bool,
) -> tuple[Message, ...]:
    """Return the notes on edges of the data and on what the model leaves out."""
    notes = []
    if np.count_nonzero(ratings.n_sheets_of_proposal) == 1:
        notes.append(Message("There is one proposal only: quality cannot be compared."))
    if np.count_nonzero(ratings.n_sheets_of_judge) == 1:
        notes.append(Message("There is one judge only: severity cannot be estimated."))
    elif variances["residual"] == 0:
        notes.append(
            Message(
                "Proposals and judges explain almost every score: the standard errors are based on too little data."
            )
        )
    if ratings.n_sheets_of_proposal.max() == 1:
        notes.append(
            Message(
                "No proposal has a second scoresheet: quality and chance cannot be told apart. The "
                "differences are divided between them by assumption."
            )
        )
    if min(ratings.n_proposals, ratings.n_judges) > LARGEST_DENSE:
        notes.append(
            Message(
                "With so many judges some sums are estimated from fixed random probes: variances are accurate to "
                "a few hundredths of their standard errors, standard errors of scores to a few per cent."
            )
        )
    cities = ratings.judge_city[ratings.n_sheets_of_judge > 0]
    if len(np.unique(cities[cities >= 0])) > 1 and not has_city_term(ratings, settings, linkage):
        notes.append(
            Message(
                "Here this model has no term for cities: it pulls the difference of the cities' severities towards "
                "zero, and the interval of that difference is too narrow. `hierarchical` has such a term."
            )
        )
    if is_zero_avoided:
        notes.append(
            Message(
                "The scores show no sign of severity between judges. Differences in severity are not taken as "
                "zero, but as small ones, the most probable under the assumption that there are some."
            )
        )
    for component, value in variances.items():
        if value == 0 and component in _PLAIN_WORDS:
            notes.append(
                Message(
                    "The scores show no sign of {component}: it is estimated as zero.",
                    component=_PLAIN_WORDS[component],
                )
            )
    return tuple(notes)
