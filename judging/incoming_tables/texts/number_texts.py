"""Numbers as people write them, and what else stands where a number should: missing marks, times, dates, words."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from judging.incoming_tables.containers import cells as kinds
from judging.incoming_tables.containers.cells import RawCell
from judging.incoming_tables.texts.spelling import folded, folded_script

_WORDS: Final = (
    "n/a na n.a. n.a #n/a - -- --- – — ―  ー — ‐ / \\ . … ... abs abs. absent abstain abstained abstention dns dnf "
    "recused recusal withdrawn missing empty blank (blank) (empty) "
    "缺席 缺 缺考 缺分 缺评 未评 未评分 未打分 未交 弃权 弃评 回避 利益冲突 未提交 暂无 无评分"
)
_PHRASES: Final = "not applicable|not available|no score|not scored|not rated|not marked|no answer|not given"
MISSING_WORDS: Final = frozenset(_WORDS.split()) | frozenset(_PHRASES.split("|"))
"""How people mark a score that does not exist, folded; it is missing, not zero."""

_UNITS: Final = r"(?:分|点|points?|pts?\.?|marks?)"
_PLAIN: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?")
_COMMA: Final = re.compile(r"[+-]?\d*,\d+")
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?:([,.' ’])\d{3})(?:\1\d{3})*(?:[.,]\d+)?")
_OF: Final = re.compile(rf"(.+?)\s*(?:/|／|\bout of\b|\bof\b)\s*(\d+(?:[.,]\d+)?)\s*{_UNITS}?", re.IGNORECASE)
_UNIT: Final = re.compile(rf"(.+?)\s*{_UNITS}", re.IGNORECASE)
# A digit after the sign would be a time (8:30) or a range (4-5).
_LABELLED: Final = re.compile(r"([+-]?[\d.,]+)\s*(?::|：|=|\s[-–—]\s|\.\s|\(|（)\s*([^\d\s].*)", re.DOTALL)
_CLOCK: Final = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?(?:\s*[ap]m)?", re.IGNORECASE)
_DATE: Final = re.compile(
    r"\d{1,4}[-/.年]\d{1,2}(?:[-/.月]\d{1,4}日?(?:[ T]\d.*)?)?|\d{1,2}月\d{1,2}日?|"
    r"\d{1,2}[- /](?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*(?:[- /]\d{2,4})?|"
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[- /]\d{1,4}",
    re.IGNORECASE,
)
_ORDINAL: Final = re.compile(r"第\s*(\d{1,4})\s*[名位]?|(\d{1,4})\s*(?:st|nd|rd|th|名)", re.IGNORECASE)
_HALVES: Final = {"½": 0.5, "¼": 0.25, "¾": 0.75}
_HALF: Final = re.compile(r"([0-9]{0,4})\s?([½¼¾])\s?分?")
_RANGE: Final = re.compile(r"\d+(?:\.\d+)?\s*[-–—~～至]\s*\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Written:
    """What a cell says, as far as the cell alone tells it.

    Attributes
    ----------
    kind : str
        ``number``, ``missing``, ``either`` (a comma or point that may separate decimals or thousands), ``percent``,
        ``date``, ``time``, ``range``, ``error``, ``no value``, ``truth`` or ``words``.
    value : float
        The number; for ``either`` with the sign read as a decimal sign; for ``percent`` as shown, 85 for 85%.
    other : float
        For ``either``: with the sign read as a separator of thousands.
    sign : str
        The decimal sign that the text shows for certain: ``,`` or ``.``; for ``either`` the sign in question.
    out_of : float
        The denominator of ``8/10``; 0 when there is none.
    label : str
        The words of ``8: accept``.
    is_rank : bool
        Whether it is written as a rank, such as ``1st`` or ``第1名``.
    """

    kind: str
    value: float = 0.0
    other: float = 0.0
    sign: str = ""
    out_of: float = 0.0
    label: str = ""
    is_rank: bool = False


def is_missing(text: str) -> bool:
    """Return whether a text marks a value as missing."""
    return folded_script(text) in MISSING_WORDS


def read_number(cell: RawCell) -> Written:
    """Return what a cell says where a number should stand."""
    if cell.kind == kinds.NUMBER:
        return Written("number", float(cell.text))
    if cell.kind == kinds.PERCENT:
        return Written("percent", float(cell.text.rstrip("%")))
    if cell.kind == kinds.ERROR:
        return Written("missing" if cell.text == "#N/A" else "error")
    if cell.kind in (kinds.DATE, kinds.TIME, kinds.TRUTH, kinds.NO_VALUE):
        return Written(cell.kind)
    return read_number_text(cell.text)


@lru_cache(maxsize=50_000)
def read_number_text(raw: str) -> Written:
    """Return what a text says where a number should stand.

    >>> [read_number_text(text).value for text in ("8,5", "８．５", "\u22121", "8/10", "8.5分", "8: accept", "1 250")]
    [8.5, 8.5, -1.0, 8.0, 8.5, 8.0, 1250.0]
    >>> read_number_text("1,250").kind, read_number_text("4-5").kind, read_number_text("缺席").kind
    ('either', 'range', 'missing')
    """
    if len(raw) > 500:
        return Written("words")
    if (match := _HALF.fullmatch(raw.strip())) is not None:
        return Written("number", float(match[1] or 0) + _HALVES[match[2]], sign=".")
    # "8²" would fold to "82".
    if any(unicodedata.category(character) == "No" for character in raw):
        return Written("words")
    text = folded(raw).replace("\u2212", "-").replace("﹣", "-").strip()
    if is_missing(raw) or not text:
        return Written("missing")
    if text.startswith("'"):
        text = text[1:]
    if text.upper() == "#N/A":
        return Written("missing")
    if re.fullmatch(r"#(DIV/0!|REF!|VALUE!|NAME\?|NUM!|NULL!)", text.upper()):
        return Written("error")
    simple = _simple(text)
    if simple is not None:
        return simple
    if text.endswith("%"):
        inner = _simple(text[:-1].strip())
        return Written("percent", inner.value) if inner is not None and inner.kind == "number" else Written("words")
    if _CLOCK.fullmatch(text):
        return Written("time")
    if _RANGE.fullmatch(text):
        return Written("range")
    if (match := _ORDINAL.fullmatch(text)) is not None:
        return Written("number", float(match[1] or match[2]), is_rank=True)
    if (match := _OF.fullmatch(text)) is not None:
        return _out_of(match[1], match[2])
    if _DATE.fullmatch(text):
        return Written("date")
    if (match := _UNIT.fullmatch(text)) is not None and (inner := _simple(match[1].strip())) is not None:
        return inner
    if (match := _LABELLED.fullmatch(text)) is not None and (inner := _simple(match[1])) is not None:
        label = folded_script(match[2])
        return (
            Written(inner.kind, inner.value, inner.other, inner.sign, 0.0, label) if inner.kind == "number" else inner
        )
    return Written("words")


def _out_of(number: str, denominator: str) -> Written:
    inner, below = _simple(number.strip()), _simple(denominator)
    if inner is None or inner.kind != "number" or below is None or below.value <= 0:
        return Written("words")
    return Written("number", inner.value, sign=inner.sign, out_of=below.value)


def _simple(text: str) -> Written | None:
    """Return a number with its signs of decimals and thousands, None when the text is something else."""
    lowered = text.lower()
    if _PLAIN.fullmatch(lowered):
        whole, point, decimals = lowered.lstrip("+-").partition(".")
        value = float(lowered)
        if point and len(decimals) == 3 and decimals.isdecimal() and _is_group(whole):
            return Written("either", value, value * 1000, ".")
        return Written("number", value, sign="." if point and decimals else "") if abs(value) < 1e300 else None
    if _COMMA.fullmatch(text):
        whole, _, decimals = text.lstrip("+-").partition(",")
        value = float(text.replace(",", "."))
        if len(decimals) == 3 and _is_group(whole):
            return Written("either", value, float(text.replace(",", "")), ",")
        return Written("number", value, sign=",")
    match = _GROUPED.fullmatch(text)
    if match is None:
        return None
    group = match[1]
    rest = text.replace(group, "")
    if re.fullmatch(r"[+-]?\d+", rest):
        # One group is ambiguous only with a comma or a point, and those were read above.
        return Written("number", float(rest), sign={",": ".", ".": ","}.get(group, ""))
    sign = "," if "," in rest else "."
    if sign == group:
        return None
    return Written("number", float(rest.replace(",", ".")), sign=sign)


def _is_group(whole: str) -> bool:
    """Return whether digits can stand before a separator of thousands."""
    return whole.isdecimal() and 1 <= len(whole) <= 3 and not whole.startswith("0")
