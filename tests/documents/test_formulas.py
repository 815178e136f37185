"""Formulas: one notation, and every formula of every model is set in both forms."""

from __future__ import annotations

import pytest
from defusedxml import ElementTree

from judging.calibration.settings import MODELS
from judging.documents.document import Document, Section, Symbols
from judging.documents.formulas import ModelFormula
from judging.documents.method_report.models import WORDS
from judging.documents.pdf import write_pdf
from tests.support.document_reading import pages_of


def test_letters_scripts_words_and_signs() -> None:
    formula = ModelFormula("log (P_{ijc k-1} / s_j^2) = sum_c w_c ~ mu_c")
    assert formula.typst == ('"log" paren.l P_(i j c k - 1) \\/ s_(j)^(2) paren.r = sum_(c) w_(c) tilde.op mu_(c)')
    element = ElementTree.fromstring(formula.mathml)
    assert element.attrib == {"display": "block", "alttext": formula.text}
    assert "".join(element.itertext()) == "log(Pijck−1/sj2)=∑cwc∼μc"
    assert [one.tag for one in element[0]] == (
        ["mtext", "mo", "msub", "mo", "msubsup", "mo", "mo", "msub", "msub", "mo", "msub"]
    )


def test_what_is_no_formula_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be read as a formula from ' § 2'"):
        _ = ModelFormula("a + § 2").typst


def _variables(text: str) -> set[str | None]:
    """Return the names in a formula without indices and the sign of the normal distribution."""
    root = ElementTree.fromstring(ModelFormula(text).mathml)
    return {element.text for element in root.iter("mi")} - set("ijckN")


def test_every_model_has_words_and_all_its_symbols_are_explained() -> None:
    assert set(WORDS) == set(MODELS)
    for model, words in WORDS.items():
        variables = {name for text in words.equations for name in _variables(text)}
        explained = {name for text, _ in words.symbols for name in _variables(text)}
        assert variables <= explained, model


def test_every_formula_is_set_as_pdf() -> None:
    sections = [
        Section(
            model,
            [ModelFormula(text) for text in words.equations]
            + [Symbols([(ModelFormula(text, is_displayed=False), str(meaning)) for text, meaning in words.symbols])],
        )
        for model, words in WORDS.items()
    ]
    text = " ".join(pages_of(write_pdf(Document(language="en", title="Formulas", sections=sections))))
    assert all(str(meaning)[:30] in text for words in WORDS.values() for _, meaning in words.symbols)
