"""A message as it is sent: headers, and the same words as text and as HTML, in the person's language."""

from __future__ import annotations

from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from html import escape

from judging import tables
from judging.services.mail.editable_letters import write_letter
from judging.services.mail.letter_parts import Facts
from judging.services.mail.letters import LETTERS
from judging.services.mail.written_letter import CLOSING, KEPT, LINK, Part, WrittenLetter, as_text
from judging.translating import CATALOGUES

_BUTTON = (
    "display:inline-block;padding:12px 24px;border-radius:6px;background:#0b5d4f;color:#ffffff;"
    "text-decoration:none;font-weight:bold"
)
_KEPT = "font-family:monospace;font-size:13px;word-break:break-all;background:#f0f0f0;padding:12px"
_PAGE = (
    '<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title></head>'
    '<body style="margin:0;padding:24px;font-family:sans-serif;font-size:16px;line-height:1.5;color:#1a1a1a">'
    '<div style="max-width:560px">{content}</div></body></html>'
)


def render(
    message: tables.OutboxMessage,
    *,
    name: str,
    sender: str,
    facts: Facts,
    link: str | None,
    own_texts: Mapping[str, tuple[str, str]] | None = None,
) -> bytes:
    """Return the complete message; the same row always gives the same Message-ID, date and words.

    Parameters
    ----------
    message : tables.OutboxMessage
    name : str
        Of the recipient.
    sender : str
        The address in ``From``.
    facts : Facts
        What the letter may name.
    link : str or None
        The complete address of the sign-in link.
    own_texts : mapping, optional
        Language -> subject and body that an organiser wrote in place of the standard words.
    """
    languages = [message.language] if message.language in CATALOGUES else list(CATALOGUES)
    letter = LETTERS[message.kind](facts)
    written = {
        language: write_letter(message.kind, facts, language, name=name, link=link, own=(own_texts or {}).get(language))
        for language in languages
    }
    subject = " / ".join(dict.fromkeys(one.subject for one in written.values()))
    mail = EmailMessage(policy=SMTP if message.recipient.isascii() else SMTPUTF8)
    mail["From"] = sender
    mail["To"] = Address(display_name=name, addr_spec=message.recipient)
    mail["Subject"] = subject
    mail["Date"] = message.created_at
    mail["Message-ID"] = message.message_id
    mail["Auto-Submitted"] = "auto-generated"
    mail["Content-Language"] = ", ".join(languages)
    mail.set_content("\n\n* * *\n\n".join(as_text(one, link, language) for language, one in written.items()))
    content = '<hr style="margin:24px 0">'.join(_as_html(one, language, link) for language, one in written.items())
    mail.add_alternative(_PAGE.format(language=languages[0], title=escape(subject), content=content), subtype="html")
    if letter.attachment is not None:
        file_name, file_content = letter.attachment
        mail.add_attachment(file_content.encode(), maintype="application", subtype="json", filename=file_name)
    # A boundary that is drawn at random would make each attempt a different message.
    boundary = message.message_id.strip("<>").partition("@")[0]
    for number, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        part.set_boundary(f"={'_' * (number + 1)}{boundary}")
    return mail.as_bytes()


def _as_html(letter: WrittenLetter, language: str, link: str | None) -> str:
    return f'<div lang="{language}">{"".join(_part_as_html(part, link or "") for part in letter.parts)}</div>'


def _part_as_html(part: Part, link: str) -> str:
    text = escape(part.text).replace("\n", "<br>")
    if part.kind == LINK:
        address = escape(link)
        button = f'<p><a href="{address}" style="{_BUTTON}">{text}</a></p>'
        return f'{button}<p style="font-size:13px;word-break:break-all">{address}</p>'
    style = {KEPT: _KEPT, CLOSING: "font-size:14px;color:#555555"}.get(part.kind)
    return f'<p style="{style}">{text}</p>' if style else f"<p>{text}</p>"
