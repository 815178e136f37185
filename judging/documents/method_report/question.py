"""The question of the round, and the terms that the report uses."""

from __future__ import annotations

from judging.documents.document import Block, FactList, Paragraph, Section
from judging.documents.method_report.telling import Telling
from judging.errors import Message
from judging.rubric import Text
from judging.workbook import headings as h


def question_section(telling: Telling) -> Section:
    """Return what was to be decided, why means do not suffice, and what the terms mean."""
    say, report = telling.say, telling.report
    rule = report.settings.shortlist
    asked = (
        Message("Which proposals are the best, and how sure is that?")
        if rule is None
        else Message(
            "Which {size} of {proposals} proposals go on, and how sure is that?",
            size=rule.size,
            proposals=report.counts.proposals,
        )
    )
    blocks: list[Block] = [
        Paragraph(say(asked), is_lead=True),
        Paragraph(
            say(
                Message(
                    "Some judges are strict, some generous, and each scored some of the proposals only. A proposal "
                    "scored by two strict judges gets a lower mean than an equally good one scored by two generous "
                    "judges. Who goes on must depend on the proposal, not on who scored it."
                )
            )
        ),
        Paragraph(
            say(
                Message(
                    "The calibration therefore estimates how strict each judge is, from the proposals that judges "
                    "have in common, and from that the score that each proposal would get from the whole panel. No "
                    "score of a judge is changed: raw means and calibrated scores stand side by side."
                )
            )
        ),
    ]
    return Section(
        say(Message("The question")), blocks, [Section(say(Message("Terms of this report")), [_terms(telling)])]
    )


def _terms(telling: Telling) -> FactList:
    say = telling.say
    terms: list[tuple[str | Text, Message]] = [
        (h.RAW, Message("The mean of the totals that the judges gave, as they gave them.")),
        (h.CALIBRATED, Message("The model's estimate of the total that the whole panel would give.")),
        (
            h.SEVERITY,
            Message("How much lower (+) or higher (−) a judge scores than the panel, in points, for the same work."),
        ),
        (
            h.STANDARD_ERROR,
            Message("The uncertainty of an estimate, as a standard deviation: two scoresheets are a small sample."),
        ),
        (
            Message("Ranks that fit"),
            Message(
                "The ranks of a proposal in {interval} of {n} joint draws of all scores.",
                interval=telling.interval,
                n=telling.report.n_draws,
            ),
        ),
    ]
    if telling.report.settings.shortlist is not None:
        terms.append(
            (
                h.P_SHORTLIST,
                Message("The share of those draws in which the rule selects the proposal, with all its conditions."),
            )
        )
    return FactList([(say(term), say(meaning)) for term, meaning in terms])
