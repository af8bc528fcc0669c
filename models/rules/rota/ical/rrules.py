"""Recurrence rules of iCalendar (RFC 5545, 3.3.10), with an end to every search. Local times; no zones here.

``dateutil`` searches for the next match until the year 9999, and a rule may match every second, or never. So rules that
can't be shifts are refused first, the search stops where the wanted time ends, and all its work is counted.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice
from typing import Any

from dateutil.rrule import DAILY, HOURLY, MINUTELY, MONTHLY, SECONDLY, WEEKLY, YEARLY, rrule, weekday
from icalendar.prop import vDDDTypes

from models.rules.toml.tables import FaultKind

MOST_WORK = 1_000_000
"""How many starts may be examined for one file; a few seconds."""
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
"""Measured work of one year, month or week; other rules examine each start."""
_DAYS_OF_LENGTH = re.compile(r"\+?P?(?:(\d+)W)?(?:(\d+)D)?")
_OFTEN = 24
"""The most shifts a rule may begin within a day."""


class InvalidRule(Exception):
    """A rule that can't be used."""

    def __init__(self, kind: FaultKind, part: str = "") -> None:
        super().__init__(kind, part)
        self.kind = kind
        self.part = part


class TooMuchWork(Exception):
    """The work budget of a file is spent."""


class WorkBudget:
    """Counts the work on one file."""

    def __init__(self, most: int = MOST_WORK) -> None:
        self._remaining = most

    def spend(self, amount: int) -> None:
        """Spend work. Raises TooMuchWork when nothing remains."""
        self._remaining -= amount
        if self._remaining < 0:
            raise TooMuchWork


class _TimeOver(Exception):
    """The wanted time has ended."""


class _LimitedRule(rrule):  # type: ignore[misc]  # untyped
    """A rule that can be stopped.

    ``dateutil`` reads ``_byeaster``, which iCalendar does not use, each time it turns to another month or year, and
    between two matches for nothing else.
    """

    _turns_left = 0
    _effort = 0
    _work: WorkBudget | None = None

    def limit(self, turns: int, effort: int, work: WorkBudget) -> None:
        """Allow so many turns, with so much work each."""
        self._turns_left, self._effort, self._work = turns, effort, work

    @property
    def _byeaster(self) -> None:
        """Count a turn, and stop when none remains."""
        if self._work:
            self._work.spend(self._effort)
            self._turns_left -= 1
            if self._turns_left < 0:
                raise _TimeOver

    @_byeaster.setter
    def _byeaster(self, _easter: None) -> None:
        """Ignore the value: iCalendar has no Easter rules."""


class RecurrenceRule:
    """The starts of a rule, in local time without a zone. ``until`` is the last that counts."""

    def __init__(self, start: datetime, options: Mapping[str, Any], until: datetime | None, work: WorkBudget) -> None:
        self.until = until
        self._start = start
        self._yearly = options["freq"] == YEARLY
        self._effort = _EFFORT.get(options["freq"], 0) or 31 * _times_a_day(options)
        self._count: int | None = options.get("count")
        begins = _start_of_week(start, options["wkst"]) if _picks_within_weeks(options) else start
        self._starts = _LimitedRule(dtstart=begins, **{**options, "count": None})
        self._work = work

    def between(self, after: datetime, before: datetime, inc: bool = True) -> Iterator[datetime]:
        """Return the starts between two times, both included. Earlier starts are examined too, and count as work."""
        del inc  # recurring-ical-events always wants both ends
        last = min(before, self.until or before)
        if last < self._start:
            return
        years = last.year - self._start.year + 3
        self._starts.limit(years if self._yearly else years * 12, self._effort, self._work)
        try:
            for start in islice(filter(self._counts, self._starts), self._count):
                if start > last:
                    return
                if start >= after:
                    yield start
        except (_TimeOver, ValueError):  # ValueError: dateutil found that no hour of the rule is ever reached
            return

    def _counts(self, start: datetime) -> bool:
        self._work.spend(1)
        return start >= self._start


def _picks_within_weeks(options: Mapping[str, Any]) -> bool:
    """Return whether some starts of each week are picked: they are counted in the whole week, the first too."""
    return options["freq"] == WEEKLY and "bysetpos" in options


def _start_of_week(start: datetime, first_day: int) -> datetime:
    """Return the same time on the first day of its week."""
    return start - timedelta(days=(start.weekday() - first_day) % 7)


def build_rule(text: str, start: datetime, whole_days: bool, zone: tzinfo, work: WorkBudget) -> RecurrenceRule:
    """Return the rule of an event that begins at ``start``, a local time of ``zone``. Raises InvalidRule."""
    parts = _split_parts(text)
    frequency = _EVERY.get(parts.pop("FREQ", "").upper())
    if frequency is None:
        raise InvalidRule(FaultKind.EVENT_RULE, "FREQ")
    options: dict[str, Any] = {"freq": frequency, "wkst": _read_week_start(parts.pop("WKST", "MO"))}
    until = _read_until(parts.pop("UNTIL", ""), whole_days, zone)
    days = parts.pop("BYDAY", "")
    if days:
        options["byweekday"] = [_read_weekday(day) for day in days.split(",")]
    for part, value in parts.items():
        name, low, high = _NUMBERS.get(part) or _refuse_part(part)
        texts = [value] if part in _SINGLE else value.split(",")
        numbers = [_read_number(part, digits, low, high) for digits in texts]
        options[name] = numbers[0] if part in _SINGLE else numbers
    _adapt_to_rfc(options, start, whole_days)
    _check_frequency(options)
    try:
        return RecurrenceRule(start, options, until, work)
    except ValueError:  # dateutil: the interval never meets any of the hours, minutes or seconds
        raise InvalidRule(FaultKind.EVENT_RULE_NEVER) from None


def _adapt_to_rfc(options: dict[str, Any], start: datetime, whole_days: bool) -> None:
    """Correct where dateutil differs from RFC 5545, 3.3.10.

    Hours mean nothing for whole days, and the weekday of a numbered week is that of the first start.
    """
    if whole_days:
        for name in ("byhour", "byminute", "bysecond"):
            options.pop(name, None)
    if "byweekno" in options and not options.keys() & {"byweekday", "bymonthday", "byyearday"}:
        options["byweekday"] = [weekday(start.weekday())]


def _split_parts(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in filter(None, text.replace(" ", "").split(";")):
        name, equals, value = part.upper().partition("=")
        if not equals or not value or name in parts or len(value) > 4000:
            raise InvalidRule(FaultKind.EVENT_RULE, name[:20])
        parts[name] = value
    if (parts.pop("RSCALE", "GREGORIAN"), parts.pop("SKIP", "OMIT")) != ("GREGORIAN", "OMIT"):  # RFC 7529
        raise InvalidRule(FaultKind.EVENT_RULE, "RSCALE")
    return {name: value for name, value in parts.items() if not name.startswith("X-")}


def _refuse_part(part: str) -> tuple[str, int, int]:
    raise InvalidRule(FaultKind.EVENT_RULE, part[:20])


def _read_number(part: str, text: str, low: int, high: int) -> int:
    digits = text[1:] if text[:1] in {"-", "+"} else text
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 12):
        raise InvalidRule(FaultKind.EVENT_RULE, part)
    number = int(text)
    if not low <= number <= high or (low < 0 and number == 0):
        raise InvalidRule(FaultKind.EVENT_RULE, part)
    return number


def _read_weekday(text: str) -> weekday:
    day, nth = text[-2:], text[:-2]
    if day not in _WEEKDAYS:
        raise InvalidRule(FaultKind.EVENT_RULE, "BYDAY")
    return weekday(_WEEKDAYS.index(day), _read_number("BYDAY", nth, -53, 53) if nth else None)


def _read_week_start(text: str) -> int:
    if text not in _WEEKDAYS:
        raise InvalidRule(FaultKind.EVENT_RULE, "WKST")
    return _WEEKDAYS.index(text)


def _read_until(text: str, whole_days: bool, zone: tzinfo) -> datetime | None:
    """Return the last local time that counts. A date without a time counts to its end."""
    if not text:
        return None
    try:
        value = vDDDTypes.from_ical(text)
        if isinstance(value, datetime):
            naive, of = value.replace(tzinfo=None), UTC if value.tzinfo else None
            if whole_days:
                return datetime.combine(find_day(naive, of, zone), time(23, 59, 59))
            return to_zone(zone, naive, of) if of else naive
    except (ValueError, OverflowError):
        value = None
    if not isinstance(value, date):
        raise InvalidRule(FaultKind.EVENT_RULE, "UNTIL")
    return datetime.combine(value, time(23, 59, 59))


def _check_frequency(options: Mapping[str, Any]) -> None:
    """Refuse rules that begin too often for a shift, and rules that never match."""
    if _times_a_day(options) > _OFTEN:
        raise InvalidRule(FaultKind.EVENT_RULE_OFTEN)
    if _is_never(options.get("bymonth"), options.get("bymonthday")):
        raise InvalidRule(FaultKind.EVENT_RULE_NEVER)


def _times_a_day(options: Mapping[str, Any]) -> int:
    """Return at most how many starts there are within a day."""
    frequency = options["freq"]
    seconds = _SECONDS.get(frequency, 0) * options.get("interval", 1)
    times = -(-86_400 // seconds) if seconds else len(options.get("byhour", (0,)))
    for finer, within in (("byminute", HOURLY), ("bysecond", MINUTELY)):
        times *= len(options.get(finer, (0,))) if frequency <= within else 1
    return times


def _is_never(months: Sequence[int] | None, days: Sequence[int] | None) -> bool:
    longest = max(_LONGEST_MONTH[month - 1] for month in months) if months else 31
    return bool(days) and all(abs(day) > longest for day in days or ())


def read_time(text: str) -> datetime | date:
    """Return a date, or a date with a time, aware when it is in UTC. Raises ValueError."""
    value = vDDDTypes.from_ical(text.strip())
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value
    if isinstance(value, date):
        return value
    raise ValueError(text)


def read_duration(text: str) -> tuple[timedelta, timedelta]:
    """Return a duration as its days, which follow the wall clock, and its exact hours (RFC 5545, 3.3.6).

    Raises ValueError, OverflowError.
    """
    duration = vDDDTypes.from_ical(text.strip())
    if not isinstance(duration, timedelta):
        raise ValueError(text)
    if duration < timedelta():
        return timedelta(), duration
    weeks, days = (int(number or 0) for number in _DAYS_OF_LENGTH.match(text.strip().upper()).groups())  # type: ignore[union-attr]  # it matches all
    nominal = timedelta(weeks=weeks, days=days)
    return nominal, duration - nominal


def find_day(at: datetime, zone: tzinfo | None, floating: tzinfo) -> date:
    """Return the day that a time means in a series of whole days.

    Midnight is that of the day it names, in any zone. Another time in UTC is midnight somewhere, most likely in the
    zone of the series.
    """
    if zone is UTC and at.time() != time(0):
        return to_zone(floating, at, UTC).date()
    return at.date()


def to_zone(zone: tzinfo, at: datetime, of: tzinfo | None) -> datetime:
    """Return what the clock in ``zone`` shows at a local time of another zone. Raises OverflowError."""
    return at.replace(tzinfo=of).astimezone(zone).replace(tzinfo=None, fold=0)
