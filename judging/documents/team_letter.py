"""A letter to a team as a document: the text as it was made, and nothing else."""

from __future__ import annotations

from datetime import datetime

from judging.documents.document import Document, Paragraph


def letter_document(text: str, *, language: str, issuer: str, date: datetime) -> Document:
    """Return a letter; the first paragraph is its heading, the second names the team."""
    heading, *paragraphs = text.split("\n\n")
    return Document(
        language=language,
        title=heading,
        issuer=issuer,
        date=date,
        front=tuple(Paragraph(paragraph, is_lead=number == 0) for number, paragraph in enumerate(paragraphs)),
    )
