"""Links that this service hands out: they begin with its public address. How far they reach depends on it."""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, url_for

HERE, UNENCRYPTED, EVERYWHERE = "here", "unencrypted", "everywhere"


def reach_of_links(base_url: str) -> str:
    """Return ``here`` for the address of this computer alone, ``unencrypted`` for http to another host.

    >>> reach_of_links("http://127.0.0.1:8000"), reach_of_links("http://localhost:8000")
    ('here', 'here')
    >>> reach_of_links("http://192.168.1.7:8000"), reach_of_links("https://judging.example.org")
    ('unencrypted', 'everywhere')
    """
    parts = urlsplit(base_url)
    host = (parts.hostname or "").rstrip(".")
    try:
        number = ipaddress.ip_address(host)
        is_here = number.is_loopback or number.is_unspecified
    except ValueError:
        is_here = host == "localhost" or host.endswith(".localhost")
    if is_here:
        return HERE
    return UNENCRYPTED if parts.scheme == "http" else EVERYWHERE


def public_link(endpoint: str, **values: Any) -> str:
    """Return the whole address of a page, for who is elsewhere: in a mail, a table or an answer to a program.

    It never has the host of the request: an attacker could set it and receive the tokens.
    """
    return f"{current_app.config['BASE_URL']}{url_for(endpoint, **values)}"


def sign_in_link(token: str) -> str:
    """Return the address at which a sign-in link is opened."""
    return public_link("auth.link", token=token)


def letter_link(token: str) -> str:
    """Return the address at which a team reads its letter."""
    return public_link("public_results.letter", token=token)
