"""The mailbox to which mail servers report, over IMAP with TLS: what is unread in it, and marking what was understood.

Nothing is changed in other messages, not even that they were read.
"""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from judging.errors import JudgingError, Message
from judging.schemas.delivery_reports import MOST_BYTES, looks_like_report, read_report
from judging.schemas.older_reports import Report

if TYPE_CHECKING:
    from config import ReportMailbox

ANSWER_SECONDS = 30.0
LOOKED_BACK = timedelta(days=14)
"""Mail servers give up after five days at most; older messages in the mailbox are not looked at."""
MOST_HEADS = 2000
MOST_READ = 200
"""Reports in one reading; the newest first, the others at the next."""
_MOST_REASON = 200
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HEAD = "(UID BODY.PEEK[HEADER.FIELDS (CONTENT-TYPE FROM X-FAILED-RECIPIENTS)])"
_UID = re.compile(rb"\bUID (\d+)")


@dataclass(frozen=True, slots=True)
class OpenMailbox:
    """A mailbox while one job reads it."""

    connection: imaplib.IMAP4
    settings: ReportMailbox
    capabilities: frozenset[str]

    @property
    def generation(self) -> str:
        """Return what the server calls the present numbering: in another one, a number is another message."""
        _, answer = self.connection.response("UIDVALIDITY")
        return "".join(one.decode() for one in answer if isinstance(one, bytes))

    def read(self, *, today: date, left: Collection[str] = ()) -> tuple[list[tuple[str, Report]], list[str]]:
        """Return the unread reports with their numbers in the mailbox, newest first, and the numbers of other mail.

        Mail that earlier readings have ``left`` is not read again: otherwise whoever sends many false reports keeps the
        worker busy, and stands before the others for ever.
        """
        since = today - LOOKED_BACK
        asked = f"{since.day}-{_MONTHS[since.month - 1]}-{since.year}"
        [found] = self._ask("SEARCH", "UNSEEN", "UNDELETED", "SINCE", asked)[:1] or [b""]
        uids = [uid.decode() for uid in (found or b"").split()][-MOST_HEADS:]
        known = set(left)
        others = [uid for uid in uids if uid in known]
        reports, n_read = [], 0
        heads = self._fetch([uid for uid in uids if uid not in known], _HEAD)
        for uid, head in sorted(heads, key=lambda one: int(one[0]), reverse=True):
            if not looks_like_report(head):
                others.append(uid)
                continue
            n_read += 1
            if n_read > MOST_READ:
                break
            for _, content in self._fetch([uid], f"(UID BODY.PEEK[]<0.{MOST_BYTES}>)"):
                report = read_report(content)
                if report is not None and report.ids:
                    reports.append((uid, report))
                else:
                    others.append(uid)
        return reports, others

    def mark(self, uids: Sequence[str]) -> None:
        """Mark reports as read, or move them where the settings say so."""
        if not uids:
            return
        numbers, folder = ",".join(uids), self.settings.done_folder
        self._ask("STORE", numbers, "+FLAGS.SILENT", r"(\Seen)")
        if not folder:
            return
        move = "MOVE" if "MOVE" in self.capabilities else "COPY"
        kind, _ = self.connection.uid(move, numbers, f'"{folder}"')
        if kind != "OK":
            self.connection.create(f'"{folder}"')
            self._ask(move, numbers, f'"{folder}"')
        if move == "COPY":
            self._ask("STORE", numbers, "+FLAGS.SILENT", r"(\Deleted)")
            if "UIDPLUS" in self.capabilities:
                # Without this, all messages that anybody has marked for deletion would go.
                self._ask("EXPUNGE", numbers)

    def _fetch(self, uids: Sequence[str], what: str) -> Iterator[tuple[str, bytes]]:
        if not uids:
            return
        answer = self._ask("FETCH", ",".join(uids), what)
        for position, one in enumerate(answer):
            if not isinstance(one, tuple):
                continue
            # A server may write the number before or after the content.
            following = answer[position + 1] if position + 1 < len(answer) else b""
            around = one[0] + b" " + (following if isinstance(following, bytes) else b"")
            if number := _UID.search(around):
                yield number[1].decode(), one[1]

    def _ask(self, command: str, *arguments: str) -> list[Any]:
        kind, answer = self.connection.uid(command, *arguments)
        if kind != "OK":
            raise imaplib.IMAP4.error(f"{command}: {answer[0]!r}")
        return list(answer)


@contextmanager
def opened(settings: ReportMailbox, *, seconds: float = ANSWER_SECONDS) -> Iterator[OpenMailbox]:
    """Yield the mailbox, encrypted and signed in.

    Raises
    ------
    JudgingError
        When it cannot be read; nothing was changed in it then, or what was stored is read again and changes nothing.
    """
    connection: imaplib.IMAP4 | None = None
    try:
        # It verifies certificate and host name.
        context = ssl.create_default_context(cafile=settings.ca_file or None)
        if settings.security == "tls":
            connection = imaplib.IMAP4_SSL(settings.host, settings.port, ssl_context=context, timeout=seconds)
        else:
            connection = imaplib.IMAP4(settings.host, settings.port, timeout=seconds)
            connection.starttls(context)
        connection.login(settings.user, settings.password)
        # What a server can do for whom it knows, it says after the login only.
        _, known = connection.capability()
        kind, answer = connection.select(f'"{settings.folder}"')
        if kind != "OK":
            raise imaplib.IMAP4.error(f"{settings.folder}: {answer[0]!r}")
        yield OpenMailbox(connection, settings, frozenset(known[0].decode().upper().split()))
    except (OSError, imaplib.IMAP4.error) as error:
        reason = " ".join(str(error).split())[:_MOST_REASON] or type(error).__name__
        raise JudgingError(Message("The mailbox for reports cannot be used: {reason}", reason=reason)) from error
    finally:
        if connection is not None:
            with suppress(OSError, imaplib.IMAP4.error):
                connection.logout()
