"""Read a reach file: services, people and their addresses. A fault is named by its line and repeats no value."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from models.rules.reach.channels import CHANNELS, Channel
from models.rules.reach.reach_plan import ALL_DAY, SEVERITIES, ReachAddress, ReachPlan
from models.rules.toml.document import read_document
from models.rules.toml.tables import FaultKind, FileFault, InvalidFile, Table

TLS = ("starttls", "implicit", "none")
"""How the connection to a mail server is encrypted; ``none`` only on this machine."""
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d) ?- ?([01]\d|2[0-4]):([0-5]\d)")
_LONGEST_SILENCE = 60
"""The longest time in minutes after which Slack counts as silent."""


def parse_reach(text: str, zone: ZoneInfo) -> ReachPlan:
    """Return what a file says. Hours are those of ``zone``. Raises InvalidFile with every fault."""
    try:
        return read_document(text, lambda top: _build(top, zone))
    except InvalidFile as bad:
        raise InvalidFile(_hide_value(fault) for fault in bad.faults) from None


def _hide_value(fault: FileFault) -> FileFault:
    """Return a fault without the value that was written: a secret in the wrong place is still a secret."""
    is_value = fault.kind is FaultKind.UNKNOWN_CHOICE
    return replace(fault, values={**fault.values, "name": "…"}, nearest="") if is_value else fault


def _build(top: Table, zone: ZoneInfo) -> ReachPlan:
    when = top.table("when")
    severity_a, other = (when.whole(key, 1, _LONGEST_SILENCE, usual) for key, usual in _WAITS)
    when.finish()
    services = dict(_read_service(table) for table in top.tables("service"))
    people: dict[str, tuple[ReachAddress, ...]] = {}
    contacts: dict[str, str] = {}
    for person in top.tables("person"):
        name = person.text("name")
        if name in people:
            person.fault(FaultKind.TWICE, "name", name=name)
        if contact := person.text("sheet", ""):
            contacts[name] = contact
        addresses = [_read_address(table, services) for table in person.tables("address")]
        people[name] = tuple(address for address in addresses if address)
        person.finish()
    top.finish()
    return ReachPlan(people, contacts, zone, timedelta(minutes=severity_a), timedelta(minutes=other))


_WAITS = (("severity_a_minutes", 1), ("other_minutes", 5))


def _read_service(table: Table) -> tuple[str, dict[str, str]]:
    """Return what several addresses share, by its name."""
    name, channel = table.text("name"), table.choice("channel", list(Channel))
    description = CHANNELS[Channel(channel)]
    shared = {key: table.text(key) for key in description.needs + description.may_have if table.has(key)}
    _check_addresses(table, Channel(channel), shared)
    table.finish()
    return name, {**shared, "channel": channel}


def _read_address(table: Table, services: Mapping[str, Mapping[str, str]]) -> ReachAddress | None:
    shared: Mapping[str, str] = {}
    if table.has("service"):
        name = table.text("service")
        if name not in services:
            table.unknown(FaultKind.UNKNOWN_CHOICE, "service", name, services)
            return None
        shared = services[name]
    channel = Channel(shared["channel"] if shared else table.choice("channel", list(Channel)))
    description = CHANNELS[channel]
    fields = {key: value for key, value in shared.items() if key != "channel"}
    for key in description.needs:
        if key not in fields or table.has(key):
            fields[key] = table.text(key)
    fields |= {key: table.text(key) for key in description.may_have if table.has(key)}
    _check_addresses(table, channel, fields)
    address = ReachAddress(
        channel, fields, _read_hours(table), _read_severities(table), table.yes_no("customer_names", default=False)
    )
    table.finish()
    return address


def _check_addresses(table: Table, channel: Channel, fields: Mapping[str, str]) -> None:
    """Note addresses that somebody could read along with, and mail servers without encryption."""
    for key in CHANNELS[channel].addresses:
        if table.has(key) and not is_safe_address(fields.get(key, "")):
            table.fault(FaultKind.NOT_SAFE_ADDRESS, key)
    if channel is Channel.EMAIL:
        tls = table.choice("tls", TLS, TLS[0])
        if tls == "none" and not is_this_machine(fields.get("server", "").partition(":")[0]):
            table.fault(FaultKind.NOT_SAFE_ADDRESS, "tls")


def is_safe_address(url: str) -> bool:
    """Return whether an address is https, or http on this machine, without a name and a password in it."""
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    if not has_host or "@" in parts.netloc or not url.isascii() or not url.isprintable() or " " in url:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(parts.hostname or ""))


def is_this_machine(host: str) -> bool:
    """Return whether a host is this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _read_hours(table: Table) -> tuple[int, int]:
    if not table.has("hours"):
        return ALL_DAY
    match = _HOURS.fullmatch(table.text("hours"))
    if match is None:
        table.fault(FaultKind.NOT_HOURS, "hours")
        return ALL_DAY
    start, end = (int(match[at]) * 60 + int(match[at + 1]) for at in (1, 3))
    return start, min(end, ALL_DAY[1])


def _read_severities(table: Table) -> tuple[str, ...]:
    severities = tuple(table.texts("severities", list(SEVERITIES)))
    for at, severity in enumerate(severities):
        if severity not in SEVERITIES:
            table.unknown(FaultKind.UNKNOWN_CHOICE, "severities", severity, SEVERITIES, at)
    return severities
