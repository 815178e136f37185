"""Formulas written once as text, and set as MathML for browsers and in Typst's notation for PDF.

The notation is that of docs/calibration.md: ``y_ijc = mu_c + q_i - s_j + e_ijc``. A name of one letter, or a Greek one,
is a variable; other names and what stands between quotation marks are words; ``_`` begins a subscript, ``^`` a
superscript, each of one name or of what stands between braces; in a script every letter is an index of its own.
``sum`` is the sign, ``*`` a product, and in a script a star.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

_GREEK = {"mu": "μ", "sigma": "σ", "rho": "ρ", "delta": "δ"}
_SIGNS = {"-": "\N{MINUS SIGN}", "*": "\N{MIDDLE DOT}", "~": "\N{TILDE OPERATOR}", "<=": "≤"}
# Brackets by name: a bracket after a variable would begin its arguments, and an unbalanced one would be an error.
_IN_TYPST = {
    "*": "dot.c",
    "~": "tilde.op",
    "/": "\\/",
    "(": "paren.l",
    ")": "paren.r",
    "[": "bracket.l",
    "]": "bracket.r",
}
_TOKEN = re.compile(r'\s*(?:("[^"]*")|([A-Za-z]+)|(\d+(?:\.\d+)?)|(<=|[-+=/(){}\[\],|*~_^]))')


@dataclass(frozen=True, slots=True)
class ModelFormula:
    """A formula as text. ``is_displayed``: on a line of its own."""

    text: str
    is_displayed: bool = True

    @property
    def mathml(self) -> str:
        """Return the formula as a MathML element, with its text for those who do not see it."""
        how = ' display="block"' if self.is_displayed else ""
        content = "".join(_mathml(atom) for atom in _atoms(self.text))
        return f'<math{how} alttext="{escape(self.text)}"><mrow>{content}</mrow></math>'

    @property
    def typst(self) -> str:
        """Return the formula in the notation of Typst."""
        return " ".join(_typst(atom) for atom in _atoms(self.text))


@dataclass(frozen=True, slots=True)
class _Atom:
    """A sign, number, word or variable, with what stands below and above it."""

    kind: str
    text: str
    low: str = ""
    high: str = ""


def _tokens(text: str) -> list[tuple[str, str]]:
    found, place = [], 0
    text = text.rstrip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise ValueError(f"{text!r}: cannot be read as a formula from {text[place:]!r}")
        word, name, number, sign = match.groups()
        kind = "word" if word else "name" if name else "number" if number else "sign"
        found.append((kind, word.strip('"') if word else name or number or sign))
        place = match.end()
    return found


def _atoms(text: str) -> Iterator[_Atom]:
    tokens = _tokens(text)
    place = 0
    while place < len(tokens):
        kind, content = tokens[place]
        place += 1
        scripts = {"_": "", "^": ""}
        while place < len(tokens) and tokens[place][1] in scripts and tokens[place][0] == "sign":
            sign = tokens[place][1]
            scripts[sign], place = _script(tokens, place + 1)
        if kind == "name":
            kind = "sum" if content == "sum" else "variable" if len(content) == 1 or content in _GREEK else "word"
        yield _Atom(kind, content, scripts["_"], scripts["^"])


def _script(tokens: list[tuple[str, str]], place: int) -> tuple[str, int]:
    if tokens[place][1] != "{":
        return tokens[place][1], place + 1
    end = next(number for number in range(place, len(tokens)) if tokens[number][1] == "}")
    return " ".join(content for _, content in tokens[place + 1 : end]), end + 1


def _pieces(script: str) -> Iterator[_Atom]:
    """Yield the parts of a script: each letter of a name is an index."""
    for kind, content in _tokens(script):
        if kind == "name" and content not in _GREEK:
            yield from (_Atom("variable", letter) for letter in content)
        else:
            yield _Atom("variable" if kind == "name" else "star" if content == "*" else kind, content)


def _mathml(atom: _Atom) -> str:
    shown = escape(_GREEK.get(atom.text, _SIGNS.get(atom.text, atom.text)))
    base = {
        "variable": f"<mi>{shown}</mi>",
        "number": f"<mn>{shown}</mn>",
        "word": f"<mtext>{shown}</mtext>",
        "sum": "<mo>∑</mo>",
        "sign": f'<mo stretchy="false">{shown}</mo>' if atom.text in "()[]|" else f"<mo>{shown}</mo>",
        "star": "<mo>∗</mo>",
    }[atom.kind]
    low, high = (
        "".join(_mathml(part) for part in _pieces(script)) if script else None for script in (atom.low, atom.high)
    )
    if low is not None and high is not None:
        return f"<msubsup>{base}<mrow>{low}</mrow><mrow>{high}</mrow></msubsup>"
    if low is not None:
        return f"<msub>{base}<mrow>{low}</mrow></msub>"
    return base if high is None else f"<msup>{base}<mrow>{high}</mrow></msup>"


def _typst(atom: _Atom) -> str:
    base = {
        "word": f'"{atom.text}"',
        "sum": "sum",
        "star": "ast",
    }.get(atom.kind, _IN_TYPST.get(atom.text, atom.text))
    for mark, script in (("_", atom.low), ("^", atom.high)):
        if script:
            base += f"{mark}({' '.join(_typst(part) for part in _pieces(script))})"
    return base
