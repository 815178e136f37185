from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judging.errors import RubricError
from judging.schemas.strict_yaml import MAX_BYTES, MAX_DEPTH, dump_document, parse_document, read_document


def content(text: str) -> Any:
    document = parse_document(text.encode(), file="f.yaml")
    assert document.lines() == []
    return document.content


def complaints(text: str | bytes) -> list[str]:
    raw = text.encode() if isinstance(text, str) else text
    try:
        return parse_document(raw, file="f.yaml").lines()
    except RubricError as error:
        return list(error.complaints)


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("yes", "yes"),
        ("off", "off"),
        ("NO", "NO"),
        ("y", "y"),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("10", 10),
        ("010", 10),
        ("0o10", 8),
        ("0x1F", 31),
        ("-3", -3),
        ("0.5", 0.5),
        ("1e3", 1000.0),
        ("5.", 5.0),
        (".5", 0.5),
        ("1_000", "1_000"),
        ("12:30:45", "12:30:45"),
        ("0b11", "0b11"),
        ("2023-07-01", "2023-07-01"),
        ("2023-07-01T00:00:00+08:00", "2023-07-01T00:00:00+08:00"),
        ('"10"', "10"),
        ("'null'", "null"),
        ("=", "="),
        ("nan", "nan"),
    ],
)
def test_plain_scalars_follow_yaml_1_2(scalar: str, value: object) -> None:
    read = content(f"a: {scalar}")["a"]
    assert (read, type(read)) == (value, type(value))


def test_every_value_has_its_line_and_column() -> None:
    document = parse_document(b"a: 1\nb:\n  - c: {d: 2}\n  - [x]\n", file="f.yaml")
    assert document.content == {"a": 1, "b": [{"c": {"d": 2}}, ["x"]]}
    assert document.places == {
        (): (1, 1),
        ("a",): (1, 1),
        ("b",): (2, 1),
        ("b", 0): (3, 5),
        ("b", 0, "c"): (3, 5),
        ("b", 0, "c", "d"): (3, 9),
        ("b", 1): (4, 5),
        ("b", 1, 0): (4, 6),
    }


def test_columns_count_characters_not_bytes() -> None:
    assert complaints("{分數: 1, 分數: 2}") == ["f.yaml:1:9: 分數: a second `分數`; the first is in line 1"]


def test_byte_order_mark_and_windows_line_ends_are_read() -> None:
    assert content("\ufeffa: 1\r\nb: 2\r\n") == {"a": 1, "b": 2}


def test_all_refusals_come_at_once_in_the_order_of_the_file() -> None:
    text = "a: &x 1\na: 2\nb: *x\nc: !!str 3\nd:\n  <<: {e: 1}\nf: .inf\n"
    assert complaints(text) == [
        "f.yaml:1:4: a: an anchor (&x); remove it",
        "f.yaml:2:1: a: a second `a`; the first is in line 1",
        "f.yaml:3:4: b: an alias (*x); write the value out again",
        "f.yaml:4:4: c: a tag (tag:yaml.org,2002:str); remove it, and quote the value if it is a text",
        "f.yaml:6:3: d: a merge key (<<); write the entries out",
        "f.yaml:7:1: f: .inf is not a finite number; write one",
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a: .nan", "f.yaml:1:1: a: .nan is not a finite number; write one"),
        ("a: -.INF", "f.yaml:1:1: a: -.INF is not a finite number; write one"),
        ("a: 1e999", "f.yaml:1:1: a: 1e999 is not a finite number; write one"),
        ("- 1e999", "f.yaml:1:3: 0: 1e999 is not a finite number; write one"),
        (f"a: {'9' * 31}", "f.yaml:1:1: a: a number of too many digits; put quotes around it if it is a text"),
        ("1: a", "f.yaml:1:1: a key that is not a word; put quotes around it"),
        ("true: a", "f.yaml:1:1: a key that is not a word; put quotes around it"),
        ("? [a]\n: b", "f.yaml:1:3: a key that is not a word; put quotes around it"),
        (
            "a: !!python/name:os.system x",
            "f.yaml:1:4: a: a tag (tag:yaml.org,2002:python/name:os.system); "
            "remove it, and quote the value if it is a text",
        ),
        ("a: ! x", "f.yaml:1:4: a: a tag (!); remove it, and quote the value if it is a text"),
        ("a: 1\n\tb: 2\n\nc:\t3", "f.yaml:2:1: a tab; write spaces\nf.yaml:4:3: a tab; write spaces"),
        ("a: b\x07", "f.yaml:1:5: a control character (U+0007); delete it"),
        ("a: 1\nb: x\x00y", "f.yaml:2:5: a control character (U+0000); delete it"),
        ("", "f.yaml:1:1: the file is empty; begin with `key:`"),
        ("# only words\n", "f.yaml:1:1: the file is empty; begin with `key:`"),
        (b"a: 1\nb: \xff\xfe", "f.yaml:2:4: not UTF-8; save the file as UTF-8"),
        ("a: 分".encode("utf-16"), "f.yaml:1:1: not UTF-8; save the file as UTF-8"),
        (b"a" * (MAX_BYTES + 1), "f.yaml:1:1: more than 250,000 bytes; no rubric needs that many"),
    ],
)
def test_trap_is_refused_with_its_place(text: str | bytes, complaint: str) -> None:
    assert "\n".join(complaints(text)) == complaint


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("a: b: c", "f.yaml:1:5: not YAML (mapping values are not allowed here); indent with spaces, and quote"),
        ("a: {en: How good is it?}", "f.yaml:1:23: a text within { } or [ ] cannot hold the sign `?` as it is; put"),
        ("a: {en: Is it b: c}", "f.yaml:1:16: a text within { } or [ ] cannot hold the sign `:` as it is; put"),
        ("a: [1, 2", "f.yaml:1:9: not YAML (expected ',' or ']', but got '<stream end>'); indent"),
        ("a: 1\n---\nb: 2", "f.yaml:2:1: not YAML (but found another document); indent"),
        ("a: @x", "f.yaml:1:4: not YAML (found character '@' that cannot start any token); indent"),
        ("a: *nobody", "f.yaml:1:4: a: an alias (*nobody); write the value out again"),
        ("[" * 200_000, "f.yaml:1:31: not YAML (nested deeper than 30); indent"),
    ],
)
def test_broken_syntax_is_refused_with_its_place(text: str, start: str) -> None:
    [complaint] = complaints(text)
    assert complaint.startswith(start)


def test_nesting_is_read_to_its_limit_and_no_further() -> None:
    assert content("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    assert complaints("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)) != []


def test_aliases_that_would_explode_are_counted_not_followed() -> None:
    layers = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 10))
    lines = complaints("l0: &l0 [lol]\n" + layers)
    assert len(lines) == 10 + 9 * 9
    assert lines[0] == "f.yaml:1:5: l0: an anchor (&l0); remove it"


def test_file_that_is_not_there_is_a_complaint(tmp_path: Path) -> None:
    path = tmp_path / "gone.yaml"
    with pytest.raises(RubricError) as caught:
        read_document(path)
    assert caught.value.complaints == [
        f"{path}:1:1: cannot be read (No such file or directory); name a file that exists"
    ]


@given(
    st.one_of(
        st.text(alphabet=st.sampled_from("ab:-[]{}&*!|>#'\" \n?,%@`~<=.0179nu"), max_size=60), st.text(max_size=20)
    )
)
def test_any_file_is_loaded_or_refused(text: str) -> None:
    for line in complaints(text.encode("utf-8", "surrogatepass")):
        assert line.startswith("f.yaml:")


def test_more_values_than_any_rubric_has_are_refused_where_the_limit_falls() -> None:
    with pytest.raises(RubricError) as refused:
        parse_document(b"- a\n" * 20_000, file="f.yaml")
    assert [text.partition(";")[0] for text in refused.value.complaints] == [
        "f.yaml:10000:3: not YAML (more than 10,000 keys and values)"
    ]


def test_a_file_full_of_faults_names_the_first_and_counts_the_others() -> None:
    with pytest.raises(RubricError) as refused:
        parse_document(b"a:\tb\n" * 5_000, file="f.yaml")
    assert len(refused.value.complaints) == 201
    assert refused.value.complaints[-1] == "f.yaml: and 4,800 more"


@pytest.mark.parametrize(
    "text", ["1e+100", "1e5", "0o17", "no", "010", "~", "2026-07-01", "1:30", "=", "", "a: b", "NULL"]
)
def test_a_text_that_looks_like_something_else_comes_back_as_text(text: str) -> None:
    assert parse_document(dump_document({"name": text}).encode(), file="a.yaml").content == {"name": text}
