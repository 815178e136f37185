"""How far the links reach that this service hands out: they begin with its public address."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

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
