"""What the templates of the editor ask about a draft: texts of fields, faults, names and choices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from judging.request_language import LANGUAGE_NAMES, translate
from judging.schemas.definitions.drafts import typed_fields
from judging.schemas.definitions.drafts.draft import Draft, draft_of, dump_draft, languages_of
from judging.schemas.definitions.drafts.typed_fields import steps_of, value_at
from judging.schemas.strict_fields import ListOf
from judging.services.competitions.editing import EditableDefinition
from judging.web.words import editor_words

EVENT, GROUPS, ROUNDS, DATES, CRITERIA, RULES, PREVIEW = (
    *("event", "groups", "rounds", "dates", "criteria", "rules", "preview"),
)
OF_A_ROUND = (DATES, CRITERIA, RULES, PREVIEW)
_OF_THE_RULES = ("shortlist", "tie_breaks", "calibration", "carries_over")


@dataclass(frozen=True, slots=True)
class Section:
    """A page of the editor: its name, and the place of its round."""

    name: str
    place: int | None = None

    def __str__(self) -> str:
        """Return the section as the value of a button."""
        return self.name if self.place is None else f"{self.name}:{self.place}"


def section_of(text: str, draft: Draft) -> Section:
    """Return the section with this name; the first one where there is none."""
    name, _colon, number = text.partition(":")
    if name in OF_A_ROUND and number.isdecimal() and len(number) < 4 and int(number) < len(draft["rounds"]):
        return Section(name, int(number))
    return Section(name if name in (EVENT, GROUPS, ROUNDS) else EVENT)


def section_with(path: str) -> Section:
    """Return the section in which a field stands."""
    steps = steps_of(path)
    if steps[0] != "rounds":
        return Section(GROUPS if steps[1:2] in (("cities",), ("categories",)) else EVENT)
    if len(steps) < 3 or not isinstance(steps[1], int):
        return Section(ROUNDS)
    if steps[2] == "rubric":
        return Section(CRITERIA, steps[1])
    return Section(RULES if steps[2] in _OF_THE_RULES else DATES, steps[1])


@dataclass(frozen=True, kw_only=True)
class Form:
    """A draft as it is shown in one section."""

    editable: EditableDefinition
    draft: Draft
    section: Section
    base: str
    faults: Sequence[tuple[str, str]] = ()
    problem: str = ""
    changes: Sequence[Any] = ()
    messages: Mapping[str, list[str]] = field(init=False)

    def __post_init__(self) -> None:
        """Translate the faults."""
        messages: dict[str, list[str]] = {}
        for path, text in self.faults:
            messages.setdefault(path, []).append(translate(text))
        object.__setattr__(self, "messages", messages)

    @property
    def text_of_draft(self) -> str:
        """Return the whole draft for the hidden field."""
        return dump_draft(self.draft)

    @property
    def is_changed(self) -> bool:
        """Return whether the draft says something else than what is stored."""
        return self.draft != draft_of(self.editable.definition)

    @property
    def languages(self) -> list[tuple[str, str]]:
        """Return tag and name of the languages in which texts are written."""
        return [(tag, LANGUAGE_NAMES[tag]) for tag in languages_of(self.draft)]

    @property
    def all_faults(self) -> list[tuple[str, str, str, str]]:
        """Return path, place in words, text and section of every fault."""
        return [
            (path, self.place(path), " ".join(texts), str(section_with(path))) for path, texts in self.messages.items()
        ]

    @property
    def n_by_section(self) -> dict[str, int]:
        """Return the number of faults of each section that has any."""
        counts: dict[str, int] = {}
        for path in self.messages:
            name = str(section_with(path))
            counts[name] = counts.get(name, 0) + 1
        return counts

    @property
    def round(self) -> dict[str, Any]:
        """Return the round of this section."""
        part: dict[str, Any] = self.draft["rounds"][self.section.place]
        return part

    @property
    def is_sealed(self) -> bool:
        """Return whether the round of this section was opened."""
        return self.section.place is not None and self.sealed(self.section.place)

    def sealed(self, place: int) -> bool:
        """Return whether a round was opened."""
        return self.draft["rounds"][place].get("key") in self.editable.sealed

    def text(self, path: str) -> str:
        """Return the text of a field."""
        return typed_fields.shown(self.draft, path)

    def ticked(self, path: str) -> list[str]:
        """Return the words of a list that are ticked."""
        return typed_fields.ticked(self.draft, path)

    def value(self, path: str) -> Any:
        """Return the value at a path of the draft."""
        return value_at(self.draft, steps_of(path))

    def rows(self, path: str) -> list[tuple[str, Any]]:
        """Return path and value of every row of a list."""
        return [(f"{path}.{place}", row) for place, row in enumerate(self.value(path) or [])]

    def is_list(self, path: str) -> bool:
        """Return whether a path is that of a list, to which rows are added."""
        return path == "rounds" or isinstance(typed_fields.kind_at(steps_of(path)), ListOf)

    def errors(self, path: str) -> list[str]:
        """Return the complaints about one field."""
        return list(self.messages.get(path, ()))

    def has_errors_below(self, path: str) -> bool:
        """Return whether anything at or below a path has a fault."""
        return any(known == path or known.startswith(f"{path}.") for known in self.messages)

    def name(self, path: str) -> str:
        """Return the name of a field."""
        return editor_words.name_at(steps_of(path))

    def hint(self, path: str) -> str:
        """Return the explanation of a field."""
        return editor_words.hint_at(steps_of(path))

    def place(self, path: str) -> str:
        """Return where a field stands, in words."""
        return editor_words.place_of(self.draft, steps_of(path))

    def choices(self, path: str) -> list[tuple[str, str]]:
        """Return what can be chosen in a field."""
        return editor_words.choices_at(steps_of(path))

    def title(self, row: Any, fallback: str = "") -> str:
        """Return the name of a row in the reader's language."""
        return editor_words.text_of(row.get("name"), fallback)

    def other_categories(self, row: Any) -> list[tuple[str, str]]:
        """Return the categories that a category can be a part of."""
        listed = editor_words.keyed_choices(self.value("competition.categories"))
        return [(key, name) for key, name in listed if key != row.get("key")]

    def keys_of_quotas(self, kind: str) -> list[tuple[str, str]]:
        """Return key and name of the cities or categories that can have a quota, or have one."""
        names = ("city_minimum", "city_cap") if kind == "cities" else ("category_minimum", "category_cap")
        listed = editor_words.keyed_choices(self.value(f"competition.{kind}"))
        return _with_others(listed, [key for name in names for key in self.round["shortlist"].get(name) or {}])

    @property
    def is_of_one_city(self) -> bool:
        """Return whether judges and teams come from one city, so that nothing is asked about several."""
        return len(self.draft["competition"].get("cities") or ()) < 2

    def keys_of_floors(self, criteria: Sequence[Any] | None) -> list[tuple[str, str]]:
        """Return key and name of the criteria that can have a floor, or have one."""
        return _with_others(editor_words.keyed_choices(criteria), self.round["shortlist"].get("floors") or {})

    def is_stored(self, kind: str, key: object) -> bool:
        """Return whether a city, a category or a round with this key is stored: its key stays as it is."""
        stored = self.editable.definition
        known: dict[str, Sequence[Any]] = {
            "cities": stored.competition.cities,
            "categories": stored.competition.categories,
            "rounds": stored.rounds,
            "conflict_kinds": stored.competition.policies.conflict_kinds or (),
        }
        return any(one.key == key for one in known[kind])

    def is_used(self, kind: str, key: object) -> bool:
        """Return whether rosters or sealed rules name a city or a category."""
        return key in (self.editable.cities_in_use if kind == "cities" else self.editable.categories_in_use)

    @property
    def weights(self) -> str:
        """Return the sum of the weights that are numbers."""
        criteria = (self.round.get("rubric") or {}).get("criteria") or []
        weights = [part.get("weight") for part in criteria]
        return f"{sum(weight for weight in weights if isinstance(weight, int | float)):g}"


def _with_others(listed: list[tuple[str, str]], keys: Iterable[str]) -> list[tuple[str, str]]:
    known = {key for key, _name in listed}
    return listed + [(key, key) for key in dict.fromkeys(keys) if key not in known]
