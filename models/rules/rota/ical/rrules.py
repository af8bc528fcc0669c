"""Recurrence rules of iCalendar (RFC 5545, 3.3.10), with an end to every search. Local wall time; no zones here.

``dateutil`` looks for the next match until the year 9999, and a rule may match every second, or never. So what can't be
meant for shifts is refused before it looks, it is stopped where the wanted time ends, and all its looking is counted.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice
from typing import Any

from dateutil.rrule import DAILY, HOURLY, MINUTELY, MONTHLY, SECONDLY, WEEKLY, YEARLY, rrule, weekday
from icalendar.prop import vDDDTypes

from models.rules.rota.toml.tables import FaultKind

MOST_WORK = 1_000_000
"""How many starts may be looked at for one file; a few seconds."""
_EVERY = {"YEARLY": YEARLY, "MONTHLY": MONTHLY, "WEEKLY": WEEKLY, "DAILY": DAILY, "HOURLY": HOURLY,
          "MINUTELY": MINUTELY, "SECONDLY": SECONDLY}  # fmt: skip
_SECONDS = {HOURLY: 3600, MINUTELY: 60, SECONDLY: 1}
_NUMBERS = {
    "INTERVAL": ("interval", 1, 10_000), "COUNT": ("count", 1, 10**12), "BYSECOND": ("bysecond", 0, 59),
    "BYMINUTE": ("byminute", 0, 59), "BYHOUR": ("byhour", 0, 23), "BYMONTHDAY": ("bymonthday", -31, 31),
    "BYYEARDAY": ("byyearday", -366, 366), "BYWEEKNO": ("byweekno", -53, 53), "BYMONTH": ("bymonth", 1, 12),
    "BYSETPOS": ("bysetpos", -366, 366),
}  # fmt: skip
_SINGLE = frozenset({"INTERVAL", "COUNT"})
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_LONGEST_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_EFFORT = {YEARLY: 120, MONTHLY: 15, WEEKLY: 20}
"""What it takes to look at one year, and at one month; measured. All else looks at each start."""
_DAYS_OF_LENGTH = re.compile(r"\+?P?(?:(\d+)W)?(?:(\d+)D)?")
_OFTEN = 24
"""A rule may begin so many shifts within a day, and not more."""


class InvalidRule(Exception):
    """A rule that can't be followed; ``kind`` is the fault it is, ``part`` the part that is wrong."""

    def __init__(self, kind: FaultKind, part: str = "") -> None:
        super().__init__(kind, part)
        self.kind = kind
        self.part = part


class TooMuchWork(Exception):
    """All that may be looked at was looked at."""


class WorkBudget:
    """Counts what is looked at in one file."""

    def __init__(self, most: int = MOST_WORK) -> None:
        self._left = most

    def spend(self, amount: int) -> None:
        """Raises TooMuchWork when nothing is left."""
        self._left -= amount
        if self._left < 0:
            raise TooMuchWork


class _Over(Exception):
    """The wanted time has ended."""


class _Watched(rrule):  # type: ignore[misc]  # untyped
    """A rule that can be stopped: dateutil asks for ``_byeaster``, which iCalendar does not know, each time it turns to
    another month or year, and between two matches for nothing else.
    """

    _turns_left = 0
    _effort = 0
    _work: WorkBudget | None = None

    def watch(self, turns: int, effort: int, work: WorkBudget) -> None:
        """Let it turn so often, with so much effort each time."""
        self._turns_left, self._effort, self._work = turns, effort, work

    @property
    def _byeaster(self) -> None:
        if self._work:
            self._work.spend(self._effort)
            self._turns_left -= 1
            if self._turns_left < 0:
                raise _Over

    @_byeaster.setter
    def _byeaster(self, _easter: None) -> None:
        """Nothing is kept: there is no Easter here."""


class RecurrenceRule:
    """The starts a rule makes, in local time without a zone. ``until`` is the last one that counts."""

    def __init__(self, start: datetime, options: Mapping[str, Any], until: datetime | None, work: WorkBudget) -> None:
        self.until = until
        self._start = start
        self._yearly = options["freq"] == YEARLY
        self._effort = _EFFORT.get(options["freq"], 0) or 31 * _times_a_day(options)
        self._count: int | None = options.get("count")
        begins = _week_of(start, options["wkst"]) if _picks_of_weeks(options) else start
        self._starts = _Watched(dtstart=begins, **{**options, "count": None})
        self._work = work

    def between(self, after: datetime, before: datetime, inc: bool = True) -> Iterator[datetime]:
        """The starts from one time to another, both included; what comes before is looked at and counts as work."""
        del inc  # recurring-ical-events always wants both ends
        last = min(before, self.until or before)
        if last < self._start:
            return
        years = last.year - self._start.year + 3
        self._starts.watch(years if self._yearly else years * 12, self._effort, self._work)
        try:
            for start in islice(filter(self._counts, self._starts), self._count):
                if start > last:
                    return
                if start >= after:
                    yield start
        except (_Over, ValueError):  # ValueError: dateutil found out that no hour of the rule is ever reached
            return

    def _counts(self, start: datetime) -> bool:
        self._work.spend(1)
        return start >= self._start


def _picks_of_weeks(options: Mapping[str, Any]) -> bool:
    """Whether some of the starts of each week are picked: they are counted within the whole week, also the first."""
    return options["freq"] == WEEKLY and "bysetpos" in options


def _week_of(start: datetime, first_day: int) -> datetime:
    """Return the same time on the first day of its week."""
    return start - timedelta(days=(start.weekday() - first_day) % 7)


def rule(text: str, start: datetime, whole_days: bool, zone: tzinfo, work: WorkBudget) -> RecurrenceRule:
    """The rule of an event that begins at ``start``, local time of ``zone``. Raises BadRule."""
    parts = _parts(text)
    frequency = _EVERY.get(parts.pop("FREQ", "").upper())
    if frequency is None:
        raise InvalidRule(FaultKind.EVENT_RULE, "FREQ")
    options: dict[str, Any] = {"freq": frequency, "wkst": _week_start(parts.pop("WKST", "MO"))}
    until = _until(parts.pop("UNTIL", ""), whole_days, zone)
    days = parts.pop("BYDAY", "")
    if days:
        options["byweekday"] = [_weekday(day) for day in days.split(",")]
    for part, value in parts.items():
        name, low, high = _NUMBERS.get(part) or _unknown(part)
        texts = [value] if part in _SINGLE else value.split(",")
        numbers = [_number(part, one, low, high) for one in texts]
        options[name] = numbers[0] if part in _SINGLE else numbers
    _complete(options, start, whole_days)
    _check(options)
    try:
        return RecurrenceRule(start, options, until, work)
    except ValueError:  # dateutil: the interval never meets any of the hours, minutes or seconds
        raise InvalidRule(FaultKind.EVENT_RULE_NEVER) from None


def _complete(options: dict[str, Any], start: datetime, whole_days: bool) -> None:
    """Mend what dateutil takes otherwise than RFC 5545, 3.3.10: hours mean nothing for whole days, and the weekday of a
    week by its number is that of the first start.
    """
    if whole_days:
        for name in ("byhour", "byminute", "bysecond"):
            options.pop(name, None)
    if "byweekno" in options and not options.keys() & {"byweekday", "bymonthday", "byyearday"}:
        options["byweekday"] = [weekday(start.weekday())]


def _parts(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in filter(None, text.replace(" ", "").split(";")):
        name, equals, value = part.upper().partition("=")
        if not equals or not value or name in parts or len(value) > 4000:
            raise InvalidRule(FaultKind.EVENT_RULE, name[:20])
        parts[name] = value
    if (parts.pop("RSCALE", "GREGORIAN"), parts.pop("SKIP", "OMIT")) != ("GREGORIAN", "OMIT"):  # RFC 7529
        raise InvalidRule(FaultKind.EVENT_RULE, "RSCALE")
    return {name: value for name, value in parts.items() if not name.startswith("X-")}


def _unknown(part: str) -> tuple[str, int, int]:
    raise InvalidRule(FaultKind.EVENT_RULE, part[:20])


def _number(part: str, text: str, low: int, high: int) -> int:
    digits = text[1:] if text[:1] in {"-", "+"} else text
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 12):
        raise InvalidRule(FaultKind.EVENT_RULE, part)
    number = int(text)
    if not low <= number <= high or (low < 0 and number == 0):
        raise InvalidRule(FaultKind.EVENT_RULE, part)
    return number


def _weekday(text: str) -> weekday:
    day, nth = text[-2:], text[:-2]
    if day not in _WEEKDAYS:
        raise InvalidRule(FaultKind.EVENT_RULE, "BYDAY")
    return weekday(_WEEKDAYS.index(day), _number("BYDAY", nth, -53, 53) if nth else None)


def _week_start(text: str) -> int:
    if text not in _WEEKDAYS:
        raise InvalidRule(FaultKind.EVENT_RULE, "WKST")
    return _WEEKDAYS.index(text)


def _until(text: str, whole_days: bool, zone: tzinfo) -> datetime | None:
    """The last local time that counts. A date without a time counts to its end."""
    if not text:
        return None
    try:
        found = vDDDTypes.from_ical(text)
        if isinstance(found, datetime):
            naive, of = found.replace(tzinfo=None), UTC if found.tzinfo else None
            if whole_days:
                return datetime.combine(day_meant(naive, of, zone), time(23, 59, 59))
            return shown_in(zone, naive, of) if of else naive
    except (ValueError, OverflowError):
        found = None
    if not isinstance(found, date):
        raise InvalidRule(FaultKind.EVENT_RULE, "UNTIL")
    return datetime.combine(found, time(23, 59, 59))


def _check(options: Mapping[str, Any]) -> None:
    """Refuse what begins too often for a shift, and what can never be."""
    if _times_a_day(options) > _OFTEN:
        raise InvalidRule(FaultKind.EVENT_RULE_OFTEN)
    if _is_never(options.get("bymonth"), options.get("bymonthday")):
        raise InvalidRule(FaultKind.EVENT_RULE_NEVER)


def _times_a_day(options: Mapping[str, Any]) -> int:
    """At most so many starts within a day."""
    frequency = options["freq"]
    seconds = _SECONDS.get(frequency, 0) * options.get("interval", 1)
    times = -(-86_400 // seconds) if seconds else len(options.get("byhour", (0,)))
    for finer, within in (("byminute", HOURLY), ("bysecond", MINUTELY)):
        times *= len(options.get(finer, (0,))) if frequency <= within else 1
    return times


def _is_never(months: Sequence[int] | None, days: Sequence[int] | None) -> bool:
    longest = max(_LONGEST_MONTH[month - 1] for month in months) if months else 31
    return bool(days) and all(abs(day) > longest for day in days or ())


def moment(text: str) -> datetime | date:
    """A date, or a date with a time, aware when it is in UTC. Raises ValueError."""
    found = vDDDTypes.from_ical(text.strip())
    if isinstance(found, datetime):
        return found.astimezone(UTC) if found.tzinfo else found
    if isinstance(found, date):
        return found
    raise ValueError(text)


def length(text: str) -> tuple[timedelta, timedelta]:
    """Return a duration as its days, which follow the clock on the wall, and its hours, which are exact (RFC 5545,
    3.3.6). Raises ValueError, OverflowError.
    """
    found = vDDDTypes.from_ical(text.strip())
    if not isinstance(found, timedelta):
        raise ValueError(text)
    if found < timedelta():
        return timedelta(), found
    weeks, days = (int(number or 0) for number in _DAYS_OF_LENGTH.match(text.strip().upper()).groups())  # type: ignore[union-attr]  # it matches all
    nominal = timedelta(weeks=weeks, days=days)
    return nominal, found - nominal


def day_meant(at: datetime, zone: tzinfo | None, floating: tzinfo) -> date:
    """Return the day a time means in a series of whole days. Midnight is that of the day it names, in whatever zone;
    another time in UTC is midnight somewhere, most likely where the series is.
    """
    if zone is UTC and at.time() != time(0):
        return shown_in(floating, at, UTC).date()
    return at.date()


def shown_in(zone: tzinfo, at: datetime, of: tzinfo | None) -> datetime:
    """Return what the clock in ``zone`` shows at a local time of another zone. Raises OverflowError."""
    return at.replace(tzinfo=of).astimezone(zone).replace(tzinfo=None, fold=0)
