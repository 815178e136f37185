"""Reports of mail servers as values, and mail that is meant to harm their reader."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judging.schemas.delivery_reports import MOST_BYTES, looks_like_report, read_report
from tests.support import delivery_reports as reports
from tests.support.optional import present


@pytest.mark.parametrize(
    ("content", "outcome", "status", "reason"),
    [
        (reports.POSTFIX, "failed", "5.1.1", f"550 5.1.1 <{reports.TO}>: Recipient address rejected: User unknown"),
        (reports.POSTFIX_DELAYED, "delayed", "4.4.1", "connect to gone.example.net[192.0.2.1]:25: Connection timed"),
        (reports.POSTFIX_EXPIRED, "failed", "4.4.1", "Connection timed out"),
        (reports.EXIM, "failed", "5.1.1", f"550-5.1.1 no mailbox {reports.TO} here"),
        (reports.SENDMAIL, "failed", "5.1.2", "5.1.2"),
        (reports.EXCHANGE, "failed", "5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found"),
        (reports.GMAIL, "failed", "5.2.2", "552-5.2.2 The recipient's inbox is out of storage space."),
        (reports.QMAIL, "failed", "5.1.1", "Sorry, no mailbox here by that name. (#5.1.1)"),
        (reports.EXIM_OLDER, "failed", "5.7.1", "host mx.gone.example.net [192.0.2.1]: 554 5.7.1 Service unavailable"),
        (reports.EXIM_WARNING, "delayed", "", ""),
        (reports.EXCHANGE_OLDER, "failed", "5.1.1", "550 5.1.1 User unknown"),
        (reports.DELIVERED, "neither", "2.0.0", "250 2.0.0 Ok"),
    ],
)
def test_each_server_is_understood(content: bytes, outcome: str, status: str, reason: str) -> None:
    report = present(read_report(content))
    assert (report.ids, report.outcome, report.status) == ((reports.ID,), outcome, status)
    assert report.reason.startswith(reason)
    assert looks_like_report(content.partition(b"\n\n")[0])


@pytest.mark.parametrize("content", [reports.VACATION, reports.READ_RECEIPT, b"", b"\x00\xff", b"Subject: hello\n\nhi"])
def test_other_mail_is_no_report(content: bytes) -> None:
    assert read_report(content) is None


def test_of_the_words_of_a_server_neither_links_nor_keys_are_kept() -> None:
    said = "smtp; 550 5.7.1 see https://evil.example/sign-in or\u202e AbCdEfGhIjKlMnOpQrStUvWxYz0123 " + "x " * 500
    report = present(
        read_report(reports.standard(action="failed", status="5.7.1", diagnostic=said.replace("\u202e", "")))
    )
    assert report.reason.startswith("550 5.7.1 see … or … x x")
    assert len(report.reason) <= 200


def test_of_several_recipients_the_worst_counts() -> None:
    second = b"Final-Recipient: rfc822; b@example.net\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--9B"
    content = reports.DELIVERED.replace(b"\r\n--9BO", b"--9BO").replace(b"Ok\r\n\r\n--9B", b"Ok\r\n\r\n" + second, 1)
    assert present(read_report(content)).outcome == "failed"


def _nested(depth: int) -> bytes:
    parts = [f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(depth)]
    return ("From: MAILER-DAEMON@x\n" + "".join(parts)).encode()


@pytest.mark.parametrize(
    "content",
    [
        _nested(5000),
        _nested(39) + b"x\n" * 130_000,
        b"From: MAILER-DAEMON@x\n" + b"Content-Type: message/rfc822\n\n" * 9000,
        b"From: MAILER-DAEMON@x\nContent-Type: multipart/report" + b"; a=b" * 50_000,
        b"From: " + b"(" * 250_000,
        b"From: MAILER-DAEMON@x\nContent-Type: text/plain; charset=\xff\nContent-Transfer-Encoding: base64\n\n=====",
        b"From: MAILER-DAEMON@x\nSubject: =?utf-8?b?" + b"A" * 200_000 + b"?=\n\n<" + b"a@" * 20_000,
        # The library takes the square of its length for a quoted text of semicolons: minutes.
        b'From: MAILER-DAEMON@x\nContent-Type: multipart/report; x="' + b";" * 250_000 + b'"\n\nx',
        b"From: MAILER-DAEMON@x\n\n" + b"\r" * 250_000,
        reports.POSTFIX.replace(b"Status: 5.1.1", b"Status: " + b"5." * 60_000),
        reports.POSTFIX + b"x" * 5_000_000,
    ],
)
def test_hostile_mail_is_survived(content: bytes) -> None:
    report = read_report(content)
    assert report is None or len(report.reason) <= 200


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"multipart/report; ", b"multipart/report; " + b"a=b; " * 1000),
        (b"Action: failed", b"X: y\n\n" * 5000 + b"Action: failed"),
    ],
)
def test_neither_a_long_header_nor_thousands_of_blocks_are_read(before: bytes, after: bytes) -> None:
    assert before in reports.POSTFIX
    assert read_report(reports.POSTFIX.replace(before, after, 1)) is None


def test_what_comes_after_the_limit_is_not_read() -> None:
    late = reports.POSTFIX.replace(b"This is the mail", b"x" * MOST_BYTES + b"This is the mail")
    assert read_report(late) is None


@given(st.binary(max_size=400), st.integers(0, 900), st.integers(0, 200))
def test_damaged_reports_raise_nothing(noise: bytes, place: int, length: int) -> None:
    content = reports.POSTFIX[:place] + noise + reports.POSTFIX[place + length :]
    read_report(content)
    looks_like_report(content)
