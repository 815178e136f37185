"""The design of the round: what was scored by whom, who can be compared, and under which sealed rules."""

from __future__ import annotations

from collections import Counter

from judging import phrases
from judging.documents.document import CODE, KEY, NUMBER, TEXT, Block, Cell, FactList, Paragraph, Section, TableColumn
from judging.documents.method_report.telling import Telling, count, number, table
from judging.errors import Message
from judging.rubric import Text
from judging.workbook import headings as h
from judging.workbook import labels

_MANY_CITIES = 8


def design_section(telling: Telling) -> Section:
    """Return the size of the round, its criteria, its links, and the version of its rules."""
    say = telling.say
    parts = [
        Section(say(Message("What was scored")), [_size(telling), *_criteria(telling)]),
        Section(say(Message("Who can be compared")), _links(telling)),
    ]
    if telling.book.rules is not None:
        parts.append(Section(say(Message("The sealed rules")), _rules(telling)))
    return Section(say(Message("The design")), [], parts)


def _size(telling: Telling) -> FactList:
    say, report = telling.say, telling.report
    counts = report.counts
    read = [row.n_judges for row in report.proposals if row.n_judges is not None]
    done = [row.n_sheets for row in report.judges]
    entries: list[tuple[str | Text, str]] = [
        (Message("Proposals"), str(counts.proposals)),
        (h.JUDGES, str(counts.judges)),
        (h.N_SHEETS, str(counts.sheets)),
        (Message("Single scores"), str(counts.scores)),
        (h.SCALE, _scale(telling)),
        (Message("Judges of a proposal"), _spread(telling, read)),
        (Message("Scoresheets of a judge"), _spread(telling, done)),
    ]
    if counts.repeated_sheets:
        entries.append((Message("Scoresheets that repeat a judge and proposal"), str(counts.repeated_sheets)))
    return FactList([(say(label), value) for label, value in entries if value])


def _scale(telling: Telling) -> str:
    scale = telling.report.scale
    return "" if scale.minimum is None or scale.maximum is None else f"{scale.minimum:g} – {scale.maximum:g}"


def _spread(telling: Telling, values: list[int]) -> str:
    """Return how often each number occurs, or their ends where there are many."""
    if not values:
        return ""
    found = sorted(Counter(values).items())
    if len(found) > 4:
        return telling.say(Message("{low} to {high}", low=found[0][0], high=found[-1][0]))
    return ", ".join(f"{value} ({times}×)" for value, times in found)


def _criteria(telling: Telling) -> list[Block]:
    say = telling.say
    names = {one.key: say(one.name) for one in telling.book.criteria}
    scales = {one.key: one.scale for one in telling.book.criteria}
    rows: list[list[Cell]] = []
    for row in telling.report.criteria:
        scale = scales.get(row.criterion)
        low, high, step = (
            (row.minimum, row.maximum, row.step) if scale is None else (scale.minimum, scale.maximum, scale.step)
        )
        rows.append(
            [
                names.get(row.criterion, row.criterion),
                number(100 * row.weight, 0 if float(100 * row.weight).is_integer() else 1),
                "" if low is None or high is None else f"{low:g} – {high:g}",
                "" if step is None else f"{step:g}",
                count(row.n_scores),
                telling.score(row.mean),
                telling.score(row.spread),
            ]
        )
    columns = [
        TableColumn(say(labels.CRITERION), KEY, 1),
        TableColumn(say(h.WEIGHT), NUMBER),
        TableColumn(say(labels.SCALE), TEXT),
        TableColumn(say(labels.STEP), NUMBER),
        TableColumn(say(Message("Single scores")), NUMBER),
        TableColumn(say(Message("Mean, calibrated")), NUMBER),
        TableColumn(say(Message("Spread of the scores")), NUMBER),
    ]
    return [table(say(Message("Criteria, with their share of the total")), columns, rows)]


def _links(telling: Telling) -> list[Block]:
    say, report, book = telling.say, telling.report, telling.book
    n_sets = len(report.linked_sets)
    linked = (
        Message("All judges are linked: any two of them can be compared through proposals that they have in common.")
        if n_sets == 1
        else Message(
            "The judges fall into {n_sets} sets that share no proposal. Within a set judges can be compared; between "
            "sets the comparison rests on the assumption that the sets are alike.",
            n_sets=n_sets,
        )
    )
    blocks: list[Block] = [Paragraph(say(linked))]
    cities = report.cities
    if cities.assumption:
        blocks.append(Paragraph(telling.labelled(h.ASSUMPTION, say(phrases.assumption(cities.assumption)))))
    if 1 < len(cities.cities) <= _MANY_CITIES:
        of_pair = {(pair.judge_city, pair.proposal_city): pair.n_sheets for pair in cities.readings}
        keys = [city.city for city in cities.cities]
        rows: list[list[Cell]] = [
            [book.named(judges), *(count(of_pair.get((judges, proposals), 0)) for proposals in keys)] for judges in keys
        ]
        columns = [TableColumn(say(h.JUDGE_CITY), KEY, 1), *(TableColumn(book.named(key), NUMBER, 1) for key in keys)]
        blocks.append(
            table(say(Message("Scoresheets by city of judge (rows) and of proposal (columns)")), columns, rows)
        )
    return blocks


def _rules(telling: Telling) -> list[Block]:
    say, rules = telling.say, telling.book.rules
    if rules is None:
        return []
    followed = next((version for version in rules.versions if version.digest == rules.digest), None)
    sentence = Message(
        "The rules were fixed by their digest before the first score. A change needs a reason and the consent of the "
        "chairs. They stand in full at the end of this report."
    )
    rows: list[list[Cell]] = [
        [
            str(version.number),
            say(labels.STATES[version.state]) + (f" ({say(Message('this run'))})" if version is followed else ""),
            f"{version.proposed_at:%Y-%m-%d %H:%M}",
            "; ".join(" ".join(filter(None, (one.city, one.name))) for one in version.agreements),
            version.reason,
            version.digest,
        ]
        for version in rules.versions
    ]
    columns = [
        TableColumn(say(h.VERSION), KEY),
        TableColumn(say(Message("State")), TEXT, 2),
        TableColumn(say(h.MADE_AT)),
        TableColumn(say(labels.CONSENT), TEXT, 2),
        TableColumn(say(labels.REASON), TEXT, 3),
        TableColumn(say(labels.DIGEST), CODE, 3),
    ]
    if not rules.versions:
        return [FactList([(say(h.RULES_DIGEST), rules.digest)])]
    return [
        Paragraph(say(sentence)),
        FactList([(say(h.RULES_DIGEST), rules.digest)]),
        table(say(Message("Versions of the rules")), columns, rows),
    ]
