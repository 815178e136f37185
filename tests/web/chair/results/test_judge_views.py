"""Judges, one quantity a view: pictures, sentences, and the judges with a lower weight in the model."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session

from judging.calibration.diagnostics.judge_sentences import sentences_of
from judging.calibration.report.agreement import AgreementCoefficient, AgreementResult
from judging.calibration.report.judges import JudgeResult, JudgeSentence, UnexpectedResult
from judging.services.competitions.definitions import rules_of
from judging.services.decisions.proposals import JudgeSheet
from judging.services.runs import calibrating
from judging.web.chair.results.disagreement import disagreements_of
from judging.web.chair.results.judge_views import VIEWS, distrusted, view_of
from judging.web.words.wording import coefficient, reliability
from tests.support.event import AT, COMPETITION, ROUND, make_event, sign_in
from tests.support.reports import judge_result

PAGE = f"/chair/{COMPETITION}/{ROUND}/judges"


def test_every_view_has_a_page_that_names_its_quantity(client: FlaskClient, session: Session) -> None:
    event = make_event(session)
    calibrating.calibrate(session, event.actor(session, "chair"), COMPETITION, ROUND, at=AT + timedelta(days=1))
    session.commit()
    sign_in(client, event.people["chair"])
    for view in VIEWS:
        page = client.get(f"{PAGE}?show={view.key}").get_data(as_text=True)
        with client.application.test_request_context():
            assert f'<h2 id="views">{view.name()}</h2>' in page
    assert '<h2 id="views">Severity</h2>' in client.get(f"{PAGE}?show=nonsense").get_data(as_text=True)


@pytest.mark.parametrize(
    ("values", "is_clear"),
    [((1.4, 1.1, 1.7), True), ((1.4, 0.9, 1.9), False), ((0.5, 0.3, 0.8), True), ((None, None, None), False)],
)
def test_scale_use_is_compared_with_one(values: tuple[float | None, ...], *, is_clear: bool) -> None:
    named = dict(zip(("scale_use", "scale_use_low", "scale_use_high"), values, strict=True))
    assert view_of("scale-use").figure_of(worded(judge_result(**named)), reach=1.6).is_clear == is_clear


def worded(judge: JudgeResult) -> JudgeResult:
    """The same judge with the sentences of a run."""
    return replace(
        judge,
        readings=tuple(
            JudgeSentence(about=about, text=str(message), template=message.template, values=message.values)
            for about, message in sentences_of(judge)
        ),
    )


@pytest.mark.parametrize(("low", "high", "is_clear"), [(5.5, 42.0, False), (15.0, 32.4, True)])
def test_a_drift_is_drawn_as_clear_where_it_is_put_in_words(low: float, high: float, *, is_clear: bool) -> None:
    middle = (low + high) / 2
    judge = worded(judge_result(drift=middle, drift_error=(high - low) / 3.29, drift_low=low, drift_high=high))
    view = view_of("drift")
    assert view.figure_of(judge, reach=1.6).is_clear == is_clear
    assert any(sentence.about in view.about for sentence in judge.readings) == is_clear


def test_fit_shows_the_expected_range_of_the_mean_square() -> None:
    view = view_of("fit")
    figure = view.figure_of(worded(judge_result(infit=1.5, infit_error=0.2, infit_z=2.7, outfit=1.7)), reach=2.0)
    assert (figure.low, figure.high, figure.second, figure.is_clear) == (0.6, 1.4, 1.7, True)
    assert not view.figure_of(worded(judge_result(infit=1.3, infit_error=0.2, infit_z=1.5)), reach=2.0).is_clear


def test_only_a_clearly_inconsistent_judge_has_a_lower_weight() -> None:
    noisy = JudgeSentence(about="consistency", text="less", template="less", values={})
    strict = JudgeSentence(about="severity", text="stricter", template="stricter", values={})
    judges = [
        judge_result(
            "J1",
            consistency_low=1.2,
            readings=(
                strict,
                noisy,
            ),
        ),
        judge_result("J2", consistency_low=0.4, readings=(noisy,)),
        judge_result("J3", readings=(strict,)),
    ]
    assert [(judge.judge, why) for judge, why in distrusted(judges)] == [("J1", [noisy])]


def test_reliability_in_words(app: Flask) -> None:
    unknown = AgreementCoefficient(estimate=None, low=None, high=None)
    agreement = AgreementResult(
        readings=3.0,
        relative=AgreementCoefficient(estimate=0.68, low=None, high=None),
        absolute=unknown,
        icc_1=unknown,
        icc_c1=unknown,
        icc_a1=unknown,
        alpha=unknown,
        alpha_by_criterion={},
        target=0.8,
        judges_for_target=5,
        judges_for_target_absolute=None,
        table=(),
    )
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert reliability(agreement) == [
            "With 3 judges a proposal the ranking's reliability is 0.68.",
            "5 judges a proposal would bring it to 0.8.",
        ]
        for nothing in (replace(agreement, relative=unknown), None):
            assert reliability(nothing) == ["The reliability of the ranking cannot be estimated from these scores."]


def test_an_unexpected_score_is_marked_unless_changed_since_the_run(app: Flask, session: Session) -> None:
    rules = rules_of(make_event(session, n_proposals=4, scored=False).round_row)
    first, second = rules.rubric.criteria[:2]
    sheets = [
        JudgeSheet("J01", "Judge 01", "hk", "submitted", scores={first.key: 9.0, second.key: 4.0}),
        JudgeSheet("J02", "Judge 02", "sh", "submitted", scores={first.key: 3.0, second.key: 5.0}),
        JudgeSheet("J03", "Judge 03", "sh", "draft"),
    ]
    score = first.scale.to_hundred(9.0)
    entry = UnexpectedResult(proposal="P001", judge="J01", criterion=first.key, score=score, expected=40.0, z=5.0)
    with app.test_request_context(headers={"Accept-Language": "en"}):
        disagreements = disagreements_of(rules, sheets, [entry], "P001")
        assert disagreements.higher == {("J01", first.key): True}
        assert disagreements.sentences[0].endswith("from 3 (Judge 02) to 9 (Judge 01).")
        assert disagreements.sentences[1].startswith("Judge 01 gave 9 for")
        changed = disagreements_of(rules, sheets, [replace(entry, score=score - 5)], "P001")
        other = disagreements_of(rules, sheets, [entry], "P002")
        assert (changed.higher, other.higher) == ({}, {})


def test_a_number_of_judges_and_the_table_beside_it_agree(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        # .7961 with five judges would be rounded to the .80 that takes six.
        assert [coefficient(value, 0.8) for value in (0.7961, 0.799996, 0.8, 0.8241, 0.51, None)] == [
            "0.796",
            "0.799996",
            "0.80",
            "0.82",
            "0.51",
            "–",
        ]
