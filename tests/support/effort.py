"""What a person does at a page, counted, and the time that the keystroke-level model gives for it.

Card, Moran and Newell (1980), "The keystroke-level model for user performance time with interactive systems",
Communications of the ACM 23(7), 396-410, Figure 1: a key or button of an average typist takes .28 s (K), pointing with
a mouse 1.1 s (P), a hand that moves between mouse and keys .4 s (H), and a thought before a unit of work 1.35 s (M).
The model is of an expert without errors; the time in which the service answers is not part of it.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page

K, P, H, M = 0.28, 1.1, 0.4, 1.35
KEYS_OF_HAN = 4
"""Keys for one Chinese character. An assumption: Cangjie needs up to five and Pinyin about as many with the choice."""
_MOST_TABS = 4


def keys_of(text: str) -> int:
    """Return how many keys a text takes: a capital letter two, a Chinese character ``KEYS_OF_HAN``.

    >>> keys_of("P01"), keys_of("水火箭")
    (4, 12)
    """
    return sum(_keys_of_letter(letter) for letter in text)


def _keys_of_letter(letter: str) -> int:
    if unicodedata.name(letter, "").startswith("CJK"):
        return KEYS_OF_HAN
    return 2 if letter.isupper() else 1


@dataclass
class Effort:
    """Acts on one page as a person with mouse and keys does, and counts."""

    page: Page
    clicks: int = 0
    tabs: int = 0
    fields: int = 0
    characters: int = 0
    keys: int = 0
    thoughts: int = 0
    hand_moves: int = 0
    pages: list[str] = field(default_factory=list)
    _is_at_keys: bool = False

    def see(self, name: str) -> None:
        """Count one page that was waited for."""
        self.page.wait_for_load_state("load")
        self.pages.append(name)

    def press(self, what: Locator) -> None:
        """Point at something and press the mouse button."""
        self._point(what)

    def choose(self, what: Locator, value: str) -> None:
        """Choose from a list: a press opens it, a press takes the value."""
        self._point(what)
        what.select_option(value)
        self.clicks += 1
        self.fields += 1

    def type(self, what: Locator, text: str) -> None:
        """Type into a field; it is reached with the tabulator when that is near and the hands are at the keys."""
        if not (self._is_at_keys and self._tab_to(what)):
            self._point(what)
            self._is_at_keys, self.hand_moves = True, self.hand_moves + 1
        else:
            self.thoughts += 1
        what.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(text)
        self.fields, self.characters, self.keys = (
            self.fields + 1,
            self.characters + len(text),
            self.keys + keys_of(text),
        )

    def enter(self) -> None:
        """Send the form with the key Enter."""
        self.page.keyboard.press("Enter")
        self.keys += 1

    def _tab_to(self, what: Locator) -> bool:
        for number in range(1, _MOST_TABS + 1):
            self.page.keyboard.press("Tab")
            if what.evaluate("element => element === document.activeElement"):
                self.tabs += number
                return True
        return False

    def _point(self, what: Locator) -> None:
        what.click()
        self.clicks, self.thoughts = self.clicks + 1, self.thoughts + 1
        if self._is_at_keys:
            self._is_at_keys, self.hand_moves = False, self.hand_moves + 1

    @property
    def presses(self) -> int:
        """Return how often something was pressed that is no character: buttons, links, fields, tabulators."""
        return self.clicks + self.tabs

    @property
    def seconds(self) -> float:
        """Return the estimated time."""
        buttons = self.clicks * (P + K)
        return buttons + (self.tabs + self.keys) * K + self.hand_moves * H + self.thoughts * M

    def report(self) -> str:
        """Return the counts and the estimate in one line."""
        return (
            f"{len(self.pages)} pages, {self.fields} fields, {self.clicks} clicks, {self.tabs} tabulators, "
            f"{self.characters} characters ({self.keys} keys), {self.thoughts} thoughts, {self.hand_moves} moves of a "
            f"hand: {self.seconds / 60:.1f} minutes by the keystroke-level model"
        )
