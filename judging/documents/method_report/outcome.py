"""The results: the ranking as a drawing and as a table, the shortlist, and the judges."""

from __future__ import annotations

from judging.calibration.report.proposals import ProposalResult
from judging.decimals import FACTOR
from judging.displaying import MISSING
from judging.documents.document import KEY, NUMBER, TEXT, Block, Cell, Drawing, Paragraph, Section, TableColumn
from judging.documents.interval_plot import PlottedEstimate, interval_plot
from judging.documents.method_report.telling import Telling, count, number, probability, table
from judging.errors import Message
from judging.workbook import headings as h
from judging.workbook import labels
from judging.workbook.results.decided import StandingFacts
from judging.workbook.results.decisions import STANDINGS


def results_section(telling: Telling) -> Section:
    """Return ranking, shortlist and judges."""
    say = telling.say
    parts = [Section(say(h.RANKING), [*_drawing(telling), _ranking(telling)])]
    if telling.book.shortlist is not None:
        parts.append(Section(say(h.SHORTLIST), _shortlist(telling)))
    if any(row.severity is not None for row in telling.report.judges):
        parts.append(Section(say(h.JUDGES), _judges(telling)))
    return Section(say(Message("The results")), [], parts)


def _score_of(row: ProposalResult) -> tuple[float | None, float | None]:
    """Return the score that ranks, with its standard error."""
    if row.combined is not None:
        return row.combined, row.combined_standard_error
    return row.calibrated, row.standard_error


def _standings(telling: Telling) -> dict[str, str]:
    return {row.proposal: row.standing for row in telling.book.shortlist or ()}


def _drawing(telling: Telling) -> list[Block]:
    say, book = telling.say, telling.book
    standings = _standings(telling)
    rows = []
    for row in book.ranked:
        score, error = _score_of(row)
        if score is None:
            continue
        low, high = book.ends_of(score, error)
        is_chosen = standings.get(row.proposal) in ("shortlisted", "tied")
        second = row.raw if row.combined is None else None
        rows.append(PlottedEstimate(estimate=score, low=low, high=high, second=second, is_chosen=is_chosen))
    if not rows:
        return []
    caption = Message(
        "Score (dot) with its {interval} interval (line) and raw mean (diamond), by rank; dark: on the shortlist",
        interval=telling.interval,
    )
    alternative = Message("The scores of {n} proposals with their intervals, as in the table below.", n=len(rows))
    return [Drawing(interval_plot(rows), say(caption), say(alternative))]


def _ranking(telling: Telling) -> Block:
    say, book = telling.say, telling.book
    standings = _standings(telling)
    rows: list[list[Cell]] = []
    for row in book.ranked:
        facts = book.facts_of(row.proposal)
        hidden = say(labels.HIDDEN) if row.hidden else ""
        standing = standings.get(row.proposal)
        ends = "" if row.rank_low is None else f"{row.rank_low}–{row.rank_high}"
        rows.append(
            [
                count(row.rank or None),
                ends or MISSING,
                row.proposal,
                " · ".join(filter(None, (facts.title, facts.team))),
                (facts.city or book.named(row.city or "")) if book.has_cities else "",
                count(row.n_judges),
                telling.score(row.raw),
                telling.score(row.calibrated),
                telling.score(row.standard_error),
                number(row.measure, FACTOR.page),
                number(row.measure_error, FACTOR.page),
                telling.score(row.combined),
                probability(row.p_shortlist),
                hidden or ("" if standing is None else say(STANDINGS[standing])),
            ]
        )
    columns = [
        TableColumn(say(h.RANK), NUMBER),
        TableColumn(say(Message("Ranks that fit")), NUMBER),
        TableColumn(say(h.PROPOSAL), KEY),
        TableColumn(say(Message("Title and team")), TEXT, 4),
        TableColumn(say(h.CITY), TEXT),
        TableColumn(say(h.N_JUDGES), NUMBER),
        TableColumn(say(h.RAW), NUMBER),
        TableColumn(say(h.CALIBRATED), NUMBER),
        TableColumn(say(h.STANDARD_ERROR), NUMBER),
        TableColumn(say(Message("Measure, logits")), NUMBER),
        TableColumn(say(h.STANDARD_ERROR), NUMBER),
        TableColumn(say(h.COMBINED), NUMBER),
        TableColumn(say(h.P_SHORTLIST), NUMBER),
        TableColumn(say(h.STANDING), TEXT),
    ]
    chosen = frozenset(
        place for place, row in enumerate(book.ranked) if standings.get(row.proposal) in ("shortlisted", "tied")
    )
    return table(say(Message("All proposals, best first")), columns, rows, strong=chosen)


def _shortlist(telling: Telling) -> list[Block]:
    say, book = telling.say, telling.book
    listed = book.shortlist or ()
    blocks: list[Block] = []
    if book.listed is not None and any(row.verdict for row in listed):
        blocks.append(Paragraph(say(Message("As it stands after the decisions of people, which are listed below."))))
    rows: list[list[Cell]] = [
        [
            count(place),
            say(STANDINGS[row.standing]),
            row.proposal,
            book.facts_of(row.proposal).title or "",
            _why(telling, row),
        ]
        for place, row in enumerate(listed, 1)
    ]
    columns = [
        TableColumn(say(h.PLACE), NUMBER),
        TableColumn(say(h.STANDING), TEXT),
        TableColumn(say(h.PROPOSAL), KEY),
        TableColumn(say(h.TITLE), TEXT, 3),
        TableColumn(say(Message("By a condition of the rule, or a decision")), TEXT, 3),
    ]
    return [*blocks, table(say(Message("Shortlist, reserves in order, and who was passed over")), columns, rows)]


def _why(telling: Telling, row: StandingFacts) -> str:
    say, book = telling.say, telling.book
    clause = say(h.CLAUSES[row.clause]) if row.clause in h.CLAUSES else row.clause
    by_rule = " – ".join(filter(None, (clause, book.named(row.group) if row.group else "")))
    by_people = telling.labelled(labels.VERDICT, say(labels.VERDICTS[row.verdict])) if row.verdict else ""
    return "; ".join(filter(None, (by_rule, by_people)))


def _judges(telling: Telling) -> list[Block]:
    say, book = telling.say, telling.book
    judges = sorted(telling.report.judges, key=lambda row: (row.severity is None, -(row.severity or 0.0), row.judge))
    rows: list[list[Cell]] = [
        [
            row.judge,
            book.named(row.city or "") if book.has_cities else "",
            count(row.n_sheets),
            telling.signed(row.severity),
            telling.score(row.standard_error),
            telling.ends(row.low, row.high),
            number(row.scale_use, FACTOR.page),
            number(row.consistency, FACTOR.page),
            number(row.infit, FACTOR.page),
        ]
        for row in judges
    ]
    columns = [
        TableColumn(say(h.JUDGE), KEY, 2),
        TableColumn(say(h.CITY), TEXT, 2),
        TableColumn(say(h.N_SHEETS), NUMBER),
        TableColumn(say(h.SEVERITY), NUMBER),
        TableColumn(say(h.STANDARD_ERROR), NUMBER),
        TableColumn(say(Message("{interval} interval", interval=telling.interval)), NUMBER, 2),
        TableColumn(say(h.SCALE_USE), NUMBER),
        TableColumn(say(h.CONSISTENCY), NUMBER),
        TableColumn(say(h.INFIT), NUMBER),
    ]
    told = Message(
        "A strict judge is not a bad one: severity is taken out of the results. Judges appear by their keys; their "
        "names stand in the results workbook."
    )
    return [Paragraph(say(told)), table(say(Message("Judges, the strictest first")), columns, rows)]
