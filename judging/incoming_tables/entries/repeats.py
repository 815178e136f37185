"""Second answers of a judge: the later one by time counts, where a time says so; nothing counts twice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from judging.errors import Message
from judging.incoming_tables.complaints import Complaints
from judging.incoming_tables.entries.entry import FileEntry, Taken
from judging.incoming_tables.known import Known
from judging.incoming_tables.questions import Question, listed
from judging.incoming_tables.texts.number_texts import read_number

# When so many answers are second answers, the column of judges is likely another one.
_MOST_REPLACED: Final = 0.3
_FEW: Final = 5


def settle_repeats(taken: Taken, known: Known, answers: Mapping[str, str], complaints: Complaints) -> None:
    """Keep the later of two answers of a judge where their times say which; complain about the others.

    Nothing counts twice: a row that was pasted twice is refused with both row numbers.
    """
    # With a single criterion a row that does not name it means the same as one that does.
    only = next(iter(known.criteria.others)) if known.criteria is not None and len(known.criteria.others) == 1 else ""
    first: dict[tuple[str, str, str], FileEntry] = {}
    replaced: list[int] = []
    kept: list[FileEntry] = []
    dropped: set[int] = set()
    for entry in taken.entries:
        judge, proposal = entry.values.get("judge"), entry.values.get("proposal")
        if "score" not in entry.values or not judge or not proposal:
            continue
        place = (judge, proposal, entry.values.get("criterion", only))
        earlier = first.setdefault(place, entry)
        if earlier is entry:
            continue
        order = _order(earlier, entry)
        if order == 0:
            complaints.add(entry.sheet, entry.row, entry.column, _repeated(earlier, entry, judge, proposal))
            continue
        older, newer = (earlier, entry) if order < 0 else (entry, earlier)
        first[place] = newer
        dropped.add(id(older))
        replaced.append(older.row)
    _complain_about_missing(taken, first, only, complaints)
    if not replaced:
        return
    n_scored = sum("score" in entry.values for entry in taken.entries)
    if len(replaced) > _MOST_REPLACED * n_scored and len(replaced) > _FEW and answers.get("repeats") != "later":
        taken.questions.append(
            Question(
                name="repeats",
                text=Message(
                    "{n} of {all} scores would be replaced by later ones of the same judge. Is the judge named right?",
                    n=len(replaced),
                    all=n_scored,
                ),
                answers={"later": Message("yes, the later ones count")},
            )
        )
    kept.extend(entry for entry in taken.entries if id(entry) not in dropped)
    taken.entries[:] = kept
    rows = list(dict.fromkeys(replaced))
    taken.notes.append(
        Message(
            "{n} answers were given again later, and the later ones are used; left out: row {rows}",
            n=len(rows),
            rows=listed([str(row) for row in rows]),
        )
    )


def _complain_about_missing(
    taken: Taken, first: Mapping[tuple[str, str, str], FileEntry], only: str, complaints: Complaints
) -> None:
    """Complain about a judge who has a score for a proposal in one row, and a mark of a missing one in another."""
    for entry in taken.entries:
        judge, proposal = entry.values.get("judge"), entry.values.get("proposal")
        if entry.mark is None or "score" in entry.values or not judge or not proposal:
            continue
        scored = first.get((judge, proposal, entry.values.get("criterion", only)))
        if scored is not None and scored.row != entry.row and read_number(entry.mark).kind == "missing":
            complaints.add(
                entry.sheet,
                entry.row,
                entry.column,
                Message(
                    "`{text}`: {judge} has scored {proposal} in row {row}. Delete one of the two.",
                    text=entry.mark.text[:40],
                    judge=judge,
                    proposal=proposal,
                    row=scored.row,
                ),
            )


def _order(earlier: FileEntry, entry: FileEntry) -> int:
    times = [one.values.get("scored_at") for one in (earlier, entry)]
    if None in times:
        return 0
    first, second = (_aware(datetime.fromisoformat(text or "")) for text in times)
    return -1 if first < second else 1 if second < first else 0


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _repeated(earlier: FileEntry, entry: FileEntry, judge: str, proposal: str) -> Message:
    where = earlier.row if earlier.sheet == entry.sheet else f"{earlier.row} ({earlier.sheet})"
    if earlier.values == entry.values:
        return Message("this row is in row {row} already: delete one of the two", row=where)
    return Message(
        "{judge} has scored {proposal} in row {row} already, and no time says which is later: delete one of the two",
        judge=judge,
        proposal=proposal,
        row=where,
    )
