import copy
import dataclasses
import functools
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from judging.competition import CarryOver, CompetitionRules, RoundRules
from judging.errors import RubricError
from judging.rubric import LANGUAGES, Text
from judging.schemas.definition_files import (
    check_folder,
    load_competition,
    load_competition_dict,
    load_definition,
    load_round,
    load_round_dict,
)

SHIPPED = Path(__file__).parents[2] / "rubrics"

COMPETITION = """\
key: fair
name: {en: Fair, zh-Hant-HK: 博覽會, zh-Hans-CN: 博览会}
time_zone: Asia/Hong_Kong
languages: [en, zh-Hant-HK, zh-Hans-CN]
cities:
  - {key: hk, name: {en: Hong Kong, zh-Hant-HK: 香港, zh-Hans-CN: 香港}}
  - {key: sh, name: {en: Shanghai, zh-Hant-HK: 上海, zh-Hans-CN: 上海}}
categories:
  - {key: city, name: {en: City, zh-Hant-HK: 城市, zh-Hans-CN: 城市}}
  - {key: bus, name: {en: Bus, zh-Hant-HK: 巴士, zh-Hans-CN: 公交}, parent: city}
rounds: [first, last]
"""

FIRST = """\
key: first
name: {en: First, zh-Hant-HK: 首輪, zh-Hans-CN: 首轮}
briefing: {en: Read., zh-Hant-HK: 請細閱。, zh-Hans-CN: 请细读。}
starts_at: 2023-07-01T09:00:00+08:00
ends_at: 2023-07-15T18:00:00+08:00
rubric:
  scale: {minimum: 1, maximum: 3, step: 1}
  criteria:
    - key: need
      name: {en: Need, zh-Hant-HK: 需要, zh-Hans-CN: 需求}
      description: {en: For whom, zh-Hant-HK: 為誰, zh-Hans-CN: 为谁}
      weight: 60
      levels:
        - {value: 1, description: {en: nobody, zh-Hant-HK: 沒有人, zh-Hans-CN: 没有人}}
        - {value: 3, description: {en: all, zh-Hant-HK: 所有人, zh-Hans-CN: 所有人}}
    - key: form
      name: {en: Form, zh-Hant-HK: 形式, zh-Hans-CN: 形式}
      description: {en: How good, zh-Hant-HK: 如何, zh-Hans-CN: 如何}
      weight: 40
      scale: {minimum: 0, maximum: 1, step: 0.5}
      levels:
        - {value: 0, description: {en: bad, zh-Hant-HK: 差, zh-Hans-CN: 差}}
        - {value: 1, description: {en: good, zh-Hant-HK: 好, zh-Hans-CN: 好}}
shortlist:
  size: 10
  city_minimum: {hk: 2, sh: 2}
  floors: {need: 1.5}
tie_breaks: [raw, criterion:need, people]
readings: {per_proposal: 2, extra: 5, maximum: 3}
"""

LAST = FIRST.replace("key: first", "key: last") + "carries_over: {round: first, weight: 20}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "fair"
    folder.mkdir()
    for name, text in (("competition", COMPETITION), ("first", FIRST), ("last", LAST)):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def change(path: Path, *changes: tuple[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")


def refusal_of(load: Callable[[], object]) -> list[str] | None:
    try:
        load()
    except RubricError as error:
        return error.complaints
    return None


def complaints(folder: Path) -> list[str]:
    """What is wrong with a folder, with files named as in it."""
    return [line.removeprefix(f"{folder}/") for line in refusal_of(lambda: load_definition(folder)) or []]


def test_sound_folder_loads_whole(folder: Path) -> None:
    definition = load_definition(folder)
    assert complaints(folder) == []
    assert [round_.key for round_ in definition.rounds] == ["first", "last"]
    first, last = definition.rounds
    assert definition.competition.lineage("bus") == ("bus", "city")
    assert first.rubric.total({"need": 3, "form": 0.5}) == 80.0
    assert first.starts_at == datetime(2023, 7, 1, 1, tzinfo=UTC)
    assert (first.carries_over, last.carries_over) == (None, CarryOver("first", 20.0))
    assert first.tie_breaks == ("raw", "criterion:need", "people")


def test_round_beside_its_competition_and_alone_are_the_same(folder: Path) -> None:
    beside = load_round(folder / "first.yaml")
    (folder / "competition.yaml").unlink()
    assert load_round(folder / "first.yaml") == beside


def test_definitions_survive_json_with_their_digests(folder: Path) -> None:
    definition = load_definition(folder)
    stored = json.loads(json.dumps(definition.competition.to_dict()))
    assert load_competition_dict(stored) == definition.competition
    for round_ in definition.rounds:
        again = load_round_dict(json.loads(json.dumps(round_.to_dict())))
        assert (again, again.digest) == (round_, round_.digest)


def test_digest_depends_on_meaning_not_on_layout(folder: Path) -> None:
    before = load_round(folder / "first.yaml").digest
    change(folder / "first.yaml", ("weight: 60\n", "weight: 60.0  # most of it\n"))
    change(folder / "first.yaml", ("2023-07-01T09:00:00+08:00", "2023-07-01T01:00:00Z"))
    assert load_round(folder / "first.yaml").digest == before


def test_stored_round_that_was_tampered_with_is_refused(folder: Path) -> None:
    stored = load_round(folder / "first.yaml").to_dict()
    stored["rubric"]["criteria"][0]["weight"] = 50
    with pytest.raises(RubricError) as caught:
        load_round_dict(stored)
    assert caught.value.complaints == [
        "stored round:1:1: rubric.criteria: the weights sum to 90 (50 + 40), not to 100; add 10"
    ]


def faults(name: str) -> list[tuple[str, str, list[str]]]:
    """Blocks of ``- what stands in the sound file``, ``+ what stands there instead``, ``> the complaints expected``."""
    blocks = (Path(__file__).parent / "faults" / f"{name}.txt").read_text(encoding="utf-8").strip().split("\n\n")
    parts = [{sign: [line[2:] for line in block.split("\n") if line[0] == sign] for sign in "-+>"} for block in blocks]
    return [("\n".join(part["-"]), "\n".join(part["+"]), part[">"]) for part in parts]


@pytest.mark.parametrize(("old", "new", "expected"), faults("round"))
def test_fault_in_a_round_is_named_with_its_place_and_its_cure(
    folder: Path, old: str, new: str, expected: list[str]
) -> None:
    change(folder / "first.yaml", (old, new))
    assert complaints(folder) == [f"first.yaml:{line}" for line in expected]


@pytest.mark.parametrize(("old", "new", "expected"), faults("competition"))
def test_fault_in_a_competition_is_named_with_its_place_and_its_cure(
    folder: Path, old: str, new: str, expected: list[str]
) -> None:
    change(folder / "competition.yaml", (old, new))
    with pytest.raises(RubricError) as caught:
        load_competition(folder)
    shown = [re.sub(r"(Africa/Abidjan), .*", r"\1", line) for line in caught.value.complaints]
    assert shown == [f"{folder}/competition.yaml:{line}" for line in expected]


def test_all_faults_of_all_files_come_at_once_in_order(folder: Path) -> None:
    change(folder / "competition.yaml", ("Asia/Hong_Kong", "Hongkong_"), ("parent: city", "parent: ctiy"))
    change(folder / "first.yaml", ("weight: 60", "weight: 50"), ("en: Read., ", ""), ("size: 10", "sise: 10"))
    change(folder / "last.yaml", ("key: form", "key: form\n      key: form"))
    assert complaints(folder) == [
        "competition.yaml:3:1: time_zone: `Hongkong_` is no time zone; did you mean `Hongkong`?",
        "competition.yaml:10:65: categories.1.parent: there is no category `ctiy`; did you mean `city`?",
        "first.yaml:3:1: briefing.en: there is no text in en; write it",
        "first.yaml:8:3: rubric.criteria: the weights sum to 90 (50 + 40), not to 100; add 10",
        "first.yaml:24:1: shortlist.size: is missing; add it",
        "first.yaml:25:3: shortlist.sise: unknown key; did you mean `size`?",
        "last.yaml:17:7: rubric.criteria.1.key: a second `key`; the first is in line 16",
    ]


def test_competition_in_one_language_asks_for_that_one_only(folder: Path) -> None:
    change(folder / "competition.yaml", ("[en, zh-Hant-HK, zh-Hans-CN]", "[zh-Hans-CN]"), ("en: Fair, ", ""))
    change(folder / "first.yaml", ("en: First, zh-Hant-HK: 首輪, ", ""))
    assert load_definition(folder).rounds[0].name == Text(zh_hans_cn="首轮")


def test_more_than_eight_tie_breaks_are_refused(folder: Path) -> None:
    keys = "raw, median, p_shortlist, n_judges, calibrated, criterion:need, criterion:form, people, raw"
    change(folder / "first.yaml", ("raw, criterion:need, people", keys))
    assert complaints(folder) == [
        "first.yaml:28:1: tie_breaks: 9 keys; keep the first 8 at most",
        "first.yaml:28:1: tie_breaks: does not end with people; "
        "what still ties is decided by the panel, never by chance",
        "first.yaml:28:102: tie_breaks.8: `raw` has been asked before; remove it",
    ]


def test_phrases_are_few_and_short(folder: Path) -> None:
    phrase = "{en: " + "a" * 121 + ", zh-Hant-HK: 好, zh-Hans-CN: 好}"
    change(folder / "first.yaml", ("weight: 60", "weight: 60\n      phrases: [" + ", ".join([phrase] * 9) + "]"))
    found = complaints(folder)
    assert len(found) == 10
    assert found[0].endswith("rubric.criteria.0.phrases: 9 phrases; keep 8 at most, a judge has to see them all")
    assert found[1].endswith("rubric.criteria.0.phrases.0.en: 121 characters; write 120 at most")


def test_round_file_with_the_short_ending_is_not_overlooked(folder: Path) -> None:
    (folder / "last.yaml").rename(folder / "last.yml")
    assert complaints(folder) == [
        "competition.yaml:11:1: rounds: the file last.yml is not named here; add it, or move the file away",
        "competition.yaml:11:17: rounds.1: there is no file last.yaml beside this one; did you mean `last`?",
    ]


def test_a_folder_without_a_competition_names_the_missing_file(tmp_path: Path) -> None:
    with pytest.raises(RubricError) as caught:
        load_definition(tmp_path)
    assert caught.value.complaints == [
        f"{tmp_path}/competition.yaml:1:1: cannot be read (No such file or directory); name a file that exists"
    ]


def test_file_that_is_a_list_is_refused(folder: Path) -> None:
    (folder / "first.yaml").write_text("- key: first\n", encoding="utf-8")
    assert complaints(folder) == ["first.yaml:1:1: is not a mapping; write `key: value` lines below it"]


def test_check_folder_reports_each_file_by_itself(folder: Path) -> None:
    change(folder / "first.yaml", ("weight: 60", "weight: 50"))
    files = check_folder(folder)
    assert [(file.path.name, file.value is not None, len(file.complaints)) for file in files] == [
        ("competition.yaml", True, 0),
        ("first.yaml", False, 1),
        ("last.yaml", True, 0),
    ]


_LINES = FIRST.splitlines()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    line=st.integers(0, len(_LINES) - 1),
    junk=st.sampled_from(["", "x", "- x", "  - 3", "    key: 7", "[]", "{}", "a: {b: [1, {c: null}]}", "levels: [[]]"]),
    keep_indent=st.booleans(),
)
def test_a_round_with_any_changed_line_loads_or_is_refused(
    folder: Path, line: int, junk: str, keep_indent: bool
) -> None:
    lines = list(_LINES)
    indent = len(lines[line]) - len(lines[line].lstrip()) if keep_indent else 0
    lines[line] = " " * indent + junk
    path = folder / "first.yaml"
    path.write_text("\n".join(lines), encoding="utf-8")
    refusal = refusal_of(lambda: load_round(path))
    assert refusal != []
    assert all(re.match(r".*/first\.yaml:\d+:\d+: ", text) for text in refusal or ())


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 200)
    | st.floats()
    | st.sampled_from(["x", "en", "people", "2023-07-01"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["en", "key", "need"]), inner, max_size=3)
    ),
    max_leaves=5,
)


def _paths(value: Any, steps: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, content in items:
        yield (*steps, key)
        yield from _paths(content, (*steps, key))


@functools.cache
def _stored() -> dict[str, Any]:
    return load_round(SHIPPED / "hksh-2023" / "first-screening.yaml").to_dict()


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_stored_round_with_any_changed_value_loads_or_is_refused(data: st.DataObject) -> None:
    stored = copy.deepcopy(_stored())
    steps = data.draw(st.sampled_from(list(_paths(stored))))
    target: Any = stored
    for step in steps[:-1]:
        target = target[step]
    target[steps[-1]] = data.draw(_VALUES)
    assert refusal_of(lambda: load_round_dict(stored)) != []


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
