"""The sentences on a stored explanation, from its raw mean to its calibrated or combined score."""

from __future__ import annotations

from judging.calibration.explanation.displayed import displayed_amounts, displayed_move
from judging.calibration.explanation.term_sentences import TermSentences
from judging.calibration.report.proposals import ExplanationTerm, ProposalExplanation, ProposalResult
from judging.calibration.report.whole import Report
from judging.calibration.values import rounded
from judging.errors import Message


def shown_amounts(report: Report, explanation: ProposalExplanation) -> list[float]:
    """Return the amounts of the terms of a stored explanation as the sentences of `say` show them."""
    amounts = [term.amount for term in explanation.terms]
    decimals = TermSentences.of_report(report).decimals
    return displayed_amounts(explanation.raw, explanation.calibrated, amounts, decimals=decimals)


def say(
    report: Report, explanation: ProposalExplanation, *, proposal_city: str | None
) -> tuple[Message, list[Message]]:
    """Return the sentences on a stored explanation; they can be translated.

    Parameters
    ----------
    report : Report
        Its names of judges and their cities are used in the sentences.
    explanation : ProposalExplanation
        Of one of its proposals, with the same names of judges and criteria.
    proposal_city : str or None
        City of that proposal, with the same name.

    Returns
    -------
    move : Message
    terms : list of Message
        One for each term, in their order.
    """
    words = TermSentences.of_report(report)
    terms = [
        words.of_term(
            term.kind,
            amount,
            cause_of(term, words, explanation.n_sheets),
            judge=term.judge,
            criterion=term.criterion,
            proposal_city=proposal_city,
            n_sheets=explanation.n_sheets,
        )
        for term, amount in zip(explanation.terms, shown_amounts(report, explanation), strict=True)
    ]
    return words.of_move(explanation.raw, explanation.calibrated), terms


def say_carried(report: Report, row: ProposalResult) -> Message | None:
    """Return the sentence on the step from calibrated to combined score; None where no earlier score counts."""
    if report.carried is None or row.carried is None or row.calibrated is None or row.combined is None:
        return None
    decimals = TermSentences.of_report(report).decimals
    amount = displayed_move(row.calibrated, row.combined, decimals=decimals)
    return Message(
        "The score of {round}, {score}, counts {weight} %: {amount}",
        round=report.carried.round,
        score=f"{rounded(row.carried, decimals):.{decimals}f}",
        weight=f"{report.carried.weight:.0f}",
        amount=f"{rounded(amount, decimals):+.{decimals}f}",
    )


def cause_of(term: ExplanationTerm, words: TermSentences, n_sheets: int) -> float:
    """Return the value of a term; in runs from before severity by level, from the amount: its share of the mean."""
    is_severity = term.kind in ("severity", "city_severity")
    return term.amount * n_sheets if words.by_level and is_severity else term.value
