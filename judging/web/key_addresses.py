"""Keys in the addresses of pages: none of them can hide behind a page whose address has a fixed word at its place."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from werkzeug.routing import BaseConverter, Map, Rule, UnicodeConverter

KEYS = frozenset({"competition", "round_key", "proposal", "judge", "row_key"})
"""The parts of addresses that people choose."""


class PageRule(Rule):
    """A rule whose keys cannot hide behind a page. In the API no fixed word stands where a key can stand."""

    def get_converter(
        self, variable_name: str, converter_name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> BaseConverter:
        """Return what converts this part of an address."""
        if variable_name in KEYS and not self.rule.startswith("/api/"):
            before = self.rule.partition(f"<{variable_name}>")[0].split("/")[:-1]
            return _Key(self.map, before, *args, **kwargs)
        return super().get_converter(variable_name, converter_name, args, kwargs)


class _Key(UnicodeConverter):
    """A key. One that is a fixed word at its place in another address gets a ``~`` before it, with which no key begins.

    The page of a judge ``new`` is ``roster/judges/~new``, and ``roster/judges/new`` stays the form for a new one. A
    transferred event may have any text as a key: one that is such a word with marks already gets one more.

    Parameters
    ----------
    map : werkzeug.routing.Map
    before : list of str
        The parts of the address before the key.
    """

    def __init__(self, map: Map, before: list[str], *args: Any, **kwargs: Any) -> None:  # noqa: A002 - werkzeug's name
        super().__init__(map, *args, **kwargs)
        self._before = before

    @cached_property
    def _words(self) -> frozenset[str]:
        n = len(self._before)
        others = [parts for rule in self.map.iter_rules() if len(parts := rule.rule.split("/")) > n]
        return frozenset(
            parts[n]
            for parts in others
            if "<" not in parts[n]
            and all(own == other or "<" in own + other for own, other in zip(self._before, parts, strict=False))
        )

    def to_python(self, value: str) -> str:
        """Return the key without the mark."""
        return value[1:] if value.startswith("~") and self._is_word(value) else value

    def to_url(self, value: Any) -> str:
        """Return the key as it stands in the address of a page."""
        return super().to_url(f"~{value}" if self._is_word(str(value)) else value)

    def _is_word(self, value: str) -> bool:
        return value.lstrip("~") in self._words
