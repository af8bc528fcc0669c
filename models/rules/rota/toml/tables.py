"""Reads the tables of a parsed file key by key, and notes every fault with its line. It knows no rota."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from models.rules.rota.toml.line_numbers import Path, find_line
from models.rules.times import FIRST_YEAR, LAST_YEAR

_IN_CHINA = {"beijing", "peking", "shanghai", "shenzhen", "guangzhou", "canton", "chengdu", "china"}
"""What people write for the zone of China, whose IANA name is Asia/Shanghai."""
_SHORT = 3
_CLOCK = re.compile(r"([01]\d|2[0-4]):([0-5]\d)")


class FaultKind(StrEnum):
    """What can be wrong with a rota file; its sentences are in ``handlers.i18n.rota_labels``."""

    NOT_TEXT_FILE = "not_text_file"
    TOO_BIG = "too_big"
    NOT_TOML = "not_toml"
    UNKNOWN_KEY = "unknown_key"
    MISSING = "missing"
    NOT_TABLE = "not_table"
    NOT_TABLES = "not_tables"
    NOT_TEXT = "not_text"
    NOT_WHOLE = "not_whole"
    NOT_YES_NO = "not_yes_no"
    NOT_LIST = "not_list"
    NOT_TIME = "not_time"
    NOT_DATE = "not_date"
    NOT_MOMENT = "not_moment"
    NOT_SLACK_ID = "not_slack_id"
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
    """One thing that is wrong: ``values`` fill its sentence, ``nearest`` is what was probably meant, if anything."""

    line: int
    kind: FaultKind
    values: Mapping[str, object] = field(default_factory=dict)
    nearest: str = ""


class InvalidRota(Exception):
    """The file is no rota; nothing was taken of it. Carries every fault, by line."""

    def __init__(self, faults: Iterable[FileFault]) -> None:
        self.faults = sorted(faults, key=lambda fault: fault.line)
        super().__init__(", ".join(f"line {fault.line}: {fault.kind}" for fault in self.faults))


class Table:
    """One table of the file. A fault is noted and something harmless returned, so that the rest is read as well."""

    def __init__(self, data: Mapping[str, Any], path: Path, lines: Mapping[Path, int], faults: list[FileFault]) -> None:
        self._data = data
        self._path = path
        self._lines = lines
        self._faults = faults
        self._asked: list[str] = []

    def fault(self, kind: FaultKind, key: str, at: int | None = None, nearest: str = "", **values: object) -> None:
        """Note a fault of a key, or of one element of its list."""
        path = (*self._path, key) if at is None else (*self._path, key, at)
        self._faults.append(FileFault(find_line(path, self._lines), kind, {"key": key, **values}, nearest))

    def unknown(self, kind: FaultKind, key: str, name: str, known: Collection[str], at: int | None = None) -> None:
        """Note a name that is none of the known ones, with the nearest of them. One that looks the same is no hint:
        then the reason is told.
        """
        if any(_composed(name) == _composed(one) for one in known):
            letter = next(sign for sign in _composed(name) if len(unicodedata.normalize("NFD", sign)) > 1)
            self.fault(FaultKind.LOOKS_ALIKE, key, at, name=name, letter=letter)
            return
        self.fault(kind, key, at, find_nearest(name, known), name=name, known=list(known)[:12])

    def has(self, key: str) -> bool:
        """Whether the key is there at all."""
        return key in self._data

    def tables(self, key: str) -> list["Table"]:
        """The tables written as ``[[key]]``."""
        found = self._value(key, [])
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            self.fault(FaultKind.NOT_TABLES, key)
            return []
        return [Table(one, (*self._path, key, at), self._lines, self._faults) for at, one in enumerate(found)]

    def table(self, key: str) -> "Table":
        """The table written as ``[key]``; left out, it is empty."""
        found = self._value(key, {})
        if not isinstance(found, dict):
            self.fault(FaultKind.NOT_TABLE, key)
            found = {}
        return Table(found, (*self._path, key), self._lines, self._faults)

    def text(self, key: str, default: str | None = None) -> str:
        """A text of one line; without a default it must be there and say something."""
        found = self._value(key, default)
        if found is None:
            return ""
        if not isinstance(found, str) or not found.isprintable() or (default is None and not found.strip()):
            self._no_text(FaultKind.NOT_TEXT, key, [found])
            return ""
        return found.strip()

    def whole(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """A whole number between two others."""
        found = self._value(key, default)
        if found is None:
            return low
        if not isinstance(found, int) or isinstance(found, bool) or not low <= found <= high:
            self.fault(FaultKind.NOT_WHOLE, key, low=low, high=high)
            return low
        return found

    def yes_no(self, key: str, default: bool) -> bool:
        """``true`` or ``false``."""
        found = self._value(key, default)
        if not isinstance(found, bool):
            self.fault(FaultKind.NOT_YES_NO, key)
            return default
        return found

    def texts(self, key: str, default: list[str] | None = None) -> list[str]:
        """A list of texts, each of which says something."""
        found = self._value(key, default)
        if found is None:
            return []
        if not isinstance(found, list) or not all(map(_says_something, found)):
            self._no_text(FaultKind.NOT_LIST, key, found if isinstance(found, list) else [])
            return []
        return [one.strip() for one in found]

    def _no_text(self, kind: FaultKind, key: str, found: list[Any]) -> None:
        """Note a fault; where a sign that can't be seen is all that is wrong, that is told."""
        texts = [one for one in found if isinstance(one, str)]
        hidden = next((sign for text in texts for sign in text if _is_hidden(sign)), "")
        if hidden and len(texts) == len(found) and all(map(str.strip, texts)):
            self.fault(FaultKind.INVISIBLE, key, code=f"U+{ord(hidden):04X}")
        else:
            self.fault(kind, key)

    def clock(self, key: str, default: time | None = None) -> time:
        """A time of the day to the minute, as ``08:30:00`` or ``"08:30"``; ``"24:00"`` is midnight."""
        found = self._value(key, default)
        if isinstance(found, str) and (match := _CLOCK.fullmatch(found)) and found[:2] + match[2] <= "2400":
            return time(int(match[1]) % 24, int(match[2]))
        if isinstance(found, time) and not found.second and not found.microsecond:
            return found
        if found is not None:
            self.fault(FaultKind.NOT_TIME, key)
        return time(0)

    def day(self, key: str) -> date:
        """A date, as ``2026-01-05`` or the same as text."""
        found = _from_text(self._value(key, None), date)
        if isinstance(found, date) and not isinstance(found, datetime) and FIRST_YEAR <= found.year <= LAST_YEAR:
            return found
        if self.has(key):
            self.fault(FaultKind.NOT_DATE, key, first=FIRST_YEAR, last=LAST_YEAR)
        return date(FIRST_YEAR, 1, 1)

    def moment(self, key: str, zone: ZoneInfo) -> datetime:
        """A date with a time, local unless it has an offset; in UTC."""
        found = _from_text(self._value(key, None), datetime)
        if isinstance(found, datetime) and FIRST_YEAR <= found.year <= LAST_YEAR:
            return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
        if self.has(key):
            self.fault(FaultKind.NOT_MOMENT, key, first=FIRST_YEAR, last=LAST_YEAR)
        return datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)

    def zone(self, key: str, default: ZoneInfo) -> ZoneInfo:
        """An IANA time zone by name."""
        name = self.text(key, default.key)
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            near = find_nearest_zone(name)
            self.fault(FaultKind.UNKNOWN_ZONE, key, nearest=near, name=name)
            return default

    def finish(self) -> None:
        """Note every key that nobody asked for."""
        for key in self._data:
            if key not in self._asked:
                self.unknown(FaultKind.UNKNOWN_KEY, key, key, self._asked)

    def _value(self, key: str, default: Any) -> Any:
        """What is written; the default when nothing is; None when something had to be, which is noted."""
        self._asked.append(key)
        if key not in self._data and default is None:
            self.fault(FaultKind.MISSING, key)
        return self._data.get(key, default)


def find_nearest(name: str, known: Collection[str]) -> str:
    """The known name that is most like this one; empty when none is."""
    folded = {one.casefold(): one for one in sorted(known)}
    # A Chinese name has two or three characters: one that differs is half of it.
    like = get_close_matches(name.casefold(), folded, 1, 0.5 if len(name) <= _SHORT else 0.7)
    return folded[like[0]] if like else ""


def find_nearest_zone(name: str) -> str:
    """The IANA zone that was probably meant; empty when none is. Many towns are spelt alike, so a name must differ by
    a letter or two only; towns of China that are no zone are known.
    """
    folded = name.casefold()
    if folded.rpartition("/")[2] in _IN_CHINA:
        return "Asia/Shanghai"
    zones = {timezone.casefold(): timezone for timezone in sorted(available_timezones())}
    like = get_close_matches(folded, zones, 1, 0.85)
    return zones[like[0]] if like else ""


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _is_hidden(sign: str) -> bool:
    """Whether it is a blank or mark that can't be told from an ordinary blank, or from nothing."""
    return sign != " " and unicodedata.category(sign) in {"Zs", "Zl", "Zp", "Cf"}


def _says_something(found: Any) -> bool:
    return isinstance(found, str) and found.isprintable() and bool(found.strip())


def _from_text(found: Any, kind: type[date]) -> Any:
    if not isinstance(found, str):
        return found
    try:
        return kind.fromisoformat(found)
    except ValueError:
        return found
