"""Whose turn a request takes."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlmodel import Session

from judging.request_bodies import SMALL_BODY
from judging.server.callers import Callers
from judging.server.heads import Head, parse_head
from tests.support.event import cookie_of, make_event


def head(**fields: str) -> Head:
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    return parse_head("\r\n".join(["GET / HTTP/1.1", *lines, "", ""]).encode())


def test_a_signed_cookie_names_the_person_and_a_forged_one_the_network(app: Flask, session: Session) -> None:
    event = make_event(session, n_proposals=4, n_judges=6, scored=False)
    person = event.people["judge"]
    cookie = cookie_of(app, person)
    callers = Callers(app)
    signed = callers.key(head(Cookie=f"{cookie['name']}={cookie['value']}"), "192.0.2.1")
    forged = callers.key(head(Cookie=f"{cookie['name']}=x{cookie['value']}"), "192.0.2.1")
    assert (signed, forged) == (("person", str(person.pk)), ("network", "192.0.2.1"))
    assert [callers.body_limit(key, "/") for key in (signed, forged)] == [app.config["MAX_CONTENT_LENGTH"], SMALL_BODY]
    limits = [callers.body_limit(key, "/organiser/hksh-2023/files") for key in (signed, forged)]
    assert limits == [app.config["MEDIA_LIMITS"].max_video_bytes + 100_000, SMALL_BODY]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "network"),
    [
        (0, "203.0.113.9", "192.0.2.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 198.51.100.1, 203.0.113.9", "198.51.100.1"),
        (2, "203.0.113.9", "192.0.2.1"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
    ],
)
def test_only_our_own_proxies_are_believed(app: Flask, proxies: int, forwarded: str, network: str) -> None:
    app.config["PROXY_COUNT"] = proxies
    assert Callers(app).key(head(X_Forwarded_For=forwarded), "192.0.2.1") == ("network", network)
