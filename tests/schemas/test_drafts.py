"""Drafts of definitions: nothing is lost between definition, draft, form and files."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judging.competition import CompetitionRules, RoundRules
from judging.errors import RubricError
from judging.round_policies import CarryOver, PitchPolicy, PrivacyPolicy, ReadingPolicy
from judging.rubric import Criterion, Level, Rubric, Scale, Text
from judging.schemas.definitions.definition_files import Definition, load_definition
from judging.schemas.definitions.drafts.draft import draft_of, dump_draft, load_draft, parse_draft
from judging.schemas.definitions.drafts.rows import act
from judging.schemas.definitions.drafts.typed_fields import shown, take
from judging.schemas.definitions.given_definitions import dump_files, load_files
from judging.shortlist import ShortlistRule

ROOT = Path(__file__).parents[2]
FOLDERS = [*sorted(path.parent for path in ROOT.glob("rubrics/*/competition.yaml")), ROOT / "docs" / "rubrics-example"]


@cache
def example() -> Definition:
    return load_definition(ROOT / "docs" / "rubrics-example")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_definition_comes_back_from_its_draft_and_its_files(folder: Path) -> None:
    stored = load_definition(folder)
    again = load_draft(parse_draft(dump_draft(draft_of(stored)), stored, ()), stored, ())
    files = load_files({name: text.encode() for name, text in dump_files(stored).items()})
    assert again == stored == files
    digests = [rules.digest for rules in stored.rounds]
    assert [rules.digest for rules in again.rounds] == digests == [rules.digest for rules in files.rounds]


# Whatever people type: quotes, colons, braces, several lines; blank ends are cut by the schema.
_words = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp"), include_characters="\n"), min_size=1
).map(str.strip)
texts = _words.filter(bool).map(Text)
numbers = st.integers(1, 60)


@st.composite
def rounds(draw: st.DrawFn) -> RoundRules:
    first = draw(st.integers(1, 99))
    low, n_steps, step = draw(st.integers(-5, 5)), draw(st.integers(1, 20)), draw(st.sampled_from([0.1, 0.25, 0.5, 1]))
    scale = Scale(low, round(low + n_steps * step, 10), step)
    levels = tuple(Level(value, draw(texts)) for value in (scale.minimum, scale.maximum)) if draw(st.booleans()) else ()
    phrases = draw(
        st.none()
        | st.lists(_words.filter(bool).map(lambda text: Text(text[:100].strip() or "x")), min_size=1, max_size=3).map(
            tuple
        )
    )
    criteria = (
        Criterion(
            "one", draw(texts), draw(texts), first, scale, levels, phrases, draw(st.sampled_from([None, True, False]))
        ),
        Criterion("two", draw(texts), draw(texts), 100 - first, Scale(1, 5, 1)),
    )
    shortlist = ShortlistRule(size=draw(numbers), floors={"two": draw(st.floats(1, 5))}, reserves=draw(numbers))
    per_proposal = draw(numbers)
    return RoundRules(
        key="final",
        name=draw(texts),
        briefing=draw(texts),
        rubric=Rubric(criteria),
        shortlist=draw(st.none() | st.just(shortlist)),
        readings=ReadingPolicy(per_proposal=per_proposal, maximum=per_proposal + 1, extra=draw(numbers)),
        privacy=PrivacyPolicy(draw(st.booleans()), draw(numbers), draw(st.sampled_from([None, True, False]))),
        carries_over=draw(st.none() | st.just(CarryOver("screening", draw(st.floats(1, 99))))),
        pitches=draw(st.none() | st.just(PitchPolicy(5, 0, 3))),
    )


@given(final=rounds(), name=texts)
def test_any_definition_comes_back_from_its_draft_and_its_files(final: RoundRules, name: Text) -> None:
    competition: CompetitionRules = replace(example().competition, name=name)
    made = Definition(competition, (*example().rounds[:2], final))
    assert load_draft(parse_draft(dump_draft(draft_of(made)), made, ()), made, ()) == made
    files = load_files({file: text.encode() for file, text in dump_files(made).items()})
    assert files == made
    assert files.rounds[2].digest == final.digest


def _paths(value: Any, above: str) -> list[str]:
    if isinstance(value, dict):
        return [path for name, part in value.items() for path in _paths(part, f"{above}.{name}" if above else name)]
    if isinstance(value, list):
        return [path for place, part in enumerate(value) for path in _paths(part, f"{above}.{place}")]
    return [above]


def test_a_field_that_is_sent_as_it_was_shown_changes_nothing() -> None:
    draft = draft_of(example())
    before = deepcopy(draft)
    skipped = ("languages", "conflicts", "letters", "rounds")
    sent = {
        path: [shown(draft, path).replace("\n", "\r\n")]
        for path in _paths(draft, "")
        if not any(f".{name}." in path for name in skipped)
    }
    take(draft, sent, example())
    assert draft == before


def test_a_floor_is_typed_as_a_score_or_as_per_cent_of_the_scale_of_its_criterion() -> None:
    draft = draft_of(example())
    criteria = draft["rounds"][1]["rubric"]["criteria"]
    key = next(iter(draft["rounds"][1]["shortlist"]["floors"]))
    scale = next(one for one in criteria if one["key"] == key).get("scale") or draft["rounds"][1]["rubric"]["scale"]
    path = f"rounds.1.shortlist.floors.{key}"
    take(draft, {path: ["25 %"]}, example())
    low, high = scale["minimum"], scale["maximum"]
    assert draft["rounds"][1]["shortlist"]["floors"][key] == pytest.approx(low + (high - low) / 4)
    take(draft, {path: ["101 apples"]}, example())
    assert draft["rounds"][1]["shortlist"]["floors"][key] == "101 apples"


def test_what_is_removed_is_forgotten_wherever_it_was_named() -> None:
    draft = draft_of(example())
    act(draft, "remove:competition.cities.1")
    act(draft, "remove:competition.categories.0")
    act(draft, "remove:rounds.0")
    act(draft, "remove:rounds.0.rubric.criteria.0")
    screening = draft["rounds"][0]
    assert screening["shortlist"]["city_minimum"] == {"north": 2}
    assert screening["shortlist"]["floors"] == {}
    assert screening["tie_breaks"] == ["raw", "people"]
    assert "parent" not in draft["competition"]["categories"][0]
    assert [one["kind"] for one in screening["calibration"]["earlier"]] == ["year"]


@pytest.mark.parametrize("action", ["", "add", "remove:", "up:rounds.9", "add:x.y", "remove:competition.key", "down:a"])
def test_a_button_that_there_is_not_changes_nothing(action: str) -> None:
    draft = draft_of(example())
    act(draft, action)
    assert draft == draft_of(example())


def test_all_that_is_wrong_is_said_at_once_with_its_path() -> None:
    draft = draft_of(example())
    del draft["competition"]["name"]
    draft["rounds"][2]["key"] = "screening"
    draft["rounds"][1]["shortlist"]["city_minimum"] = {"east": 1}
    draft["rounds"][0]["rubric"]["criteria"][0]["weight"] = 90
    with pytest.raises(RubricError) as caught:
        load_draft(draft, example(), ())
    assert {path for path, _text in caught.value.faults} == {
        "competition.name",
        "rounds.0.rubric.criteria",
        "rounds.1.shortlist.city_minimum.east",
        "rounds.2.key",
        "rounds.2.carries_over.round",
    }
