"""The model check: the verdict, each check with its finding, and the notes that must be shown with the result."""

from __future__ import annotations

from judging.calibration.report.checks import FAILED, RESERVED
from judging.documents.document import KEY, NUMBER, TEXT, Block, Cell, Items, Paragraph, Section, TableColumn
from judging.documents.method_report.report_verdict import verdict
from judging.documents.method_report.telling import Telling, number, table
from judging.errors import Message
from judging.rubric import Text
from judging.workbook import headings as h
from judging.workbook.results.method import notes_of

_P_DECIMALS = 3


def checks_section(telling: Telling) -> Section:
    """Return the verdict with its reasons, and the notes of the run."""
    say = telling.say
    notes = notes_of(telling.book, telling.report)
    parts = [Section(say(Message("Notes with this result")), [Items(notes)])] if notes else []
    return Section(say(Message("The checks of the model")), _checks(telling), parts)


def _checks(telling: Telling) -> list[Block]:
    say, checks = telling.say, telling.report.checks
    blocks: list[Block] = [verdict(telling)]
    if checks is None:
        return blocks
    if checks.n_simulated:
        blocks.append(
            Paragraph(
                say(
                    Message(
                        "A p-value is the probability of a finding as large where the assumption holds, from {n} or "
                        "more rounds simulated from the fitted model. A round in which every assumption holds fails "
                        "one of these checks with a probability of {level} %.",
                        n=checks.n_simulated,
                        level=f"{100 * checks.level:g}",
                    )
                )
            )
        )
    rows: list[list[Cell]] = []
    for check in checks.checks:
        finding = telling.stored(check.template, check.values)
        if check.consequence is not None:
            finding = telling.sentences(finding, Message(check.consequence))
        rows.append(
            [
                say(h.CHECKS.get(check.name, Text(check.name))),
                say(h.CHECK_STATES[check.state]),
                number(check.p, _P_DECIMALS),
                finding,
            ]
        )
    strong = frozenset(place for place, check in enumerate(checks.checks) if check.state in (FAILED, RESERVED))
    columns = [
        TableColumn(say(Message("Assumption")), KEY, 2),
        TableColumn(say(Message("State")), TEXT, 1),
        TableColumn("p", NUMBER),
        TableColumn(say(Message("Finding, and what it changes")), TEXT, 4),
    ]
    blocks.append(table(say(h.MODEL_CHECK), columns, rows, strong=strong))
    return blocks
