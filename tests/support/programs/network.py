"""Tests talk to this machine and to nobody else."""

import ipaddress
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_local(host: str | None) -> bool:
    """Say whether a host name or address means this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def is_local_url(url: str) -> bool:
    """Say whether an address of the web asks this machine, or nobody (``data:``, ``blob:``, ``about:``)."""
    parts = urlsplit(url)
    return parts.scheme in ("about", "blob", "data") or is_local(parts.hostname)


def refuse_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every connection of this process to another machine fail at once."""
    connect = socket.socket.connect

    def connect_here(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not is_local(address[0]):
            raise AssertionError(f"A test wanted to connect to {address[0]}: tests talk to this machine only.")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_here)
