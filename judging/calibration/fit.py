"""One function for every model, from ratings and settings to a frozen fit."""

from __future__ import annotations

import importlib
import time
from dataclasses import replace

import numpy as np

from judging.calibration.baselines import additive_values, raw_means
from judging.calibration.estimates import Estimates, Fit, ModelFunction
from judging.calibration.linkage import Linkage, find_linkage
from judging.calibration.ratings import Bools, Floats, Ratings
from judging.calibration.settings import SIMPLER_MODELS, Settings
from judging.errors import Message, NotConverged


def model_named(name: str) -> ModelFunction:
    """Import the function of a model; no other model is imported."""
    module = importlib.import_module(f"judging.calibration.models.{name}.model")
    function: ModelFunction = getattr(module, f"fit_{name}")
    return function


def fit(ratings: Ratings, settings: Settings, *, model: ModelFunction | None = None) -> Fit:
    """Fit the model that the settings name.

    Parameters
    ----------
    ratings : Ratings
        At least one sheet.
    settings : Settings
    model : ModelFunction, optional
        The same model with a warm start; see `judging.calibration.sensitivity.refit`.

    Returns
    -------
    fit : Fit

    Raises
    ------
    NotLinked
        When the model compares judges by shared proposals only, and there are several linked sets.
    NotConverged
        When an optimiser did not converge and no simpler model can take its place: the judges fall into several linked
        sets, or ``model`` is given.
    ValueError
        When no proposal was scored.
    """
    if ratings.n_sheets == 0:
        raise ValueError("no proposal was scored")

    started = time.perf_counter()
    linkage = find_linkage(ratings)
    used = ratings.without_unused_criteria()
    name = settings.model
    if model is None:
        name, estimates = _first_answer(used, settings, linkage)
    else:
        estimates = model(used, settings, linkage)
    criterion_mean = np.full(ratings.n_criteria, np.nan)
    criterion_mean[[ratings.criteria.index(name) for name in used.criteria]] = estimates.criterion_mean
    seconds = time.perf_counter() - started

    nobody = ratings.n_sheets_of_proposal == 0
    idle = ratings.n_sheets_of_judge == 0
    values = {name: getattr(estimates, name) for name in Estimates.__dataclass_fields__}
    values["criterion_mean"] = criterion_mean
    for names, empty in ((_OF_PROPOSAL, nobody), (_OF_JUDGE, idle)):
        values |= {name: _blank(values[name], empty) for name in names}
    return Fit(
        **values,
        model=name,
        ratings=ratings,
        settings=settings,
        n_judges=ratings.n_judges_of_proposal,
        n_sheets=ratings.n_sheets_of_judge,
        raw=raw_means(ratings),
        additive=additive_values(ratings, linkage),
        linkage=linkage,
        seconds=seconds,
    )


def _first_answer(ratings: Ratings, settings: Settings, linkage: Linkage) -> tuple[str, Estimates]:
    """Fit the model of the settings; where it does not converge, the next simpler one, with a note that says so."""
    name, failed = settings.model, []
    while True:
        try:
            estimates = model_named(name)(ratings, settings, linkage)
        except NotConverged:
            simpler = SIMPLER_MODELS.get(name)
            if simpler is None or linkage.n_linked_sets > 1:
                raise
            failed.append(name)
            name = simpler
            continue
        notes = tuple(
            Message(
                "The model `{model}` found no stable estimates for these scores. The numbers are those of the next "
                "simpler model, `{simpler}`.",
                model=model,
                simpler=name,
            )
            for model in failed[:1]
        )
        return name, replace(estimates, notes=(*notes, *estimates.notes))


_OF_PROPOSAL = ("calibrated", "standard_error", "measure", "measure_error")
_OF_JUDGE = tuple(f"{name}{end}" for name in ("severity", "scale_use", "consistency", "home") for end in ("", "_error"))


def _blank(values: Floats | None, where: Bools) -> Floats | None:
    return None if values is None else np.where(where, np.nan, values)
