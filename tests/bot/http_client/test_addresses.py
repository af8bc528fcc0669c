"""Connections by name: the address counts to which the name leads, and a metadata service is never called."""

import socket
from typing import Any

import pytest

from bot.clock import Clock
from bot.http_client.addresses import AddressRefused, connect, find_addresses, leads_to_metadata
from bot.http_client.transport import RequestNotSent, Transport
from bot.reach.channel import PageText
from bot.reach.drivers import make_drivers
from models.rules.reach.channels import Channel
from models.rules.reach.page import PageStatus
from models.rules.reach.reach_plan import ReachAddress
from tests.scripted_server import scripted_server

NAME, MIXED = "gateway.example.cn", "mixed.example.cn"
METADATA = ("100.100.100.200", "169.254.0.23")


@pytest.fixture(autouse=True)
def _names(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads to metadata services, one that leads also to this machine, and no way off this machine."""
    real, connects = socket.getaddrinfo, socket.socket.connect
    leads = {NAME: METADATA, MIXED: (*METADATA, "127.0.0.1")}

    def look_up(host: str, port: int, *args: Any, **options: Any) -> list[Any]:
        return [found for each in leads.get(host, (host,)) for found in real(each, port, *args, **options)]

    def connect_here(connection: socket.socket, to: Any) -> None:
        assert to[0] in {"127.0.0.1", "::1"}, to
        connects(connection, to)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket.socket, "connect", connect_here)


@pytest.mark.parametrize("host", [NAME, "100.100.100.200", "fd00:ec2::254", "2852039166"])
def test_a_name_that_leads_to_a_metadata_service_is_not_called(host: str) -> None:
    with pytest.raises(AddressRefused):
        connect(host, 443, 1.0)
    with pytest.raises(AddressRefused):
        find_addresses(host, 443, is_own=False, allows_private=True)
    place = f"[{host}]" if ":" in host else host
    with pytest.raises(RequestNotSent, match="AddressRefused"):
        Transport(Clock(), "https://").get(f"https://{place}/latest/meta-data/", 1.0)


def test_of_several_addresses_only_those_are_called_that_may_be() -> None:
    with scripted_server() as server:
        connection = connect(MIXED, server.port, 5.0)
        assert connection.getpeername() == ("127.0.0.1", server.port)
        connection.close()


@pytest.mark.parametrize(
    ("channel", "fields", "code"),
    [
        (Channel.HOOK, {"url": f"https://{NAME}/x", "secret": "s", "to": "1"}, "not_sent AddressRefused"),
        (Channel.WECOM_BOT, {"url": f"https://{NAME}/x"}, "not_sent AddressRefused"),
        (Channel.EMAIL, {"server": NAME, "sender": "a@b.cn", "to": "c@d.cn"}, "AddressRefused"),
        (Channel.EMAIL, {"server": NAME, "sender": "a@b.cn", "to": "c@d.cn", "tls": "implicit"}, "AddressRefused"),
    ],
)
def test_no_channel_calls_a_metadata_service_and_none_tries_again(
    channel: Channel, fields: dict[str, str], code: str
) -> None:
    answer = make_drivers(Clock())[channel].send(ReachAddress(channel, fields), PageText("1", "CSP-1", "CSP-1"))

    assert (answer.status, answer.code, answer.retry_after) == (PageStatus.REFUSED, code, None)


@pytest.mark.parametrize(
    ("url", "leads"),
    [
        (f"ntfys://{NAME}/topic", True), ("json://[fd00:ec2::254]/", True), ("json://127.0.0.1/", False),
        ("pover://key@token", False), ("json://[broken", False), ("", False),
    ],
)  # fmt: skip
def test_an_address_for_a_library_is_looked_up_before(url: str, leads: bool) -> None:
    assert leads_to_metadata(url) is leads
