"""A message as it is sent: headers, and the same words as text and as HTML, in the person's language."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from html import escape

from judging import tables
from judging.services.mail.letter_parts import Facts, Letter
from judging.services.mail.letters import LETTERS
from judging.translating import CATALOGUES, translate

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
    """
    languages = [message.language] if message.language in CATALOGUES else list(CATALOGUES)
    letter = LETTERS[message.kind](facts)
    subject = " / ".join(dict.fromkeys(translate(letter.subject, language) for language in languages))
    mail = EmailMessage(policy=SMTP if message.recipient.isascii() else SMTPUTF8)
    mail["From"] = sender
    mail["To"] = Address(display_name=name, addr_spec=message.recipient)
    mail["Subject"] = subject
    mail["Date"] = message.created_at
    mail["Message-ID"] = message.message_id
    mail["Auto-Submitted"] = "auto-generated"
    mail["Content-Language"] = ", ".join(languages)
    mail.set_content("\n\n* * *\n\n".join(_as_text(letter, language, name, link) for language in languages))
    content = '<hr style="margin:24px 0">'.join(_as_html(letter, language, name, link) for language in languages)
    mail.add_alternative(_PAGE.format(language=languages[0], title=escape(subject), content=content), subtype="html")
    # A boundary that is drawn at random would make each attempt a different message.
    mail.set_boundary(f"=_{message.message_id.strip('<>').partition('@')[0]}")
    return mail.as_bytes()


def _paragraphs(letter: Letter, language: str) -> tuple[list[str], list[str]]:
    before, after = letter.paragraphs, letter.closing
    return [translate(text, language) for text in before], [translate(text, language) for text in after]


def _as_text(letter: Letter, language: str, name: str, link: str | None) -> str:
    before, after = _paragraphs(letter, language)
    middle = [f"{translate(letter.link_words, language)}:\n{link}"] if link and letter.link_words else []
    kept = [letter.kept_line] if letter.kept_line else []
    return "\n\n".join([name, *before, *kept, *middle, *after]) + "\n"


def _as_html(letter: Letter, language: str, name: str, link: str | None) -> str:
    before, after = _paragraphs(letter, language)
    parts = [f"<p>{escape(text)}</p>" for text in (name, *before)]
    if letter.kept_line:
        parts.append(f'<p style="{_KEPT}">{escape(letter.kept_line)}</p>')
    if link and letter.link_words:
        words = escape(translate(letter.link_words, language))
        parts.append(f'<p><a href="{escape(link)}" style="{_BUTTON}">{words}</a></p>')
        parts.append(f'<p style="font-size:13px;word-break:break-all">{escape(link)}</p>')
    parts += [f'<p style="font-size:14px;color:#555555">{escape(text)}</p>' for text in after]
    return f'<div lang="{language}">{"".join(parts)}</div>'
