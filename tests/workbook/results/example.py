"""A small round with the difficult cases of a workbook: typed formulas, Chinese, a proposal without scores."""

import math
from datetime import UTC, datetime
from typing import Any

from judging.calibration.build_report import build_report
from judging.calibration.coding import ratings_from_rows
from judging.calibration.fit import fit
from judging.calibration.report.whole import Report
from judging.calibration.settings import Settings
from judging.rubric import Criterion, Rubric, Scale, Text
from judging.shortlist import ShortlistRule
from judging.workbook.results.book import JudgeFacts, ProposalFacts, ResultsBook, SheetFacts

RUBRIC = Rubric(
    (
        Criterion("data", Text("Use of data", "數據運用", "数据运用"), Text("d"), 70, Scale(1, 10, 0.5)),
        Criterion("value", Text("Social value", "社會價值", "社会价值"), Text("d"), 30, Scale(0, 5, 1)),
    )
)
TITLES = {
    "P1": '=HYPERLINK("http://evil.example")',
    "P2": "+1",
    "P3": "-2+3",
    "P4": "@SUM(A1)",
    "P5": "\t=1+1",
    "P6": "\r=1+1",
    "P7": "跨境巴士：實時到站預測",
    "P8": "Nobody read this one\x00\x1b",
}
CITY = {key: "hong-kong" if number % 2 else "shanghai" for number, key in enumerate(TITLES, 1)}
JUDGES = {f"J{number}": "hong-kong" if number <= 2 else "shanghai" for number in range(1, 5)}
MOMENT = "2023-07-16 14:05:22 (UTC+8)"


def score_of(proposal: int, judge: int) -> dict[str, float]:
    """Return made-up scores: later proposals are better, and the judges do not quite agree."""
    noise = (judge * proposal) % 3 + judge % 2
    return {"data": 1 + 0.5 * (2 * proposal + noise), "value": float(min((proposal + judge) // 2, 5))}


def sheets(*, left_open: tuple[str, str] | None = None) -> tuple[SheetFacts, ...]:
    """Return the scoresheets: all judges read all proposals but the last; one may leave a criterion open."""
    return tuple(
        SheetFacts(
            proposal=key,
            judge=judge,
            scores=scores,
            total=total_of(scores),
            comments={"data": "=cmd|' /C calc'!A1"} if (key, judge) == ("P1", "J1") else {},
            comment="數據來源清楚" if judge == "J2" else "",
            version=1,
            submitted_at=datetime(2023, 7, 3, 14, place, tzinfo=UTC).replace(tzinfo=None),
        )
        for place, key in enumerate(list(TITLES)[:7], 1)
        for number, judge in enumerate(JUDGES, 1)
        for scores in [_without_value(score_of(place, number), (key, judge) == left_open)]
    )


def _without_value(scores: dict[str, float], is_open: bool) -> dict[str, float]:
    return {"data": scores["data"]} if is_open else scores


def total_of(scores: dict[str, float]) -> float:
    """Return the total on 0..100 over the criteria that were scored."""
    held = [criterion for criterion in RUBRIC.criteria if criterion.key in scores]
    parts = [criterion.weight * criterion.scale.to_hundred(scores[criterion.key]) for criterion in held]
    return math.fsum(parts) / math.fsum(criterion.weight for criterion in held)


def report(model: str = "mixed", *, scoresheets: tuple[SheetFacts, ...] | None = None) -> Report:
    """Return the report of a real calibration of these scores."""
    read = sheets() if scoresheets is None else scoresheets
    rows = [(one.proposal, one.judge, key, value) for one in read for key, value in one.scores.items()]
    ratings = ratings_from_rows(
        [row[0] for row in rows],
        [row[1] for row in rows],
        criterion=[row[2] for row in rows],
        score=[row[3] for row in rows],
        criteria=RUBRIC.keys,
        weights=RUBRIC.weights,
        minimum=[criterion.scale.minimum for criterion in RUBRIC.criteria],
        maximum=[criterion.scale.maximum for criterion in RUBRIC.criteria],
        step=[criterion.scale.step for criterion in RUBRIC.criteria],
        proposals=TITLES,
        proposal_city=CITY,
        judge_city=JUDGES,
    ).to_percent()
    rule = ShortlistRule(size=3, city_cap={"hong-kong": 1}, reserves=2)
    return build_report(fit(ratings, Settings(model=model, n_draws=400, shortlist=rule)))


def book(**changes: Any) -> ResultsBook:
    """Return the whole book."""
    said: dict[str, Any] = {
        "report": report(),
        "competition": "Challenge 挑戰賽 & friends",
        "round": "First screening",
        "run": 3,
        "moment": MOMENT,
        "digest": "0123456789abcdef" * 4,
        "notices": (Text("Simulated data", "模擬數據", "模拟数据"),),
        "proposals": {
            key: ProposalFacts(title=title, team=f"Team {key}", city=CITY[key]) for key, title in TITLES.items()
        },
        "judges": {key: JudgeFacts(name=f"Judge {key}", city=city) for key, city in JUDGES.items()},
        "criteria": RUBRIC.criteria,
        "scoresheets": sheets(),
        "cities": {"hong-kong": "香港", "shanghai": "上海"},
        "provenance": ((Text("Code version"), "0.1.0"),),
    }
    return ResultsBook(**(said | changes))
