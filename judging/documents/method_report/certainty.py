"""How sure the results are: expected wrong seats, reliability, unexpected scores, and what other methods say."""

from __future__ import annotations

from judging import phrases
from judging.assignment.round_ahead import wrong_seats_after_round
from judging.calibration.report.sensitivity import ModelResult
from judging.decimals import COEFFICIENT, Z_VALUE
from judging.documents.document import KEY, NUMBER, TEXT, Block, Cell, Items, Paragraph, Section, TableColumn
from judging.documents.method_report.telling import Telling, count, number, table
from judging.errors import Listed, Message
from judging.rubric import Text
from judging.workbook import headings as h
from judging.workbook import labels

_MOST_UNEXPECTED = 20


def certainty_section(telling: Telling) -> Section:
    """Return what the numbers can tell and what they cannot."""
    say = telling.say
    parts = [Section(say(h.SHORTLIST), _seats(telling))] if telling.report.shortlist is not None else []
    parts.append(Section(say(Message("Reliability of the ranking")), _reliability(telling)))
    if telling.report.sensitivity is not None:
        parts.append(Section(say(Message("Other methods on the same scores")), _other_methods(telling)))
    if telling.report.unexpected:
        parts.append(Section(say(Message("Unexpected scores")), _unexpected(telling)))
    return Section(say(Message("How sure the results are")), [_how_to_read(telling)], parts)


def _how_to_read(telling: Telling) -> Paragraph:
    return Paragraph(
        telling.say(
            Message(
                "Where the intervals of two proposals overlap widely, the scores do not tell which is better. Standard "
                "errors include the uncertainty about judges; they assume the model."
            )
        )
    )


def _seats(telling: Telling) -> list[Block]:
    say, report, book = telling.say, telling.report, telling.book
    chosen = report.shortlist
    if chosen is None or chosen.seat_errors is None:
        return [
            Paragraph(
                say(Message("The model has no spread for these scores: how many seats are wrong cannot be estimated."))
            )
        ]
    sentences = [
        Message(
            "Of {size} seats by the rule, {wrong} are expected to go to others than if the true scores were known.",
            size=chosen.size,
            wrong=f"{chosen.seat_errors.wrong:.1f}",
        )
    ]
    after = wrong_seats_after_round(report)
    if after is not None:
        sentences.append(
            Message("With one more scoresheet for every proposal, {wrong} would be expected.", wrong=f"{after:.1f}")
        )
    blocks: list[Block] = [Paragraph(telling.sentences(*sentences))]
    open_ones = [row for row in book.ranked if row.tie_band]
    if open_ones:
        blocks.append(
            Paragraph(
                say(
                    Message(
                        "The scores alone do not decide about {n} proposals, which are neither in nor out beyond "
                        "doubt: {proposals}.",
                        n=len(open_ones),
                        proposals=Listed(row.proposal for row in open_ones),
                    )
                )
            )
        )
    by_city = chosen.seat_errors_by_city if book.has_cities else ()
    groups = (*by_city, *chosen.seat_errors_by_category)
    if groups:
        rows: list[list[Cell]] = [
            [book.named(row.group), number(row.wrong, 2), number(row.missed, 2)] for row in groups
        ]
        columns = [
            TableColumn(say(Message("City or category") if book.has_cities else h.CATEGORY), KEY, 1),
            TableColumn(say(Message("Selected, and should not be")), NUMBER, 1),
            TableColumn(say(Message("Not selected, and should be")), NUMBER, 1),
        ]
        blocks.append(table(say(h.SEAT_ERRORS), columns, rows))
    return blocks


def _reliability(telling: Telling) -> list[Block]:
    say, agreement = telling.say, telling.report.reliability
    if agreement is None:
        return [Paragraph(say(Message("It was not calculated when this run was made.")))]
    blocks: list[Block] = [Paragraph(telling.sentences(*sentences)) for sentences in phrases.reliability(agreement)]
    if agreement.table:
        rows: list[list[Cell]] = [
            [count(row.n_judges), number(row.relative, COEFFICIENT.page), number(row.absolute, COEFFICIENT.page)]
            for row in agreement.table
        ]
        columns = [
            TableColumn(say(Message("Judges a proposal")), NUMBER),
            TableColumn(say(Message("Reliability, severity taken out")), NUMBER, 1),
            TableColumn(say(Message("Reliability of raw means")), NUMBER, 1),
        ]
        blocks.append(table(say(Message("Reliability by the number of judges (1 is perfect)")), columns, rows))
    return blocks


def _other_methods(telling: Telling) -> list[Block]:
    say, compared = telling.say, telling.report.sensitivity
    if compared is None:
        return []
    rows: list[list[Cell]] = [
        [
            say(h.MODELS.get(row.model, Text(row.model))),
            number(row.tau, COEFFICIENT.page),
            _refusal(telling, row) or say(Listed(row.enters)),
            say(Listed(row.leaves)),
        ]
        for row in compared.models
    ]
    columns = [
        TableColumn(say(h.MODEL), KEY, 3),
        TableColumn(say(Message("Agreement of the order (Kendall's tau)")), NUMBER, 1),
        TableColumn(say(Message("Enters the shortlist")), TEXT, 3),
        TableColumn(say(Message("Leaves it")), TEXT, 3),
    ]
    blocks: list[Block] = [table(say(Message("Each method against the one of this run")), columns, rows)]
    changed = [row for row in compared.judges if row.enters or row.leaves]
    blocks.append(
        Paragraph(
            say(
                Message(
                    "Leaving out one judge at a time changes the shortlist for {changed} of {n} judges.",
                    changed=len(changed),
                    n=len(compared.judges),
                )
            )
        )
    )
    if compared.prediction is not None:
        blocks.append(Paragraph(telling.stored(compared.prediction.template, compared.prediction.values)))
    return blocks


def _refusal(telling: Telling, row: ModelResult) -> str:
    return "" if row.refusal is None else telling.stored(row.refusal.template, row.refusal.values)


def _unexpected(telling: Telling) -> list[Block]:
    say = telling.say
    names = {one.key: say(one.name) for one in telling.book.criteria}
    listed = telling.report.unexpected[:_MOST_UNEXPECTED]
    rows: list[list[Cell]] = [
        [
            row.judge,
            row.proposal,
            names.get(row.criterion, row.criterion),
            telling.score(row.score),
            telling.score(row.expected),
            number(row.z, Z_VALUE.page),
        ]
        for row in listed
    ]
    columns = [
        TableColumn(say(h.JUDGE), KEY, 1),
        TableColumn(say(h.PROPOSAL), TEXT, 1),
        TableColumn(say(labels.CRITERION), TEXT, 2),
        TableColumn(say(Message("Score")), NUMBER),
        TableColumn(say(Message("Expected")), NUMBER),
        TableColumn(say(h.Z), NUMBER),
    ]
    left = len(telling.report.unexpected) - len(listed)
    more = [say(Message("{n} more stand in the result of the run.", n=left))] if left > 0 else []
    told = Message("A few are to be expected by chance alone. They are questions to ask, not faults.")
    return [
        Paragraph(say(told)),
        table(say(Message("Scores furthest from what the model expects")), columns, rows),
        *([Items(more)] if more else []),
    ]
