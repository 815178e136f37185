r"""The link between a judge's effects now and at an earlier occasion, learned from the judges of both.

In units of its spread an effect now is ``x = rho y + sqrt(1 - rho^2) z``, with ``y`` the same judge's effect at the
earlier occasion and ``z`` independent of it. Of ``y`` the earlier scoresheets give a mean and a covariance. Where the
judges of both occasions have nothing in common, rho is near zero and the earlier scoresheets teach nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from judging.calibration.ratings import Floats, Ints

_STRENGTHS = np.linspace(0.0, 0.98, 50)
"""Values of rho that are averaged over, all equally likely beforehand where the occasions are linked at all."""

_LINKED = 0.2
"""Probability beforehand that the occasions are linked at all; otherwise rho is zero for all kinds of effects."""

_LEAST_KNOWN = 0.1
"""Share of an effect's variance then that its scoresheets tell, below which they count as telling nothing."""

_MOST_JOINT = 60
"""Judges up to which the strength of a link is judged with the covariances between judges."""


@dataclass(frozen=True, kw_only=True)
class Link:
    """Posterior mean and mean square of one strength rho."""

    mean: float = _LINKED * float(_STRENGTHS.mean())
    square: float = _LINKED * float((_STRENGTHS**2).mean())


@dataclass(frozen=True, eq=False, kw_only=True)
class EarlierEffect:
    """One kind of effect at the earlier occasion, of the judges who are here again, in units of its spread then.

    Attributes
    ----------
    mean : ndarray of shape (n_linked,)
    covariance : ndarray of shape (n_linked, n_linked), or (n_linked,) for variances
    """

    mean: Floats
    covariance: Floats


@dataclass(frozen=True, eq=False, kw_only=True)
class EarlierJudges:
    """What earlier occasions say about the judges of this one.

    Attributes
    ----------
    judge : ndarray of shape (n_linked,)
        Codes of the judges who are here again.
    severity, scale_use, consistency : EarlierEffect
        The second and third of the logarithms.
    """

    judge: Ints
    severity: EarlierEffect
    scale_use: EarlierEffect
    consistency: EarlierEffect


@dataclass(frozen=True, kw_only=True)
class Links:
    """The strengths of the links of severity, scale use and consistency."""

    severity: Link = Link()
    scale_use: Link = Link()
    consistency: Link = Link()

    @classmethod
    def learned(cls, severity: Floats, scale_use: Floats, consistency: Floats) -> Links:
        """Average over all strengths, given the log-likelihood of each, (n_strengths,), by kind of effect."""
        kinds = (severity, scale_use, consistency)
        # Beside rho = 0, the mean likelihood over all strengths; of kinds together, because judges are alike or not.
        gain = sum(float(np.log(np.exp(kind - kind.max()).mean()) + kind.max() - kind[0]) for kind in kinds)
        linked = float(expit(gain + np.log(_LINKED / (1.0 - _LINKED))))
        return cls(
            **dict(
                zip(("severity", "scale_use", "consistency"), (_average(kind, linked) for kind in kinds), strict=True)
            )
        )

    def distance(self, other: Links) -> float:
        """Largest change of a strength."""
        return max(
            abs(self.severity.mean - other.severity.mean),
            abs(self.scale_use.mean - other.scale_use.mean),
            abs(self.consistency.mean - other.consistency.mean),
        )


@dataclass(frozen=True, eq=False)
class EarlierKnowledge:
    """What is known of effects ``x`` beyond their prior: the factor ``exp(-x' precision x / 2 + pull' x)``."""

    precision: Floats
    pull: Floats


def memory_of(effect: EarlierEffect, link: Link) -> EarlierKnowledge:
    """Return what an earlier occasion says about the effects now, beyond that they are drawn from N(0, 1)."""
    if effect.covariance.ndim == 1:
        known = 1.0 - effect.covariance
        spread = 1.0 - link.square * np.where(known < _LEAST_KNOWN, 0.0, known)
        return EarlierKnowledge(
            1.0 / spread - 1.0, np.where(known < _LEAST_KNOWN, 0.0, link.mean * effect.mean / spread)
        )
    # What is not known of the strength is a part of the uncertainty.
    loose = link.square - link.mean**2
    one = np.eye(len(effect.mean))
    joint = (1.0 - link.square) * one + link.square * effect.covariance + loose * np.outer(effect.mean, effect.mean)
    inverse = np.linalg.inv(joint)
    return EarlierKnowledge(inverse - one, link.mean * inverse @ effect.mean)


def likelihood_from_posterior(
    effect: EarlierEffect, memory: EarlierKnowledge, mean: Floats, covariance: Floats
) -> Floats:
    """Log-likelihood of every strength, from the posterior of the effects now without ``memory``, a part of it."""
    if len(mean) > _MOST_JOINT or effect.covariance.ndim == 1:
        own = np.diag(covariance)
        remembered = memory.precision if memory.precision.ndim == 1 else np.diag(memory.precision)
        known = np.maximum(1.0 / own - remembered - 1.0, 1e-6)
        then = effect.covariance if effect.covariance.ndim == 1 else np.diag(effect.covariance)
        return likelihood_from_estimates(
            EarlierEffect(mean=effect.mean, covariance=then), (mean / own - memory.pull) / known, 1.0 / known
        )
    one = np.eye(len(mean))
    inverse = np.linalg.inv(covariance)
    known, pull = inverse - memory.precision - one, inverse @ mean - memory.pull
    rho = _STRENGTHS[:, None, None]
    prior = (1.0 - rho**2) * one + rho**2 * effect.covariance
    at = _STRENGTHS[:, None] * effect.mean
    whole = one + prior @ known
    rest = pull - at @ known
    through = np.linalg.solve(whole, (prior @ rest[..., None]))[..., 0]
    log_weight = -0.5 * np.linalg.slogdet(whole)[1]
    log_weight += (at * (pull - 0.5 * at @ known)).sum(axis=1) + 0.5 * (rest * through).sum(axis=1)
    return np.asarray(log_weight)


def likelihood_from_estimates(effect: EarlierEffect, estimate: Floats, variance: Floats) -> Floats:
    """Log-likelihood of every strength, from independent estimates of the effects now, in units of their spread."""
    rho = _STRENGTHS[:, None]
    spread = 1.0 - rho**2 * (1.0 - effect.covariance) + variance
    return np.asarray(-0.5 * (np.log(spread) + (estimate - rho * effect.mean) ** 2 / spread).sum(axis=1))


def _average(log_likelihood: Floats, linked: float) -> Link:
    weight = np.exp(log_likelihood - log_likelihood.max())
    weight *= linked / weight.sum()
    return Link(mean=float(weight @ _STRENGTHS), square=float(weight @ _STRENGTHS**2))
