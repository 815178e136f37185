"""What must not be counted without a look: second answers, ranks in place of scores, marks far from all others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from judging.errors import Message
from judging.incoming_tables.columns import is_left_out
from judging.incoming_tables.complaints import Complaints
from judging.incoming_tables.entries import Entry, Taken
from judging.incoming_tables.headings import fields_of
from judging.incoming_tables.known import Known
from judging.incoming_tables.mapping import LEFT_OUT, Question, TableMapping
from judging.incoming_tables.marks import digest_of_cells, listed
from judging.incoming_tables.number_formats import number_text
from judging.incoming_tables.recognising import Recognised

_LEAST_RANKED: Final = 3
_LEAST_RANKED_ALONE: Final = 5
_GAP: Final = 3.0
_TIMES_MEDIAN: Final = 5.0
_LEAST_MARKS: Final = 5
_RANK_TIER: Final = 4
# When so many answers are second answers, the column of judges is likely another one.
_MOST_REPLACED: Final = 0.3
_FEW: Final = 5
_MOST_DECIMALS: Final = 2


def settle_repeats(taken: Taken, known: Known, answers: Mapping[str, str], complaints: Complaints) -> None:
    """Keep the later of two answers of a judge where their times say which; complain about the others.

    Nothing counts twice: a row that was pasted twice is refused with both row numbers.
    """
    # With a single criterion a row that does not name it means the same as one that does.
    only = next(iter(known.criteria.others)) if known.criteria is not None and len(known.criteria.others) == 1 else ""
    first: dict[tuple[str, str, str], Entry] = {}
    replaced: list[int] = []
    kept: list[Entry] = []
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


def _order(earlier: Entry, entry: Entry) -> int:
    times = [one.values.get("scored_at") for one in (earlier, entry)]
    if None in times:
        return 0
    first, second = (_aware(datetime.fromisoformat(text or "")) for text in times)
    return -1 if first < second else 1 if second < first else 0


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _repeated(earlier: Entry, entry: Entry, judge: str, proposal: str) -> Message:
    where = earlier.row if earlier.sheet == entry.sheet else f"{earlier.row} ({earlier.sheet})"
    if earlier.values == entry.values:
        return Message("this row is in row {row} already: delete one of the two", row=where)
    return Message(
        "{judge} has scored {proposal} in row {row} already, and no time says which is later: delete one of the two",
        judge=judge,
        proposal=proposal,
        row=where,
    )


def settle_ranks(taken: Taken, known: Known, mapping: TableMapping) -> None:
    """Ask whether numbers are ranks, where every judge gave 1, 2, 3 and so on; turn them round when they are."""
    answer = mapping.answers.get("ranks")
    scored = [entry for entry in taken.entries if "score" in entry.values]
    if not scored:
        return
    if answer == "lower":
        _turn_round(taken, scored, known)
    elif answer != "higher" and (_are_ranks(scored) or _is_headed_as_rank(mapping)):
        taken.questions.append(
            Question(
                name="ranks",
                text=Message("Each judge gave 1, 2, 3 and so on once. Are these ranks, so that 1 is the best?"),
                answers={
                    "lower": Message("ranks: lower is better"),
                    "higher": Message("scores: higher is better"),
                },
            )
        )


def _is_headed_as_rank(mapping: TableMapping) -> bool:
    return any(
        ("score", _RANK_TIER) in fields_of("scores", column.heading)
        for column in mapping.columns
        if column.use.field == "score"
    )


def _are_ranks(scored: Sequence[Entry]) -> bool:
    by_judge: dict[tuple[str, str], list[float]] = {}
    for entry in scored:
        place = (entry.values.get("judge", ""), entry.values.get("criterion", ""))
        by_judge.setdefault(place, []).append(float(entry.values["score"]))
    long_enough = [values for values in by_judge.values() if len(values) >= _LEAST_RANKED]
    if not long_enough or (len(long_enough) == 1 and len(long_enough[0]) < _LEAST_RANKED_ALONE):
        return False
    return all(_is_ranking(values) for values in by_judge.values() if len(values) > 1) and len(long_enough) * 2 >= len(
        by_judge
    )


def _is_ranking(values: Sequence[float]) -> bool:
    """Return whether values are 1..n, with ties as people write them: 1, 2, 2, 4 or 1, 2.5, 2.5, 4."""
    ordered = sorted(values)
    if ordered[0] == ordered[-1]:
        return False
    lowest = {value: ordered.index(value) + 1 for value in ordered}
    mean = {value: lowest[value] + (ordered.count(value) - 1) / 2 for value in ordered}
    return ordered in ([float(lowest[value]) for value in ordered], [mean[value] for value in ordered])


def _turn_round(taken: Taken, scored: Sequence[Entry], known: Known) -> None:
    ends: dict[str, tuple[float, float]] = {}
    for entry in scored:
        criterion, value = entry.values.get("criterion", ""), float(entry.values["score"])
        scale = known.scale_of(criterion)
        low, high = ends.get(criterion, (value, value))
        ends[criterion] = (scale.minimum, scale.maximum) if scale is not None else (min(low, value), max(high, value))
    for entry in scored:
        low, high = ends[entry.values.get("criterion", "")]
        entry.values["score"] = number_text(round(low + high - float(entry.values["score"]), 10))
    low, high = next(iter(ends.values()))
    taken.notes.append(
        Message(
            "Lower is better here: each number is turned round, so that {low} becomes {high}.",
            low=number_text(low),
            high=number_text(high),
        )
    )


def settle_large(taken: Taken, known: Known, answers: Mapping[str, str]) -> None:
    """Ask about marks that are several times larger than all others, such as 85 among 8.5 and 9."""
    by_criterion: dict[str, list[Entry]] = {}
    for entry in taken.entries:
        if "score" in entry.values:
            by_criterion.setdefault(entry.values.get("criterion", ""), []).append(entry)
    large: list[Entry] = []
    for criterion, entries in by_criterion.items():
        scale = known.scale_of(criterion)
        large += [entry for entry in _large(entries) if scale is None or scale.contains(float(entry.values["score"]))]
    if not large:
        return
    question = "large-" + digest_of_cells((entry.row, entry.column, entry.values["score"]) for entry in large)
    if answers.get(question) == "right":
        taken.notes.append(Message("{n} scores far above all others are used as they are", n=len(large)))
        return
    taken.questions.append(
        Question(
            name=question,
            text=Message(
                "Some scores are several times larger than all others: {cells}. Are they right?",
                cells=listed([f"{entry.values['score']} ({entry.row})" for entry in large]),
            ),
            answers={"right": Message("they are right")},
        )
    )


def _large(entries: Sequence[Entry]) -> list[Entry]:
    if len(entries) < _LEAST_MARKS:
        return []
    ordered = sorted(entries, key=lambda entry: float(entry.values["score"]))
    values = [float(entry.values["score"]) for entry in ordered]
    median = values[len(values) // 2]
    for index in range(max(1, len(values) - max(1, len(values) // 20)), len(values)):
        below, value = values[index - 1], values[index]
        if below > 0 and value >= _GAP * below and value >= _TIMES_MEDIAN * median:
            return list(ordered[index:])
    return []


def settle_split(taken: Taken, recognised: Recognised) -> None:
    """Ask whether a comma inside numbers has split them: 8,5 without quotation marks is 8 and a comment of 5."""
    for candidate in recognised.candidates:
        uses = candidate.assigned.uses
        for column in candidate.columns:
            before = uses.get(column.number - 1)
            use = uses.get(column.number, LEFT_OUT)
            if before is None or before.field != "score" or use.field not in ("", "comment") or not column.cells:
                continue
            # A column that is left out and filled in every row is something of its own.
            if not use.field and len(column.cells) >= max(len(other.cells) for other in candidate.columns):
                continue
            question = f"split-{digest_of_cells((cell.text,) for cell in column.cells)}"
            if is_left_out(column) or recognised.mapping.answers.get(question) == "right":
                continue
            if all(cell.text.isdecimal() and len(cell.text) <= _MOST_DECIMALS for cell in column.cells):
                taken.questions.append(
                    Question(
                        name=question,
                        text=Message(
                            "Column {column} has only whole numbers, beside scores: has a comma split 8,5 in two?",
                            column=column.name,
                        ),
                        answers={"right": Message("no, the columns are right")},
                    )
                )


def settle_fractions(taken: Taken, answers: Mapping[str, str]) -> None:
    """Ask whether numbers from 0 to 1 are percentages, in a workbook whose number formats cannot be read."""
    values = [float(entry.values["score"]) for entry in taken.entries if "score" in entry.values]
    if not values or not all(0 <= value <= 1 for value in values) or answers.get("fractions") == "right":
        return
    taken.questions.append(
        Question(
            name="fractions",
            text=Message(
                "All scores are between 0 and 1, and the formats of .xlsb are not read: are they percentages?"
            ),
            answers={"right": Message("no, they are scores from 0 to 1")},
        )
    )
