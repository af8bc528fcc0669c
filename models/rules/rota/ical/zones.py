"""Time zones as calendars name them: IANA names, Windows names, vendors' prefixes, and zones that a file defines.

The libraries' own registry of zones is not used: there is one for the whole process, so that a zone of one file would
remain for the next.
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
from models.rules.rota.ical.rrules import InvalidRule, WorkBudget, build_rule, read_time
from models.rules.toml.similar_names import find_nearest

_LONGEST_NAME = 200  # characters
FIRST_YEAR = 1970
_OF_ZONES = re.compile("FREQ=(YEARLY|MONTHLY)", re.IGNORECASE)
_NOTHING = timedelta(0)


class UnknownZone(Exception):
    """There is no such zone; ``nearest`` is what was probably meant."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name
        self.nearest = find_nearest(name[:_LONGEST_NAME], _list_known().values())


class InvalidZone(Exception):
    """A file's own definition of a zone is invalid; ``line`` is its line."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


class CalendarZones:
    """The zones that one file may name. ``floating`` is the zone of times without one."""

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

    def find(self, name: str) -> tzinfo:
        """Return the zone of this name. Raises UnknownZone, InvalidZone, TooMuchWork."""
        if name not in self._found:
            self._found[name] = self._look_up(name.strip())
        return self._found[name]

    def _look_up(self, name: str) -> tzinfo:
        """Return a zone. The file's own definition wins, whatever the name means elsewhere (RFC 5545, 3.2.19).

        Only when that definition is invalid and the name is known, the known zone is used.
        """
        iana_zone = find_known_zone(name)
        if name in self._definitions:
            try:
                return _DefinedZone(_read_changes(self._definitions[name], self._until, self._work))
            except InvalidZone:
                if not iana_zone:
                    raise
        if iana_zone:
            return iana_zone
        raise UnknownZone(name)


def find_known_zone(name: str) -> ZoneInfo | None:
    """Return an IANA zone by its own name, a Windows name, or with a vendor's prefix; else None."""
    parts = name[:_LONGEST_NAME].strip("/").split("/")
    for at in range(len(parts)):
        key = "/".join(parts[at:])
        zone_name = _list_known().get(WINDOWS_TO_OLSON.get(key, key).casefold())
        if zone_name:
            return ZoneInfo(zone_name)
    return None


@cache
def _list_known() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}


# Zones that a file defines -------------------------------------------------------------------------------------

_Change = tuple[datetime, timedelta, timedelta]
"""When (UTC, without zone), and the offsets before and from then on."""


class _DefinedZone(tzinfo):
    """A zone by its changes.

    A repeated time is the first one; a skipped time uses the offset before (RFC 5545, 3.3.5), as in ``zoneinfo``.
    """

    def __init__(self, changes: Sequence[_Change]) -> None:
        self._offsets = [changes[0][1], *(after for _, _, after in changes)]
        self._instants = [at for at, _, _ in changes]
        self._first = [at + max(before, after) for at, before, after in changes]
        self._second = [at + min(before, after) for at, before, after in changes]

    def utcoffset(self, moment: datetime | None) -> timedelta:
        """Return how far the wall clock is ahead of UTC."""
        if moment is None:
            return self._offsets[-1]
        edges = self._second if moment.fold else self._first
        return self._offsets[bisect_right(edges, moment.replace(tzinfo=None, fold=0))]

    def dst(self, _read_local_time: datetime | None) -> timedelta:
        """Return zero: daylight saving is not told apart, because nothing needs it."""
        return _NOTHING

    def tzname(self, moment: datetime | None) -> str:
        """Return the offset as a name."""
        return str(self.utcoffset(moment))

    def fromutc(self, moment: datetime) -> datetime:
        """Return the local time at an instant."""
        naive = moment.replace(tzinfo=None)
        offset = self._offsets[bisect_right(self._instants, naive)]
        local = (naive + offset).replace(tzinfo=self)
        return local if self.utcoffset(local) == offset else local.replace(fold=1)


def _read_changes(definition: IcalComponent, until: datetime, work: WorkBudget) -> list[_Change]:
    """Return every change of a VTIMEZONE, in order."""
    parts = [component for component in definition.components if component.name in {"STANDARD", "DAYLIGHT"}]
    if not parts:
        raise InvalidZone(definition.line)
    return sorted(change for part in parts for change in _read_observance(part, until, work))


def _read_observance(part: IcalComponent, until: datetime, work: WorkBudget) -> Iterator[_Change]:
    before, after = (_read_offset(part, name) for name in ("TZOFFSETFROM", "TZOFFSETTO"))
    begins = part.first("DTSTART")
    start = _read_local(begins) if begins else None
    if start is None:
        raise InvalidZone(part.line)
    local = {start}
    for recurring in part.all("RRULE"):
        if not _OF_ZONES.search(recurring.value):
            raise InvalidZone(recurring.line)
        try:
            dates = build_rule(recurring.value, _skip_centuries(start, recurring.value), False, timezone(before), work)
        except InvalidRule:
            raise InvalidZone(recurring.line) from None
        local.update(dates.between(start, until))
    local.update(local_time for dates in part.all("RDATE") for local_time in _read_dates(dates))
    try:
        yield from ((local_time - before, before, after) for local_time in local)
    except OverflowError:
        raise InvalidZone(part.line) from None


def _skip_centuries(start: datetime, text: str) -> datetime:
    """Return the start of a rule, but not centuries ago.

    Outlook dates its zones from 1601, and the years until today would count as work. A yearly rule that names month and
    day gives the same dates from any start.
    """
    written = text.upper()
    names_all = "BYMONTH=" in written and ("BYDAY=" in written or "BYMONTHDAY=" in written)
    if start.year >= FIRST_YEAR or not names_all or "COUNT" in written or "INTERVAL" in written:
        return start
    return datetime.combine(date(FIRST_YEAR, 1, 1), start.time())


def _read_dates(dates: IcalProperty) -> Iterator[datetime]:
    for text in dates.value.split(","):
        if (local_time := _read_local_time(text)) is None:
            raise InvalidZone(dates.line)
        yield local_time


def _read_local(begins: IcalProperty) -> datetime | None:
    return _read_local_time(begins.value)


def _read_local_time(text: str) -> datetime | None:
    try:
        moment = read_time(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=None) if isinstance(moment, datetime) else None


def _read_offset(part: IcalComponent, name: str) -> timedelta:
    written = part.first(name)
    try:
        offset: timedelta | None = vUTCOffset.from_ical(written.value.strip()) if written else None
    except ValueError:
        offset = None
    if offset is None or abs(offset) >= timedelta(days=1):
        raise InvalidZone(part.line)
    return offset
