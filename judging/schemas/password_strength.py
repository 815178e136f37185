"""How many guesses a password withstands, by somebody who knows the person and the event."""

import re
from collections.abc import Sequence
from itertools import pairwise

from zxcvbn import zxcvbn

LEAST_GUESSES = 10**10
"""The highest class of zxcvbn: hashed with scrypt, that many guesses take years."""
LEAST_OWN_CHARACTERS = 8
"""Characters that remain without the words that everybody knows, digits and punctuation."""
_MOST_CHARACTERS = 72
_SHORTEST_WORD = 3


def is_guessable(password: str, known: Sequence[str]) -> bool:
    """Return whether a password withstands fewer than ``LEAST_GUESSES`` guesses.

    Parameters
    ----------
    password : str
    known : sequence of str
        Texts that an attacker knows: the person's name and address, the names of the event.

    >>> is_guessable("hongkong2023!", ["Hong Kong", "2023"]), is_guessable("eleven tall trees", ["Hong Kong"])
    (True, False)
    """
    words = _words_of(known)
    # The rest of a longer password only adds to its strength, and the time grows with the square of the length.
    if zxcvbn(password[:_MOST_CHARACTERS], user_inputs=words)["guesses"] < LEAST_GUESSES:
        return True
    # Zxcvbn counts a hyphen between two known words as ten thousand guesses.
    rest = password.casefold()
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, "")
    return len(rest) < len(password) and len(re.sub(r"[\W\d_]", "", rest)) < LEAST_OWN_CHARACTERS


def _words_of(known: Sequence[str]) -> list[str]:
    """Return the texts in lower case, their words, and the texts without spaces."""
    words: set[str] = set()
    for text in known:
        folded = text.casefold()
        parts = re.findall(r"[^\W\d_]+|\d+", folded)
        words |= {folded, "".join(parts), *parts, *(a + b for a, b in pairwise(parts))}
    return sorted(word for word in words if len(word) >= _SHORTEST_WORD or not word.isascii())
