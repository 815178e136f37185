"""The page about security names every item of ASVS 5.0 up to level 2 once, and only files and tests that exist."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
# Tests of ways in which an organiser tried to be somebody else.
ATTEMPTS = 42
# The last item of each section, and those between that belong to level 3 only.
LAST = {
    "1.1": 2,
    "1.2": 9,
    "1.3": 11,
    "1.4": 3,
    "1.5": 2,
    "2.1": 3,
    "2.2": 3,
    "2.3": 4,
    "2.4": 1,
    "3.2": 2,
    "3.3": 4,
    "3.4": 6,
    "3.5": 5,
    "3.7": 2,
    "4.1": 3,
    "4.2": 1,
    "4.3": 2,
    "4.4": 4,
    "5.1": 1,
    "5.2": 3,
    "5.3": 2,
    "5.4": 3,
    "6.1": 3,
    "6.2": 12,
    "6.3": 4,
    "6.4": 4,
    "6.5": 5,
    "6.6": 3,
    "6.8": 4,
    "7.1": 3,
    "7.2": 4,
    "7.3": 2,
    "7.4": 5,
    "7.5": 2,
    "7.6": 2,
    "8.1": 2,
    "8.2": 3,
    "8.3": 1,
    "8.4": 1,
    "9.1": 3,
    "9.2": 4,
    "10.1": 2,
    "10.2": 2,
    "10.3": 4,
    "10.4": 11,
    "10.5": 5,
    "10.6": 2,
    "10.7": 3,
    "11.1": 2,
    "11.2": 3,
    "11.3": 3,
    "11.4": 4,
    "11.5": 1,
    "11.6": 1,
    "12.1": 3,
    "12.2": 2,
    "12.3": 4,
    "13.1": 1,
    "13.2": 5,
    "13.3": 2,
    "13.4": 5,
    "14.1": 2,
    "14.2": 4,
    "14.3": 3,
    "15.1": 3,
    "15.2": 3,
    "15.3": 7,
    "16.1": 1,
    "16.2": 5,
    "16.3": 4,
    "16.4": 3,
    "16.5": 3,
    "17.1": 1,
    "17.2": 4,
    "17.3": 2,
}
ROWS = re.findall(r"(?m)^\| (\d+\.\d+\.\d+) \| ([^|]+) \| ([^|]+) \| ([^|]*) ?\|$", PAGE)


@cache
def functions(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_every_item_up_to_level_2_is_there_once_and_in_order() -> None:
    expected = [f"{section}.{number}" for section, last in LAST.items() for number in range(1, last + 1)]
    assert len(expected) == 253
    assert [number for number, *_ in ROWS] == expected


def test_every_item_has_a_state_and_what_is_not_met_has_a_reason() -> None:
    assert {state for _, _, state, _ in ROWS} == {"met", "not met", "n/a", "operator"}
    assert [number for number, _, state, how in ROWS if state in ("met", "not met") and not how.strip()] == []
    # Nobody may lower a state without noticing here that the page says less than before.
    assert len([number for number, _, state, _ in ROWS if state == "not met"]) == 11


def test_every_test_that_is_named_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)
    assert len(named) > 100
    missing = [
        (path, name)
        for path, name in named
        if not (ROOT / path).is_file() or (name and name not in functions(ROOT / path))
    ]
    assert missing == []


def test_each_attempt_of_an_organiser_is_on_the_page() -> None:
    folder = ROOT / "tests/services/people"
    attempts = functions(folder / "test_attempts_of_an_organiser.py") | functions(
        folder / "test_attempts_with_names_and_elsewhere.py"
    )
    listed = PAGE.partition("## Ways in which")[2].partition("## Known limits")[0]
    # Each line names several; whoever adds a way adds it to the page, and changes this number.
    assert (len([name for name in attempts if name.startswith("test_")]), listed.count("\n- ")) == (ATTEMPTS, 21)
