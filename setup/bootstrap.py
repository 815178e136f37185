"""The part of Bootstrap's style sheet that our pages use, as ``judging/web/static/bootstrap.css``.

Runs inside ``.venv``: ``python -m setup.bootstrap`` writes the file again after a class of Bootstrap was used for the
first time, or after a new version of it; a test compares. On a slow line a page is drawn when its style sheets have
come, and most of Bootstrap is for pages that we do not have.
"""

import re
from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import tinycss2

from setup.environment import ROOT

WEB = ROOT / "judging" / "web"
TARGET = WEB / "static" / "bootstrap.css"
SOURCE = Path(str(files("flask_bootstrap"))) / "static" / "bootstrap5" / "css" / "bootstrap.min.css"

# What a class can be made of in a template, a script or a Python text: names, and the beginnings of composed names.
_WORD = re.compile(r"[A-Za-z][\w-]*")
_CLASS = re.compile(r"\.((?:[\w-]|\\.)+)")
_VARIABLE = re.compile(r"var\(\s*(--[\w-]+)")
_GROUPS = ("media", "supports")


def subset() -> str:
    """Return the rules of Bootstrap that can apply to one of our pages, with the variables that they use."""
    words = set(_words())
    stems = tuple(word for word in words if word.endswith("-"))

    def is_used(name: str) -> bool:
        return name in words or name.startswith(stems)

    source = SOURCE.read_text(encoding="utf-8")
    kept = list(_kept(tinycss2.parse_stylesheet(source, skip_comments=True, skip_whitespace=True), is_used))
    licence = source[: source.index("*/") + 2].split("/*!", 1)[1]
    return f"/*!{licence}\n" + "\n".join(_with_used_variables(kept)) + "\n"


def _words() -> Iterator[str]:
    """Yield every word of templates, scripts and Python files of the pages, in which names of classes stand."""
    for path in sorted(WEB.rglob("*")):
        if path.suffix in (".html", ".js", ".py"):
            yield from _WORD.findall(path.read_text(encoding="utf-8"))


def _kept(rules: Iterable[Any], is_used: Any) -> Iterator[str]:
    for rule in rules:
        if rule.type == "at-rule" and rule.content is not None and rule.at_keyword in _GROUPS:
            inner = list(_kept(tinycss2.parse_rule_list(rule.content, skip_whitespace=True), is_used))
            if inner:
                yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{''.join(inner)}}}"
        elif rule.type == "at-rule" and rule.content is not None:
            # An animation, which a kept rule may name.
            yield rule.serialize()
        elif rule.type == "qualified-rule":
            selectors = [
                selector.strip()
                for selector in _split(tinycss2.serialize(rule.prelude))
                if all(map(is_used, _CLASS.findall(selector))) and "data-bs-theme=dark" not in selector
            ]
            if selectors:
                yield f"{','.join(selectors)}{{{tinycss2.serialize(rule.content)}}}"


def _split(selectors: str) -> Iterator[str]:
    """Yield the selectors of a rule; a comma inside brackets separates none."""
    depth, start = 0, 0
    for place, sign in enumerate(selectors):
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and depth == 0:
            yield selectors[start:place]
            start = place + 1
    yield selectors[start:]


def _with_used_variables(rules: list[str]) -> list[str]:
    """Leave out every variable and animation that no kept rule and none of our style sheets uses."""
    ours = "".join(path.read_text(encoding="utf-8") for path in sorted(WEB.rglob("*.css")) if path != TARGET)
    while True:
        text = ours + "".join(rules)
        used = set(_VARIABLE.findall(text))
        slimmer = [_without_unused(rule, used, text) for rule in rules]
        slimmer = [rule for rule in slimmer if rule]
        if slimmer == rules:
            return rules
        rules = slimmer


def _without_unused(rule: str, used: set[str], text: str) -> str:
    if rule.startswith("@keyframes"):
        name = rule.split()[1].split("{", maxsplit=1)[0]
        return rule if len(re.findall(rf"animation[^;}}]*\b{name}\b", text)) else ""
    return re.sub(r"(--[\w-]+):([^;{}]*)(;|(?=}))", lambda found: found[0] if found[1] in used else "", rule).replace(
        ";}", "}"
    )


def main() -> None:
    """Write the file."""
    TARGET.write_text(subset(), encoding="utf-8")
    print(f"{TARGET.relative_to(ROOT)}: {TARGET.stat().st_size} bytes of {SOURCE.stat().st_size}")


if __name__ == "__main__":
    main()
