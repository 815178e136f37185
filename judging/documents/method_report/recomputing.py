"""How the result is computed again by somebody else, with everything that is needed to compare, and the rules."""

from __future__ import annotations

from judging.documents.document import CODE, KEY, TEXT, Block, Cell, Commands, Items, Paragraph, Section, TableColumn
from judging.documents.method_report.telling import Telling, table
from judging.errors import Message
from judging.rubric import Text
from judging.workbook import headings as h
from judging.workbook import labels
from judging.workbook.results.decided import RulesFacts
from judging.workbook.results.rules import definition_rows
from judging.workbook.results.settings_in_words import settings_in_words

_BUNDLE = "judging verify {bundle}.zip"
_FILE = "judging calibrate SCORES --model {model} --seed {seed} --json result.json"


def recomputing_section(telling: Telling) -> Section:
    """Return the steps, the digests to compare, and all settings of the run."""
    say, book, report = telling.say, telling.book, telling.report
    if book.run is None:
        steps = [
            Message("Take the same file of scores, and the same options."),
            Message("Calibrate it with the command below; `judging` needs Python and no server."),
            Message("Compare `input_digest` and the numbers: the same input gives the same output to the last digit."),
        ]
        command = _FILE.format(model=report.settings.model, seed=report.seed)
    else:
        steps = [
            Message("Take the results bundle of this run from the release page: scores, rules, decisions and result."),
            Message("Check it with the command below, on any machine with Python, without this server."),
            Message(
                "It computes the ranking again from the scores and the rules, and says line by line what agrees. "
                "Compare the digests with those of this report."
            ),
        ]
        command = _BUNDLE.format(bundle="BUNDLE")
    blocks: list[Block] = [Items([say(text) for text in steps], is_ordered=True), Commands([command])]
    settings: list[list[Cell]] = [
        [shown.label, _value(shown.value), shown.stored] for shown in settings_in_words(book, report, say=say)
    ]
    setting_columns = [
        TableColumn(say(h.SETTING), TEXT, 3),
        TableColumn(say(h.VALUE), TEXT, 4),
        TableColumn(say(h.AS_STORED), CODE, 3),
    ]
    parts = [
        Section(say(Message("What to compare")), [_digests(telling)]),
        Section(say(Message("Settings of the run")), [table(say(h.SETTING), setting_columns, settings)]),
    ]
    if copy := _this_copy(telling):
        parts.append(Section(say(Message("This copy")), copy))
    return Section(say(Message("How to compute it again")), blocks, parts)


_OF_THIS_COPY = (h.EXPORTED_AT, h.EXPORTED_BY, h.AUDIT_HEAD)
"""What differs between two copies of the same report."""


def _digests(telling: Telling) -> Block:
    say, book, report = telling.say, telling.book, telling.report
    release = book.release
    entries: list[tuple[Text, str]] = [
        (h.INPUT_DIGEST, report.input_digest),
        (h.CODE_DIGEST, report.code_version),
        *((label, str(value)) for label, value in book.provenance if label not in _OF_THIS_COPY and value is not None),
    ]
    if release is not None:
        entries.append((labels.RELEASE, release.digest))
    rows: list[list[Cell]] = [[say(label), value] for label, value in entries]
    columns = [TableColumn(say(h.WHAT), KEY, 1), TableColumn(say(h.VALUE), CODE, 2)]
    return table(say(Message("SHA-256 and versions")), columns, rows)


def _this_copy(telling: Telling) -> list[Block]:
    say = telling.say
    rows: list[list[Cell]] = [
        [say(label), str(value)]
        for label, value in telling.book.provenance
        if label in _OF_THIS_COPY and value is not None
    ]
    if not rows:
        return []
    told = Message(
        "Of two copies that are made while nothing changes, only this differs. Whoever keeps the head of the audit log "
        "can notice later that the log was changed: `judging verify-audit --head`."
    )
    columns = [TableColumn(say(h.WHAT), KEY, 1), TableColumn(say(h.VALUE), CODE, 2)]
    return [Paragraph(say(told)), table(say(Message("This copy")), columns, rows)]


def rules_section(telling: Telling, rules: RulesFacts) -> Section:
    """Return the sealed definition that the run followed, row by row."""
    say = telling.say
    rows: list[list[Cell]] = [
        [str(section), str(rule), _value(value), "" if description is None else str(description)]
        for section, rule, value, description in definition_rows(telling.book, rules.definition, say=say, tell=say)
    ]
    columns = [
        TableColumn(say(labels.SECTION), KEY, 3),
        TableColumn(say(labels.RULE), TEXT, 3),
        TableColumn(say(h.VALUE), TEXT, 3),
        TableColumn(say(labels.DESCRIPTION), TEXT, 6),
    ]
    return Section(
        say(Message("The rules in full")),
        [table(say(Message("The sealed definition of the round")), columns, rows)],
    )


def _value(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else "" if value is None else str(value)
