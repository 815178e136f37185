"""Explanations in words: the amounts that a sentence names are those of its term."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from judging.calibration.answers.terms import KINDS
from judging.calibration.build_report import build_report
from judging.calibration.explanation.explanation import explain, explain_all
from judging.calibration.explanation.sentences import say
from judging.calibration.explanation.term_sentences import TermSentences
from judging.calibration.fit import fit
from judging.calibration.settings import MODELS, Settings
from judging.calibration.simulate import ratings_of, simulate
from judging.calibration.truths import Design
from judging.calibration.values import rounded
from tests.calibration.explanation.test_explanation import scored, simulated
from tests.support.optional import present


def test_steps_lead_from_raw_mean_to_calibrated_score() -> None:
    explanation = present(explain(fit(simulated(), Settings(model="hierarchical")), 10))
    steps = explanation.steps()
    assert steps[0].start == explanation.raw
    assert steps[-1].stop == pytest.approx(explanation.calibrated, abs=1e-9)
    assert [step.stop for step in steps[:-1]] == [step.start for step in steps[1:]]
    assert [step.judge for step in steps][:3] == sorted({term.judge for term in explanation.terms if term.judge})
    assert [term for step in steps for term in step.terms] == list(explanation.terms)


def test_every_kind_of_term_has_a_sentence_with_its_amount() -> None:
    ratings = simulated()
    opened = replace(
        ratings, score=np.where(np.random.default_rng(0).random(ratings.score.shape) < 0.1, np.nan, ratings.score)
    )
    drifting = Design(n_proposals=30, n_judges=8, n_cities=1, n_categories=1, categories_per_judge=1, drift_spread=2.0)
    changed = ratings_of(simulate(drifting, rng=np.random.default_rng(1)))
    seen = set()
    for of, model in [*((opened, model) for model in MODELS), (changed, "hierarchical")]:
        for explanation in scored(explain_all(fit(of, Settings(model=model)))):
            shown = [float(str(term.text).rsplit(": ", 1)[1]) for term in explanation.terms]
            for term, amount in zip(explanation.terms, shown, strict=True):
                seen.add(term.kind)
                # Some are rounded the other way, so that what is displayed adds up.
                assert abs(amount - term.amount) < 0.01 + 1e-9
            assert sum(shown) == pytest.approx(rounded(explanation.calibrated, 2) - rounded(explanation.raw, 2))
    assert seen == set(KINDS)


@pytest.mark.parametrize("percent", [False, True])
@pytest.mark.parametrize("model", list(MODELS))
def test_a_stored_explanation_is_said_in_the_same_words(model: str, percent: bool) -> None:
    ratings = simulated(n_proposals=20, n_judges=8)
    report = build_report(fit(ratings.to_percent() if percent else ratings, Settings(model=model)))
    for row in report.proposals:
        explanation = present(row.explanation)
        move, terms = say(report, explanation, proposal_city=row.city)
        assert move == explanation.text
        assert terms == [term.text for term in explanation.terms]
        assert explanation.raw == row.raw


def test_explanations_are_left_out_of_a_report_on_request() -> None:
    fitted = fit(simulated(n_proposals=12), Settings(model="mixed"))
    assert build_report(fitted, explained=False).proposals[0].explanation is None
    assert build_report(fitted).proposals[0].explanation is not None


def test_rasch_says_how_strict_a_judge_is_with_this_proposal() -> None:
    ratings = simulated("ceiling", n_proposals=40, n_judges=12)
    fitted = fit(ratings, Settings(model="rasch"))
    report = build_report(fitted)
    words = {True: "stricter", False: "more generous"}
    seen = 0
    for row, explanation in zip(report.proposals, scored(explain_all(fitted)), strict=True):
        of_severity = [term for term in explanation.terms if term.kind in ("severity", "city_severity")]
        for term in of_severity:
            # A judge's severity in points is divided by the number of scoresheets, nothing else: words and term agree.
            assert term.value == pytest.approx(term.amount * explanation.n_sheets)
            assert words[term.value >= 0] in term.text
            assert "of this level" in term.text
            seen += 1
        said = say(report, present(row.explanation), proposal_city=row.city)[1]
        assert [str(sentence) for sentence in said] == [str(term.text) for term in explanation.terms]
    assert seen > 100


def test_an_older_run_of_rasch_says_the_same() -> None:
    fitted = fit(simulated("ceiling", n_proposals=40, n_judges=12), Settings(model="rasch"))
    report = build_report(fitted)
    row = report.proposals[0]
    explanation = present(row.explanation)
    # Before, the value was the severity with an average proposal, for which sign and size could differ.
    terms = tuple(
        replace(term, value=-9.0) if term.kind in ("severity", "city_severity") else term for term in explanation.terms
    )
    assert say(report, replace(explanation, terms=terms), proposal_city=row.city) == say(
        report, explanation, proposal_city=row.city
    )


@pytest.mark.parametrize(("raw", "calibrated"), [(60.04, 61.06), (60.06, 61.04), (59.96, 60.04), (60.95, 61.04)])
def test_the_move_in_words_is_the_difference_of_the_scores_in_words(raw: float, calibrated: float) -> None:
    sentence = TermSentences({}, 1).of_move(raw, calibrated)
    gap = round(float(sentence.values["calibrated"]) - float(sentence.values["raw"]), 6)
    assert float(sentence.values["move"]) == gap
