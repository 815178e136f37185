"""Definition files: what they load to, and what their reader says of a fault."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from judging.competition import PublicationPolicy
from judging.errors import RubricError
from judging.round_policies import CarryOver
from judging.rubric import Text
from judging.schemas.definitions.definition_checks import advice_on_zone
from judging.schemas.definitions.definition_files import (
    check_folder,
    load_competition,
    load_competition_dict,
    load_definition,
    load_round,
    load_round_dict,
)
from judging.schemas.nearest_words import nearest
from tests.schemas.fair_competition import change, refusal_of


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


def test_publication_is_kept_and_a_competition_without_it_keeps_its_digest(folder: Path) -> None:
    before = load_competition(folder / "competition.yaml")
    assert (before.policies.publication, "publication" in str(before.to_dict())) == (None, False)
    policy = "policies:\n  publication: {results: public, order: rank}\nrounds:"
    change(folder / "competition.yaml", ("rounds:", policy))
    loaded = load_competition(folder / "competition.yaml")
    assert loaded.policies.publication == PublicationPolicy(results="public", order="rank")
    again = load_competition_dict(json.loads(json.dumps(loaded.to_dict())))
    assert (again, again.digest) == (loaded, loaded.digest)
    assert loaded.digest != before.digest


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


@pytest.mark.parametrize(
    ("written", "advice"),
    [
        ("HKT", "did you mean `Asia/Hong_Kong`?"),
        ("Hong Kong", "did you mean `Asia/Hong_Kong`?"),
        ("CST-8", "write one with its region, such as Asia/Hong_Kong or Europe/London"),
    ],
)
def test_advice_on_a_time_zone_names_the_zone_that_is_meant(written: str, advice: str) -> None:
    assert advice_on_zone(written) == advice


def test_the_opposite_word_is_never_suggested() -> None:
    assert nearest("category_maximum", ["category_minimum", "category_cap"]) == "did you mean `category_cap`?"
    assert nearest("least_seats", ["most_seats"]) == "known here: most_seats"


def test_levels_may_be_left_out_and_nothing_more_is_asked_for_then(folder: Path) -> None:
    text = (folder / "first.yaml").read_text(encoding="utf-8")
    given = "".join(line for line in text.splitlines(keepends=True) if "description: {en: nobody" not in line)
    levels = "      levels:\n        - {value: 3, description: {en: all, zh-Hant-HK: 所有人, zh-Hans-CN: 所有人}}\n"
    assert levels in given
    (folder / "first.yaml").write_text(given.replace(levels, ""), encoding="utf-8")
    left_out = load_round(folder / "first.yaml")
    (folder / "first.yaml").write_text(given.replace(levels, "      levels: []\n"), encoding="utf-8")
    assert load_round(folder / "first.yaml").digest == left_out.digest
