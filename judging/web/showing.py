"""Template filters for numbers, times and texts of a competition."""

from datetime import UTC, datetime
from functools import cache
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale
from babel.dates import get_timezone_name
from babel.numbers import get_decimal_symbol, get_minus_sign_symbol
from flask import Flask
from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup, escape

from judging import competition, decimals, displaying
from judging.decimals import SCORE
from judging.displaying import MISSING, fixed, with_sign
from judging.request_language import current_language


class Translated(Protocol):
    """A text of a competition or rubric in the competition's languages."""

    def in_locale(self, locale: str) -> str:
        """Return the text in one language."""


def number(value: float | None, digits: int = SCORE.page) -> str:
    """Return a number with a fixed count of decimals; a dash when there is none (missing is not zero)."""
    if value is None:
        return MISSING
    text = fixed(value, digits)
    decimal, minus = _symbols(get_locale())
    return text if (decimal, minus) == (".", "-") else text.replace("-", minus).replace(".", decimal)


def signed(value: float | None, digits: int = SCORE.page) -> str:
    """Return a number with its sign, with U+2212 as the minus; zero has no sign."""
    return with_sign(value, digits).replace(".", _symbols(get_locale())[0])


def percent(value: float | None) -> str:
    """Return a probability as a percentage; Chinese sets no space before the sign."""
    return _close(displaying.percent(value))


def probability(value: float | None) -> str:
    """Return a probability from draws as a percentage; Chinese sets no space before the sign."""
    return _close(displaying.probability(value))


def of_hundred(value: float, digits: int = 0) -> str:
    """Return a number that is counted in percent already, such as a weight, with its sign."""
    return _close(f"{number(value, digits)} %")


def colon() -> str:
    """Return the mark between a label and what it labels; the full-width one has no space after it."""
    return "：" if current_language().startswith("zh") else ": "


def comma() -> str:
    """Return the mark between what somebody did and when, or a fact and its reason."""
    return "，" if current_language().startswith("zh") else ", "


def between() -> str:
    """Return what stands between two sentences: a space, and nothing after a full-width mark."""
    return "" if current_language().startswith("zh") else " "


def lead(label: str) -> str:
    """Return a label that ends with a colon, with the space after it if its colon has none in itself."""
    return label if label.endswith("：") else f"{label} "


def bracketed(text: object) -> Markup:
    """Return a text in the brackets of the reader's language, with the space that stands before them."""
    before, after = ("（", "）") if current_language().startswith("zh") else (" (", ")")
    return escape(before) + escape(text) + escape(after)


def moment(value: datetime | None, time_zone: str = "Asia/Hong_Kong", *, seconds: bool = False) -> str:
    """Return a time in the competition's zone with its offset, such as ``2023-07-03 14:05 (UTC+8)``."""
    if value is None:
        return MISSING
    clock, _, offset = competition.moment(value, ZoneInfo(time_zone), seconds=seconds).partition(" (")
    return f"{clock}{bracketed(offset.removesuffix(')'))}"


def stored_moment(text: str, time_zone: str = "Asia/Hong_Kong") -> str:
    """Return a time that is stored as ISO text within a document, as `moment` does."""
    return moment(datetime.fromisoformat(text), time_zone)


def zone_name(time_zone: str) -> str:
    """Return a time zone as people say it, such as "Hong Kong time"; what is no zone as it was typed."""
    said = {"Asia/Hong_Kong": _("Hong Kong time"), "Asia/Shanghai": _("Shanghai time"), "UTC": _("UTC")}
    if time_zone in said:
        return str(said[time_zone])
    try:
        return get_timezone_name(ZoneInfo(time_zone), locale=get_locale())
    except (ZoneInfoNotFoundError, ValueError):
        return time_zone


def iso(value: datetime) -> str:
    """Return a time for a ``datetime`` attribute."""
    return value.astimezone(UTC).isoformat(timespec="seconds")


def localised(text: Translated | None) -> str:
    """Return a competition's text in the reader's language."""
    return text.in_locale(current_language()) if text is not None else ""


def file_size(n_bytes: int) -> str:
    """Return the size of a file in kilobytes or megabytes of 1000.

    >>> file_size(34_200_000), file_size(910)
    ('34 MB', '1 KB')
    """
    if n_bytes < 999_500:
        return f"{max(1, round(n_bytes / 1000))} KB"
    megabytes = n_bytes / 1_000_000
    # A tenth matters only in small files.
    digits = 1 if megabytes < 9.95 and megabytes != round(megabytes) else 0
    return f"{number(megabytes, digits)} MB"


def _close(text: str) -> str:
    return text.replace(" %", "%") if current_language().startswith("zh") else text


@cache
def _symbols(locale: Locale | None) -> tuple[str, str]:
    # A page of 500 proposals has thousands of numbers. Babel's format_decimal parses its pattern for each of them.
    locale = locale or Locale("en")
    return get_decimal_symbol(locale), get_minus_sign_symbol(locale)


def init_app(app: Flask) -> None:
    """Register the filters, and the decimals of each quantity, for all templates."""
    for show in (
        number,
        signed,
        percent,
        probability,
        of_hundred,
        bracketed,
        lead,
        moment,
        stored_moment,
        zone_name,
        iso,
        localised,
        file_size,
    ):
        app.jinja_env.filters[show.__name__] = show
    app.jinja_env.globals.update(decimals=decimals, colon=colon, comma=comma, between=between)
