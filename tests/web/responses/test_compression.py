"""Pages and JSON are compressed as the client asks; small answers and downloads are not."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable

import brotli
import pytest
from flask.testing import FlaskClient
from sqlmodel import Session

from tests.support.deciding import calibrated_event
from tests.support.event import COMPETITION, ROUND, csrf_token, sign_in
from tests.support.jobs import finished

ROUND_URL = f"/api/v1/competitions/{COMPETITION}/rounds/{ROUND}"
DECODE: dict[str, Callable[[bytes], bytes]] = {"br": brotli.decompress, "gzip": gzip.decompress}
TOKEN = re.compile(r'(?<=name="csrf_token" value=")[^"]+|(?<=data-token=")[^"]+')


@pytest.fixture
def chair(client: FlaskClient, session: Session) -> FlaskClient:
    event = calibrated_event(session, calibration={"model": "additive"})
    sign_in(client, event.people["chair"])
    return client


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip, deflate", "gzip"),
        ("br;q=0.5, gzip", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("gzip;q=0", None),
        ("zstd", None),
        ("identity", None),
        ("", None),
    ],
)
def test_the_encoding_is_the_one_the_client_prefers(chair: FlaskClient, accepted: str, chosen: str | None) -> None:
    for address in ("/account", f"{ROUND_URL}/ranking"):
        plain = chair.get(address)
        answer = chair.get(address, headers={"Accept-Encoding": accepted})
        assert answer.headers.get("Content-Encoding") == chosen
        assert {"Accept-Encoding" in each.headers["Vary"] for each in (plain, answer)} == {True}
        content = DECODE[chosen](answer.data) if chosen else answer.data
        assert int(answer.headers["Content-Length"]) == len(answer.data)
        assert TOKEN.sub("", content.decode()) == TOKEN.sub("", plain.text)
        head = chair.head(address, headers={"Accept-Encoding": accepted})
        assert (head.headers.get("Content-Encoding"), head.data) == (chosen, b"")


def test_one_etag_stands_for_every_encoding(chair: FlaskClient) -> None:
    headers: list[dict[str, str]] = [{}, {"Accept-Encoding": "gzip"}, {"Accept-Encoding": "br"}]
    tags = {chair.get(f"{ROUND_URL}/ranking", headers=sent).headers["ETag"] for sent in headers}
    assert len(tags) == 1
    etag = tags.pop()
    assert etag.startswith('W/"')
    unchanged = [chair.get(f"{ROUND_URL}/ranking", headers={**sent, "If-None-Match": etag}) for sent in headers]
    assert [(answer.status_code, answer.headers.get("Content-Encoding")) for answer in unchanged] == [(304, None)] * 3


def test_small_answers_and_downloads_are_sent_as_they_are(chair: FlaskClient) -> None:
    sent = {"Accept-Encoding": "gzip, br"}
    small = chair.get("/api/v1/session", headers=sent)
    assert (small.status_code, small.headers.get("Content-Encoding")) == (200, None)
    fields = {"csrf_token": csrf_token(chair)}
    done = finished(chair, chair.post(f"/chair/{COMPETITION}/{ROUND}/bundle", data=fields))
    bundle = chair.get(done.request.path, headers=sent)
    assert (bundle.status_code, bundle.headers.get("Content-Encoding")) == (200, None)
    assert bundle.data[:2] == b"PK"
