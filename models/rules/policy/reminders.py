"""How patient we are with ourselves: when an escalation must be acknowledged, when it was silent for too long, how
often somebody is reminded, how long it may be snoozed. Values from a file that an operator can replace in part.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

_UNITS = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_SPAN = re.compile(r"(0|[1-9][0-9]{0,4}) ?(min|h|d)")
_SHORTEST, _LONGEST = timedelta(minutes=1), timedelta(days=366)
_MOST_GROWTH = 10.0


class CallMethod(StrEnum):
    """How whoever is on call is called at once: by direct message; by that and a mention on the card; or not."""

    NOBODY = "nobody"
    DIRECT = "direct"
    MENTION = "mention"


class InvalidReminderTimes(ValueError):
    """A file of nagging values can't be used; the message names the key that is wrong."""


@dataclass(frozen=True)
class ReminderPace:
    """How reminders of one subject follow each other: the first wait, how much longer each further one is, the longest.

    Steps are counted from 0, the first reminder, which is made when the thing is due.
    """

    start: timedelta
    growth: float
    cap: timedelta

    def after(self, step: int) -> timedelta:
        """How long after the due time a step is made."""
        waits = self._growing()
        return sum(waits[:step], timedelta()) + max(0, step - len(waits)) * self.cap

    def step_at(self, elapsed: timedelta) -> int:
        """The last step that is due when so much time has passed since the due time; -1 before it."""
        if elapsed < timedelta():
            return -1
        for step, wait in enumerate(self._growing()):
            if elapsed < wait:
                return step
            elapsed -= wait
        return len(self._growing()) + elapsed // self.cap

    def _growing(self) -> tuple[timedelta, ...]:
        """The waits that are shorter than the longest."""
        return _growing(self)


@cache
def _growing(pace: ReminderPace) -> tuple[timedelta, ...]:
    waits: list[timedelta] = []
    wait = pace.start
    while wait < pace.cap and len(waits) < 1000:
        waits.append(wait)
        # Whole seconds: the same step is due at the same instant whoever computes it.
        wait = max(wait + timedelta(seconds=1), timedelta(seconds=round(wait.total_seconds() * pace.growth)))
    return tuple(waits)


@dataclass(frozen=True)
class ReminderTimes:
    """One set of values. Mappings are keyed by severity; ``call`` is who is called at once; ``acknowledge`` is how long
    they have until the backup is called; ``tell`` and ``close`` count from when a case was resolved or last spoken of;
    ``snooze`` is how far ahead a snooze may end.
    """

    call: Mapping[str, CallMethod]
    acknowledge: Mapping[str, timedelta]
    acknowledged: Mapping[str, timedelta]
    submitted: Mapping[str, timedelta]
    tell: timedelta
    close: timedelta
    repeat: Mapping[str, ReminderPace]
    snooze: Mapping[str, timedelta]


@cache
def load_packaged() -> ReminderTimes:
    """The values this version came with."""
    return _reminder_times(_packaged())


def parse_reminder_times(text: str) -> ReminderTimes:
    """Values of an operator's file; what it does not say is as packaged. Raises :class:`Unreadable`."""
    try:
        own = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidReminderTimes(str(error)) from error
    return _reminder_times(_merged(_packaged(), own, ""))


def _packaged() -> dict[str, Any]:
    return tomllib.loads(files("models.rules.policy").joinpath("reminders.toml").read_text(encoding="utf-8"))


def _merged(known: Mapping[str, Any], own: Mapping[str, Any], path: str) -> dict[str, Any]:
    """The packaged values with an operator's own. A key that means nothing is refused: it would be a typing error."""
    merged = dict(known)
    for key, value in own.items():
        if key not in known or isinstance(known[key], dict) is not isinstance(value, dict):
            raise InvalidReminderTimes(f"{path}{key}")
        merged[key] = _merged(known[key], value, f"{path}{key}.") if isinstance(value, dict) else value
    return merged


def _reminder_times(data: Mapping[str, Any]) -> ReminderTimes:
    silence = data["silence"]
    return ReminderTimes(
        call={severity: _at_once(value, f"call.{severity}") for severity, value in data["call"].items()},
        acknowledge=_spans(data["acknowledge"], "acknowledge", least=timedelta()),
        acknowledged=_spans(silence["acknowledged"], "silence.acknowledged"),
        submitted=_spans(silence["submitted"], "silence.submitted"),
        **_spans(silence["resolved"], "silence.resolved"),
        repeat={severity: _pace(pace, f"repeat.{severity}") for severity, pace in data["repeat"].items()},
        snooze=_spans(data["snooze"], "snooze"),
    )


def _pace(data: Mapping[str, Any], path: str) -> ReminderPace:
    growth = data["growth"]
    if isinstance(growth, bool) or not isinstance(growth, int | float) or not 1 <= growth <= _MOST_GROWTH:
        raise InvalidReminderTimes(f"{path}.growth")
    start, cap = _span(data["start"], f"{path}.start"), _span(data["cap"], f"{path}.cap")
    if start > cap:
        raise InvalidReminderTimes(f"{path}.cap")
    return ReminderPace(start, float(growth), cap if growth > 1 else start)


def _at_once(value: Any, path: str) -> CallMethod:
    try:
        return CallMethod(value)
    except ValueError as error:
        raise InvalidReminderTimes(path) from error


def _spans(data: Mapping[str, Any], path: str, least: timedelta = _SHORTEST) -> dict[str, timedelta]:
    return {key: _span(value, f"{path}.{key}", least) for key, value in data.items()}


def _span(value: Any, path: str, least: timedelta = _SHORTEST) -> timedelta:
    """A time such as ``"5 min"``. Raises Unreadable when it is none, shorter than ``least`` or longer than a year."""
    found = _SPAN.fullmatch(value) if isinstance(value, str) else None
    span = int(found[1]) * _UNITS[found[2]] if found else None
    if span is None or not least <= span <= _LONGEST:
        raise InvalidReminderTimes(path)
    return span
