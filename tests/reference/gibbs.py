"""A Gibbs sampler of the hierarchical model, written apart from the fit, as its reference.

Everything is drawn from its full conditional: marks before rounding from truncated normals, qualities and judge effects
from Gaussians with the halo integrated out, scale use, consistency and every spread from their conditional on a fine
grid. Slow, plain, and exact but for Monte Carlo error and the grid.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]


@dataclass(frozen=True)
class Sample:
    """Draws of shape (n_draws, ...): merit is mean plus quality per proposal and criterion."""

    merit: Floats
    severity: Floats
    scale_use: Floats
    consistency: Floats
    home: Floats
    spreads: Floats
    names: tuple[str, ...]


NAMES = ("quality", "criterion", "severity", "judge_criterion", "home", "halo", "noise", "scale_use", "consistency")


def sample(
    proposal: Integers,
    judge: Integers,
    score: Floats,
    *,
    same_city: NDArray[np.bool_],
    judge_city: Integers,
    minimum: float,
    maximum: float,
    step: float,
    n_sweeps: int,
    n_burn: int,
    rng: np.random.Generator,
) -> Sample:
    """Draw from the posterior; complete marks, one common scale, every judge's city known."""
    n_sheets, n_criteria = score.shape
    n_proposals, n_judges, n_cities = proposal.max() + 1, judge.max() + 1, judge_city.max() + 1
    unit = score.std(axis=0).mean()
    lower = np.where(score <= minimum, -np.inf, score - step / 2)
    upper = np.where(score >= maximum, np.inf, score + step / 2)
    read = np.zeros((n_proposals, n_sheets))
    read[proposal, np.arange(n_sheets)] = 1
    scored = np.zeros((n_judges, n_sheets))
    scored[judge, np.arange(n_sheets)] = 1
    in_city = np.zeros((n_cities, n_judges))
    in_city[judge_city, np.arange(n_judges)] = 1
    n_of_judge = scored.sum(axis=1)
    n_home = scored @ same_city
    any_home = bool(same_city.any() and not same_city.all())

    grid = np.exp(np.linspace(np.log(0.01), np.log(3.0), 160))
    spread_grid = np.vstack([grid * unit] * 7 + [grid, grid])
    # Half-normal priors on the spreads: of the marks' own spread, a tenth of it for the home advantages, .25 and .5 for
    # the log-factors. The grid is even in the logarithm, hence the Jacobian.
    scales = np.array([unit] * 4 + [0.1 * unit] + [unit] * 2 + [0.25, 0.5])
    log_prior = -0.5 * (spread_grid / scales[:, None]) ** 2 + np.log(spread_grid)
    factor = np.linspace(-2.0, 2.0, 321)

    latent = score.copy()
    mean = score.mean(axis=0)
    merit = np.zeros((n_proposals, n_criteria))
    leniency = np.zeros((n_judges, n_criteria))
    home = np.zeros(n_judges)
    city_level = np.zeros(n_cities)
    home_level = 0.0
    log_scale = np.zeros(n_judges)
    log_factor = np.zeros(n_judges)
    sd = np.array([1, 0.5, 0.5, 0.3, 0.2, 0.6, 0.7]) * unit
    sd = np.append(sd, [0.2, 0.3])
    ones = np.ones(n_criteria)
    eye = np.eye(n_criteria)
    keep: dict[str, list[Floats]] = {name: [] for name in ("merit", "severity", "scale", "factor", "home", "spread")}

    for sweep in range(n_burn + n_sweeps):
        scale, f2 = np.exp(log_scale), np.exp(2 * log_factor)
        # halo, then marks before rounding
        plain = mean + scale[judge, None] * merit[proposal] + leniency[judge] + (home[judge] * same_city)[:, None]
        precision = 1 / sd[5] ** 2 + n_criteria / sd[6] ** 2
        centre = (latent - plain).sum(axis=1) / sd[6] ** 2 / precision
        factor_of_sheet = np.exp(log_factor)[judge]
        halo = centre + factor_of_sheet * rng.standard_normal(n_sheets) / np.sqrt(precision)
        latent = _truncated(plain + halo[:, None], factor_of_sheet[:, None] * sd[6], lower, upper, rng)

        # precision of a sheet with the halo integrated out: (I - k 11') / (f^2 noise^2)
        k = sd[5] ** 2 / (sd[6] ** 2 + n_criteria * sd[5] ** 2)
        whiten = (eye - k) / sd[6] ** 2
        inverse = 1 / f2[judge]

        # merit
        prior = np.linalg.inv(sd[0] ** 2 + sd[1] ** 2 * eye)
        residual = latent - mean - leniency[judge] - (home[judge] * same_city)[:, None]
        strength = read @ (scale[judge] ** 2 * inverse)
        right = (read @ ((scale[judge] * inverse)[:, None] * residual)) @ whiten
        merit = _gaussian(prior + strength[:, None, None] * whiten, right, rng)

        # leniency per criterion around the city's level
        prior = np.linalg.inv(sd[2] ** 2 + sd[3] ** 2 * eye)
        residual = latent - mean - scale[judge, None] * merit[proposal] - (home[judge] * same_city)[:, None]
        right = (scored @ residual) / f2[:, None] @ whiten + city_level[judge_city][:, None] * (prior @ ones)
        leniency = _gaussian(prior + (n_of_judge / f2)[:, None, None] * whiten, right, rng)
        # home advantage around its level
        if any_home:
            residual = latent - mean - scale[judge, None] * merit[proposal] - leniency[judge]
            precise = ones @ whiten @ ones * n_home / f2 + 1 / sd[4] ** 2
            home = (scored @ (same_city * (residual @ whiten @ ones)) / f2 + home_level / sd[4] ** 2) / precise
            home = home + rng.standard_normal(n_judges) / np.sqrt(precise)
            precise = n_judges / sd[4] ** 2 + 1 / unit**2
            home_level = home.sum() / sd[4] ** 2 / precise + rng.standard_normal() / np.sqrt(precise)
        precise = in_city.sum(axis=1) * (ones @ prior @ ones) + 1 / (0.25 * unit) ** 2
        city_level = in_city @ (leniency @ prior @ ones) / precise + rng.standard_normal(n_cities) / np.sqrt(precise)
        # criterion means, flat prior; then a joint shift of them against the judges' level, which the data cannot see
        residual = latent - scale[judge, None] * merit[proposal] - leniency[judge] - (home[judge] * same_city)[:, None]
        total = whiten * inverse.sum()
        mean = _gaussian(total[None], (inverse @ residual @ whiten)[None], rng)[0]
        shift = city_level.mean() + rng.standard_normal() * 0.25 * unit / np.sqrt(n_cities)
        mean, leniency, city_level = mean + shift, leniency - shift, city_level - shift

        # scale use and consistency on a grid
        base = latent - mean - leniency[judge] - (home[judge] * same_city)[:, None]
        seen = merit[proposal]
        cross = scored @ np.einsum("sc,cd,sd->s", seen, whiten, base) / f2
        square = scored @ np.einsum("sc,cd,sd->s", seen, whiten, seen) / f2
        points = np.exp(factor)
        density = cross[:, None] * points - 0.5 * square[:, None] * points**2 - 0.5 * (factor / sd[7]) ** 2
        log_scale = _pick(factor, density, rng)
        rest = base - np.exp(log_scale)[judge, None] * seen
        squares = scored @ np.einsum("sc,cd,sd->s", rest, whiten, rest)
        density = -n_criteria * n_of_judge[:, None] * factor - 0.5 * squares[:, None] / points**2
        log_factor = _pick(factor, density - 0.5 * (factor / sd[8]) ** 2, rng)

        # spreads: pairs of (level, contrast) from sums of squares of means and deviations; one at a time on the grid
        rest = rest / np.exp(log_factor)[judge, None]
        for level, contrast, effect in (
            (0, 1, merit),
            (2, 3, leniency - city_level[judge_city][:, None]),
            (5, 6, rest),
        ):
            n, centre = len(effect), effect.mean(axis=1)
            inner = ((effect - centre[:, None]) ** 2).sum()
            outer = n_criteria * (centre**2).sum()
            for which in (level, contrast):
                small = spread_grid[which] ** 2 if which == contrast else np.full(grid.size, sd[contrast] ** 2)
                large = small + n_criteria * (spread_grid[which] ** 2 if which == level else sd[level] ** 2)
                density = (
                    -0.5 * n * (np.log(large) + (n_criteria - 1) * np.log(small))
                    - 0.5 * outer / large
                    - 0.5 * inner / small
                )
                sd[which] = _pick(spread_grid[which], (density + log_prior[which])[None], rng)[0]
        for which, effect in ((4, home - home_level), (7, log_scale), (8, log_factor)):
            if which == 4 and not any_home:
                continue
            density = -n_judges * np.log(spread_grid[which]) - 0.5 * (effect**2).sum() / spread_grid[which] ** 2
            sd[which] = _pick(spread_grid[which], (density + log_prior[which])[None], rng)[0]

        if sweep >= n_burn:
            for name, value in zip(
                keep, (mean + merit, -leniency, np.exp(log_scale), np.exp(log_factor), home, sd), strict=True
            ):
                keep[name].append(value.copy())
    stacked = [np.array(values) for values in keep.values()]
    merits, severities, scales_of, factors_of, homes, spreads = stacked
    return Sample(merits, severities, scales_of, factors_of, homes, spreads, NAMES)


def _gaussian(precision: Floats, right: Floats, rng: np.random.Generator) -> Floats:
    """Draw from N(P^-1 b, P^-1) for a stack of small precisions."""
    root = np.linalg.cholesky(precision)
    half = np.linalg.solve(root, right[..., None])
    half += rng.standard_normal(half.shape)
    return np.asarray(np.linalg.solve(np.swapaxes(root, -1, -2), half)[..., 0])


def _pick(points: Floats, density: Floats, rng: np.random.Generator) -> Floats:
    """Draw one grid point per row by its log-density (Gumbel's trick)."""
    return np.asarray(points[np.argmax(density + rng.gumbel(size=density.shape), axis=1)])


def _truncated(centre: Floats, sd: Floats, lower: Floats, upper: Floats, rng: np.random.Generator) -> Floats:
    """Draw normals between two bounds, from the nearer tail so that far intervals keep their digits."""
    low, high = (lower - centre) / sd, (upper - centre) / sd
    flip = low > 0
    low, high = np.where(flip, -high, low), np.where(flip, -low, high)
    below, above = ndtr(low), ndtr(high)
    chance = below + rng.random(centre.shape) * (above - below)
    value = ndtri(np.clip(chance, 1e-300, 1 - 1e-16))
    value = np.clip(value, low, high)
    return np.asarray(centre + sd * np.where(flip, -value, value))
