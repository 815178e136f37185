"""Where a person may be sent."""

import pytest

from judging.web.home import local_path


@pytest.mark.parametrize("target", ["/", "/judge/hksh-2023", "/chair/a/b?city=hk"])
def test_a_path_of_this_site_is_accepted(target: str) -> None:
    assert local_path(target) == target


@pytest.mark.parametrize(
    "target",
    [None, "", "judge", "//evil.example", "/\\evil.example", "https://evil.example", "/\tevil", "/a\\b", "\n/x"],
)
def test_an_address_of_another_site_is_rejected(target: str | None) -> None:
    assert local_path(target) is None
