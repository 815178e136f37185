"""Parse a strict subset of YAML: a value has exactly the meaning that a reader of the file expects.

Refused, with line and column: duplicate keys, anchors, aliases, tags, merge keys, tabs, numbers that are not
finite, more than one document, nesting beyond ``MAX_DEPTH``, more than ``MAX_NODES`` values, files beyond
``MAX_BYTES`` or not in UTF-8. Plain scalars follow YAML 1.2: ``no`` and ``on`` are words, ``010`` is ten, and a
date is a text.
"""

import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import yaml

from judging.errors import RubricError

MAX_BYTES = 250_000
MAX_DEPTH = 30
MOST_COMPLAINTS = 200
MAX_NODES = 10_000
"""Maximum number of keys and values in a file. Our largest file has 598; composing one takes about 20 microseconds."""
# Python refuses to parse integers of thousands of digits; no number here needs twenty.
_MAX_DIGITS = 30

_SYNTAX_ADVICE = "indent with spaces, and quote a text that holds `: ` or ` #` or begins with a sign such as @"

# The parser's words for a text that ends too early, such as {en: How good is it?}.
_SIGN_IN_BRACES = re.compile(r"expected ',' or '[]}]', but got '([?:])'")

Steps = tuple[str | int, ...]

_NULL = "tag:yaml.org,2002:null"
_BOOL = "tag:yaml.org,2002:bool"
_INT = "tag:yaml.org,2002:int"
_FLOAT = "tag:yaml.org,2002:float"
_SCALARS = (
    (_NULL, r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    (_BOOL, r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    (_INT, r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    (
        _FLOAT,
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        list("-+.0123456789"),
    ),
)


@dataclass(frozen=True, slots=True, order=True)
class Complaint:
    """A fault at one place of a file, and its correction."""

    line: int
    column: int
    path: str
    text: str


@dataclass
class YamlDocument:
    """The content of one file, the place of each value, and the complaints about it.

    Attributes
    ----------
    The name for complaints.
        The name to show.
    Mappings, lists, texts, numbers, booleans, None.
        Mappings, lists, texts, numbers, truth values, None.
    places : dict of Steps to (line, column)
        Counted from 1; for an entry of a mapping the place of its key, for an item of a list the place of the item.
    """

    file: str
    content: Any = None
    places: dict[Steps, tuple[int, int]] = field(default_factory=lambda: {(): (1, 1)})
    complaints: set[Complaint] = field(default_factory=set)
    _invalid: set[Steps] = field(default_factory=set)

    def complain(self, steps: Steps, text: str, *, at: tuple[int, int] | None = None) -> None:
        """Add a complaint about one value, unless it or a value that contains it is already marked as invalid."""
        if any(steps[:n] in self._invalid for n in range(len(steps) + 1)):
            return
        known = next(steps[:n] for n in range(len(steps), -1, -1) if steps[:n] in self.places)
        line, column = at or self.places[known]
        self.complaints.add(Complaint(line, column, ".".join(map(str, steps)), text))

    def mark_invalid(self, steps: Steps) -> None:
        """Mark a value as invalid, so that no further complaint about it follows."""
        self._invalid.add(steps)

    def lines(self) -> list[str]:
        """Return ``file:line:column: path: what is wrong, what would be right``, in the order of the file."""
        complaints = sorted(self.complaints)
        lines = [
            f"{self.file}:{c.line}:{c.column}: {c.path + ': ' if c.path else ''}{c.text}"
            for c in complaints[:MOST_COMPLAINTS]
        ]
        if len(complaints) > MOST_COMPLAINTS:
            lines.append(f"{self.file}: and {len(complaints) - MOST_COMPLAINTS:,} more")
        return lines


def definition_error(document: YamlDocument) -> RubricError:
    """Return the error with all complaints about a file, as lines and by path."""
    faults = [(complaint.path, complaint.text) for complaint in sorted(document.complaints)[:MOST_COMPLAINTS]]
    return RubricError(document.lines(), faults=faults)


def read_document(path: Path) -> YamlDocument:
    """Read a file; raise RubricError when its structure cannot be parsed."""
    document = YamlDocument(str(path))
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise _refused(document, f"cannot be read ({error.strerror}); name a file that exists") from error
    return parse_document(raw, file=str(path))


def parse_document(raw: bytes, *, file: str) -> YamlDocument:
    """Parse the bytes of a file; raise RubricError when their structure cannot be parsed."""
    document = YamlDocument(file)
    text = _decoded(raw, document)
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _refused(document, _syntax_text(str(error.problem)), at=_place(mark)) from error
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        at = before.count("\n") + 1, error.position - before.rfind("\n")
        raise _refused(document, f"a control character (U+{error.character:04X}); delete it", at=at) from error
    if node is None:
        raise _refused(document, "the file is empty; begin with `key:`")
    document.content = _ValueBuilder(document, loader.flaws).value(node, ())
    return document


def _syntax_text(problem: str) -> str:
    sign = _SIGN_IN_BRACES.fullmatch(problem)
    if sign is None:
        return f"not YAML ({problem}); {_SYNTAX_ADVICE}"
    return f'a text within {{ }} or [ ] cannot hold the sign `{sign[1]}` as it is; put the text in quotes: "..."'


def dump_document(content: Any) -> str:
    """Return plain data as YAML that people can edit and `parse_document` can parse."""
    return str(yaml.dump(content, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110))


def _refused(document: YamlDocument, text: str, *, at: tuple[int, int] = (1, 1)) -> RubricError:
    document.complain((), text, at=at)
    return definition_error(document)


def _decoded(raw: bytes, document: YamlDocument) -> str:
    if len(raw) > MAX_BYTES:
        raise _refused(document, f"more than {MAX_BYTES:,} bytes; no rubric needs that many")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        at = before.count(b"\n") + 1, len(before[before.rfind(b"\n") + 1 :].decode("utf-8-sig")) + 1
        raise _refused(document, "not UTF-8; save the file as UTF-8", at=at) from error
    tabs = [(number, line.index("\t") + 1) for number, line in enumerate(text.split("\n"), 1) if "\t" in line]
    for at in tabs:
        document.complain((), "a tab; write spaces", at=at)
    if tabs:
        raise definition_error(document)
    return text


class _Mark(Protocol):
    line: int
    column: int


def _place(mark: _Mark | None) -> tuple[int, int]:
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


class _Loader(yaml.SafeLoader):
    """Composes nodes only, records faults beside them, and uses the scalars of YAML 1.2."""

    # A separate dictionary: otherwise PyYAML would add to its resolvers of YAML 1.1.
    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own protocol

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.flaws: dict[yaml.Node, tuple[tuple[int, int], str]] = {}
        self._depth = 0
        self._n_nodes = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Compose one node without resolving aliases or tags."""
        parser: Any = super()  # its methods have no types
        event = parser.peek_event()
        place = _place(event.start_mark)
        if isinstance(event, yaml.AliasEvent):
            parser.get_event()
            stub = yaml.ScalarNode(_NULL, "")
            self.flaws[stub] = place, f"an alias (*{event.anchor}); write the value out again"
            return stub
        anchor, tag = event.anchor, event.tag
        event.anchor = event.tag = None
        if isinstance(event, yaml.ScalarEvent):
            event.implicit = (event.style is None, event.style is not None)
        if self._depth == MAX_DEPTH:
            raise yaml.MarkedYAMLError(problem=f"nested deeper than {MAX_DEPTH}", problem_mark=event.start_mark)
        self._n_nodes += 1
        if self._n_nodes > MAX_NODES:
            raise yaml.MarkedYAMLError(
                problem=f"more than {MAX_NODES:,} keys and values", problem_mark=event.start_mark
            )
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        if node is not None and anchor is not None:
            self.flaws[node] = place, f"an anchor (&{anchor}); remove it"
        elif node is not None and tag is not None:
            self.flaws[node] = place, f"a tag ({tag}); remove it, and quote the value if it is a text"
        return node


class _Dumper(yaml.SafeDumper):
    """Puts in quotes what a reader of YAML 1.1 or of 1.2, as `_Loader`, would not take for a text: `no`, `1e+100`."""


for _tag, _pattern, _first in _SCALARS:
    _Loader.add_implicit_resolver(_tag, re.compile(f"^(?:{_pattern})$"), _first)
    _Dumper.add_implicit_resolver(_tag, re.compile(f"^(?:{_pattern})$"), _first)


class _ValueBuilder:
    """Converts nodes into values and records the place of each value."""

    def __init__(self, document: YamlDocument, flaws: dict[yaml.Node, tuple[tuple[int, int], str]]) -> None:
        self._document = document
        self._flaws = flaws

    def value(self, node: yaml.Node, steps: Steps) -> Any:
        """Return the value of a node and record its place."""
        if flaw := self._flaws.get(node):
            self._document.complain(steps, flaw[1], at=flaw[0])
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, steps)
        if isinstance(node, yaml.SequenceNode):
            return [self._item(item, (*steps, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, steps)

    def _item(self, node: yaml.Node, steps: Steps) -> Any:
        self._document.places[steps] = _place(node.start_mark)
        return self.value(node, steps)

    def _mapping(self, node: yaml.MappingNode, steps: Steps) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            place = _place(key_node.start_mark)
            key = key_node.value
            if flaw := self._flaws.get(key_node):
                self._document.complain(steps, flaw[1], at=flaw[0])
                continue
            if (
                not isinstance(key_node, yaml.ScalarNode)
                or key_node.tag != yaml.resolver.BaseResolver.DEFAULT_SCALAR_TAG
            ):
                self._document.complain(steps, "a key that is not a word; put quotes around it", at=place)
                continue
            if key == "<<" and key_node.style is None:
                self._document.complain(steps, "a merge key (<<); write the entries out", at=place)
                continue
            if key in values:
                first = self._document.places[*steps, key][0]
                self._document.complain((*steps, key), f"a second `{key}`; the first is in line {first}", at=place)
                continue
            self._document.places[*steps, key] = place
            values[key] = self.value(value_node, (*steps, key))
        return values

    def _scalar(self, node: yaml.Node, steps: Steps) -> Any:
        text: str = node.value
        if node.tag == _NULL:
            if node in self._flaws:
                self._document.mark_invalid(steps)
            return None
        if node.tag == _BOOL:
            return text.lower() == "true"
        if node.tag not in (_INT, _FLOAT):
            return text
        if len(text) > _MAX_DIGITS:
            return self._invalid_value(steps, "a number of too many digits; put quotes around it if it is a text")
        if node.tag == _INT:
            return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
        number = float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
        return (
            number if math.isfinite(number) else self._invalid_value(steps, f"{text} is not a finite number; write one")
        )

    def _invalid_value(self, steps: Steps, text: str) -> None:
        self._document.complain(steps, text)
        self._document.mark_invalid(steps)
