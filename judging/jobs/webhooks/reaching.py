"""Which machine an address leads to, and whether messages may go there.

Whoever adds a webhook could otherwise let the worker ask machines that only it can reach: databases, routers, the
metadata service of a cloud. The name is resolved once, every address that it has is checked, and the connection goes to
a checked address: a name that resolves differently a moment later changes nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from judging.errors import Message
from judging.schemas.webhooks import is_address

Resolve = Callable[[str, int], list[str]]
_IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
# Through these, an IPv6 address leads to an IPv4 address, which may be inside: NAT64, 6to4 and Teredo.
_TUNNELS = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))
# Of IETF protocols and of relays; Python 3.11 takes most of them for public.
_OF_PROTOCOLS = tuple(map(ipaddress.IPv4Network, ("192.0.0.0/24", "192.88.99.0/24")))


class Unreachable(Exception):
    """The message cannot be sent there; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where to send to.

    Attributes
    ----------
    host : str
        The name in the address, for the certificate and the header Host.
    port : int
    is_encrypted : bool
    path : str
        With the query.
    numbers : tuple of str
        IP addresses that were checked.
    """

    host: str
    port: int
    is_encrypted: bool
    path: str
    numbers: tuple[str, ...]

    @property
    def host_header(self) -> str:
        """Return the value of the header Host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.is_encrypted else 80) else f"{host}:{self.port}"


def target_of(address: str, *, may_be_private: bool, resolve: Resolve | None = None) -> Target:
    """Return where an address leads to.

    Parameters
    ----------
    address : str
    may_be_private : bool
        Whether the installation allows receivers in private networks; those need no https.
    resolve : callable, optional
        Returns the IP addresses of a name and a port; by default asks the machine's resolver.

    Raises
    ------
    Unreachable
        When the name is not known, or one of its addresses is not public.
    """
    if not is_address(address, may_be_private=may_be_private):
        raise Unreachable(Message("This installation sends messages to https addresses only."))
    parts = urlsplit(address)
    is_encrypted = parts.scheme == "https"
    host, port = parts.hostname or "", parts.port or (443 if is_encrypted else 80)
    try:
        numbers = (resolve or _resolved)(host, port)
    except (OSError, UnicodeError) as error:
        raise Unreachable(Message("The name {host} is not known.", host=host)) from error
    if not numbers:
        raise Unreachable(Message("The name {host} is not known.", host=host))
    is_public = all(is_public_number(number) for number in numbers)
    if not is_public and not may_be_private:
        raise Unreachable(Message("{host} is inside a private network. Messages are not sent there.", host=host))
    if is_public and not is_encrypted:
        raise Unreachable(Message("{host} is on the Internet: messages go there over https only.", host=host))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(host=host, port=port, is_encrypted=is_encrypted, path=path, numbers=tuple(numbers))


def is_public_number(number: str) -> bool:
    """Return whether an IP address is one of the public Internet.

    >>> [is_public_number(number) for number in ("93.184.216.34", "10.1.2.3", "169.254.1.2", "::1", "::ffff:10.0.0.1")]
    [True, False, False, False, False]
    """
    address: _IPAddress = ipaddress.ip_address(number.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        elif any(address in tunnel for tunnel in _TUNNELS):
            return False
    if any(address in network for network in _OF_PROTOCOLS):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _resolved(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))
