"""The releases of a competition as an Atom feed (RFC 4287)."""

from __future__ import annotations

import uuid
from xml.etree import ElementTree as ET

from judging.errors import Message
from judging.services.releases.published import FeedEntry, ReleaseFeed
from judging.translating import translate
from judging.workbook.cells import clean

_ATOM = "http://www.w3.org/2005/Atom"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_AUTHOR = Message("The chairs")
_TITLE = Message("Released results: {competition}")
_RELEASED = Message("{round}: results released ({number})")
_REPLACED = Message("A later release has taken the place of this one.")
_SEATS = Message("Selected:")
_RESERVES = Message("Reserves:")


def feed_of(feed: ReleaseFeed, *, base_url: str, address: str, language: str) -> bytes:
    """Return the feed.

    Parameters
    ----------
    feed : ReleaseFeed
    base_url : str
        The address of the service, without a slash at the end.
    address : str
        Path of the competition in the API.
    language : str
    """
    ET.register_namespace("", _ATOM)
    own = f"{base_url}{address}/releases.atom?language={language}"
    root = ET.Element(f"{{{_ATOM}}}feed", {_XML_LANG: language})
    competition = feed.competition.name.by_language[language]
    _put(root, "id", _identity(f"{base_url}{address}/releases.atom"))
    _put(root, "title", translate(_said(_TITLE, competition=competition), language))
    _put(root, "updated", (feed.entries[0].released_at if feed.entries else feed.began_at).isoformat())
    ET.SubElement(root, f"{{{_ATOM}}}link", rel="self", type="application/atom+xml", href=own)
    _put(ET.SubElement(root, f"{{{_ATOM}}}author"), "name", translate(_AUTHOR, language))
    for entry in feed.entries:
        _put_entry(root, entry, f"{base_url}{address}/rounds/{entry.round_key}", language)
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return content


def _put_entry(root: ET.Element, entry: FeedEntry, address: str, language: str) -> None:
    element = ET.SubElement(root, f"{{{_ATOM}}}entry")
    _put(element, "id", _identity(f"{address}/releases/{entry.number}/{entry.digest}"))
    title = _said(_RELEASED, round=entry.round_name.by_language[language], number=str(entry.number))
    _put(element, "title", translate(title, language))
    _put(element, "updated", entry.released_at.isoformat())
    for media_type, name in (("application/json", "results"), ("text/csv", "results.csv")):
        ET.SubElement(element, f"{{{_ATOM}}}link", rel="related", type=media_type, href=f"{address}/{name}")
    _put(element, "content", _words(entry, language)).set("type", "text")


def _words(entry: FeedEntry, language: str) -> str:
    results = entry.results
    if results is None:
        return translate(_REPLACED, language)
    names = {one.proposal: f"{one.title} ({one.team})" for one in results.proposals}
    parts = [(_SEATS, results.seats), (_RESERVES, results.reserves)]
    lines = [line for words, keys in parts if keys for line in (translate(words, language), *map(names.get, keys))]
    for award in results.awards:
        if award.winners:
            lines += [f"{award.name.get(language, award.award)}:", *map(names.get, award.winners)]
    return "\n".join(map(str, lines))


def _said(message: Message, **values: str) -> Message:
    return Message(message.template, **values)


def _put(parent: ET.Element, name: str, text: str) -> ET.Element:
    element = ET.SubElement(parent, f"{{{_ATOM}}}{name}")
    element.text = clean(text)
    return element


def _identity(address: str) -> str:
    """Return the same identity as long as the address is the same."""
    return uuid.uuid5(uuid.NAMESPACE_URL, address).urn
