"""What a name looks like: two names that a reader may take for each other have the same look.

Cyrillic letters look like Latin ones, a digit like a letter. The Unicode Consortium lists such characters; the package
confusable-homoglyphs holds its list. Only names that would be compared anyway are compared so, never stored so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

from judging.incoming_text import normalised, visible

# With case ignored, a capital I and an l are one letter, and so are i, 1 and l.
_ACROSS_CASES = str.maketrans("0i1", "oll")
# An i has its dot already.
_DOTTED = "i\u0307"


def look_of_name(name: str) -> str:
    """Return the skeleton of a name, without case and blanks.

    References
    ----------
    .. [1] Unicode Technical Standard #39, "Unicode Security Mechanisms", section 4, Confusable Detection.

    Examples
    --------
    >>> look_of_name("A. Chan") == look_of_name("\u0410.\u200b\uff23han") == look_of_name("a. chan")
    True
    >>> look_of_name("A. Chan") == look_of_name("A. Chen")
    False
    """
    # A capital letter looks like others than the small one of its kind: first as it is written, then without case.
    written = _apart(visible(_apart(name))).translate(_prototypes())
    folded = written.casefold().translate(_prototypes()).casefold()
    return "".join(_apart(folded.replace(_DOTTED, "i").translate(_ACROSS_CASES)).split())


def _apart(text: str) -> str:
    """Return a text with its marks apart from their letters: a Cyrillic letter has no form with an acute accent.

    Also after characters are removed or replaced: those between two marks keep the order of the marks.
    """
    return normalised(text, "NFKD")


@cache
def _prototypes() -> dict[int, str]:
    """Return for each confusable character the text that stands for all that look like it."""
    listed = json.loads(files("confusable_homoglyphs").joinpath("confusables.json").read_text(encoding="utf-8"))
    alike = {text: [other["c"] for other in others] for text, others in listed.items()}
    found: dict[int, str] = {}
    for members in _classes(alike):
        # All others are listed beside the prototype, which is listed beside each of them.
        prototype = max(members, key=lambda text: (len(alike[text]), len(text), text))
        found |= {ord(text): prototype for text in members if len(text) == 1 and text != prototype}
    return found


def _classes(alike: Mapping[str, Iterable[str]]) -> Iterable[set[str]]:
    """Yield the sets of texts that are listed as alike, directly or through others."""
    seen: set[str] = set()
    for text in alike:
        members, waiting = set(), [text]
        while waiting:
            if (one := waiting.pop()) not in seen:
                seen.add(one)
                members.add(one)
                waiting.extend(alike[one])
        if members:
            yield members
