"""Answers that the worker gives without the application: the request is incomplete, or too many wait."""

from __future__ import annotations

import json
from html import escape

_REASONS = {
    408: "Request Timeout",
    411: "Length Required",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
    507: "Insufficient Storage",
}
_BUSY = (
    ("en", "Too many requests are waiting. Nothing was stored; please try again in a few seconds."),
    ("zh-Hant-HK", "正在等候的請求太多。沒有儲存任何資料；請在幾秒後再試。"),
    ("zh-Hans-CN", "正在等候的请求太多。没有保存任何数据；请在几秒后再试。"),
)
_TEXTS = {
    408: (("en", "The request did not arrive completely in time."),),
    411: (("en", "Send the length of the body in Content-Length."),),
    429: _BUSY,
    431: (("en", "The header fields of the request are too long."),),
    503: _BUSY,
    507: (
        ("en", "The disk of the service is full. Nothing was stored; please tell whoever runs it."),
        ("zh-Hant-HK", "服務的磁碟已滿。沒有儲存任何資料；請通知系統管理員。"),
        ("zh-Hans-CN", "服务的磁盘已满。没有保存任何数据；请通知系统管理员。"),
    ),
}
RETRY_AFTER_SECONDS = 2
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def refusal(status: int, path: str) -> bytes:
    """Return a complete answer, JSON below ``/api`` and a page elsewhere. The connection must be closed after it."""
    if path.startswith("/api/"):
        kind = "application/problem+json"
        problem = {"type": "about:blank", "title": _REASONS[status], "status": status, "detail": _TEXTS[status][0][1]}
        body = json.dumps(problem).encode()
    else:
        kind = "text/html; charset=utf-8"
        texts = "".join(f'<p lang="{language}">{escape(text)}</p>' for language, text in _TEXTS[status])
        body = f"<!doctype html><title>{status} {_REASONS[status]}</title>{texts}".encode()
    lines = [
        f"HTTP/1.1 {status} {_REASONS[status]}",
        f"Content-Type: {kind}",
        f"Content-Length: {len(body)}",
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
        "Connection: close",
    ]
    if status in (429, 503):
        lines.append(f"Retry-After: {RETRY_AFTER_SECONDS}")
    return "\r\n".join([*lines, "", ""]).encode() + body
