"""Numbers of runs, rules, meetings, releases and appeals within a round: 1, 2, 3."""

from sqlmodel import Session, col, func, select

from judging import tables

Numbered = (
    tables.Appeal
    | tables.CalibrationRun
    | tables.Meeting
    | tables.OutsideComparison
    | tables.Release
    | tables.RulesVersion
)


def next_number(session: Session, table: type[Numbered], round_row: tables.Round) -> int:
    """Return the number of the next row of a table in a round.

    Two transactions may get the same number: the table's unique constraint then refuses the second.
    """
    highest = session.exec(select(func.max(col(table.number))).where(col(table.round_id) == round_row.id)).one()
    return 1 + (highest or 0)
