"""The competitions in the folder rubrics."""

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po

from judging.competition import CompetitionRules, RoundRules
from judging.round_policies import PitchPolicy
from judging.rubric import LANGUAGES, Text
from judging.schemas.definitions.definition_files import (
    load_competition,
    load_definition,
    load_round,
)
from setup import catalogues

SHIPPED = Path(__file__).parents[2] / "rubrics"


def _texts(value: Any) -> Iterator[Text]:
    if isinstance(value, Text):
        yield value
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from _texts(getattr(value, field.name))
    elif isinstance(value, tuple):
        for content in value:
            yield from _texts(content)


def _shipped() -> list[tuple[CompetitionRules, tuple[RoundRules, ...]]]:
    definitions = [load_definition(path.parent) for path in sorted(SHIPPED.glob("*/competition.yaml"))]
    return [(definition.competition, definition.rounds) for definition in definitions]


def test_shipped_competitions_load_with_their_rounds_in_order() -> None:
    rounds = {competition.key: [round_.key for round_ in rounds] for competition, rounds in _shipped()}
    assert rounds["diving-2000"] == ["all-dives"]
    assert rounds["hksh-2023"] == ["first-screening", "grand-final"]
    by_key = {round_.key: round_ for _, of_one in _shipped() for round_ in of_one}
    assert by_key["grand-final"].pitches == PitchPolicy(pitch_minutes=5, questions_minutes=5, scoring_minutes=3)


def test_shipped_texts_are_there_in_three_languages_and_each_in_its_own_script() -> None:
    texts = list(_texts(tuple(_shipped())))
    assert {tuple(text.by_language) for text in texts} == {LANGUAGES}
    # Big5 has no simplified characters and GB 2312 no traditional ones: a text in the wrong script cannot be encoded.
    for text in texts:
        assert text.zh_hant_hk.encode("big5").decode("big5") == text.zh_hant_hk
        assert text.zh_hans_cn.encode("gb2312").decode("gb2312") == text.zh_hans_cn


def test_shipped_diving_competition_knows_every_country_and_event_of_the_data() -> None:
    competition = load_competition(SHIPPED / "diving-2000")
    assert (len(competition.cities), [category.key for category in competition.categories]) == (
        45,
        ["M3mSB", "M10mPF", "W3mSB", "W10mPF"],
    )
    [execution] = load_round(SHIPPED / "diving-2000" / "all-dives.yaml").rubric.criteria
    assert execution.scale.values() == tuple(half / 2 for half in range(21))


@pytest.mark.parametrize("locale", ["", *catalogues.LOCALES])
def test_no_shipped_round_has_the_name_of_a_tab(locale: str) -> None:
    web = SHIPPED.parent / "judging" / "web"
    tabs = (web / "templates" / "organiser" / "frame.html").read_text(encoding="utf-8").partition('class="tabs')[2]
    sources = (web / "chair" / "round_pages.py").read_text(encoding="utf-8"), tabs.partition("</ul>")[0]
    labels = {"Judging", *(label for source in sources for label in re.findall(r'_\("([^"]+)"\)', source))}
    if locale:
        with catalogues.catalogue_file(locale).open("rb") as file:
            messages = read_po(file)
        labels = {str(messages[label].string) for label in labels}
    tag = locale.replace("_", "-") or "en"
    names = {round_.name.by_language[tag] for _, rounds in _shipped() for round_ in rounds}
    assert {"Ranking", "排名"} & labels
    assert {name.lower() for name in names} & {label.lower() for label in labels} == set()
