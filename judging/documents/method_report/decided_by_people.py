"""What people decided: verdicts, awards, and the release with its signatures."""

from __future__ import annotations

from collections.abc import Sequence

from judging.displaying import MISSING
from judging.documents.document import (
    KEY,
    NUMBER,
    TEXT,
    Block,
    Callout,
    Cell,
    FactList,
    Paragraph,
    Section,
    ShownNumber,
    TableColumn,
)
from judging.documents.method_report.telling import Telling, table
from judging.errors import Message
from judging.workbook import headings as h
from judging.workbook import labels
from judging.workbook.results.decided import Agreement, AppealFacts, VersionFacts


def decided_section(telling: Telling) -> Section:
    """Return decisions, awards and release; each says so when there is none."""
    say, book = telling.say, telling.book
    heading = say(Message("What was decided"))
    if book.run is None:
        return Section(
            heading, [Paragraph(say(Message("This calibration was made from a file: no decision belongs to it.")))]
        )
    parts = [Section(say(labels.DECISIONS), _decisions(telling))]
    if book.awards:
        parts.append(Section(say(labels.AWARDS), [_awards(telling)]))
    if book.appeals:
        parts.append(Section(say(Message("Appeals")), [_appeals(telling)]))
    parts.append(Section(say(labels.RELEASE), _releases(telling)))
    return Section(heading, [], parts)


def _decisions(telling: Telling) -> list[Block]:
    say, book = telling.say, telling.book
    if not book.decisions:
        return [Paragraph(say(Message("People have changed nothing: the shortlist is that of the sealed rule.")))]
    rows: list[list[Cell]] = [
        [
            row.proposal,
            say(labels.VERDICTS[row.verdict]),
            row.reason,
            f"{row.decided_at:%Y-%m-%d %H:%M}",
            row.decided_by,
            say(h.YES if row.is_in_force else h.NO),
        ]
        for row in book.decisions
    ]
    columns = [
        TableColumn(say(h.PROPOSAL), KEY),
        TableColumn(say(labels.VERDICT), TEXT, 2),
        TableColumn(say(labels.REASON), TEXT, 4),
        TableColumn(say(labels.DECIDED_AT), TEXT),
        TableColumn(say(labels.DECIDED_BY), TEXT, 2),
        TableColumn(say(labels.IN_FORCE), TEXT),
    ]
    return [table(say(Message("Every decision on a proposal, oldest first")), columns, rows)]


def _awards(telling: Telling) -> Block:
    say, book = telling.say, telling.book
    rows: list[list[Cell]] = []
    for award in book.awards:
        standing = [grant for grant in award.grants if grant.withdrawn_at is None]
        rows += [
            [
                say(award.name),
                telling.proposal(grant.proposal),
                grant.reason,
                f"{grant.granted_at:%Y-%m-%d %H:%M}",
                grant.granted_by,
            ]
            for grant in standing
        ]
        if not standing:
            rows.append([say(award.name), MISSING, "", "", ""])
    columns = [
        TableColumn(say(labels.AWARD), KEY, 2),
        TableColumn(say(h.PROPOSAL), TEXT, 3),
        TableColumn(say(labels.REASON), TEXT, 3),
        TableColumn(say(labels.GRANTED_AT), TEXT),
        TableColumn(say(labels.GRANTED_BY), TEXT, 2),
    ]
    return table(say(Message("Awards, and who has them")), columns, rows)


def _appeals(telling: Telling) -> Block:
    say, book = telling.say, telling.book

    def outcome_of(row: AppealFacts) -> Message:
        if row.outcome == "changed":
            return Message("changed by release {number}", number=row.release)
        return Message("the decision stands") if row.outcome == "stands" else Message("open")

    rows: list[list[Cell]] = [
        [
            str(row.number),
            telling.proposal(row.proposal),
            f"{row.entered_at:%Y-%m-%d %H:%M}",
            ShownNumber(str(row.n_judges), row.n_judges),
            say(outcome_of(row)),
            row.reason,
        ]
        for row in book.appeals
    ]
    columns = [
        TableColumn(say(Message("Appeal")), KEY),
        TableColumn(say(h.PROPOSAL), TEXT, 3),
        TableColumn(say(Message("Entered")), TEXT),
        TableColumn(say(Message("Judges asked again")), NUMBER),
        TableColumn(say(Message("Outcome")), TEXT, 2),
        TableColumn(say(labels.REASON), TEXT, 3),
    ]
    return table(say(Message("Appeals of teams after a release, and how they ended")), columns, rows)


def _releases(telling: Telling) -> list[Block]:
    say, book = telling.say, telling.book
    own = [release for release in book.releases if release.run == book.run]
    in_force = book.release
    if in_force is None:
        blocks: list[Block] = [Callout(say(labels.NOT_RELEASED))]
    else:
        blocks = [
            Paragraph(say(Message("These results were released as number {number}.", number=in_force.number))),
            FactList([(say(labels.DIGEST), in_force.digest), *_signatures(telling, in_force.agreements)]),
        ]
        if in_force.is_changed:
            blocks.append(Callout(say(labels.RELEASE_CHANGED)))
    others = [release for release in own if release is not in_force]
    if others:
        rows: list[list[Cell]] = [_row_of(telling, release) for release in others]
        columns = [
            TableColumn(say(labels.RELEASE), KEY),
            TableColumn(say(Message("State")), TEXT, 2),
            TableColumn(say(h.MADE_AT), TEXT),
            TableColumn(say(labels.DECIDED_BY), TEXT, 2),
            TableColumn(say(labels.REASON), TEXT, 3),
        ]
        blocks.append(table(say(Message("Other releases of this run")), columns, rows))
    return blocks


def _signatures(telling: Telling, agreements: Sequence[Agreement]) -> list[tuple[str, str]]:
    label = telling.say(labels.SIGNED)
    return [
        (label, " · ".join(filter(None, (one.city, one.name, f"{one.at:%Y-%m-%d %H:%M:%S}")))) for one in agreements
    ]


def _row_of(telling: Telling, release: VersionFacts) -> list[Cell]:
    return [
        str(release.number),
        telling.say(labels.STATES[release.state]),
        f"{release.proposed_at:%Y-%m-%d %H:%M}",
        release.proposed_by,
        release.reason,
    ]
