"""Which addresses may be called: the table of metadata services, private networks, and this machine."""

import pytest

from models.rules.network_addresses import is_metadata, may_call

METADATA = (
    "169.254.169.254", "169.254.0.23", "169.254.170.2", "169.254.10.10", "fe80::1%eth0", "100.100.100.200",
    "fd00:100::100:200", "100.96.0.96", "100.80.80.80", "168.63.129.16", "192.0.0.192", "fd00:c1::a9fe:a9fe",
    "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "fd00:42::42", "fd00:a9fe:a9fe::1",
    "::ffff:169.254.169.254", "::ffff:100.100.100.200", "64:ff9b::a9fe:a9fe", "64:ff9b::6464:64c8", "2002:a9fe:a9fe::1",
    "[fd00:ec2::254]",
)  # fmt: skip


@pytest.mark.parametrize(
    ("address", "is_public"),
    [
        ("1.1.1.1", True), ("2606:4700::1111", True), ("100.128.0.1", True), ("10.1.2.3", False),
        ("192.168.1.9", False), ("172.16.0.1", False), ("fd00::9", False), ("fd00:ec3::9", False),
        ("100.64.0.7", False), ("100.100.100.199", False), ("100.127.255.255", False), ("fec0::1", False),
        ("feff::1", False), ("3fff::1", False), ("2001:db8::1", False), ("::ffff:10.1.2.3", False),
        ("64:ff9b::a01:203", False), ("64:ff9b::6440:7", False), ("2002:a01:203::1", False),
    ],
)  # fmt: skip
def test_a_private_address_is_called_only_where_that_is_allowed(address: str, is_public: bool) -> None:
    assert may_call(address, is_own=False, allows_private=False) is is_public
    assert may_call(address, is_own=False, allows_private=True)
    assert not is_metadata(address)


@pytest.mark.parametrize("address", METADATA)
def test_a_metadata_service_is_never_called(address: str) -> None:
    assert is_metadata(address)
    assert not any(
        may_call(address, is_own=is_own, allows_private=private)
        for is_own in (True, False) for private in (True, False)
    )  # fmt: skip


@pytest.mark.parametrize(
    "address",
    ["0.0.0.0", "0.1.2.3", "::",  # noqa: S104 - nothing listens there
     "224.0.0.1", "ff02::1", "240.0.0.1", "255.255.255.255", "::a9fe:a9fe",
     "::ffff:0:a9fe:a9fe", "64:ff9b:1::a9fe:a9fe", "2001::1", "100::1", "5f00::1"],
)  # fmt: skip
def test_what_no_service_has_is_never_called(address: str) -> None:
    assert not may_call(address, is_own=False, allows_private=True)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"])
def test_this_machine_is_called_by_its_own_name_only(address: str) -> None:
    assert may_call(address, is_own=True, allows_private=False)
    assert not may_call(address, is_own=False, allows_private=True)
    assert not may_call("1.1.1.1", is_own=True, allows_private=True)


@pytest.mark.parametrize("name", ["bot.example.cn", "", "169.254", "key-of-a-service"])
def test_a_name_is_no_address(name: str) -> None:
    assert not is_metadata(name)
