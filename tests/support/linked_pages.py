"""Every page that a person reaches by links, one of each kind."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

LINK = re.compile(r'<a [^>]*href="(/(?:chair|organiser|audit|judge)[^"#]*)"')
NUMBERED = re.compile(r"(?<=[/=])[A-Z]*\d+(?=/|&|$)")


def pages_of(client: FlaskClient, start: str, language: str = "en") -> dict[str, str]:
    """Return the pages that are linked from one page, one of each kind, by address."""
    waiting, kinds, found = [start], set(), {}
    while waiting:
        address = waiting.pop()
        kind = NUMBERED.sub("1", address)
        if kind in kinds:
            continue
        kinds.add(kind)
        answer = client.get(address, headers={"Accept-Language": language})
        if answer.status_code == 200 and answer.mimetype == "text/html":
            found[address] = answer.text
            waiting += [link.replace("&amp;", "&") for link in LINK.findall(answer.text)]
    return found
