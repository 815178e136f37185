"""Reports of mail servers that a message was not delivered: what they say, as values.

Most follow RFC 3464 (multipart/report with message/delivery-status). ``older_reports`` reads the others. A report is
written by anybody: its size, its parts and what is kept of its words are bounded, and nothing in it is trusted but that
it names a Message-ID of ours, which only the recipient of the message and the servers on its way can know.

References
----------
.. [1] RFC 3464, An Extensible Message Format for Delivery Status Notifications, sections 2.2, 2.3.
.. [2] RFC 3463, Enhanced Mail System Status Codes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message as MailPart
from email.parser import BytesParser
from email.policy import Compat32

from judging.schemas.older_reports import DELAYED, FAILED, NEITHER, Report, cleaned, is_from_server, read_older, text_of

MOST_BYTES = 262_144
"""Of a report, from its beginning: what it says stands before the copy of the message that it returns."""
_MOST_NESTED = 40
_MOST_PARTS = 100
_MOST_IDS = 10
_MOST_HEADER = 2000
_MOST_BLOCKS = 4000
_BLANK_LINE = re.compile(rb"(?>\r\n|\r|\n)(?>\r\n|\r|\n)")
_NESTING = re.compile(rb"boundary|message/", re.IGNORECASE)
_OWN_ID = re.compile(r"<([0-9a-f]{32}@[^<>\s@]{1,160})>")
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_REPORTS = ("message/delivery-status", "message/global-delivery-status")
_COPIES = ("message/rfc822", "message/global", "message/rfc822-headers")
_OF_ACTION = {"failed": FAILED, "delayed": DELAYED}


class _ShortHeaders(Compat32):
    """Keeps the beginning of each header: reading the parameters of a long one takes the square of its length."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:_MOST_HEADER]


_POLICY = _ShortHeaders()


def read_report(content: bytes) -> Report | None:
    """Return what a mail says about the delivery of messages of ours; None when it is no such report.

    Any bytes are accepted: what cannot be read as a mail is no report.
    """
    content = content[:MOST_BYTES]
    # Python's parser asks every open part at every line, calls itself for each part in a part, and makes a part of each
    # block of a delivery status.
    if len(_NESTING.findall(content)) > _MOST_NESTED or len(_BLANK_LINE.findall(content)) > _MOST_BLOCKS:
        return None
    try:
        mail = BytesParser(policy=_POLICY).parsebytes(content)
        parts = list(_parts(mail))
        found = _read_standard(parts) if _is_standard(mail) else read_older(mail, parts)
        if found is None:
            return None
        return Report(ids=_own_ids(content, parts), outcome=found.outcome, status=found.status, reason=found.reason)
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError):
        # What the parser of the standard library raises for mail that nobody writes in good faith.
        return None


def looks_like_report(head: bytes) -> bool:
    """Return whether a mail with these headers may be a report, before the whole of it is fetched."""
    try:
        mail = BytesParser(policy=_POLICY).parsebytes(head[:10_000], headersonly=True)
        return _is_standard(mail) or is_from_server(mail)
    except (ValueError, LookupError, TypeError, AttributeError):
        return False


def _is_standard(mail: MailPart) -> bool:
    return mail.get_content_type() == "multipart/report"


def _parts(mail: MailPart) -> Iterator[MailPart]:
    """Yield the parts of a mail, not those of the message that it returns."""
    waiting, n_parts = [mail], 0
    while waiting and n_parts < _MOST_PARTS:
        part = waiting.pop(0)
        n_parts += 1
        yield part
        payload = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(payload, list):
            waiting += [one for one in payload if isinstance(one, MailPart)]


def _read_standard(parts: list[MailPart]) -> Report | None:
    """Return the report of RFC 3464: of several recipients, the one whose news is worst."""
    found: list[Report] = []
    for part in parts:
        payload = part.get_payload()
        if part.get_content_type() in _REPORTS and isinstance(payload, list):
            # The first block is about the message, each other one about a recipient.
            found += [_read_recipient(block) for block in payload[1:_MOST_PARTS] if isinstance(block, MailPart)]
    order = (FAILED, DELAYED, NEITHER)
    return min(found, key=lambda one: order.index(one.outcome), default=None)


def _read_recipient(block: MailPart) -> Report:
    action = str(block.get("Action", "")).strip().partition(" ")[0].lower()
    diagnostic = str(block.get("Diagnostic-Code", "")).partition(";")
    said = cleaned(diagnostic[2] or diagnostic[0])
    status = _most_specific(str(block.get("Status", "")), said)
    outcome = _OF_ACTION.get(action, NEITHER)
    if not action:
        outcome = {"5": FAILED, "4": DELAYED}.get(status[:1], NEITHER)
    return Report(ids=(), outcome=outcome, status=status, reason=said or status)


def _most_specific(*texts: str) -> str:
    """Return the status code that says most: a server writes 5.0.0 where it repeats what another one has said."""
    codes = [".".join(found.groups()) for text in texts for found in _STATUS.finditer(text[:2000])]
    return next((code for code in codes if not code.endswith(".0.0")), codes[0] if codes else "")


def _own_ids(content: bytes, parts: list[MailPart]) -> tuple[str, ...]:
    """Return what may be Message-IDs of ours, wherever the report has them; the database knows which are."""
    texts = [content.decode("latin-1")]
    texts += [text_of(part) for part in parts if part.get("Content-Transfer-Encoding")]
    found = dict.fromkeys(f"<{one}>" for text in texts for one in _OWN_ID.findall(text))
    return tuple(found)[:_MOST_IDS]
