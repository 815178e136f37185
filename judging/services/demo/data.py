"""The data of the demo: tables as an organiser would upload them; simulated with a fixed seed, and real dives.

Every simulated object has a name that says so, also on printed or forwarded pages.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from judging.calibration.simulate import Challenge, simulate
from judging.calibration.truths import Design
from judging.competition import CompetitionRules, RoundRules
from judging.incoming_tables.reading import ReadTable, table_of

# Topics by category, each as a title in the language of its proposal.
TOPICS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "mobility": (
        ("Bus arrivals across the boundary", "跨境巴士到站時間", "跨境巴士到站时间"),
        ("Where to park a bicycle", "單車泊位何處尋", "自行车停放点查询"),
        ("Step-free routes through both metros", "兩地鐵路無障礙路線", "两地地铁无障碍路线"),
    ),
    "living": (
        ("Quiet places near you", "附近的寧靜角落", "身边的安静角落"),
        ("Playgrounds in the shade", "有樹蔭的遊樂場", "有树荫的游乐场"),
        ("Waiting times at clinics compared", "兩地診所輪候時間比較", "两地门诊候诊时间对比"),
    ),
    "environment": (
        ("Street trees and summer heat", "行道樹與夏日酷熱", "行道树与夏季高温"),
        ("Rain, drains and warnings", "暴雨、渠道與預警", "暴雨、排水与预警"),
        ("Air on the way to school", "上學路上的空氣", "上学路上的空气"),
    ),
    "people": (
        ("Libraries that know what you read last", "借閱紀錄導讀", "借阅记录导读"),
        ("Courses for a second career", "再就業課程地圖", "再就业课程地图"),
        ("Volunteers where they are needed", "義工供需配對", "志愿者供需匹配"),
    ),
    "government": (
        ("One form, two cities", "一表通兩地", "一表通两地"),
        ("Budgets one can read", "看得懂的財政預算", "看得懂的财政预算"),
        ("Which office is open now", "政府辦事處即時開放情況", "政务大厅实时开放情况"),
    ),
    "economy": (
        ("Empty shops and footfall", "空置店舖與人流", "空置店铺与人流"),
        ("Exhibitions and hotel rooms", "展覽與酒店供應", "展会与酒店供给"),
        ("Small exporters' paperwork", "小型出口商的單據", "小微出口商的单证"),
    ),
}
_LABEL = ("Simulated proposal {number}: {topic}", "模擬作品 {number}：{topic}", "模拟作品 {number}：{topic}")
_SUMMARY = (
    "Invented for this demonstration. It would combine open data of both cities; no such team or service exists.",
    "此作品為示範而虛構，設想結合兩地開放數據；並無此隊伍或服務。",
    "此作品为演示而虚构，设想结合两地开放数据；并无此团队或服务。",
)
# The parameters of a design that are in marks of a scale from 1 to 10.
_MARK_PARAMETERS = (
    *("quality", "category", "city", "criterion", "halo", "noise"),
    *("severity", "city_severity", "judge_criterion", "home", "home_spread"),
)
_TAGS = ("en", "zh-Hant-HK", "zh-Hans-CN")
_EVENTS = {"Prelim": "preliminary", "Semi": "semi-final", "Final": "final"}


def simulate_challenge(rules: RoundRules, *, n_proposals: int, readings: int, seed: int) -> Challenge:
    """Simulate the scores of 24 judges, twelve of each city, on the rubric of a round."""
    scale = rules.rubric.criteria[0].scale
    spread = (scale.maximum - scale.minimum) / 9.0
    base = Design()
    scaled = {name: getattr(base, name) * spread for name in _MARK_PARAMETERS}
    design = Design(
        n_proposals=n_proposals,
        n_judges=24,
        readings=readings,
        cross_share=0.4,
        weights=tuple(rules.rubric.weights.values()),
        minimum=scale.minimum,
        maximum=scale.maximum,
        step=scale.step,
        mean=scale.minimum + 5.2 * spread,
        **scaled,
    )
    return simulate(design, rng=np.random.default_rng(seed))


def roster_tables(
    challenge: Challenge, competition: CompetitionRules, *, hosted: Collection[str] = ()
) -> list[ReadTable]:
    """Return the judges, teams and proposals of a simulated challenge; ``hosted`` are those whose deck is uploaded."""
    cities = [city.key for city in competition.cities]
    categories = [category.key for category in competition.categories]
    judges = [
        {
            "key": judge_key(code),
            "name": f"Judge {code + 1:02d}",
            "city": cities[city],
            "email": judge_email(code),
            "categories": ", ".join(
                categories[index]
                for index in sorted({int(challenge.category[p]) for p in challenge.proposal[challenge.judge == code]})
            ),
        }
        for code, city in enumerate(challenge.judge_city)
    ]
    teams = [
        {"key": f"T{code + 1:03d}", "name": f"Team {code + 1:03d}", "city": cities[city]}
        for code, city in enumerate(challenge.proposal_city)
    ]
    proposals = [
        _proposal(code, cities[city], categories[category], is_hosted=proposal_key(code) in hosted)
        for code, (city, category) in enumerate(zip(challenge.proposal_city, challenge.category, strict=True))
    ]
    return [table("judges", judges), table("teams", teams), table("proposals", proposals)]


def assignment_table(challenge: Challenge) -> ReadTable:
    """Return the assignments of a simulated challenge."""
    pairs = zip(challenge.judge, challenge.proposal, strict=True)
    return table("assignments", [{"judge": judge_key(j), "proposal": proposal_key(p)} for j, p in pairs])


def score_table(
    challenge: Challenge, rules: RoundRules, *, starts_at: datetime, days: float, share: float = 1.0
) -> ReadTable:
    """Return the scores, one row for each criterion; ``share`` below 1 selects the first scoresheets of each judge."""
    rows = []
    for sheet, (judge, proposal) in enumerate(zip(challenge.judge, challenge.proposal, strict=True)):
        if challenge.position[sheet] > share:
            continue
        scored_at = starts_at + timedelta(days=days * (0.02 + 0.96 * float(challenge.position[sheet])))
        for criterion, value in zip(rules.rubric.keys, challenge.score[sheet], strict=True):
            rows.append(
                {
                    "proposal": proposal_key(proposal),
                    "judge": judge_key(judge),
                    "criterion": criterion,
                    "score": f"{value:g}",
                    "scored_at": scored_at.astimezone(UTC).isoformat(timespec="seconds"),
                }
            )
    return table("scores", rows)


def diving_tables(path: Path) -> tuple[list[ReadTable], ReadTable]:
    """Return judges, divers and dives of the file, and its scores."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    judges = {row["judge"]: row["judge_country"] for row in rows}
    divers = {row["diver"]: row["diver_country"] for row in rows}
    dives = {row["dive"]: row for row in rows}
    rosters = [
        table("judges", [{"key": key, "name": f"Judge {key}", "city": judges[key]} for key in sorted(judges)]),
        table("teams", [{"key": key, "name": f"Diver {key}", "city": divers[key]} for key in sorted(divers)]),
        table(
            "proposals",
            [
                {
                    "key": _dive_key(row),
                    "team": row["diver"],
                    "title": f"{row['diver']}, {_EVENTS[row['round']]}, dive {row['dive_no']}, "
                    f"difficulty {row['difficulty']}",
                    "category": row["event"],
                }
                for row in dives.values()
            ],
        ),
    ]
    scores = [{"proposal": _dive_key(row), "judge": row["judge"], "score": row["score"]} for row in rows]
    return rosters, table("scores", scores)


def table(name: str, rows: Iterable[Mapping[str, str]]) -> ReadTable:
    """Return rows in the form of a file that was read."""
    return table_of(name, rows)


def judge_key(code: int) -> str:
    """Return the key of a simulated judge."""
    return f"J{code + 1:02d}"


def judge_email(code: int) -> str:
    """Return the e-mail address of a simulated judge, in a reserved domain."""
    return f"judge{code + 1:02d}@example.org"


def proposal_key(code: int) -> str:
    """Return the key of a simulated proposal."""
    return f"P{code + 1:03d}"


def _proposal(code: int, city: str, category: str, *, is_hosted: bool) -> dict[str, str]:
    # Proposals of Shanghai are in Simplified Chinese; those of Hong Kong alternate between English and Traditional.
    language = 2 if city == "sh" else code // 2 % 2
    topics = TOPICS[category]
    topic = topics[code // 12 % len(topics)][language]
    return {
        "key": proposal_key(code),
        "team": f"T{code + 1:03d}",
        "title": _LABEL[language].format(number=f"{code + 1:03d}", topic=topic),
        "category": category,
        "language": _TAGS[language],
        "summary": _SUMMARY[language],
        "deck_url": "" if is_hosted else f"https://example.org/simulated/{proposal_key(code)}/deck.pdf",
        "video_url": f"https://example.org/simulated/{proposal_key(code)}/video",
    }


def _dive_key(row: Mapping[str, str]) -> str:
    return f"D{int(row['dive']):04d}"
