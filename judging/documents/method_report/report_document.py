"""The whole method report: what comes first, and its sections in order."""

from __future__ import annotations

from datetime import datetime

from judging import phrases
from judging.documents.document import Block, Callout, Document, FactList, Paragraph
from judging.documents.method_report.certainty import certainty_section
from judging.documents.method_report.checked import checks_section
from judging.documents.method_report.decided_by_people import decided_section
from judging.documents.method_report.design import design_section
from judging.documents.method_report.model_in_words import method_section
from judging.documents.method_report.outcome import results_section
from judging.documents.method_report.question import question_section
from judging.documents.method_report.recomputing import recomputing_section, rules_section
from judging.documents.method_report.report_verdict import joint_verdict, verdict
from judging.documents.method_report.telling import Telling
from judging.errors import Conflict, Message
from judging.workbook import headings as h
from judging.workbook import labels
from judging.workbook.results.book import ResultsBook

NOTHING_TO_REPORT = Message("This round has not been calibrated yet, so there is no method to report.")
_DIGEST_SHOWN = 16


def method_report(book: ResultsBook, *, date: datetime | None = None) -> Document:
    """Return the method report of a calibration run.

    Parameters
    ----------
    book : ResultsBook
        As the results workbook has it, without what is hidden from the reader. Judges appear by their keys only: the
        document may be published.
    date : datetime, optional
        When the run was made: the date in the properties of the file.

    Raises
    ------
    Conflict
        When there is no run.
    """
    if book.report is None:
        raise Conflict(NOTHING_TO_REPORT)
    telling = Telling(book=book, report=book.report)
    say = telling.say
    sections = [
        question_section(telling),
        design_section(telling),
        method_section(telling),
        checks_section(telling),
        results_section(telling),
        certainty_section(telling),
        decided_section(telling),
        recomputing_section(telling),
    ]
    if book.rules is not None:
        sections.append(rules_section(telling, book.rules))
    name = " · ".join(filter(None, (book.competition, book.round)))
    return Document(
        language=book.language,
        title=say(Message("Method report")),
        subtitle=name,
        issuer=book.competition,
        date=date,
        footer=" · ".join(filter(None, (name, _run(telling), _digest(telling)))),
        contents=say(Message("Contents")),
        front=_front(telling),
        sections=sections,
    )


def _run(telling: Telling) -> str:
    number = telling.book.run
    return "" if number is None else telling.say(Message("Run {run}", run=number))


def _digest(telling: Telling) -> str:
    book = telling.book
    label = h.INPUT_DIGEST if book.run is None else h.RESULT_DIGEST
    return f"{telling.say(label)} {book.digest[:_DIGEST_SHOWN]}" if book.digest else ""


def _front(telling: Telling) -> list[Block]:
    book, report, say = telling.book, telling.report, telling.say
    release = book.release
    facts = [
        (h.RUN, "" if book.run is None else str(book.run)),
        (h.MADE_AT, book.moment),
        (h.MODEL, say(phrases.method(report.model, has_cities=book.has_cities))),
        (
            labels.RELEASE,
            "" if release is None else f"{release.number} ({say(labels.STATES[release.state])})",
        ),
        (h.INPUT_DIGEST if book.run is None else h.RESULT_DIGEST, book.digest),
    ]
    blocks: list[Block] = [
        FactList([(say(label), value) for label, value in facts if value]),
        verdict(telling),
        joint_verdict(telling),
        *(Callout(say(notice)) for notice in (*book.notices, *book.disclosures)),
    ]
    if book.hidden:
        blocks.append(
            Callout(
                say(
                    Message(
                        "This copy is for somebody who declared a conflict of interest: the results of {n} proposals "
                        "are left out, and ranks count the others only.",
                        n=len(book.hidden),
                    )
                )
            )
        )
    blocks.append(Paragraph(_answer(telling), is_lead=True))
    return blocks


def _answer(telling: Telling) -> str:
    """Return the result in two sentences."""
    report, say = telling.report, telling.say
    shortlist = telling.book.shortlist
    if shortlist is None:
        return say(
            Message(
                "{proposals} proposals are ranked by their calibrated scores. The rules select no shortlist.",
                proposals=report.counts.proposals,
            )
        )
    selected = [row for row in shortlist if row.standing in ("shortlisted", "tied")]
    sentences = [
        Message(
            "{selected} of {proposals} proposals are on the shortlist.",
            selected=len(selected),
            proposals=report.counts.proposals,
        )
    ]
    errors = None if report.shortlist is None else report.shortlist.seat_errors
    if errors is not None:
        sentences.append(
            Message(
                "Of the seats by the rule, {wrong} are expected to go to others than if the true scores were known.",
                wrong=f"{errors.wrong:.1f}",
            )
        )
    return telling.sentences(*sentences)
