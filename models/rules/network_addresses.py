"""Which addresses of the network may be called, and which never: those where clouds keep the secrets of a machine."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

METADATA = tuple(
    map(
        ip_network,
        (
            "169.254.0.0/16", "fe80::/10",  # link-local: 169.254.169.254 of most clouds, 169.254.0.23 of Tencent
            "100.100.100.200", "fd00:100::100:200",  # Alibaba
            "100.96.0.96",  # Volcano Engine
            "100.80.80.80",  # UCloud
            "168.63.129.16",  # Azure, also where 21Vianet operates it
            "192.0.0.192", "fd00:c1::a9fe:a9fe",  # Oracle
            "fd00:ec2::/32",  # Amazon
            "fd20:ce::254",  # Google
            "fd00:42::42",  # Scaleway
            "fd00:a9fe:a9fe::1",  # Akamai
        ),
    )
)  # fmt: skip
"""The addresses of metadata services. A program that asks one gets the credentials of its machine."""
_UNUSABLE = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8", "::/128", "224.0.0.0/4", "ff00::/8", "240.0.0.0/4",  # this network, groups, reserved
            "::/96", "::ffff:0:0:0/96",  # old ways to write an IPv4 address
            "64:ff9b:1::/48", "2001::/32", "100::/64", "5f00::/16",  # local NAT64, Teredo, discarded, segment routing
        ),
    )
)  # fmt: skip
"""No service has such an address; some of them stand for another one, which can't be checked."""
_PRIVATE = tuple(map(ip_network, ("100.64.0.0/10", "fec0::/10", "3fff::/20")))
"""Private networks and examples of documents that not every Python knows as such."""
_NAT64 = IPv6Network("64:ff9b::/96")


def is_metadata(address: str) -> bool:
    """Return whether an address is one of a metadata service. A name is none: it must be looked up first."""
    try:
        ip = _parse(address)
    except ValueError:
        return False
    return any(ip in network for network in METADATA)


def may_call(address: str, *, is_own: bool, allows_private: bool) -> bool:
    """Return whether the webhook may call an address: a public one, or a private one where that is allowed.

    This machine may be called only by its own name (``is_own``). Metadata services may never be called.
    """
    ip = _parse(address)
    if is_own or ip.is_loopback:
        return is_own and ip.is_loopback
    if any(ip in network for network in (*METADATA, *_UNUSABLE)) or ip.is_reserved:
        return False
    is_public = ip.is_global and not any(ip in network for network in _PRIVATE)
    return is_public or allows_private


def _parse(address: str) -> IPv4Address | IPv6Address:
    """Return an address; an IPv6 address that stands for an IPv4 address as that. Raises ValueError."""
    ip = ip_address(address.strip("[]").partition("%")[0])
    if isinstance(ip, IPv4Address):
        return ip
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip
