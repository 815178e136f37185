"""The message of a delivery: its body, and the signature of the Standard Webhooks (version 1, HMAC-SHA256)."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import UTC, datetime

from judging import tables
from judging.services.webhooks.registering import SECRET_PREFIX

_API = "/api/v1/competitions/"


def body_of(delivery: tables.WebhookDelivery, base_url: str) -> bytes:
    """Return the body; the same for every try.

    It says what happened and where more is to be read: no score and no name, which the reader asks the API for.
    """
    data = dict(delivery.content)
    competition = f"{base_url}{_API}{data['competition']}"
    addresses = {"competition": competition}
    if "round" in data:
        addresses["round"] = f"{competition}/rounds/{data['round']}"
        addresses["results"] = f"{competition}/rounds/{data['round']}/results"
    message = {
        "type": delivery.event,
        "timestamp": delivery.created_at.astimezone(UTC).isoformat(),
        "data": data | {"addresses": addresses},
    }
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def headers_of(delivery: tables.WebhookDelivery, body: bytes, secret: str, *, at: datetime) -> dict[str, str]:
    """Return the headers of a try at a time; the signature covers message number, time and body."""
    seconds = str(int(at.timestamp()))
    return {
        "Content-Type": "application/json",
        "User-Agent": "judging-webhooks/1",
        "webhook-id": delivery.message_id,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{signature_of(secret, delivery.message_id, seconds, body)}",
    }


def signature_of(secret: str, message_id: str, seconds: str, body: bytes) -> str:
    """Return the signature as base64.

    The vector is that of the Standard Webhooks' own libraries.

    >>> signature_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330",
    ...     b'{"test": 2432232314}')
    'g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    content = f"{message_id}.{seconds}.".encode() + body
    return base64.b64encode(hmac.digest(key, content, "sha256")).decode()
