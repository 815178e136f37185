"""The judge of a table that only the name of its file or of its sheet tells; a person confirms it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from judging.errors import Message
from judging.incoming_tables.containers.cells import Book
from judging.incoming_tables.known import Known
from judging.incoming_tables.questions import Question, digest_of_cells
from judging.incoming_tables.shapes.table_finding import Candidate
from judging.incoming_tables.texts.headings import is_judge_like, plain
from judging.incoming_tables.texts.spelling import folded, folded_script
from judging.incoming_tables.texts.synonyms import JUDGE, JUDGE_WORDS

# Words of files that name nobody: `J1 scores (final) 2026-07-15 copy`.
_GENERIC: Final = re.compile(
    r"\b(?:scores?|marks?|points|ratings?|score ?sheets?|mark ?sheets?|sheets?|results?|final|copy|draft|new|updated|"
    r"from|of|by|the|for|round|export|responses|form|file|data|table|book|untitled|v\d+|\d{4}-?\d{2}-?\d{2}|\d{4,8})\b|\(\d+\)|"
    r"评分表|打分表|评分|打分|分数表?|成绩表?|结果|最终|副本|工作表|初赛|复赛|决赛"
)
_WORDS: Final = frozenset(plain(word) for group in JUDGE for word in group.split("|")) | frozenset(JUDGE_WORDS)
_AROUND: Final = " -_–—.·,，、()（）[]【】"


def name_in_title(title: str) -> str:
    """Return what remains of the name of a file or a sheet when the words that name nobody are gone.

    >>> [name_in_title(text) for text in ("Judge J1", "scores_王小明 (2)", "Scores final", "Sheet1")]
    ['Judge J1', '王小明', '', '']
    """
    text = folded(title.replace("_", " "))
    simple = folded_script(text)
    spans = [match.span() for match in _GENERIC.finditer(simple)] if len(simple) == len(text) else []
    for first, last in reversed(spans):
        text = f"{text[:first]} {text[last:]}"
    text = " ".join(text.split()).strip(_AROUND)
    is_counted = re.fullmatch(r"(?:sheet|book|table)?\s*\d*", folded_script(text)) is not None
    return "" if is_counted or plain(text) in _WORDS else text[:100]


def judge_of_file(
    book: Book, candidate: Candidate, known: Known, answers: Mapping[str, str]
) -> tuple[dict[str, dict[str, str]], list[Question]]:
    """Return the judge to whom a table without a column of judges belongs, and the question whether that is right.

    The question contains a digest of the name of the file: its answer holds for no other file.
    """
    stem = book.filename.rpartition("/")[2].rpartition(".")[0]
    offered = dict.fromkeys(name for title in (stem, candidate.sheet.name) if (name := name_in_title(title)))
    if book.separator:
        offered = dict.fromkeys(list(offered)[:1])
    people = {name: key for name in offered if (key := _on_roster(name, known))} if known.judges is not None else {}
    names = list(people.values()) if known.judges is not None else list(offered)
    question = f"judge-of-file-{digest_of_cells([(book.filename,)])}"
    answer = answers.get(question, "").strip()
    if answer:
        return {candidate.sheet.name: {"judge": answer}}, []
    if not names:
        return {}, []
    asked = Question(
        name=question,
        text=Message(
            "No column names the judge, and the file is called {file}: whose scores are these?", file=stem[:80]
        ),
        answers={name: Message("judge {judge}", judge=_shown(name, known)) for name in dict.fromkeys(names)},
    )
    return {candidate.sheet.name: {"judge": names[0]}}, [asked]


def _on_roster(name: str, known: Known) -> str:
    """Return the key of the only judge whom a name means, with or without the word judge before it."""
    shorter = re.sub(rf"^(?:{'|'.join(JUDGE_WORDS)})[\s:：-]*", "", folded_script(name)) if is_judge_like(name) else ""
    for text in (name, shorter):
        match = known.judges.find(text) if known.judges is not None and text else None
        if match is not None and len(match.keys) == 1:
            return match.keys[0]
    return ""


def _shown(name: str, known: Known) -> str:
    others = known.judges.others.get(name, ()) if known.judges is not None else ()
    return f"{name} ({others[0]})" if others else name
