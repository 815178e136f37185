"""Where messages may go: never to a machine that only the worker can reach."""

from __future__ import annotations

import pytest

from judging.jobs.webhooks.reaching import Unreachable, is_public_number, target_of

PUBLIC = "93.184.216.34"


def found(address: str, *numbers: str, may_be_private: bool = False) -> tuple[str, int, str, tuple[str, ...]]:
    target = target_of(address, may_be_private=may_be_private, resolve=lambda _host, _port: list(numbers))
    return target.host_header, target.port, target.path, target.numbers


@pytest.mark.parametrize(
    "number",
    [
        *("127.0.0.1", "127.8.9.10", "0.0.0.0", "10.0.0.5", "172.16.3.4", "192.168.1.1", "169.254.169.254"),
        *("100.64.0.1", "192.0.0.8", "198.18.0.1", "224.0.0.1", "239.1.2.3", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "::ffff:10.0.0.1"),
        *("::ffff:7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:a00:1::1", "2001:0:a00:1::1", "2001:db8::1"),
    ],
)
def test_an_address_inside_a_network_is_not_public(number: str) -> None:
    assert not is_public_number(number)
    with pytest.raises(Unreachable, match="inside a private network"):
        found("https://hooks.example.org/", number)


def test_one_private_address_among_several_is_enough_to_refuse() -> None:
    with pytest.raises(Unreachable):
        found("https://hooks.example.org/", PUBLIC, "10.0.0.5")
    assert found("https://hooks.example.org/a?b=1", PUBLIC, "2606:2800:220:1:248:1893:25c8:1946") == (
        "hooks.example.org",
        443,
        "/a?b=1",
        (PUBLIC, "2606:2800:220:1:248:1893:25c8:1946"),
    )


@pytest.mark.parametrize(
    "address",
    [
        *("http://hooks.example.org/", "ftp://hooks.example.org/", "https://u:p@hooks.example.org/", "https:///a"),
        *("https://hooks.example.org:0/", "https://hooks.example.org:99999/", "https://hooks.example.org/#a"),
        *(
            "https://hooks.example.org\\@10.0.0.5/",
            "https://hooks.example.org/ a",
            "https://hooks.example.org/\r\nA: b",
        ),
    ],
)
def test_an_address_of_another_form_is_refused(address: str) -> None:
    with pytest.raises(Unreachable, match="https addresses only"):
        found(address, PUBLIC)


def test_numbers_of_other_spellings_are_resolved_and_refused() -> None:
    # The machine's own resolver: these all mean this machine.
    for host in ("127.1", "2130706433", "0x7f000001", "[::1]", "localhost"):
        with pytest.raises(Unreachable):
            target_of(f"https://{host}/", may_be_private=False)


def test_an_installation_may_allow_its_own_network_and_nothing_else_without_encryption() -> None:
    assert found("http://10.0.0.5:8080/hook", "10.0.0.5", may_be_private=True) == (
        "10.0.0.5:8080",
        8080,
        "/hook",
        ("10.0.0.5",),
    )
    with pytest.raises(Unreachable, match="over https only"):
        found("http://hooks.example.org/", PUBLIC, may_be_private=True)


def test_a_name_that_is_not_known_says_so() -> None:
    with pytest.raises(Unreachable, match="not known"):
        found("https://hooks.example.org/")
