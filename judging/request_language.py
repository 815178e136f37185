"""The language of a page: chosen by the person and stored, or else taken from the browser.

``best_match`` of the usual libraries returns English for ``zh-HK``, because it compares tags as text. Here the script
of a Chinese tag is determined first (Hong Kong, Taiwan and Macau: Traditional; all others: Simplified), and the
language is selected by script.
"""

from collections.abc import Iterable
from pathlib import Path

from flask import Flask, g, request, session
from flask_babel import Babel
from flask_login import current_user

from judging import translating
from judging.errors import Listed, Message
from judging.place_words import as_places
from judging.translating import CATALOGUES

# The tag for lang="...", and the name of the language for the switch.
LANGUAGE_NAMES = {"en": "English", "zh-Hant-HK": "繁體中文", "zh-Hans-CN": "简体中文"}
_TRADITIONAL = frozenset({"hant", "hk", "tw", "mo"})


def match(tag: str) -> str | None:
    """Return the supported language for one BCP 47 tag, or None.

    >>> [match(tag) for tag in ("zh-HK", "zh_TW", "zh", "zh-Hans-HK", "en-GB", "fr")]
    ['zh-Hant-HK', 'zh-Hant-HK', 'zh-Hans-CN', 'zh-Hans-CN', 'en', None]
    """
    parts = tag.replace("_", "-").lower().split("-")
    if parts[0] == "en":
        return "en"
    if parts[0] in ("zh", "yue", "cmn"):
        if "hans" in parts:
            return "zh-Hans-CN"
        return "zh-Hant-HK" if parts[0] == "yue" or _TRADITIONAL.intersection(parts) else "zh-Hans-CN"
    return None


def choose(accepted: Iterable[str]) -> str:
    """Return the supported language for a browser's list of tags, best first; English when none fits."""
    return next((language for language in map(match, accepted) if language is not None), "en")


def current_language() -> str:
    """Return the tag of the language of this request."""
    if "judging_language" not in g:
        remembered = session.get("language")
        if remembered not in LANGUAGE_NAMES and current_user.is_authenticated:
            remembered = current_user.locale
        chosen = remembered if remembered in LANGUAGE_NAMES else choose(tag for tag, _ in request.accept_languages)
        g.judging_language = chosen
    return str(g.judging_language)


def translate(message: str) -> str:
    """Return a Message or a Listed in the language of this request; any other text is returned unchanged."""
    # Whose language it is matters only for what can be translated.
    if not isinstance(message, (Listed, Message)):
        return message
    language = current_language()
    return translating.translate(message, language, reword=lambda text: as_places(text, language))


def require_catalogues(folder: Path) -> None:
    """Refuse to start with a catalogue that is not compiled, or is older than its source.

    Otherwise pages would be in English or show outdated translations, without any error.
    """
    for catalogue in sorted(set(CATALOGUES.values()) - {"en"}):
        source = folder / catalogue / "LC_MESSAGES" / "messages.po"
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
            state = "is older than its texts" if compiled.exists() else "is not compiled"
            raise RuntimeError(f"The catalogue {catalogue} {state}: start with python3 run.py, which compiles it.")


def init_app(app: Flask) -> None:
    """Set up translation into the chosen language."""
    require_catalogues(Path(app.root_path) / "translations")
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", "translations")
    Babel(app, locale_selector=lambda: CATALOGUES[current_language()])
    app.jinja_env.filters["translate"] = translate
    app.context_processor(lambda: {"language": current_language(), "languages": LANGUAGE_NAMES})
