"""The block above every sheet of a results workbook."""

from judging.rubric import Text
from judging.workbook import headings as h
from judging.workbook import labels
from judging.workbook.headings import forms_of, in_line
from judging.workbook.results.book import ResultsBook
from judging.workbook.results.settings_in_words import model_in_words
from judging.workbook.sheet import TitleBlock

_DIGEST_SHOWN = 16


def title_of(book: ResultsBook) -> TitleBlock:
    """Return the title block of a book, with the assumption in force whenever the cities need one."""
    notices = [*book.notices]
    if book.has_cities and book.report is not None and book.report.cities.assumption:
        notices.append(_assumption(book.report.cities.assumption))
    return TitleBlock(
        competition=book.competition or in_line(h.RANKING),
        round=book.round or model_in_words(book.model),
        facts=_facts(book),
        notices=[" / ".join(forms_of(notice)) for notice in notices],
        footer=_digest(book),
        moment=book.moment,
    )


def _facts(book: ResultsBook) -> str:
    parts = [
        f"{in_line(h.RUN)} {book.run}" if book.run is not None else "",
        f"{in_line(h.MODEL)}: {model_in_words(book.model)}" if book.model else "",
        book.moment,
        _digest(book),
        _rules(book),
        _release(book),
    ]
    return " · ".join(filter(None, parts))


def _rules(book: ResultsBook) -> str:
    digest = next((value for label, value in book.provenance if label == h.RULES_DIGEST), None)
    return f"{in_line(h.RULES_DIGEST)} {str(digest)[:_DIGEST_SHOWN]}" if digest else ""


def _release(book: ResultsBook) -> str:
    if book.release is None:
        return ""
    signed = ", ".join(filter(None, (agreement.city or agreement.name for agreement in book.release.agreements)))
    return f"{in_line(labels.RELEASE)} {book.release.number} ({in_line(labels.SIGNED)}: {signed})"


def _digest(book: ResultsBook) -> str:
    label = h.INPUT_DIGEST if book.run is None else h.RESULT_DIGEST
    return f"{in_line(label)} {book.digest[:_DIGEST_SHOWN]}" if book.digest else ""


def _each(text: Text) -> tuple[str, str, str]:
    return text.en, text.zh_hant_hk or text.en, text.zh_hans_cn or text.en


def _assumption(name: str) -> Text:
    words = h.ASSUMPTIONS.get(name, Text(name))
    return Text(*(f"{label}: {text}" for label, text in zip(_each(h.ASSUMPTION), _each(words), strict=True)))
