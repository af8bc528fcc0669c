"""Read a reach file: services, people and their addresses. A fault is named by its line and repeats no secret."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from models.rules.network_addresses import is_metadata
from models.rules.reach.channels import CHANNELS, RATES, Channel, RateLimit
from models.rules.reach.reach_plan import ALL_DAY, SEVERITIES, ReachAddress, ReachPlan
from models.rules.toml.document import read_document
from models.rules.toml.tables import FaultKind, FileFault, InvalidFile, Table

TLS = ("starttls", "implicit", "none")
"""How the connection to a mail server is encrypted; ``none`` only on this machine."""
URGENT = ("app", "sms", "phone")
"""How Feishu calls for a loud message."""
MOST_USES = 100_000
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d) ?- ?([01]\d|2[0-4]):([0-5]\d)")
_LIKE_SECRET = re.compile(r"://|[A-Za-z0-9+/_=-]{10,}")
"""What an address or a key contains, and no choice of this file."""
_LONGEST_SILENCE = 60
"""The longest time in minutes after which Slack counts as silent."""


def parse_reach(text: str, zone: ZoneInfo) -> ReachPlan:
    """Return what a file says. Hours are those of ``zone``. Raises InvalidFile with every fault."""
    try:
        return read_document(text, lambda top: _build(top, zone))
    except InvalidFile as bad:
        raise InvalidFile(_hide_value(fault) for fault in bad.faults) from None


def _hide_value(fault: FileFault) -> FileFault:
    """Return a fault without a value that may be a secret: one in the wrong place is still a secret.

    A value that is nearly a known one is a slip, and is shown.
    """
    if fault.kind is not FaultKind.UNKNOWN_CHOICE or fault.nearest:
        return fault
    name = str(fault.values["name"])
    return replace(fault, values={**fault.values, "name": "…"}) if _LIKE_SECRET.search(name) else fault


def _build(top: Table, zone: ZoneInfo) -> ReachPlan:
    when = top.table("when")
    severity_a, other = (when.whole(key, 1, _LONGEST_SILENCE, usual) for key, usual in _WAITS)
    when.finish()
    services = _read_services(top)
    people: dict[str, tuple[ReachAddress, ...]] = {}
    seen: dict[str, int] = {}
    contacts: dict[str, str] = {}
    for person in top.tables("person"):
        name = person.text("name")
        person.note_repeat("name", name, seen)
        if contact := person.text("sheet", ""):
            contacts[name] = contact
        addresses = [_read_address(table, services) for table in person.tables("address")]
        people[name] = tuple(address for address in addresses if address)
        person.finish()
    top.finish()
    return ReachPlan(people, contacts, zone, timedelta(minutes=severity_a), timedelta(minutes=other))


_WAITS = (("severity_a_minutes", 1), ("other_minutes", 5))


@dataclass(frozen=True)
class _Service:
    """What several addresses share."""

    name: str
    channel: Channel
    fields: Mapping[str, str]
    limits: tuple[RateLimit, ...]


def _read_services(top: Table) -> dict[str, _Service | None]:
    """Return the services by name; None for one whose channel is not known."""
    services: dict[str, _Service | None] = {}
    seen: dict[str, int] = {}
    for table in top.tables("service"):
        name = table.text("name")
        table.note_repeat("name", name, seen)
        services[name] = _read_service(table, name)
    return services


def _read_service(table: Table, name: str) -> _Service | None:
    channel = _read_channel(table)
    if channel is None:
        return None
    description = CHANNELS[channel]
    shared = {key: table.text(key) for key in description.needs + description.may_have if table.has(key)}
    _check_addresses(table, channel, shared)
    limits = _read_limits(table, channel)
    table.finish()
    return _Service(name, channel, shared, limits)


def _read_channel(table: Table) -> Channel | None:
    """Return the channel of a table; None after a fault, because then nothing says what its other keys mean."""
    name = table.text("channel")
    if name in set(Channel):
        return Channel(name)
    if name:
        table.unknown(FaultKind.UNKNOWN_CHOICE, "channel", name, list(Channel))
    table.note_misspelt("channel")
    return None


def _read_address(table: Table, services: Mapping[str, _Service | None]) -> ReachAddress | None:
    shared: _Service | None = None
    if table.has("service"):
        name = table.text("service")
        if name and name not in services:
            table.unknown(FaultKind.UNKNOWN_CHOICE, "service", name, services)
        shared = services.get(name)
        if shared is None:
            return None
    channel = shared.channel if shared else _read_channel(table)
    if channel is None:
        return None
    description = CHANNELS[channel]
    fields = dict(shared.fields) if shared else {}
    for key in description.needs:
        if key not in fields or table.has(key):
            fields[key] = table.text(key)
    fields |= {key: table.text(key) for key in description.may_have if table.has(key)}
    _check_addresses(table, channel, fields)
    names, limits = table.yes_no("customer_names", default=False), _read_limits(table, channel)
    shared_limits = shared.limits if shared else ()
    address = ReachAddress(channel, fields, _read_hours(table), _read_severities(table), names, limits or shared_limits)
    table.finish()
    return address


def _read_limits(table: Table, channel: Channel) -> tuple[RateLimit, ...]:
    """Return how often a gateway may be used, where the file says so; a limit that it leaves out is that of calls."""
    if channel is not Channel.HOOK or not any(table.has(key) for key in RATES):
        return ()
    usual = {limit.per: limit.count for limit in CHANNELS[channel].limits}
    return tuple(RateLimit(table.whole(key, 1, MOST_USES, usual[per]), per) for key, per in RATES.items())


def _check_addresses(table: Table, channel: Channel, fields: Mapping[str, str]) -> None:
    """Note addresses that somebody could read along with or that are never called, and mail without encryption."""
    for key, host in _find_hosts(fields):
        if table.has(key) and is_metadata(host):
            table.fault(FaultKind.METADATA_ADDRESS, key)
    for key in CHANNELS[channel].addresses:
        if table.has(key) and not is_safe_address(fields.get(key, "")):
            table.fault(FaultKind.NOT_SAFE_ADDRESS, key)
    if channel is Channel.FEISHU_APP and table.has("urgent"):
        table.choice("urgent", URGENT)
    if channel is Channel.EMAIL:
        tls = table.choice("tls", TLS, TLS[0])
        if tls == "none" and not is_this_machine(fields.get("server", "").partition(":")[0]):
            table.fault(FaultKind.NOT_ENCRYPTED, "tls")


def _find_hosts(fields: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the keys that name a host, each with that host."""
    if server := fields.get("server"):
        yield "server", server.rpartition(":")[0] or server
    with suppress(ValueError):
        if host := urlsplit(fields.get("url", "")).hostname:
            yield "url", host


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
