"""docs/rubrics.md names every key of the format, and its example has each of them and passes the check."""

from __future__ import annotations

from judging.schemas.definitions.definition_files import check_folder
from tests.support.rubric_meanings import MEANINGS
from tests.support.rubric_page import EXAMPLE, FILES, PAGE, PARTS, examples, page, schemas_reached


def test_the_page_is_what_the_schemas_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.support.rubric_page"


def test_every_part_and_every_key_has_a_meaning() -> None:
    assert {schema for schema, _value, _where in PARTS.values()} == schemas_reached()
    keys = {name: set(schema().fields) for name, (schema, _value, _where) in PARTS.items()}
    assert keys == {name: set(meanings) for name, meanings in MEANINGS.items()}


def test_the_example_passes_the_check_and_has_every_key() -> None:
    files = check_folder(EXAMPLE)
    assert [text for file in files for text in file.complaints] == []
    assert {file.path.name for file in files} == set(FILES)
    shown = {(name, key) for name, keys in examples().items() for key in keys}
    assert shown == {(name, key) for name, keys in MEANINGS.items() for key in keys}
