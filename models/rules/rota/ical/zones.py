"""Time zones as calendars name them: IANA names, Windows names, vendors' prefixes, and zones a file defines itself.

The libraries' own registry of zones is not used: it is one for the whole process, and a zone that one file defines
would stay for the next.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from icalendar.prop import vUTCOffset
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from models.rules.rota.ical.parser import IcalComponent, IcalProperty
from models.rules.rota.ical.rrules import InvalidRule, WorkBudget, moment, rule
from models.rules.rota.toml.tables import find_nearest

_LONGEST_NAME = 200
FIRST_YEAR = 1970
_OF_ZONES = re.compile("FREQ=(YEARLY|MONTHLY)", re.IGNORECASE)
_NOTHING = timedelta(0)


class UnknownZone(Exception):
    """There is no such zone; ``nearest`` is what was probably meant."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name
        self.nearest = find_nearest(name[:_LONGEST_NAME], _known().values())


class InvalidZone(Exception):
    """A file's own definition of a zone can't be read; ``line`` is where."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


class CalendarZones:
    """The zones one file may name. ``floating`` is the zone of times that name none."""

    def __init__(
        self, definitions: Iterable[IcalComponent], floating: tzinfo, until: datetime, work: WorkBudget
    ) -> None:
        self.floating = floating
        self._until = until.astimezone(UTC).replace(tzinfo=None)
        self._work = work
        self._definitions = {
            name.value.strip(): definition for definition in definitions if (name := definition.first("TZID"))
        }
        self._found: dict[str, tzinfo] = {}

    def of(self, name: str) -> tzinfo:
        """The zone of this name. Raises UnknownZone, BadZone, TooMuchWork."""
        if name not in self._found:
            self._found[name] = self._look_up(name.strip())
        return self._found[name]

    def _look_up(self, name: str) -> tzinfo:
        """What the file itself defines holds, whatever the name is elsewhere (RFC 5545, 3.2.19); unless it can't be
        read and the name is known.
        """
        known = known_zone(name)
        if name in self._definitions:
            try:
                return _Defined(_observances(self._definitions[name], self._until, self._work))
            except InvalidZone:
                if not known:
                    raise
        if known:
            return known
        raise UnknownZone(name)


def known_zone(name: str) -> ZoneInfo | None:
    """An IANA zone by its own name, a Windows one, or with a vendor's prefix; None when it is none of these."""
    parts = name[:_LONGEST_NAME].strip("/").split("/")
    for at in range(len(parts)):
        key = "/".join(parts[at:])
        found = _known().get(WINDOWS_TO_OLSON.get(key, key).casefold())
        if found:
            return ZoneInfo(found)
    return None


@cache
def _known() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}


# Zones that a file defines -------------------------------------------------------------------------------------

_Change = tuple[datetime, timedelta, timedelta]
"""When (UTC, without zone), and the offset before and from then on."""


class _Defined(tzinfo):
    """A zone by its changes. A time that exists twice is the first, one that does not exist is told by the offset
    before (RFC 5545, 3.3.5), as in ``zoneinfo``.
    """

    def __init__(self, changes: Sequence[_Change]) -> None:
        self._offsets = [changes[0][1], *(after for _, _, after in changes)]
        self._instants = [at for at, _, _ in changes]
        self._first = [at + max(before, after) for at, before, after in changes]
        self._second = [at + min(before, after) for at, before, after in changes]

    def utcoffset(self, moment: datetime | None) -> timedelta:
        """What the clock on the wall is ahead of UTC."""
        if moment is None:
            return self._offsets[-1]
        edges = self._second if moment.fold else self._first
        return self._offsets[bisect_right(edges, moment.replace(tzinfo=None, fold=0))]

    def dst(self, _moment: datetime | None) -> timedelta:
        """Not told apart: nobody asks."""
        return _NOTHING

    def tzname(self, moment: datetime | None) -> str:
        """The offset as a name."""
        return str(self.utcoffset(moment))

    def fromutc(self, moment: datetime) -> datetime:
        """The local time at an instant."""
        naive = moment.replace(tzinfo=None)
        offset = self._offsets[bisect_right(self._instants, naive)]
        local = (naive + offset).replace(tzinfo=self)
        return local if self.utcoffset(local) == offset else local.replace(fold=1)


def _observances(definition: IcalComponent, until: datetime, work: WorkBudget) -> list[_Change]:
    """Every change of a VTIMEZONE, in order."""
    parts = [one for one in definition.within if one.name in {"STANDARD", "DAYLIGHT"}]
    if not parts:
        raise InvalidZone(definition.line)
    return sorted(change for part in parts for change in _changes(part, until, work))


def _changes(part: IcalComponent, until: datetime, work: WorkBudget) -> Iterator[_Change]:
    before, after = (_offset(part, name) for name in ("TZOFFSETFROM", "TZOFFSETTO"))
    begins = part.first("DTSTART")
    start = _local(begins) if begins else None
    if start is None:
        raise InvalidZone(part.line)
    local = {start}
    for recurring in part.all("RRULE"):
        if not _OF_ZONES.search(recurring.value):
            raise InvalidZone(recurring.line)
        try:
            made = rule(recurring.value, _later(start, recurring.value), False, timezone(before), work)
        except InvalidRule:
            raise InvalidZone(recurring.line) from None
        local.update(made.between(start, until))
    local.update(one for dates in part.all("RDATE") for one in _dates(dates))
    try:
        yield from ((one - before, before, after) for one in local)
    except OverflowError:
        raise InvalidZone(part.line) from None


def _later(start: datetime, text: str) -> datetime:
    """The start of a rule, but not centuries ago: Outlook dates its zones from 1601, and the years until today would
    count as work. A rule that names month and day, each year, makes the same dates from wherever it begins.
    """
    written = text.upper()
    names_all = "BYMONTH=" in written and ("BYDAY=" in written or "BYMONTHDAY=" in written)
    if start.year >= FIRST_YEAR or not names_all or "COUNT" in written or "INTERVAL" in written:
        return start
    return datetime.combine(date(FIRST_YEAR, 1, 1), start.time())


def _dates(dates: IcalProperty) -> Iterator[datetime]:
    for text in dates.value.split(","):
        if (found := _moment(text)) is None:
            raise InvalidZone(dates.line)
        yield found


def _local(begins: IcalProperty) -> datetime | None:
    return _moment(begins.value)


def _moment(text: str) -> datetime | None:
    try:
        found = moment(text)
    except ValueError:
        return None
    return found.replace(tzinfo=None) if isinstance(found, datetime) else None


def _offset(part: IcalComponent, name: str) -> timedelta:
    written = part.first(name)
    try:
        offset: timedelta | None = vUTCOffset.from_ical(written.value.strip()) if written else None
    except ValueError:
        offset = None
    if offset is None or abs(offset) >= timedelta(days=1):
        raise InvalidZone(part.line)
    return offset
