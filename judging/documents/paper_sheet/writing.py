"""Blank scoresheets as PDF, set by Typst: the form that a judge fills in by hand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from judging.documents import pdf

_LAYOUT = Path(__file__).with_name("paper_sheet.typ")


@dataclass(frozen=True, slots=True)
class PaperLevel:
    """A level of a criterion: its value and what it means."""

    value: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperCriterion:
    """A criterion: ``choices`` are the values to circle; without them, a number is written, as ``scale`` says."""

    name: str
    about: str
    scale: str
    choices: tuple[str, ...]
    levels: tuple[PaperLevel, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperForm:
    """The form for one proposal: labels with values at the top, and the criteria."""

    title: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLabels:
    """The words of the form in its language; without ``languages`` or ``recognised`` that is not asked."""

    circle: str
    write: str
    comment: str
    overall: str
    note: str
    read_in: str
    languages: tuple[str, ...]
    sure: str
    confidences: tuple[str, ...]
    recognised: str
    justification: str
    signature: str
    signed_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperForms:
    """The blank scoresheets of one judge, in one language."""

    language: str
    title: str
    footer: str
    labels: PaperLabels
    criteria: tuple[PaperCriterion, ...]
    forms: tuple[PaperForm, ...]


def write_paper_forms(forms: PaperForms) -> bytes:
    """Return blank scoresheets as PDF; each begins on a page of its own.

    Raises
    ------
    NoChineseFont
        When they have Chinese text and the machine no Chinese font.
    """
    return pdf.set_by_typst(_LAYOUT, forms, language=forms.language)
