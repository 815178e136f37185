"""The sheet of rules of the challenge's own definition: every criterion, level, clause and policy in a row."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from judging.rubric import Text
from judging.schemas.definitions.definition_files import load_round
from judging.shortlist import ShortlistRule
from judging.workbook import labels
from judging.workbook.results.decided import Agreement, RulesFacts, VersionFacts
from judging.workbook.results.rules import rules_sheet
from tests.workbook.results import example

RUBRIC = Path(__file__).parents[3] / "rubrics" / "hksh-2023" / "first-screening.yaml"
AT = datetime(2023, 7, 1, 9, 30)  # noqa: DTZ001 - cells know no zones


def rows(facts: RulesFacts) -> list[list[object]]:
    return [list(row) for row in rules_sheet(example.book(), facts).rows]


def test_versions_come_with_their_consents() -> None:
    version = VersionFacts(
        number=2,
        digest="b" * 64,
        state="sealed",
        reason="=one more seat",
        proposed_at=AT,
        proposed_by="The chair",
        agreements=(Agreement(city="香港", name="Chair of hk", at=AT),),
    )
    told = rows(RulesFacts(definition=load_round(RUBRIC), digest="a" * 64, versions=(version,)))
    label = "Version of the rules 規則版本 规则版本"
    assert told[:3] == [
        [label, "Digest 校驗碼 校验码", None, "a" * 64],
        [f"{label} 2", "sealed 已鎖定 已锁定", None, f"2023-07-01 09:30:00 · The chair · =one more seat · {'b' * 64}"],
        [f"{label} 2", "Consent 同意 香港", "Chair of hk", "2023-07-01 09:30:00"],
    ]


def test_shortlist_rule_tie_breaks_method_and_readings_are_in_words() -> None:
    definition = replace(
        load_round(RUBRIC),
        shortlist=ShortlistRule(size=20, reserves=4, city_minimum={"hong-kong": 8}, floors={"data-use": 4}),
        tie_breaks=("calibrated", "criterion:data-use", "people"),
    )
    told = rows(RulesFacts(definition=definition, digest="a" * 64))
    by_rule = {(str(part), str(rule)): value for part, rule, value, _ in told}
    shortlist = "Shortlist 入圍名單 入围名单"
    assert by_rule[shortlist, "Seats 名額 名额"] == 20
    assert by_rule[shortlist, "At least, of a city 城市名額下限 城市名额下限: 香港"] == 8
    data_use = definition.rubric.criterion("data-use").name
    floor = next(value for (part, rule), value in by_rule.items() if rule.startswith("Floor of a criterion"))
    assert floor == 4
    chain = [value for (part, _), value in by_rule.items() if part.startswith("Order among equal scores")]
    assert chain[0] == "higher calibrated score 校準分較高 校准分较高"
    assert data_use.en in str(chain[1])
    assert chain[2] == "people decide 由評審團商議決定 由评委会讨论决定"
    model = next(row for row in told if str(row[1]).startswith("Method"))
    assert "hierarchical model 層級模型 层级模型" in model[2:]
    assert by_rule["Scoresheets 評閱 评阅", "Scoresheets a proposal 每份作品評分表數目 每份作品评分表数目"] == (
        definition.readings.per_proposal
    )


def test_every_field_of_the_policies_has_a_word_in_three_languages() -> None:
    told = rows(RulesFacts(definition=load_round(RUBRIC), digest="a" * 64))
    assert not [row[1] for row in told if str(row[1]).isascii() and not str(row[1]).isdigit()]


def test_words_of_decisions_rules_and_releases_stand_in_three_languages() -> None:
    single = [value for value in vars(labels).values() if isinstance(value, Text)]
    grouped = [text for value in vars(labels).values() if isinstance(value, dict) for text in value.values()]
    texts = [text for text in (*single, *grouped) if isinstance(text, Text)]
    assert len(texts) > 80
    assert all(text.en and text.zh_hant_hk and text.zh_hans_cn for text in texts)
