"""A definition with anything changed in it loads or is refused; it never crashes."""

import copy
import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from judging.schemas.definitions.definition_files import (
    load_round,
    load_round_dict,
)
from tests.schemas.fair_competition import FIRST, refusal_of
from tests.schemas.test_shipped_definitions import SHIPPED

_LINES = FIRST.splitlines()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    line=st.integers(0, len(_LINES) - 1),
    junk=st.sampled_from(["", "x", "- x", "  - 3", "    key: 7", "[]", "{}", "a: {b: [1, {c: null}]}", "levels: [[]]"]),
    keep_indent=st.booleans(),
)
def test_a_round_with_any_changed_line_loads_or_is_refused(
    folder: Path, line: int, junk: str, keep_indent: bool
) -> None:
    lines = list(_LINES)
    indent = len(lines[line]) - len(lines[line].lstrip()) if keep_indent else 0
    lines[line] = " " * indent + junk
    path = folder / "first.yaml"
    path.write_text("\n".join(lines), encoding="utf-8")
    refusal = refusal_of(lambda: load_round(path))
    assert refusal != []
    assert all(re.match(r".*/first\.yaml:\d+:\d+: ", text) for text in refusal or ())


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 200)
    | st.floats()
    | st.sampled_from(["x", "en", "people", "2023-07-01"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["en", "key", "need"]), inner, max_size=3)
    ),
    max_leaves=5,
)


def _paths(value: Any, steps: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, content in items:
        yield (*steps, key)
        yield from _paths(content, (*steps, key))


@functools.cache
def _stored() -> dict[str, Any]:
    return load_round(SHIPPED / "hksh-2023" / "first-screening.yaml").to_dict()


@settings(max_examples=150)
@given(data=st.data())
def test_a_stored_round_with_any_changed_value_loads_or_is_refused(data: st.DataObject) -> None:
    stored = copy.deepcopy(_stored())
    steps = data.draw(st.sampled_from(list(_paths(stored))))
    target: Any = stored
    for step in steps[:-1]:
        target = target[step]
    target[steps[-1]] = data.draw(_VALUES)
    assert refusal_of(lambda: load_round_dict(stored)) != []
