"""Connections to addresses that were checked after their name was looked up: a name may lead anywhere."""

import socket
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from models.rules.network_addresses import is_metadata, may_call

SocketAddress = tuple[socket.AddressFamily, Any]


class AddressRefused(OSError):
    """The name leads only to addresses that may not be called."""


def find_addresses(host: str, port: int, is_own: bool, allows_private: bool) -> list[SocketAddress]:
    """Look up a name and return the addresses that the webhook may call.

    ``is_own`` says that the setting itself names this machine. Raises AddressRefused or OSError.
    """
    return _require(
        [
            (family, address)
            for family, address in _look_up(host, port)
            if may_call(str(address[0]), is_own=is_own, allows_private=allows_private)
        ]
    )


def connect(host: str, port: int, timeout: float) -> socket.socket:
    """Open a connection to a service that an operator named, never to a metadata service of a cloud.

    Raises AddressRefused or OSError.
    """
    allowed = _require([(family, to) for family, to in _look_up(host, port) if not is_metadata(str(to[0]))])
    last: OSError = AddressRefused()
    for family, address in allowed:
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.settimeout(timeout)
            connection.connect(address)  # the very address that was checked
        except OSError as error:
            last = error
            with suppress(OSError):
                connection.close()
        else:
            return connection
    raise last


def leads_to_metadata(url: str) -> bool:
    """Return whether the name in an address leads to a metadata service: asked before a library connects by itself."""
    try:
        host = urlsplit(url).hostname or ""
        if "." not in host and ":" not in host:  # the key of a service, no name
            return False
        return any(is_metadata(str(address[0])) for _, address in _look_up(host, 443))
    except (OSError, ValueError):
        return False


def _look_up(host: str, port: int) -> list[SocketAddress]:
    looked_up = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(family, address) for family, _, _, _, address in looked_up]


def _require(allowed: list[SocketAddress]) -> list[SocketAddress]:
    if not allowed:
        raise AddressRefused
    return allowed
