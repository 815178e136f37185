"""Scores as numbers: what one cell does not tell, the whole column tells, or a person is asked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from judging.errors import Listed, Message
from judging.incoming_tables.complaints import Complaints
from judging.incoming_tables.containers.number_formats import number_text
from judging.incoming_tables.entries.entry import FileEntry, Taken
from judging.incoming_tables.entries.row_entries import no_stored_value
from judging.incoming_tables.known import Known, MarkScale
from judging.incoming_tables.questions import Question, listed
from judging.incoming_tables.texts.number_texts import Written, read_number

_LISTED: Final = 5
_HUNDRED: Final = 100.0
# A plain number of this size beside 1,250 makes a separator of thousands likely.
_LARGE: Final = 100.0
_CHANGES: Final = re.compile(
    r"[\d?？]|withdr|void|absent|cancel|recus|not count|撤回|退出|作废|无效|缺席|取消|回避|弃权"
)


@dataclass(slots=True)
class _Column:
    """All scores of a file, with what each cell says."""

    entries: list[tuple[FileEntry, Written, MarkScale | None]] = field(default_factory=list)

    def of_kind(self, kind: str) -> list[tuple[FileEntry, Written, MarkScale | None]]:
        return [item for item in self.entries if item[1].kind == kind]


def read_marks(taken: Taken, known: Known, answers: Mapping[str, str], complaints: Complaints) -> None:
    """Write the score of each entry as canonical text into its values; a missing one gets none."""
    column = _Column()
    missing: Counter[str] = Counter()
    for entry in taken.entries:
        written = Written("missing") if entry.mark is None else read_number(entry.mark)
        if written.kind == "missing":
            if entry.column:
                missing["" if entry.mark is None else entry.mark.text] += entry.column != "comment"
            continue
        column.entries.append((entry, written, known.scale_of(entry.values.get("criterion", ""))))
    taken.has_ranks = any(written.is_rank for _, written, _ in column.entries)
    missing[""] += taken.n_empty
    _note_missing(missing, taken)
    _complain(column, complaints)
    is_comma = _decimal_sign(column, answers, taken)
    _percents(column, complaints, taken)
    _denominators(column, complaints, taken)
    _labels(column, complaints, taken)
    for entry, written, _ in column.entries:
        if written.kind == "number":
            entry.values["score"] = number_text(written.value)
        elif written.kind == "either" and is_comma is not None:
            decimal = (written.sign == ",") == is_comma
            entry.values["score"] = number_text(written.value if decimal else written.other)


def _note_missing(missing: Counter[str], taken: Taken) -> None:
    total = missing.total()
    if total and (set(missing) - {""} or missing[""]):
        words = Listed(f"`{word}` {n}" if word else f"(empty) {n}" for word, n in missing.most_common(6) if n)
        taken.notes.append(Message("{n} scores are missing, which is not zero: {words}", n=total, words=words))


def _complain(column: _Column, complaints: Complaints) -> None:
    for entry, written, _ in column.entries:
        mark = entry.mark
        if mark is None or written.kind in ("number", "either", "percent"):
            continue
        text = mark.text[:60]
        if written.kind in ("date", "range"):
            message = Message(
                "`{text}` is a date or a range, not a number: Excel makes dates of texts such as 4-5. Type it again.",
                text=text,
            )
        elif written.kind == "time":
            message = Message("`{text}` is a time, not a number; type the score again", text=text)
        elif written.kind == "error":
            message = Message("The cell shows the error {error}.", error=text)
        elif written.kind == "no value":
            message = no_stored_value()
        else:
            message = Message(
                "`{text}` is not a number; write digits such as 7.5, or nothing when the score is missing", text=text
            )
        complaints.add(entry.sheet, entry.row, entry.column, message)


def _decimal_sign(column: _Column, answers: Mapping[str, str], taken: Taken) -> bool | None:
    """Return whether a comma separates decimals and a point thousands; None when that has to be asked."""
    unclear = column.of_kind("either")
    if not unclear:
        return False
    if answers.get("decimal") in ("comma", "point"):
        return answers["decimal"] == "comma"
    fits = {
        True: all(
            _fits(written.value if written.sign == "," else written.other, scale) for _, written, scale in unclear
        ),
        False: all(
            _fits(written.value if written.sign == "." else written.other, scale) for _, written, scale in unclear
        ),
    }
    has_scale = any(scale is not None for _, _, scale in unclear)
    if has_scale and fits[True] != fits[False]:
        return fits[True]
    signs = {written.sign for _, written, _ in column.entries if written.kind == "number" and written.sign}
    if len(signs) == 1:
        return signs == {","}
    plain = [abs(written.value) for _, written, _ in column.entries if written.kind == "number"]
    only_points = all(written.sign == "." for _, written, _ in unclear)
    if only_points and not signs and all(value < _LARGE for value in plain):
        # A program that prints three decimals; beside numbers of hundreds it could be thousands.
        return False
    _, written, _ = unclear[0]
    taken.questions.append(
        Question(
            name="decimal",
            text=Message(
                "`{text}` in row {row}: is it {decimal} or {thousand}?",
                text=_shown(unclear[0][0]),
                row=unclear[0][0].row,
                decimal=number_text(written.value),
                thousand=number_text(written.other),
            ),
            answers={
                "comma": Message("a comma separates decimals: 8,5"),
                "point": Message("a point separates decimals: 8.5"),
            },
        )
    )
    return None


def _shown(entry: FileEntry) -> str:
    """Return what the cell of a score shows, as far as a complaint needs it."""
    return entry.mark.text[:60] if entry.mark is not None else ""


def _fits(value: float, scale: MarkScale | None) -> bool:
    return scale is None or scale.contains(value)


def _replace(column: _Column, changed: Mapping[int, Written]) -> None:
    column.entries = [
        (entry, changed.get(index, written), scale) for index, (entry, written, scale) in enumerate(column.entries)
    ]


def _percents(column: _Column, complaints: Complaints, taken: Taken) -> None:
    """Read 85% as 85 on a scale from 0 to 100, or where every score is a percentage; refuse it elsewhere."""
    n_percent = len(column.of_kind("percent"))
    if not n_percent:
        return
    every = n_percent == len(column.entries)
    changed, n_read = {}, 0
    for index, (entry, written, scale) in enumerate(column.entries):
        if written.kind != "percent":
            continue
        is_hundred = scale is not None and scale.minimum == 0 and scale.maximum == _HUNDRED
        if is_hundred or (scale is None and every):
            changed[index] = Written("number", written.value)
            n_read += 1
        else:
            complaints.add(
                entry.sheet,
                entry.row,
                entry.column,
                Message(
                    "The cell shows {value}%, and the scale is not 0 to 100. Write the score as a number.",
                    value=number_text(written.value),
                ),
            )
    _replace(column, changed)
    if n_read:
        taken.notes.append(Message("{n} percentages are read as what the cells show: 85% is 85", n=n_read))


def _denominators(column: _Column, complaints: Complaints, taken: Taken) -> None:
    """Accept 8/10 when 10 is the end of the scale, or the only denominator of the file."""
    ends = Counter(written.out_of for _, written, _ in column.entries if written.out_of)
    if not ends:
        return
    n_read, changed = 0, {}
    has_plain = any(written.kind == "number" and not written.out_of for _, written, _ in column.entries)
    common = ends.most_common(1)[0][0]
    for index, (entry, written, scale) in enumerate(column.entries):
        if not written.out_of:
            continue
        end = scale.maximum if scale is not None else common if len(ends) == 1 else 0.0
        if written.out_of == end and 0 <= written.value <= end:
            n_read += 1
            continue
        changed[index] = Written("words")
        text, other = _shown(entry), number_text(written.out_of)
        message = Message("`{text}` is out of {other}, and other scores are not", text=text, other=other)
        if end:
            message = Message(
                "`{text}` is out of {other}, and the scale ends at {end}", text=text, other=other, end=number_text(end)
            )
        complaints.add(entry.sheet, entry.row, entry.column, message)
    _replace(column, changed)
    if n_read:
        note = Message("{n} scores such as 8/{end} are read as 8", n=n_read, end=number_text(common))
        taken.notes.append(note)
        if has_plain and not any(scale is not None for _, _, scale in column.entries):
            taken.notes.append(Message("others have no denominator and are taken to be on the same scale"))


def _labels(column: _Column, complaints: Complaints, taken: Taken) -> None:
    """Accept ``8: accept`` when each number always has the same words."""
    words: dict[float, Counter[str]] = {}
    for _, written, _ in column.entries:
        if written.label:
            words.setdefault(written.value, Counter())[written.label] += 1
    if not words:
        return
    changed, n_read = {}, 0
    n_labels = sum(bool(written.label) for _, written, _ in column.entries)
    n_numbers = sum(written.kind in ("number", "either") for _, written, _ in column.entries)
    # Words beside a few of the scores are remarks, and one such as `8 (was 7)` may change the number.
    are_remarks = n_labels <= n_numbers / 2
    remarks = []
    for index, (entry, written, _) in enumerate(column.entries):
        if not written.label:
            continue
        if are_remarks and _CHANGES.search(written.label):
            changed[index] = Written("words")
            complaints.add(
                entry.sheet,
                entry.row,
                entry.column,
                Message(
                    "`{text}`: write the number that counts, alone; the words can be a comment", text=_shown(entry)
                ),
            )
            continue
        if are_remarks or len(words[written.value]) == 1:
            n_read += 1
            remarks.append(f"`{_shown(entry)}`")
            continue
        changed[index] = Written("words")
        complaints.add(
            entry.sheet,
            entry.row,
            entry.column,
            Message(
                "`{text}`: other cells have other words after the same number. Write the number alone.",
                text=_shown(entry),
            ),
        )
    _replace(column, changed)
    if n_read and are_remarks:
        taken.notes.append(
            Message(
                "{n} scores have words, and the number before them is read: {texts}", n=n_read, texts=listed(remarks)
            )
        )
    elif n_read:
        taken.notes.append(Message("{n} scores such as “8: accept” are read as the number before the words", n=n_read))
