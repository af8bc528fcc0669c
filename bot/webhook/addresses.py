"""Which addresses of the network a webhook may call. The address is checked after its name was looked up."""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

_NAT64 = IPv6Network("64:ff9b::/96")
SocketAddress = tuple[socket.AddressFamily, Any]


class AddressRefused(OSError):
    """The name leads only to addresses that may not be called."""


def find_addresses(host: str, port: int, is_own: bool, allows_private: bool) -> list[SocketAddress]:
    """Look up a name and return the addresses that may be called.

    ``is_own`` says that the setting itself names this machine. Raises AddressRefused or OSError.
    """
    looked_up = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    allowed: list[SocketAddress] = [
        (family, address)
        for family, _, _, _, address in looked_up
        if may_call(str(address[0]), is_own=is_own, allows_private=allows_private)
    ]
    if not allowed:
        raise AddressRefused
    return allowed


def may_call(address: str, *, is_own: bool, allows_private: bool) -> bool:
    """Return whether an address may be called: a public one, or a private one where that is allowed.

    This machine may be called only by its own name. Link-local addresses, such as those where clouds keep the secrets
    of a machine, may never be called.
    """
    ip = _embedded(ip_address(address.partition("%")[0]))
    if is_own or ip.is_loopback:
        return is_own and ip.is_loopback
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip.is_reserved:
        return False
    return ip.is_global or allows_private


def _embedded(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that an IPv6 address stands for, or the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
