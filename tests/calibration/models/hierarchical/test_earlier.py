"""Earlier scoresheets of the same judges in the fit of `hierarchical`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from judging.calibration.coding import ratings_from_sheets
from judging.calibration.explanation.explanation import explain_all
from judging.calibration.fit import fit
from judging.calibration.models.hierarchical.earlier_occasions.links import (
    EarlierEffect,
    Link,
    Links,
    likelihood_from_estimates,
    likelihood_from_posterior,
    memory_of,
)
from judging.calibration.ratings import Floats, Occasion, Ratings
from judging.calibration.settings import Settings

N_JUDGES = 10


def a_round(
    seed: int, severity: Floats, *, n: int = 24, readings: int = 2, criteria: tuple[str, ...] = ("a", "b")
) -> Ratings:
    """Draw marks of judges with these severities."""
    rng = np.random.default_rng(seed)
    pairs = [(i, j) for i in range(n) for j in rng.permutation(len(severity))[:readings]]
    quality = rng.normal(0.0, 1.0, n)
    score = [
        np.clip(
            np.round(6.0 + quality[i] - severity[j] + rng.normal(0, 0.4) + rng.normal(0, 0.5, len(criteria))), 1, 10
        )
        for i, j in pairs
    ]
    return ratings_from_sheets(
        [f"P{i:02d}" for i, _ in pairs],
        [f"J{j}" for _, j in pairs],
        score=score,
        criteria=criteria,
        minimum=1.0,
        maximum=10.0,
        step=1.0,
    )


@pytest.fixture(scope="module")
def severity() -> Floats:
    """Return severities of the judges of all rounds."""
    return np.linspace(-1.5, 1.5, N_JUDGES)[np.random.default_rng(0).permutation(N_JUDGES)]


@pytest.fixture(scope="module")
def now(severity: Floats) -> Ratings:
    """Return a round with little data on every judge."""
    return a_round(1, severity)


def first(ratings: Ratings, kind: str = "round", name: str = "first") -> Occasion:
    return Occasion(kind=kind, name=name, ratings=ratings)


def test_judges_who_are_alike_teach_much_and_the_note_says_how_many_and_how_alike(
    now: Ratings, severity: Floats
) -> None:
    alone = fit(now, Settings())
    before = a_round(2, severity, n=60, criteria=("other",))
    linked = fit(replace(now, earlier=(first(before),)), Settings())
    (use,) = linked.earlier
    assert (use.kind, use.name, use.n_sheets, use.n_judges, use.digest) == ("round", "first", 120, 10, before.digest)
    assert use.link is not None
    assert use.link > 0.7
    assert alone.severity is not None
    assert linked.severity is not None
    assert alone.severity_error is not None
    assert linked.severity_error is not None
    truth = severity - severity.mean()
    assert np.abs(linked.severity - truth).mean() < np.abs(alone.severity - truth).mean()
    assert (linked.severity_error < alone.severity_error).all()
    assert linked.ratings.proposals == now.proposals
    said = [str(note) for note in linked.notes]
    assert "120 scoresheets of the earlier round first count for what they say about 10 of the judges." in said
    assert f"Judges were about as strict as in first: the link is {use.link:.1f} of 1." in said
    assert alone.earlier == ()


def test_judges_who_are_not_alike_teach_little(now: Ratings, severity: Floats) -> None:
    strangers = severity[np.random.default_rng(5).permutation(N_JUDGES)]
    assert abs(np.corrcoef(strangers, severity)[0, 1]) < 0.3
    alone = fit(now, Settings())
    fitted = fit(replace(now, earlier=(first(a_round(3, strangers, n=60)),)), Settings())
    (use,) = fitted.earlier
    assert use.link is not None
    assert use.link < 0.3
    assert np.abs(fitted.calibrated - alone.calibrated).max() < 0.25


def test_severity_is_remembered_over_an_occasion_without_the_judge(now: Ratings, severity: Floats) -> None:
    anchor = a_round(2, severity, n=80)
    between = a_round(4, severity, n=60)
    kept = between.judge != between.judges.index("J0")
    between = replace(
        between,
        **{name: getattr(between, name)[kept] for name in ("proposal", "judge", "score", "scored_at")},
    )
    occasions = (first(anchor, "anchor", "practice"), first(between))
    fitted = fit(replace(now, earlier=occasions), Settings())
    without = fit(replace(now, earlier=occasions[1:]), Settings())
    assert [use.n_judges for use in fitted.earlier] == [10, 9]
    assert all(use.link is not None and use.link > 0.6 for use in fitted.earlier)
    code = now.judges.index("J0")
    assert fitted.severity_error is not None
    assert without.severity_error is not None
    assert fitted.severity_error[code] < without.severity_error[code]


def test_explanations_still_add_up(now: Ratings, severity: Floats) -> None:
    fitted = fit(replace(now, earlier=(first(a_round(2, severity)),)), Settings())
    for code, explanation in enumerate(explain_all(fitted)):
        assert explanation is not None
        assert explanation.raw + sum(term.amount for term in explanation.terms) == pytest.approx(
            fitted.calibrated[code], abs=1e-9
        )


def test_occasions_that_say_nothing_change_nothing(now: Ratings, severity: Floats) -> None:
    alone = fit(now, Settings())
    equal = a_round(2, severity)
    equal = replace(equal, score=np.full_like(equal.score, 5.0))
    others = replace(a_round(2, severity), judges=tuple(f"K{code}" for code in range(N_JUDGES)))
    for occasion in (equal, others):
        fitted = fit(replace(now, earlier=(first(occasion),)), Settings())
        assert fitted.calibrated.tolist() == alone.calibrated.tolist()
        assert [use.link for use in fitted.earlier] == [None]
        assert any("The scoresheets of first do not count" in str(note) for note in fitted.notes)


def test_the_digest_names_the_earlier_scores_and_without_them_stays(now: Ratings, severity: Floats) -> None:
    before = a_round(2, severity)
    digests = {
        now.digest,
        replace(now, earlier=(first(before),)).digest,
        replace(now, earlier=(first(before, "anchor"),)).digest,
        replace(now, earlier=(first(a_round(3, severity)),)).digest,
    }
    assert len(digests) == 4
    assert replace(now, earlier=()).digest == now.digest


def test_other_models_say_that_they_do_not_use_earlier_scores(now: Ratings, severity: Floats) -> None:
    from judging.calibration.build_report import build_report

    report = build_report(
        fit(replace(now, earlier=(first(a_round(2, severity)),)), Settings(model="mixed", n_draws=100))
    )
    assert "The model `mixed` does not use earlier scoresheets: first." in report.notes
    assert report.earlier == ()


def normal(x: Floats, mean: Floats, covariance: Floats) -> float:
    """Log-density up to a constant."""
    away = x - mean
    return float(-0.5 * np.linalg.slogdet(covariance)[1] - 0.5 * away @ np.linalg.solve(covariance, away))


def test_memory_and_likelihood_are_those_of_the_joint_normal_distribution() -> None:
    rng = np.random.default_rng(8)
    root = rng.normal(0.0, 0.3, (3, 3))
    then = EarlierEffect(mean=rng.normal(size=3), covariance=root @ root.T + 0.1 * np.eye(3))
    memory = memory_of(then, Link(mean=0.8, square=0.64))
    precision = memory.precision + np.eye(3)
    expected = 0.36 * np.eye(3) + 0.64 * then.covariance
    assert np.linalg.inv(precision) == pytest.approx(expected, abs=1e-12)
    assert np.linalg.solve(precision, memory.pull) == pytest.approx(0.8 * then.mean, abs=1e-12)

    # Estimates now with noise: their posterior under any memory gives back the likelihood of every strength.
    estimate, noise = rng.normal(size=3), np.diag([0.2, 0.5, 0.9])
    covariance = np.asarray(np.linalg.inv(np.linalg.inv(noise) + precision), dtype=np.float64)
    mean = np.asarray(covariance @ (np.linalg.solve(noise, estimate) + memory.pull), dtype=np.float64)
    found = likelihood_from_posterior(then, memory, mean, covariance)
    strengths = np.linspace(0.0, 0.98, 50)
    direct = np.array(
        [
            normal(estimate, rho * then.mean, (1 - rho**2) * np.eye(3) + rho**2 * then.covariance + noise)
            for rho in strengths
        ]
    )
    assert found - found[0] == pytest.approx(direct - direct[0], abs=1e-9)
    thin = EarlierEffect(mean=then.mean, covariance=np.diag(then.covariance))
    alone = likelihood_from_estimates(thin, estimate, np.diag(noise))
    separate = np.array(
        [
            normal(estimate, rho * then.mean, np.diag((1 - rho**2) + rho**2 * thin.covariance + np.diag(noise)))
            for rho in strengths
        ]
    )
    assert alone - alone[0] == pytest.approx(separate - separate[0], abs=1e-9)


def test_links_without_evidence_are_those_of_the_prior() -> None:
    flat = np.zeros(50)
    assert Links.learned(flat, flat, flat).severity.mean == pytest.approx(Link().mean)
    against = -np.linspace(0.0, 20.0, 50)
    assert Links.learned(against, flat, flat).severity.mean < 0.05


def test_many_judges_are_solved_with_what_is_remembered_of_them() -> None:
    rng = np.random.default_rng(3)
    severity = rng.normal(0.0, 0.8, 220)
    now, before = a_round(11, severity, n=700), a_round(12, severity, n=700)
    assert now.n_judges * 3 > 600
    alone = fit(now, Settings())
    fitted = fit(replace(now, earlier=(first(before),)), Settings())
    (use,) = fitted.earlier
    assert use.link is not None
    assert use.link > 0.8
    truth = severity[[int(name[1:]) for name in now.judges]]
    assert alone.severity is not None
    assert fitted.severity is not None
    errors = [
        np.sqrt(np.mean((one - one.mean() - truth + truth.mean()) ** 2)) for one in (alone.severity, fitted.severity)
    ]
    assert errors[1] < 0.9 * errors[0]
