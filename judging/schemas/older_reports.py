"""Reports of mail servers in words only, as qmail, older Exim and older Exchange write them.

They are recognised by their sender, and read as far as they have a code: what is unclear says nothing. Where the
returned message begins, the reading ends.

References
----------
.. [1] D. J. Bernstein, The qmail-send Bounce Message Format (QSBMF), https://cr.yp.to/proto/qsbmf.txt
.. [2] The Exim Specification, chapter 50, Customizing bounce and warning messages.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from email.message import Message as MailPart

FAILED, DELAYED, NEITHER = "failed", "delayed", "neither"
MOST_REASON = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a mail server says about one message.

    Attributes
    ----------
    ids : tuple of str
        What may be Message-IDs of ours, in angle brackets.
    outcome : {"failed", "delayed", "neither"}
    status : str
        The code of RFC 3463, such as ``5.1.1``; empty when the report has none.
    reason : str
        The words of the server in one short line, without addresses of pages and without long tokens.
    """

    ids: tuple[str, ...]
    outcome: str
    status: str
    reason: str


_SENDERS = re.compile(r"\b(mailer-daemon|mail-daemon|postmaster|mdaemon|microsoftexchange[0-9a-f]*)@", re.IGNORECASE)
_COPY_BEGINS = re.compile(
    r"^(--- Below this line is a copy|-+ ?(this is a copy of|original message|unsent message|the header of the orig)"
    r"|received: |message-id: )",
    re.IGNORECASE | re.MULTILINE,
)
_DELAYED = re.compile(
    r"\b(delayed|warning: (could not|message)|still (trying|being tried)|will (continue to try|keep trying|be retried)"
    r"|no action is required)\b",
    re.IGNORECASE,
)
_FAILED = re.compile(
    r"\b(permanent|fail(ed|ure)|undeliverable|did not reach|(could|can) ?not be delivered|(wasn't|not) able to deliver"
    r"|given up)\b",
    re.IGNORECASE,
)
_ENHANCED = re.compile(r"(?<![\d.])([45]\.\d{1,3}\.\d{1,3})(?![\d.])")
_SMTP = re.compile(r"(?<![\d.])([45]\d\d)(?=[ -]\S)")
_LINK = re.compile(r"\b(?:https?|ftp)://\S+|\bwww\.\S+", re.IGNORECASE)
_TOKEN = re.compile(r"[A-Za-z0-9_\-+/=]{24,}")


def read_older(mail: MailPart, parts: list[MailPart]) -> Report | None:
    """Return what a mail of a mail server says in words; None when it is from somebody else or says nothing clear."""
    if not is_from_server(mail):
        return None
    is_named = bool(mail.get("X-Failed-Recipients"))
    said = next((text_of(part) for part in parts if part.get_content_type() == "text/plain"), "")
    said = said[: found.start()] if (found := _COPY_BEGINS.search(said)) else said
    subject = str(mail.get("Subject", ""))[:500]
    codes = [*_ENHANCED.findall(said), *_SMTP.findall(said)]
    status = next((code for code in codes if "." in code), "")
    if _DELAYED.search(subject) or (_DELAYED.search(said) and not any(code[0] == "5" for code in codes)):
        outcome = DELAYED
    elif is_named or _FAILED.search(subject) or _FAILED.search(said) or any(code[0] == "5" for code in codes):
        outcome = FAILED
    else:
        return None
    return Report(ids=(), outcome=outcome, status=status, reason=_reason(said, codes))


def is_from_server(mail: MailPart) -> bool:
    """Return whether a mail says that a mail server wrote it."""
    return bool(mail.get("X-Failed-Recipients")) or bool(_SENDERS.search(str(mail.get("From", ""))[:1000]))


def text_of(part: MailPart) -> str:
    """Return the text of a part, whatever its encodings are."""
    payload = part.get_payload(decode=True)
    return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def cleaned(text: str) -> str:
    """Return one short line to show: no control characters, no addresses of pages, nothing like a key."""
    line = " ".join("".join(one if one.isprintable() else " " for one in text[:4000]).split())
    return _TOKEN.sub("…", _LINK.sub("…", line))[:MOST_REASON].strip()


def _reason(said: str, codes: list[str]) -> str:
    """Return the line with the first code, or what follows an address that ends a line with a colon."""
    lines = said.splitlines()
    for line in lines:
        if codes and codes[0] in line:
            return cleaned(line)
    for line, following in itertools.pairwise(lines):
        if re.fullmatch(r"\s*<?[^\s<>]{1,200}@[^\s<>]{1,200}>?:\s*", line):
            return cleaned(following)
    return ""
