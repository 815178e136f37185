"""Numbers that people call things by: run 1, 2, 3 of a round, its rules, its meetings, its releases."""

from sqlmodel import Session, col, func, select

from judging import tables

Numbered = tables.CalibrationRun | tables.Meeting | tables.Release | tables.RulesVersion


def next_number(session: Session, table: type[Numbered], round_row: tables.Round) -> int:
    """Return the number of the next row of a table in a round.

    Two transactions may get the same one: the table's unique constraint then refuses the second.
    """
    highest = session.exec(select(func.max(col(table.number))).where(col(table.round_id) == round_row.id)).one()
    return 1 + (highest or 0)
