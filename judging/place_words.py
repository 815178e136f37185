"""The word for the places of judges and teams: a competition between countries does not speak of cities.

The definition of a competition says which word it is (`CompetitionRules.places`). Sentences exist once, with the word
city; the word is exchanged in the sentence before names and numbers are filled in, so that a name such as "Smart City"
stays.
"""

from __future__ import annotations

import re
from typing import Any

from flask import g, has_request_context
from flask_babel import Domain, get_locale

from judging.competition import CompetitionRules

_ENGLISH = re.compile(r"%\(\w+\)|\{[^{}]*\}|\b([Cc])it(y|ies)\b")
_CHINESE = (
    ("兩地", "各地"),
    ("两地", "各地"),
    ("城市", "國家或地區"),
)


def of_countries(text: str, language: str) -> str:
    """Return a sentence that speaks of countries instead of cities; places for values stay as they are.

    Examples
    --------
    >>> of_countries("City: the cities' severity, %(city)s", "en")
    "Country: the countries' severity, %(city)s"
    >>> of_countries("所屬城市", "zh-Hant-HK"), of_countries("所属城市", "zh-Hans-CN")
    ('所屬國家或地區', '所属国家或地区')
    """
    if not language.startswith("zh"):
        return _ENGLISH.sub(lambda found: f"{found[1]}ountr{found[2]}" if found[1] else found[0], text)
    for city, country in _CHINESE:
        text = text.replace(city, country)
    return text.replace("國家或地區", "国家或地区") if "Hans" in language else text


class _Countries:
    """The translations of one language, about countries."""

    def __init__(self, translations: Any, language: str) -> None:
        self._translations = translations
        self._language = language

    def ugettext(self, message: str) -> str:
        return of_countries(self._translations.ugettext(message), self._language)

    def ungettext(self, one: str, many: str, number: int) -> str:
        return of_countries(self._translations.ungettext(one, many, number), self._language)

    def upgettext(self, context: str, message: str) -> str:
        return of_countries(self._translations.upgettext(context, message), self._language)


class _CountryDomain(Domain):  # type: ignore[misc]  # Flask-Babel has no types
    def get_translations(self) -> _Countries:
        return _Countries(super().get_translations(), str(get_locale()))


_COUNTRIES = _CountryDomain()


def use_words_of(definition: CompetitionRules) -> None:
    """Let the rest of this request speak of the places of a competition as its definition does."""
    g.judging_places = definition.places
    if definition.places == "countries":
        _COUNTRIES.as_default()


def as_places(text: str, language: str) -> str:
    """Return a translated sentence in the words of the competition of this request."""
    is_of_countries = has_request_context() and g.get("judging_places") == "countries"
    return of_countries(text, language) if is_of_countries else text
