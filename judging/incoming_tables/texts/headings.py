"""What headings mean: the field that each names, without scales, marks of required questions and translations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from judging.incoming_tables.texts.spelling import folded, folded_script
from judging.incoming_tables.texts.synonyms import FIELDS, JUDGE_WORDS, NUMBERING, TOTALS

_POINTS: Final = r"\s*(?:分|points?|pts?|marks?)"
_SCALE: Final = re.compile(
    r"[\[(（【]\s*(?:满分\s*\d+\s*分?|滿分\s*\d+\s*分?|最高\s*\d+\s*分?|max(?:imum)?\.?\s*\d+|out of\s*\d+|/\s*\d+|"
    rf"\d+(?:[.,]\d+)?\s*%|\d+(?:\.\d+)?\s*(?:[-–—~～]|to|至|到)\s*\d+(?:\.\d+)?(?:{_POINTS})?|\d+{_POINTS}|"
    r"required|optional|必填|选填|選填|必答|单选题|矩阵题)\s*[\])）】]",
    re.IGNORECASE,
)
_TRAILING: Final = re.compile(r"[\s*:：?？。.!！]+$")
_BRACKETED: Final = re.compile(r"^(.*?)\s*[\[【]\s*([^\[\]【】]+?)\s*[\]】]\s*$", re.DOTALL)
# What a form asks before it names the field: `Which entry?`, `Please enter your judge number`, `请选择作品编号`.
_ASKED: Final = re.compile(
    r"^(?:please\s+)?(?:which|what(?:\s+is)?|how\s+many|enter|choose|select|type|your)\s+(?:(?:your|the|is|a|an)\s+)*"
    r"|^(?:请|請)?(?:选择|選擇|填写|填寫|输入|輸入)(?:您的|你的|参赛|參賽)?",
    re.IGNORECASE,
)
_WEIGHTED: Final = re.compile(r"\bweighted\b|\bx\s*weight\b|加权", re.IGNORECASE)
_BLANKS: Final = re.compile(r"[\s_\-]+")
_QUESTION: Final = re.compile(r"^\s*(?:q\s*)?\d{1,2}\s*[.、:：)）]\s*", re.IGNORECASE)
_CHINESE: Final = re.compile(r"[\u3400-\u9fff]")
_JUDGE_HEADING: Final = re.compile(
    rf"(?:(?:{'|'.join(JUDGE_WORDS)})s?\s*(?:no\.?\s*)?#?\s*[\w一二三四五六七八九十]{{0,12}}(?:\s+[\w.]+){{0,2}}|[jr]\s*-?\d{{1,3}}|"
    r"(?:dr|prof|mr|ms|mrs|professor)\.?\s.+|.+(?:老师|教授|博士|先生|女士|评委|评审|专家))"
)


def without_scale(heading: str) -> str:
    """Return a heading without its scale, weight, number of question and mark of a required question.

    >>> [without_scale(text) for text in ("Innovation [1-5]", "Impact (40%) *", "3. 创新（满分10分）", "Score:")]
    ['Innovation', 'Impact', '创新', 'Score']
    """
    text = _SCALE.sub("", heading)
    text = _TRAILING.sub("", text).strip()
    shorter = _QUESTION.sub("", text).strip()
    return shorter or text or heading.strip()


def bracketed(heading: str) -> str:
    """Return the item of a grid question, such as ``Innovation`` of ``Rate the proposal [Innovation]``; else empty."""
    match = _BRACKETED.match(_SCALE.sub("", heading).strip())
    return without_scale(match[2]) if match is not None and match[1].strip() else ""


@lru_cache(maxsize=10_000)
def plain(heading: str) -> str:
    """Return a heading in the form in which it is compared: no case, no script, blanks for hyphens and underscores."""
    return _BLANKS.sub(" ", _TRAILING.sub("", folded_script(heading))).strip()


@lru_cache(maxsize=10_000)
def forms(heading: str) -> tuple[str, ...]:
    r"""Return the forms of a heading, the most complete first: whole, without scale, each line, each language.

    >>> forms("Max load\n上限\n上限")[:2], forms("作品編號 Proposal ID")[-2:]
    (('max load 上限 上限', 'max load'), ('作品编号', 'proposal id'))
    """
    found = [heading, without_scale(heading)]
    lines = [line for line in heading.split("\n") if line.strip()]
    if len(lines) > 1:
        found += [without_scale(line) for line in lines]
    parts = [
        part
        for part in re.split(r"[/／\\＼|()（）]", folded(without_scale(heading.replace("\n", " "))))
        if part.strip()
    ]
    if len(parts) > 1:
        found += parts
    asked = _ASKED.sub("", without_scale(heading))
    if asked != without_scale(heading):
        found.append(asked)
    if _CHINESE.search(heading) and re.search(r"[A-Za-z]{2}", heading):
        found.append("".join(_CHINESE.findall(heading)))
        found.append(re.sub(r"[^\x00-\x7f]+", " ", heading))
    return tuple(dict.fromkeys(form for form in map(plain, found) if form))


@lru_cache(maxsize=32)
def _words(kind: str) -> Mapping[str, tuple[tuple[str, int], ...]]:
    words: dict[str, list[tuple[str, int]]] = {}
    for field, groups in FIELDS[kind].items():
        words.setdefault(plain(field), []).append((field, 0))
        for tier, group in enumerate(groups, 1):
            for word in group.split("|"):
                words.setdefault(plain(word), []).append((field, tier))
    return {word: tuple(sorted(meanings, key=lambda meaning: meaning[1])) for word, meanings in words.items()}


@lru_cache(maxsize=20_000)
def fields_of(kind: str, heading: str) -> tuple[tuple[str, int], ...]:
    """Return the fields that a heading may name, each with how certain that is: 0 for the field's own name.

    >>> fields_of("scores", "評委姓名"), fields_of("scores", "Submission"), fields_of("scores", "weather")
    ((('judge', 1),), (('proposal', 1),), ())
    """
    words = _words(kind)
    for form in forms(heading):
        if form in words:
            return words[form]
    return ()


def is_total(heading: str) -> bool:
    """Return whether a heading names something computed from the scores."""
    return any(form in TOTALS for form in forms(heading)) or _WEIGHTED.search(folded_script(heading)) is not None


def is_numbering(heading: str) -> bool:
    """Return whether a column only counts the rows."""
    return any(form in NUMBERING for form in forms(heading))


@lru_cache(maxsize=20_000)
def is_judge_like(heading: str) -> bool:
    """Return whether a heading looks like the name of a judge, such as ``Judge 1``, ``J07`` or ``评委一``."""
    return any(_JUDGE_HEADING.fullmatch(form) is not None for form in forms(heading))


def match_name(heading: str, names: Mapping[str, str]) -> str | None:
    """Return the key that a heading names; ``names`` are folded with ``folded_script``."""
    for text in (heading, without_scale(heading), bracketed(heading), *heading.split("\n")):
        if text and (key := names.get(folded_script(text))) is not None:
            return key
    return next((names[form] for form in forms(heading) if form in names), None)


def split_pairs(heading: str) -> Iterable[tuple[str, str]]:
    """Yield the ways in which a heading can be read as two names, such as ``Innovation - J1`` or ``J1 (Impact)``."""
    item = bracketed(heading)
    if item:
        yield _BRACKETED.sub(r"\1", _SCALE.sub("", heading)).strip(), item
    text = " ".join(_SCALE.sub("", heading).split(" "))
    for match in re.finditer(r"\s*[-–—_/／:：|·,，\n]\s*|\s+|[(（\[]", text):
        first, second = text[: match.start()].strip(), text[match.end() :].strip(" )）]")
        if first and second:
            yield without_scale(first), without_scale(second)
