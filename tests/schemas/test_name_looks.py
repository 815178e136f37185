"""Names that look alike have one look, however their letters and marks are encoded."""

import pytest

from judging.schemas.name_looks import look_of_name


@pytest.mark.parametrize(
    "name",
    [
        "Jose\u0301 Chan",
        "Jos\u0435\u0301 Chan",
        "Jose\u034f\u0301 Chan",
        "J\u043es\u0435\u200d\u0301 \u0421han",
    ],
)
def test_a_letter_with_a_mark_looks_like_its_look_alikes_with_that_mark(name: str) -> None:
    assert look_of_name(name) == look_of_name("Jos\u00e9 Chan")


def test_the_order_in_which_marks_are_stored_is_not_seen() -> None:
    assert look_of_name("Nguy\u0435\u0323\u0302n") == look_of_name("Nguy\u1ec7n")
    assert look_of_name("a\u0301\u034f\u0316") == look_of_name("a\u0316\u0301")
    assert look_of_name("i\u0307an") == look_of_name("ian")


def test_a_mark_tells_two_names_apart() -> None:
    names = (
        "Jose Chan",
        "Jos\u00e9 Chan",
        "Jos\u00e8 Chan",
        "\u9673\u5927\u6587",
        "\u9673\u592a\u6587",
        "\u6b66\u672a",
        "\u6b66\u672b",
    )
    assert len({look_of_name(name) for name in names}) == len(names)
