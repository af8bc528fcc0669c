"""Read the tables of a parsed file key by key, and note every fault with its line. The meaning is up to the caller."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from models.rules.times import FIRST_YEAR, LAST_YEAR, find_zone
from models.rules.toml.line_numbers import Path, find_line
from models.rules.toml.similar_names import find_nearest, find_nearest_zone

_CLOCK = re.compile(r"([01]\d|2[0-4]):([0-5]\d)")
_DURATION = re.compile(r"(0|[1-9][0-9]{0,4}) ?(min|h|d)")
_UNITS = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
NO_DEFAULTS: Mapping[str, Any] = {}


class FaultKind(StrEnum):
    """What can be wrong with a file that people write; the sentences are in ``handlers.i18n.rota_labels``."""

    NOT_TEXT_FILE = "not_text_file"
    TOO_BIG = "too_big"
    NOT_TOML = "not_toml"
    UNKNOWN_KEY = "unknown_key"
    MISSING = "missing"
    NOT_TABLE = "not_table"
    NOT_TABLES = "not_tables"
    NOT_TEXT = "not_text"
    NOT_WHOLE = "not_whole"
    NOT_NUMBER = "not_number"
    NOT_DURATION = "not_duration"
    CAP_TOO_SHORT = "cap_too_short"
    NOT_YES_NO = "not_yes_no"
    NOT_LIST = "not_list"
    NOT_TIME = "not_time"
    NOT_DATE = "not_date"
    NOT_MOMENT = "not_moment"
    NOT_SLACK_ID = "not_slack_id"
    NOT_ADDRESS = "not_address"
    NOT_SAFE_ADDRESS = "not_safe_address"
    METADATA_ADDRESS = "metadata_address"
    NOT_ENCRYPTED = "not_encrypted"
    NOT_HOURS = "not_hours"
    NOT_AS_MANY = "not_as_many"
    ONE_OF_TWO = "one_of_two"
    UNKNOWN_CHOICE = "unknown_choice"
    DESK_CLOSES_FIRST = "desk_closes_first"
    UNKNOWN_ZONE = "unknown_zone"
    UNKNOWN_MEMBER = "unknown_member"
    UNKNOWN_SEAT = "unknown_seat"
    UNKNOWN_ROLE = "unknown_role"
    UNKNOWN_DAY = "unknown_day"
    UNKNOWN_TURNS = "unknown_turns"
    UNKNOWN_DAY_KIND = "unknown_day_kind"
    INVISIBLE = "invisible"
    LOOKS_ALIKE = "looks_alike"
    TWICE = "twice"
    ENDS_FIRST = "ends_first"
    NOT_CALENDAR = "not_calendar"
    CALENDAR_TOO_BIG = "calendar_too_big"
    CALENDAR_TOO_DEEP = "calendar_too_deep"
    CALENDAR_TOO_MANY = "calendar_too_many"
    CALENDAR_TOO_MUCH = "calendar_too_much"
    CALENDAR_CUT = "calendar_cut"
    CALENDAR_UNBALANCED = "calendar_unbalanced"
    CALENDAR_ZONE = "calendar_zone"
    NOT_CALENDAR_LINE = "not_calendar_line"
    EVENT_MISPLACED = "event_misplaced"
    EVENT_NO_START = "event_no_start"
    EVENT_ENDS_FIRST = "event_ends_first"
    EVENT_VALUE = "event_value"
    EVENT_ZONE = "event_zone"
    EVENT_OLD = "event_old"
    EVENT_RULE = "event_rule"
    EVENT_RULE_OFTEN = "event_rule_often"
    EVENT_RULE_NEVER = "event_rule_never"
    EVENT_NO_PERSON = "event_no_person"


@dataclass(frozen=True)
class FileFault:
    """One fault of a file."""

    line: int
    kind: FaultKind
    values: Mapping[str, object] = field(default_factory=dict)  # fill the sentence
    nearest: str = ""  # what was probably meant, if anything


class InvalidFile(Exception):
    """The file is invalid and nothing of it was used. Carries every fault, by line."""

    def __init__(self, faults: Iterable[FileFault]) -> None:
        self.faults = sorted(faults, key=lambda fault: fault.line)
        super().__init__(", ".join(f"line {fault.line}: {fault.kind}" for fault in self.faults))


class Table:
    """One table of the file. A fault is noted and a harmless value returned, so that the rest is read too.

    ``defaults`` are the values of keys that are left out.
    """

    def __init__(
        self,
        data: Mapping[str, Any],
        path: Path,
        lines: Mapping[Path, int],
        faults: list[FileFault],
        defaults: Mapping[str, Any] = NO_DEFAULTS,
    ) -> None:
        self._data, self._defaults = data, defaults
        self._path, self._lines = path, lines
        self._faults = faults
        self._read_keys: list[str] = []

    def fault(self, kind: FaultKind, key: str, at: int | None = None, nearest: str = "", **values: object) -> None:
        """Note a fault of a key, or of one element of its list."""
        path = (*self._path, key) if at is None else (*self._path, key, at)
        self._faults.append(FileFault(find_line(path, self._lines), kind, {"key": key, **values}, nearest))

    def unknown(
        self, kind: FaultKind, key: str, name: str, known_names: Collection[str], at: int | None = None
    ) -> None:
        """Note a name that is not among the known ones, with the nearest of them.

        When the two look the same, the fault names the letter that differs instead.
        """
        if any(_composed(name) == _composed(known_name) for known_name in known_names):
            letter = next(sign for sign in _composed(name) if len(unicodedata.normalize("NFD", sign)) > 1)
            self.fault(FaultKind.LOOKS_ALIKE, key, at, name=name, letter=letter)
            return
        self.fault(kind, key, at, find_nearest(name, known_names), name=name, known=list(known_names)[:12])

    def note_repeat(self, key: str, name: str, seen: dict[str, int]) -> None:
        """Note a name that another table has as well; ``seen`` keeps the line on which each came first."""
        if name in seen:
            self.fault(FaultKind.TWICE, key, name=name, first=seen[name])
        elif name:
            seen[name] = find_line((*self._path, key), self._lines)

    def has(self, key: str) -> bool:
        """Return whether the key is present."""
        return key in self._data

    def tables(self, key: str) -> list["Table"]:
        """Return the tables written as ``[[key]]``."""
        value = self._read_value(key, [])
        if not isinstance(value, list) or not all(isinstance(table, dict) for table in value):
            self.fault(FaultKind.NOT_TABLES, key)
            return []
        return [Table(table, (*self._path, key, at), self._lines, self._faults) for at, table in enumerate(value)]

    def table(self, key: str) -> "Table":
        """Return the table written as ``[key]``; left out, it is empty."""
        value = self._read_value(key, {})
        if not isinstance(value, dict):
            self.fault(FaultKind.NOT_TABLE, key)
            value = {}
        return Table(value, (*self._path, key), self._lines, self._faults, self._defaults.get(key, NO_DEFAULTS))

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text of one line; without a default it must be present and not blank."""
        value = self._read_value(key, default)
        if value is None:
            return ""
        if not isinstance(value, str) or not value.isprintable() or (default is None and not value.strip()):
            self._note_bad_text(FaultKind.NOT_TEXT, key, [value])
            return ""
        return value.strip()

    def whole(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """Return an integer between two others."""
        value = self._read_value(key, default)
        if value is None:
            return low
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            self.fault(FaultKind.NOT_WHOLE, key, low=low, high=high)
            return low
        return value

    def number(self, key: str, low: float, high: float) -> float:
        """Return a number between two others."""
        value = self._read_value(key, None)
        if isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high:
            return float(value)
        if value is not None:
            self.fault(FaultKind.NOT_NUMBER, key, low=low, high=high)
        return low

    def duration(self, key: str, least: timedelta, most: timedelta) -> timedelta:
        """Return a length of time, such as ``"5 min"``, ``"4 h"`` or ``"3 d"``."""
        value = self._read_value(key, None)
        match = _DURATION.fullmatch(value) if isinstance(value, str) else None
        duration = int(match[1]) * _UNITS[match[2]] if match else None
        if duration is not None and least <= duration <= most:
            return duration
        if value is not None:
            self.fault(FaultKind.NOT_DURATION, key, least=least // _UNITS["min"], most=most // _UNITS["d"])
        return least

    def yes_no(self, key: str, default: bool) -> bool:
        """Return ``true`` or ``false``."""
        value = self._read_value(key, default)
        if not isinstance(value, bool):
            self.fault(FaultKind.NOT_YES_NO, key)
            return default
        return value

    def texts(self, key: str, default: list[str] | None = None) -> list[str]:
        """Return a list of texts, none of them blank."""
        value = self._read_value(key, default)
        if value is None:
            return []
        if not isinstance(value, list) or not all(map(_is_visible_text, value)):
            self._note_bad_text(FaultKind.NOT_LIST, key, value if isinstance(value, list) else [])
            return []
        return [text.strip() for text in value]

    def _note_bad_text(self, kind: FaultKind, key: str, value: list[Any]) -> None:
        """Note a fault; when an invisible character is all that is wrong, the fault says so."""
        texts = [item for item in value if isinstance(item, str)]
        hidden = next((sign for text in texts for sign in text if _is_hidden(sign)), "")
        if hidden and len(texts) == len(value) and all(map(str.strip, texts)):
            self.fault(FaultKind.INVISIBLE, key, code=f"U+{ord(hidden):04X}")
        else:
            self.fault(kind, key)

    def clock(self, key: str, default: time | None = None) -> time:
        """Return a time of day to the minute, such as ``08:30:00`` or ``"08:30"``; ``"24:00"`` is midnight."""
        value = self._read_value(key, default)
        if isinstance(value, str) and (match := _CLOCK.fullmatch(value)) and value[:2] + match[2] <= "2400":
            return time(int(match[1]) % 24, int(match[2]))
        if isinstance(value, time) and not value.second and not value.microsecond:
            return value
        if value is not None:
            self.fault(FaultKind.NOT_TIME, key)
        return time(0)

    def minutes(self, key: str) -> int:
        """Return a time of day as minutes after midnight; ``"24:00"`` is 1440."""
        at = self.clock(key)
        ends_the_day = isinstance(value := self._data.get(key), str) and value.startswith("24")
        return at.hour * 60 + at.minute + (24 * 60 if ends_the_day else 0)

    def choice(self, key: str, known_names: Sequence[str], default: str | None = None) -> str:
        """Return one of the known names; the first of them after a fault."""
        name = self.text(key, default)
        if name in known_names:
            return name
        if name:
            self.unknown(FaultKind.UNKNOWN_CHOICE, key, name, known_names)
        return next(iter(known_names), "")

    def address(self, key: str) -> str:
        """Return the https address of a page."""
        url = self.text(key)
        if url and not url.startswith("https://"):
            self.fault(FaultKind.NOT_ADDRESS, key)
            return ""
        return url

    def day(self, key: str) -> date:
        """Return a date, such as ``2026-01-05`` or the same as text."""
        value = _convert_text(self._read_value(key, None), date)
        if isinstance(value, date) and not isinstance(value, datetime) and FIRST_YEAR <= value.year <= LAST_YEAR:
            return value
        if self.has(key):
            self.fault(FaultKind.NOT_DATE, key, first=FIRST_YEAR, last=LAST_YEAR)
        return date(FIRST_YEAR, 1, 1)

    def moment(self, key: str, zone: ZoneInfo) -> datetime:
        """Return a date with a time in UTC; it is local in ``zone`` unless it has an offset."""
        value = _convert_text(self._read_value(key, None), datetime)
        if isinstance(value, datetime) and FIRST_YEAR <= value.year <= LAST_YEAR:
            return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)
        if self.has(key):
            self.fault(FaultKind.NOT_MOMENT, key, first=FIRST_YEAR, last=LAST_YEAR)
        return datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)

    def zone(self, key: str, default: ZoneInfo) -> ZoneInfo:
        """Return an IANA time zone by name."""
        name = self.text(key, default.key)
        zone = find_zone(name)
        if zone is None:
            self.fault(FaultKind.UNKNOWN_ZONE, key, nearest=find_nearest_zone(name), name=name)
        return zone or default

    def finish(self) -> None:
        """Note every key that was never read as unknown."""
        for key in self._data:
            if key not in self._read_keys:
                self.unknown(FaultKind.UNKNOWN_KEY, key, key, self._read_keys)

    def note_misspelt(self, key: str) -> None:
        """Note keys that were probably meant to be this one, where nothing says what the others mean."""
        for given in self._data:
            if given not in self._read_keys and find_nearest(given, [key]):
                self.unknown(FaultKind.UNKNOWN_KEY, given, given, [key, "…"])

    def _read_value(self, key: str, default: Any) -> Any:
        """Return the value of a key, or the default. Without both it is noted as missing and None."""
        self._read_keys.append(key)
        default = self._defaults.get(key, default)
        if key not in self._data and default is None:
            self.fault(FaultKind.MISSING, key)
        return self._data.get(key, default)


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _is_hidden(sign: str) -> bool:
    """Return whether a character looks like a blank, or like nothing."""
    return sign != " " and unicodedata.category(sign) in {"Zs", "Zl", "Zp", "Cf"}


def _is_visible_text(value: Any) -> bool:
    return isinstance(value, str) and value.isprintable() and bool(value.strip())


def _convert_text(value: Any, kind: type[date]) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return kind.fromisoformat(value)
    except ValueError:
        return value
