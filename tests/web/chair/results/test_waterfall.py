"""The waterfall of one proposal: the bars sum to the move, and labels are names, not keys."""

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from flask import Flask

from judging.calibration.build_report import build_report
from judging.calibration.coding import ratings_from_sheets
from judging.calibration.fit import fit
from judging.calibration.report.proposals import ExplanationTerm, ProposalExplanation, ProposalResult
from judging.calibration.report.shortlist import CarriedSource
from judging.calibration.report.whole import Report
from judging.calibration.settings import Settings
from judging.web.chair.results.waterfall import Waterfall, waterfall_of
from judging.web.showing import number, signed
from tests.support.optional import present
from tests.support.reports import small_report

SCORES = {
    ("P1", "J1"): 80.0,
    ("P1", "J2"): 60.0,
    ("P2", "J1"): 70.0,
    ("P2", "J3"): 62.0,
    ("P3", "J2"): 40.0,
    ("P3", "J3"): 55.0,
    ("P4", "J1"): 66.0,
    ("P4", "J2"): 41.0,
}
CITIES = {"J1": "hk", "J2": "sh", "J3": "sh"}
NUMBER = re.compile(r"\d+(?:\.\d+)?")


def as_number(text: str) -> float:
    """Read a number as a page shows it."""
    return float(text.replace("\N{MINUS SIGN}", "-"))


def all_terms(shown: Waterfall) -> str:
    """Return the sentences of the full sum."""
    return "\n".join(sentence for bar in shown.bars for sentence, _ in bar.terms)


def result_of(model: str) -> Report:
    ratings = ratings_from_sheets(
        [proposal for proposal, _ in SCORES],
        [judge for _, judge in SCORES],
        score=list(SCORES.values()),
        minimum=0.0,
        maximum=100.0,
        proposal_city={"P1": "hk", "P2": "sh", "P3": "sh", "P4": "hk"},
        judge_city=CITIES,
    )
    return build_report(fit(ratings, Settings(model=model)))


def explained(terms: tuple[ExplanationTerm, ...], *, n_sheets: int, city: str | None = None) -> ProposalResult:
    """A proposal with the raw mean 60 and these terms."""
    move = sum(term.amount for term in terms)
    explanation = ProposalExplanation(
        raw=60.0, calibrated=60.0 + move, move=move, n_sheets=n_sheets, text="", terms=terms
    )
    return ProposalResult(proposal="P1", city=city, explanation=explanation)


@pytest.mark.parametrize("model", ["additive", "mixed", "hierarchical"])
def test_bars_lead_from_the_raw_mean_to_the_calibrated_score(app: Flask, model: str) -> None:
    result = result_of(model)
    with app.test_request_context():
        for row in result.proposals:
            shown = present(waterfall_of(result, row, names={}, cities={}, criteria={}))
            assert shown.bars[0].start == row.raw
            assert [bar.start for bar in shown.bars[1:]] == [bar.stop for bar in shown.bars[:-1]]
            assert abs(shown.bars[-1].stop - (row.calibrated or 0.0)) < 1e-9


def test_judges_and_cities_are_shown_by_name(app: Flask) -> None:
    result = result_of("mixed")
    row = result.proposals[0]
    with app.test_request_context(headers={"Accept-Language": "zh-HK"}):
        shown = waterfall_of(result, row, names={"J1": "Judge One"}, cities={"hk": "香港", "sh": "上海"}, criteria={})
    assert shown is not None
    assert [bar.judge for bar in shown.bars[:2]] == ["Judge One", "J2"]
    assert "香港" in all_terms(shown)
    assert " hk" not in all_terms(shown)


def test_criteria_are_shown_by_name(app: Flask) -> None:
    term = ExplanationTerm(judge=None, kind="proposal_criterion", criterion="data-use", value=0.4, amount=-0.5, text="")
    row = explained((term,), n_sheets=3)
    with app.test_request_context():
        shown = waterfall_of(result_of("mixed"), row, names={}, cities={}, criteria={"data-use": "Use of open data"})
    assert "difference on Use of open data alone" in all_terms(present(shown))
    assert "data-use" not in all_terms(present(shown))


def test_a_result_without_explanations_has_no_waterfall(app: Flask) -> None:
    with app.test_request_context():
        assert waterfall_of(small_report(), ProposalResult(proposal="A"), names={}, cities={}, criteria={}) is None


def test_a_judge_has_one_bar_with_the_net_effect_and_a_reported_home_city_effect_another(app: Flask) -> None:
    kinds = [("severity", "J1", -2.0), ("severity", "J2", 0.01), ("home_city", "J1", -0.3), ("home_city", "J2", 0.1)]
    kinds.append(("scale_use", "J1", 0.5))
    terms = tuple(
        ExplanationTerm(judge=judge, kind=kind, criterion=None, value=4.0, amount=amount, text="")
        for kind, judge, amount in kinds
    )
    result = result_of("mixed")
    report_policy = replace(result, settings=replace(result.settings, home_city="report"))
    row = explained(terms, n_sheets=2, city="hk")
    with app.test_request_context():
        shown = present(waterfall_of(report_policy, row, names={}, cities={}, criteria={}))
    assert [(bar.judge, round(bar.amount, 6)) for bar in shown.bars] == [("J1", -1.5), ("J2", 0.01), (None, -0.2)]
    assert [bar.text for bar in shown.bars[:2]] == ["about 4.0 points stricter than the panel"] * 2
    assert "The advantage of the own city stays in the scores" in shown.bars[2].text
    assert [amount for _, amount in shown.bars[0].terms] == [-2.0, 0.5]
    assert "\N{MINUS SIGN}2.0" in shown.bars[0].terms[0][0]


@pytest.mark.parametrize("model", ["additive", "mixed", "hierarchical"])
def test_the_steps_add_up_as_they_are_displayed(app: Flask, model: str) -> None:
    result = result_of(model)
    with app.test_request_context():
        for row in result.proposals:
            shown = present(waterfall_of(result, row, names={}, cities={}, criteria={}))
            displayed = [float(signed(bar.shown).replace("\N{MINUS SIGN}", "-")) for bar in shown.bars]
            after = [float(number(value)) for value in (shown.raw, *(bar.after for bar in shown.bars))]
            assert [round(b - a, 6) for a, b in pairwise(after)] == displayed
            assert number(shown.calibrated) == number(shown.bars[-1].after)
            assert as_number(signed(shown.move)) == pytest.approx(sum(displayed))
            for bar in shown.bars:
                assert sum(amount for _, amount in bar.terms) == pytest.approx(bar.shown)
            # The letter has the same sum: every line but the first ends with its points.
            told = [as_number(line.rpartition(" ")[2]) for line in shown.for_team.splitlines()[1:]]
            assert sum(told) == pytest.approx(sum(displayed))


@pytest.mark.parametrize("model", ["raw", "zscore", "additive", "mixed", "hierarchical", "rasch"])
def test_the_letter_names_no_judge_and_no_weight(app: Flask, model: str) -> None:
    """Three marks of ten have no room above them; what the model puts behind them is nothing for a letter."""
    scores = {**SCORES, **{("P9", judge): 100.0 for judge in CITIES}}
    result = build_report(
        fit(
            ratings_from_sheets(
                [proposal for proposal, _ in scores],
                [judge for _, judge in scores],
                score=list(scores.values()),
                minimum=0.0,
                maximum=100.0,
                step=1.0,
                proposal_city=dict.fromkeys((proposal for proposal, _ in scores), "hk"),
                judge_city=CITIES,
            ),
            Settings(model=model),
        )
    )
    names = {"J1": "Judge One", "J2": "Judge Two", "J3": "Judge Three"}
    with app.test_request_context():
        for row in result.proposals:
            shown = waterfall_of(result, row, names=names, cities={}, criteria={})
            if shown is None:
                continue
            for text in (shown.for_team, shown.summary):
                assert not [name for name in (*names, *names.values()) if name in text]
                assert "%" not in text
            # Beyond the two scores there is no number but the points of each cause.
            for line in shown.for_team.splitlines()[1:]:
                assert len(NUMBER.findall(line)) == 1


def test_the_sentence_says_what_moved_it_that_way(app: Flask) -> None:
    causes = (("severity", "J1", 6.0, 12.0), ("consistency", "J2", 3.0, 0.2), ("shrinkage", None, -2.0, 0.9))
    terms = tuple(
        ExplanationTerm(judge=judge, kind=kind, criterion=None, value=value, amount=amount, text="")
        for kind, judge, amount, value in causes
    )
    with app.test_request_context():
        row = explained(terms, n_sheets=3)
        shown = present(waterfall_of(result_of("mixed"), row, names={}, cities={}, criteria={}))
    assert shown.summary == (
        "Up 7.0: its judges mark more strictly than the panel, and the judge who thought least of it is less "
        "consistent and counts less."
    )


def test_a_carried_score_is_the_last_step(app: Flask) -> None:
    result = result_of("mixed")
    carried = replace(
        result, carried=CarriedSource(round="first-screening", run=3, result_digest="0" * 64, weight=25.0)
    )
    row = result.proposals[0]
    calibrated = present(row.calibrated)
    row = replace(row, carried=80.0, combined=0.25 * 80.0 + 0.75 * calibrated)
    with app.test_request_context():
        assert present(waterfall_of(result, row, names={}, cities={}, criteria={})).carried is None
        shown = present(waterfall_of(carried, row, names={}, cities={}, criteria={}))
    bar = present(shown.carried)
    assert (bar.start, bar.stop) == (calibrated, row.combined)
    assert number(shown.calibrated + bar.shown) == number(bar.after) == number(row.combined)
    assert shown.for_team.endswith(f"The score of first-screening, 80.0, counts 25 %: {signed(bar.shown)}")
