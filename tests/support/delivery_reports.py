"""Reports of mail servers about one message, in the form of each server; written after its documentation.

Sources: RFC 3464, appendix E (examples); Postfix bounce(5), template and bounce(8); the Exim Specification 4.93,
chapter 50, and its bounce in src/deliver.c; Sendmail's doc/op, section "Error messages", after RFC 3464; Microsoft,
"DSNs and NDRs in Exchange" and "Email non-delivery reports and SMTP errors in Exchange Online"; Gmail Help, "Fix
bounced or rejected emails"; D. J. Bernstein, QSBMF.
"""

from __future__ import annotations

ID = "<0123456789abcdef0123456789abcdef@example.org>"
TO = "chan@gone.example.net"


def standard(
    *,
    action: str,
    status: str,
    diagnostic: str,
    sender: str = "MAILER-DAEMON@mx.example.net",
    original: str = "message/rfc822",
    message_id: str = ID,
    about_message: str = "Reporting-MTA: dns; mx.example.net",
    subject: str = "Undelivered Mail Returned to Sender",
) -> bytes:
    """Return a report of RFC 3464 with the headers of the message."""
    recipient = f"Final-Recipient: rfc822; {TO}\nAction: {action}\nStatus: {status}\n"
    recipient += f"Diagnostic-Code: {diagnostic}\n" if diagnostic else ""
    copy = f"From: judging@example.org\nTo: <{TO}>\nSubject: Invitation\nMessage-ID: {message_id}\n"
    text = f"""Return-Path: <>
From: Mail Delivery System <{sender}>
To: judging@example.org
Subject: {subject}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="9B095B5ADSN"

--9B095B5ADSN
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.example.net.

--9B095B5ADSN
Content-Type: message/delivery-status

{about_message}

{recipient}
--9B095B5ADSN
Content-Type: {original}

{copy}
https://judging.example.org/sign-in/SecretSecretSecretSecretSecretSecret
--9B095B5ADSN--
"""
    return text.replace("\n", "\r\n").encode()


POSTFIX = standard(
    action="failed",
    status="5.1.1",
    diagnostic=f"smtp; 550 5.1.1 <{TO}>: Recipient address rejected:\n    User unknown in virtual mailbox table",
    about_message="Reporting-MTA: dns; mx.example.net\nX-Postfix-Queue-ID: 9B095B5A",
)
POSTFIX_DELAYED = standard(
    action="delayed",
    status="4.4.1",
    diagnostic="smtp; connect to gone.example.net[192.0.2.1]:25: Connection timed out",
    subject="Delayed Mail (still being retried)",
    original="text/rfc822-headers",
)
POSTFIX_EXPIRED = standard(action="failed", status="4.4.1", diagnostic="smtp; Connection timed out")
EXIM = standard(
    action="failed",
    status="5.0.0",
    diagnostic=f"smtp; 550-5.1.1 no mailbox {TO} here",
    sender="Mailer-Daemon@exim.example.net",
    subject="Mail delivery failed: returning message to sender",
)
SENDMAIL = standard(
    action="failed",
    status="5.1.2",
    diagnostic="",
    about_message="Reporting-MTA: dns; sendmail.example.net\nArrival-Date: Fri, 3 Jul 2026 14:00:00 +0800",
    subject="Returned mail: see transcript for details",
    original="text/rfc822-headers",
)
EXCHANGE = standard(
    action="failed",
    status="5.1.10",
    diagnostic="smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
    sender="postmaster@exchange.example.net",
    subject="Undeliverable: Invitation",
)
GMAIL = standard(
    action="failed",
    status="5.2.2",
    diagnostic="smtp; 552-5.2.2 The recipient's inbox is out of storage space. Please direct the recipient to "
    "https://support.google.com/mail/?p=OverQuotaPerm d2e1a72fcca58-7b6e1b0c3f2si18234567b3a.12 - gsmtp",
    sender="mailer-daemon@googlemail.com",
    about_message=f"Reporting-MTA: dns; googlemail.com\nX-Original-Message-ID: {ID}",
    subject="Delivery Status Notification (Failure)",
)
QMAIL = f"""Return-Path: <>
From: MAILER-DAEMON@qmail.example.net
To: judging@example.org
Subject: failure notice

Hi. This is the qmail-send program at qmail.example.net.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{TO}>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Return-Path: <judging@example.org>
Message-ID: {ID}
Subject: Invitation
""".encode()
EXIM_OLDER = f"""From: Mail Delivery System <Mailer-Daemon@exim.example.net>
To: judging@example.org
Auto-Submitted: auto-replied
X-Failed-Recipients: {TO}
Subject: Mail delivery failed: returning message to sender

This message was created automatically by mail delivery software.

  {TO}
    SMTP error from remote mail server after RCPT TO:<{TO}>:
    host mx.gone.example.net [192.0.2.1]: 554 5.7.1 Service unavailable; listed

------ This is a copy of the message, including all the headers. ------

Message-ID: {ID}
""".encode()
EXIM_WARNING = f"""From: Mail Delivery System <Mailer-Daemon@exim.example.net>
To: judging@example.org
Auto-Submitted: auto-replied
Subject: Warning: message 1uXyZ-0001bo-D3 delayed 24 hours

A message that you sent has not yet been delivered to one or more of its recipients.
The subject of the message is: Invitation. Message-ID: {ID}
No action is required on your part. Delivery attempts will continue for some time.
""".encode()
EXCHANGE_OLDER = f"""From: System Administrator <postmaster@exchange.example.net>
To: judging@example.org
Subject: Undeliverable: Invitation
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=older

--older
Content-Type: text/plain; charset=klingon
Content-Transfer-Encoding: base64

WW91ciBtZXNzYWdlIGRpZCBub3QgcmVhY2ggc29tZSBvciBhbGwgb2YgdGhlIGludGVuZGVkIHJlY2lwaWVudHMuCgo1NTAgNS4xLjEgVXNlciB1bmtub3duCg==
--older
Content-Type: message/rfc822

Message-ID: {ID}
Subject: Invitation

text
--older--
""".encode()
VACATION = f"""From: Chan <{TO}>
To: judging@example.org
Auto-Submitted: auto-replied
Subject: Out of office: 550 5.1.1
In-Reply-To: {ID}

I failed to take my computer along.
""".encode()
READ_RECEIPT = POSTFIX.replace(b"report-type=delivery-status", b"report-type=disposition-notification").replace(
    b"message/delivery-status", b"message/disposition-notification"
)
DELIVERED = standard(action="delivered", status="2.0.0", diagnostic="smtp; 250 2.0.0 Ok")
