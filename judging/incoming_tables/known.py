"""What a file may name: keys and names of the roster, criteria with their scales, and headings that a person gave."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from judging.incoming_tables.texts.headings import plain
from judging.incoming_tables.texts.spelling import folded, folded_case, folded_script, likeness

_STEP_TOLERANCE: Final = 1e-6
_MOST_NEAREST: Final = 3
_PARTS: Final = re.compile(r"\s[-–—·]\s|[()（）\[\]【】:：/|]")


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkScale:
    """The values that a score may have; a step of 0 means any between minimum and maximum."""

    minimum: float
    maximum: float
    step: float = 0.0

    def contains(self, value: float) -> bool:
        """Return whether a value can be given on this scale."""
        if not self.minimum <= value <= self.maximum:
            return False
        if not self.step > 0:
            return True
        steps = (value - self.minimum) / self.step
        return abs(steps - round(steps)) <= _STEP_TOLERANCE


@dataclass(frozen=True, slots=True)
class Match:
    """What a text refers to: one key, or several among which the text cannot choose.

    ``is_exact`` is False when the text is another name or another spelling of the key, which is said.
    """

    keys: tuple[str, ...]
    is_exact: bool = False


class Names:
    """Keys and the other names of the objects that they stand for.

    Parameters
    ----------
    others : mapping of str to iterable of str
        Key -> names, titles or e-mail addresses of the object.
    """

    def __init__(self, others: Mapping[str, Iterable[str]]) -> None:
        self.others = {key: [name for name in names if name] for key, names in others.items()}

    def __contains__(self, key: object) -> bool:
        """Return whether this is a key."""
        return key in self.others

    def __bool__(self) -> bool:
        """Return whether there is any key."""
        return bool(self.others)

    @cached_property
    def _levels(self) -> list[dict[str, set[str]]]:
        """Return, from the most certain to the least, spelling -> keys."""
        levels: list[dict[str, set[str]]] = []
        for form, of_names in (
            (folded, False), (folded_case, False), (folded_case, True), (folded_script, True), (likeness, False),
            (likeness, True),
        ):  # fmt: skip
            level: dict[str, set[str]] = {}
            for key, names in self.others.items():
                for text in names if of_names else (key,):
                    level.setdefault(form(text), set()).add(key)
            levels.append(level)
        return levels

    @cached_property
    def of_headings(self) -> dict[str, str]:
        """Return the spelling of every key and every name that belongs to one key, as headings are compared."""
        found: dict[str, set[str]] = {}
        for key, names in self.others.items():
            for text in (key, *names):
                for form in (folded_script(text), plain(text)):
                    found.setdefault(form, set()).add(key)
        unique = {text: next(iter(keys)) for text, keys in found.items() if len(keys) == 1}
        return unique | {form: key for key in self.others for form in (folded_script(key), plain(key))}

    def find(self, text: str) -> Match | None:
        """Return what a text refers to, None when nothing is called so."""
        if text in self.others:
            return Match((text,), is_exact=True)
        like = likeness(text)
        forms = (folded(text), folded_case(text), folded_case(text), folded_script(text), like, like)
        for form, level in zip(forms, self._levels, strict=True):
            if keys := level.get(form):
                return Match(tuple(sorted(keys)))
        return self._find_by_parts(text)

    def _find_by_parts(self, text: str) -> Match | None:
        """Return what ``Chan Tai Man (J1)`` or ``P001 - Map`` refers to: every part has to mean the same."""
        parts = [part for part in _PARTS.split(folded(text)) if part.strip()]
        if len(parts) < 2:
            return None
        found = set()
        for part in parts:
            match = self.find(part)
            if match is None or len(match.keys) > 1:
                return None
            found.add(match.keys)
        return Match(found.pop()) if len(found) == 1 else None

    def nearest_keys(self, text: str) -> list[str]:
        """Return the keys of what is most similar to a text."""
        spellings = {folded_script(spelling): key for key, names in self.others.items() for spelling in (key, *names)}
        near = difflib.get_close_matches(folded_script(text)[:100], list(spellings), n=_MOST_NEAREST, cutoff=0.6)
        return list(dict.fromkeys(spellings[spelling] for spelling in near))

    def nearest(self, text: str) -> list[str]:
        """Return the keys and names that are most similar to a text, as people would recognise them."""
        keys = self.nearest_keys(text)
        return [f"{key} ({self.others[key][0]})" if self.others[key] else key for key in keys]


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of a file before it is read.

    Attributes
    ----------
    kind : str
        A key of ``synonyms.FIELDS``.
    judges, proposals : Names or None
        None when the file itself determines who takes part, as on the command line.
    criteria : Names or None
        None when the file determines them.
    scales : mapping of str to MarkScale
        By criterion.
    scale : MarkScale or None
        Of every criterion without one of its own.
    headings : mapping of str to str
        Field -> its heading in the file, where a person named it.
    """

    kind: str
    judges: Names | None = None
    proposals: Names | None = None
    criteria: Names | None = None
    scales: Mapping[str, MarkScale] = field(default_factory=dict)
    scale: MarkScale | None = None
    headings: Mapping[str, str] = field(default_factory=dict)

    def scale_of(self, criterion: str) -> MarkScale | None:
        """Return the scale of a criterion; with only one criterion, its scale for any name."""
        if criterion in self.scales:
            return self.scales[criterion]
        if len(self.scales) == 1:
            return next(iter(self.scales.values()))
        return self.scale
