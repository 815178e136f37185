"""Messages in the languages of the product, with or without a request: pages, workbooks and jobs use the same."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from babel.support import NullTranslations, Translations

from judging.errors import Listed, Message
from judging.rubric import Text

CATALOGUES = {"en": "en", "zh-Hant-HK": "zh_Hant_HK", "zh-Hans-CN": "zh_Hans_CN"}
"""Language tag -> name of the catalogue."""
FOLDER = Path(__file__).parent / "translations"


def translate(message: str, language: str, *, reword: Callable[[str], str] = str) -> str:
    """Return a Message or a Listed in a language of ``CATALOGUES``; any other text is returned unchanged.

    ``reword`` changes the sentence before its values are filled in.
    """
    if isinstance(message, Listed):
        return _join(message, [translate(text, language, reword=reword) for text in message.texts], language)
    if not isinstance(message, Message):
        return message
    template = message.template
    text = reword(str(_catalogue(language).gettext(template))) if template else ""
    values = {name: _translate_value(value, language, reword) for name, value in message.values.items()}
    return text.format(**values) if values else text


def _translate_value(value: object, language: str, reword: Callable[[str], str]) -> object:
    if isinstance(value, Text):
        return value.in_locale(language)
    return translate(value, language, reword=reword) if isinstance(value, str) else value


def _join(listed: Listed, texts: list[str], language: str) -> str:
    if not language.startswith("zh"):
        return str(Listed(texts, unnamed=listed.unnamed, in_prose=listed.in_prose))
    return "、".join(texts) + (f"（+{listed.unnamed}）" if listed.unnamed else "")


@cache
def _catalogue(language: str) -> NullTranslations:
    return Translations.load(str(FOLDER), [CATALOGUES[language]])
