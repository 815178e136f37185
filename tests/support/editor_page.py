"""The form of the editor as a browser without JavaScript fills it in and sends it."""

from __future__ import annotations

from html.parser import HTMLParser

from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse


class _Fields(HTMLParser):
    """Collects what the form with the id ``editor`` would send."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.sent: MultiDict[str, str] = MultiDict()
        self.buttons: list[str] = []
        self._is_inside = False
        self._area: str | None = None
        self._select: str | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Take the value of a field."""
        given = dict(attributes)
        name, value = given.get("name"), given.get("value") or ""
        if tag == "form":
            self._is_inside = given.get("id") == "editor"
        elif self._is_inside and tag == "button":
            self.buttons.append(value)
        elif self._is_inside and tag == "input" and name:
            if given.get("type") != "checkbox" or "checked" in given:
                self.sent.add(name, value)
        elif self._is_inside and tag == "select" and name:
            self._select = name
        elif self._is_inside and tag == "option" and self._select:
            # Without a selected option a browser sends the first one.
            if "selected" in given or self._select not in self.sent:
                self.sent[self._select] = value
        elif self._is_inside and tag == "textarea":
            self._area, self._text = name, ""

    def handle_endtag(self, tag: str) -> None:
        """End a field."""
        if tag == "textarea" and self._area:
            # As browsers do: the first line break is dropped, and lines end with CR and LF.
            self.sent.add(self._area, self._text.removeprefix("\n").replace("\n", "\r\n"))
            self._area = None
        elif tag == "select":
            self._select = None
        elif tag == "form":
            self._is_inside = False

    def handle_data(self, data: str) -> None:
        """Take the text of a text area."""
        if self._area:
            self._text += data


class EditorPage:
    """The editor in one client: fields are typed into, buttons are pressed."""

    def __init__(self, client: FlaskClient, competition: str, section: str = "event") -> None:
        self._client = client
        self.address = f"/competitions/{competition}/editor"
        self.answer = client.get(f"{self.address}?section={section}")
        self._read()

    def _read(self) -> None:
        parser = _Fields()
        parser.feed(self.answer.text)
        self.fields, self.buttons = parser.sent, parser.buttons

    @property
    def text(self) -> str:
        """Return the page."""
        return self.answer.text

    def type(self, **fields: str) -> None:
        """Type into fields; a name has ``__`` for the dots of its path."""
        for name, value in fields.items():
            self.type_at(name.replace("__", "."), value)

    def type_at(self, path: str, *values: str) -> None:
        """Type into the field of a path; several values are ticked boxes."""
        assert path in self.fields, (path, sorted(self.fields))
        self.fields.setlist(path, list(values) if len(values) < 2 else ["", *values])

    def press(self, action: str) -> TestResponse:
        """Press a button, and follow what it leads to."""
        self.answer = self._client.post(
            self.address, data=MultiDict([*self.fields.items(multi=True), ("action", action)])
        )
        if self.answer.status_code == 303:
            self.answer = self._client.get(self.answer.location)
        self._read()
        return self.answer

    def check(self) -> dict[str, str]:
        """Return the complaints of the check, by path."""
        answer = self._client.post(f"{self.address}/check", data=self.fields)
        return {fault["path"]: fault["text"] for fault in answer.get_json()["faults"]}
