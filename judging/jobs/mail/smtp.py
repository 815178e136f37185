"""One message to one mail server, over SMTP, and what is known about it afterwards."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from judging.errors import Message

if TYPE_CHECKING:
    from config import Smtp

ANSWER_SECONDS = 30.0
"""For the connection and for each answer of the mail server."""
ACCEPTANCE_SECONDS = 120.0
"""For the answer to the text: the server may scan it first."""
_MOST_REPLY_CHARACTERS = 200
_START_OF_TEXT = 354
_ACCEPTED = 250


class NotSent(Exception):
    """The mail server has not accepted the message; a later attempt may succeed."""


class MessageRefused(Exception):
    """The mail server does not accept this message, and will not."""


class PerhapsSent(Exception):
    """The text went out and no answer came back: the server may have accepted the message."""


class Replaced(Exception):
    """Another worker has taken over the message; nothing was sent here."""


def deliver(
    server: Smtp,
    text: bytes,
    recipient: str,
    begin_handing_over: Callable[[], bool],
    *,
    answer_seconds: float = ANSWER_SECONDS,
    acceptance_seconds: float = ACCEPTANCE_SECONDS,
) -> None:
    """Send one message; return when the mail server has accepted it.

    Parameters
    ----------
    server : Smtp
    text : bytes
        The complete message with its headers, lines ended by CR LF.
    recipient : str
    begin_handing_over : callable
        Called when the server is ready for the text, before the first byte of it goes out; returns whether to go on.
    answer_seconds, acceptance_seconds : float
        Time limits for each answer, and for the answer to the text.

    Raises
    ------
    NotSent, MessageRefused, PerhapsSent, Replaced
    """
    with _connected(server, answer_seconds) as connection:
        _ask(
            connection,
            f"MAIL FROM:<{server.return_path or server.sender}>{_options(connection, text, recipient)}",
            permanent=NotSent,
        )
        _ask(connection, f"RCPT TO:<{recipient}>", permanent=MessageRefused)
        _ask(connection, "DATA", permanent=MessageRefused, expected=_START_OF_TEXT)
        if not begin_handing_over():
            raise Replaced
        try:
            if connection.sock is not None:
                connection.sock.settimeout(acceptance_seconds)
            connection.send(_with_doubled_dots(text) + b".\r\n")
            code, reply = connection.getreply()
        except (OSError, smtplib.SMTPException) as error:
            text_of_error = Message(
                "The connection to the mail server ended while this message was sent ({reason}). Perhaps it arrived.",
                reason=_short(error),
            )
            raise PerhapsSent(text_of_error) from error
        if code == _ACCEPTED:
            return
        raise (MessageRefused if code >= 500 else NotSent)(_reply_text(code, reply))


@contextmanager
def _connected(server: Smtp, seconds: float) -> Iterator[smtplib.SMTP]:
    """Yield a connection that is encrypted as the settings say, and signed in."""
    connection: smtplib.SMTP | None = None
    try:
        context = ssl.create_default_context(cafile=server.ca_file or None)
        if server.security == "tls":
            connection = smtplib.SMTP_SSL(server.host, server.port, timeout=seconds, context=context)
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=seconds)
        if server.security == "starttls":
            # It verifies certificate and host name; a server that does not offer TLS gets nothing.
            connection.starttls(context=context)
        connection.ehlo_or_helo_if_needed()
        if server.user:
            connection.login(server.user, server.password)
        yield connection
    except (OSError, smtplib.SMTPException) as error:
        reason = Message("The mail server cannot be used at present: {reason}", reason=_short(error))
        raise NotSent(reason) from error
    finally:
        if connection is not None:
            # What the server says to the farewell changes nothing; waiting for it would.
            with suppress(OSError, smtplib.SMTPException):
                connection.putcmd("QUIT")
            connection.close()


def _options(connection: smtplib.SMTP, text: bytes, recipient: str) -> str:
    options = " BODY=8BITMIME" if connection.has_extn("8bitmime") else ""
    if not recipient.isascii():
        if not connection.has_extn("smtputf8"):
            raise MessageRefused(Message("The mail server does not know addresses with other than ASCII characters."))
        connection.command_encoding = "utf-8"
        options += " SMTPUTF8"
    return options + (f" SIZE={len(text)}" if connection.has_extn("size") else "")


def _ask(connection: smtplib.SMTP, command: str, *, permanent: type[Exception], expected: int | None = None) -> None:
    code, reply = connection.docmd(command)
    if code == expected or (expected is None and 200 <= code < 300):
        return
    raise (permanent if 500 <= code < 600 else NotSent)(_reply_text(code, reply))


def _with_doubled_dots(text: bytes) -> bytes:
    return re.sub(rb"(?m)^\.", b"..", text if text.endswith(b"\r\n") else text + b"\r\n")


def _reply_text(code: int, reply: bytes) -> Message:
    shown = " ".join(reply.decode("utf-8", "replace").split())[:_MOST_REPLY_CHARACTERS]
    return Message("The mail server answered: {reply}", reply=f"{code} {shown}")


def _short(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        reply = error.smtp_error
        shown = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
        return f"{error.smtp_code} {' '.join(shown.split())}"[:_MOST_REPLY_CHARACTERS]
    return (" ".join(str(error).split()) or type(error).__name__)[:_MOST_REPLY_CHARACTERS]
