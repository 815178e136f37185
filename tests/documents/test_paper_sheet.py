"""Blank scoresheets as PDF: a form takes one page of A4 as long as there is room to write on it."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader

from judging.documents.paper_sheet.writing import (
    PaperCriterion,
    PaperForm,
    PaperForms,
    PaperLabels,
    PaperLevel,
    write_paper_forms,
)
from tests.support.document_reading import pages_of

LABELS = PaperLabels(
    circle="Circle one:",
    write="Write a number:",
    comment="Comment",
    overall="Overall comment",
    note="Private note to the chair",
    read_in="Language in which you read it",
    languages=("English", "繁體中文", "简体中文"),
    sure="How sure are you?",
    confidences=("Not very sure", "Fairly sure", "Very sure"),
    recognised="The team can be recognised from what it handed in",
    justification="One line, needed only when all your scores are equal or at the ends of the scale.",
    signature="Signature",
    signed_on="Date",
)
LEVELS = {
    "en": "Named datasets of both cities carry the main result. Sources, dates and the main gaps in them are stated.",
    "zh-Hant-HK": "主要成果建基於兩地已指明的數據集，並交代了數據來源、日期及主要不足之處，方法亦可重現。",
}


def forms_of(
    language: str, n_criteria: int, *, title: str = "P001  A title of some length for a proposal"
) -> PaperForms:
    criteria = tuple(
        PaperCriterion(
            name=f"Criterion {number} (10%)",
            about="Which open datasets does the proposal use, and would it work without them?",
            scale="",
            choices=tuple(str(value) for value in range(11)),
            levels=tuple(PaperLevel(str(value), LEVELS[language]) for value in (10, 7, 4, 1)),
        )
        for number in range(1, n_criteria + 1)
    )
    facts = tuple((label, f"The {label.lower()}") for label in ("Competition", "Round", "Judge", "Team"))
    forms = (PaperForm(title=title, facts=facts), PaperForm(title="P002  Another", facts=facts))
    return PaperForms(
        language=language, title="A round", footer="Of a judge", labels=LABELS, criteria=criteria, forms=forms
    )


@pytest.mark.parametrize("language", ["en", "zh-Hant-HK"])
@pytest.mark.parametrize("n_criteria", [1, 3, 5, 6])
def test_a_form_of_up_to_six_criteria_with_levels_takes_one_page(language: str, n_criteria: int) -> None:
    pages = pages_of(write_paper_forms(forms_of(language, n_criteria)))
    assert len(pages) == 2
    for page, title in zip(pages, ("P001", "P002"), strict=True):
        assert title in page
        assert page.count("Comment") == n_criteria
        assert all(words in page for words in ("Overall comment", "Signature", "Very sure"))


def test_a_longer_form_goes_on_on_further_pages_and_the_next_one_begins_on_its_own() -> None:
    pages = pages_of(write_paper_forms(forms_of("en", 12)))
    assert len(pages) == 4
    assert ["P002  Another" in page or "P002 Another" in page for page in pages] == [False, False, True, True]
    assert "Criterion 12" in pages[1]
    assert "Signature" in pages[1]


def test_a_title_of_several_lines_does_not_push_a_form_over_the_end_of_its_page() -> None:
    content = write_paper_forms(forms_of("en", 6, title="P001  " + "A long title of a proposal " * 8))
    assert len(PdfReader(io.BytesIO(content)).pages) == 2
