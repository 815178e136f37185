from typing import Any

import pytest

from judging.calibration.diagnostics.judge_sentences import points, sentences_of
from judging.calibration.report.judges import JudgeResult
from tests.support.reports import judge_result


def a_judge(**changes: Any) -> JudgeResult:
    columns: dict[str, Any] = {"n_sheets": 15, "severity": 0.3, "low": -1.0, "high": 1.6}
    for name, value in changes.items():
        columns |= {f"{name}{end}": part for end, part in value.items()} if isinstance(value, dict) else {name: value}
    return judge_result(**columns)


def between(estimate: float, low: float, high: float) -> dict[str, float]:
    return {"": estimate, "_error": (high - low) / 3.29, "_low": low, "_high": high}


def said(**changes: Any) -> list[str]:
    return [str(message) for _, message in sentences_of(a_judge(**changes))]


def test_severity_is_read_in_points_and_only_when_it_is_clear() -> None:
    assert said() == ["no clear difference in severity from the panel"]
    assert said(severity=4.2, low=2.0, high=6.4) == ["about 4 points stricter than the panel"]
    assert said(severity=-2.24, low=-3.0, high=-1.5) == ["about 2.2 points more generous than the panel"]
    assert said(severity=4.2, low=None, high=None) == ["severity cannot be estimated"]
    assert said(severity=None, low=None, high=None) == []


def test_a_judge_without_sheets_has_not_scored_yet() -> None:
    assert said(n_sheets=0, severity=None) == ["has not scored yet"]


def test_fewer_than_five_sheets_tell_nothing_of_scale_use_and_consistency() -> None:
    wide = between(1.4, 1.2, 1.6)
    assert said(n_sheets=4, scale_use=wide, consistency=wide)[1:] == [
        "scale use and consistency cannot be estimated: fewer than 5 sheets"
    ]


def test_scale_use() -> None:
    assert said(scale_use=between(0.7, 0.5, 0.9))[1:] == ["uses less of the scale than the panel"]
    assert said(scale_use=between(1.3, 1.1, 1.5))[1:] == ["uses more of the scale than the panel"]
    assert said(scale_use=between(1.1, 0.9, 1.3))[1:] == []


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (3.0, "far less consistent than the panel: hardly counts"),
        (2.0, "far less consistent than the panel: weighted a quarter"),
        (1.7, "less consistent than the panel: weighted a third"),
        (1.4, "less consistent than the panel: weighted half"),
        (1.25, "less consistent than the panel: weighted two thirds"),
        (1.1, "somewhat less consistent than the panel: weighted slightly less"),
        (0.9, "somewhat more consistent than the panel: weighted slightly more"),
        (0.8, "more consistent than the panel: weighted one and a half times"),
        (0.7, "more consistent than the panel: weighted double"),
        (0.64, "more consistent than the panel: weighted 2.4 times"),
        (0.5, "more consistent than the panel: weighted 4.0 times"),
    ],
)
def test_consistency_says_what_becomes_of_the_weight(factor: float, words: str) -> None:
    clear = between(factor, factor - 0.05, factor + 0.05)
    assert said(consistency=clear)[1:] == [words]


def test_drift_is_told_only_when_it_is_more_than_chance_among_many_judges() -> None:
    assert said(drift={"": 2.0, "_error": 1.0, "_low": 0.4, "_high": 3.6})[1:] == []
    assert said(drift={"": 3.0, "_error": 1.0, "_low": 1.4, "_high": 4.6})[1:] == [
        "grew about 3 points stricter from the first sheet to the last"
    ]


def test_home_infit_and_extreme_sheets() -> None:
    assert said(home=between(2.0, 1.0, 3.0))[1:] == ["gives the own city about 2.0 points more"]
    assert said(infit={"": 1.8, "_error": 0.1, "_z": 5.0})[1:] == [
        "varies more around the expected scores than the panel (infit 1.80)"
    ]
    assert said(extreme_share=0.4)[1:] == ["40 % of the sheets lie wholly at one end of the scale"]


def test_points_are_whole_from_three() -> None:
    assert [points(value) for value in (4.4, 2.96, -0.31, 0.04)] == ["4", "3.0", "0.3", "0.04"]


def test_every_reading_can_be_said_in_another_language() -> None:
    for _, message in sentences_of(a_judge(severity=4.2, low=2.0, high=6.4, extreme_share=0.5)):
        assert message.template.format(**message.values) == str(message)
