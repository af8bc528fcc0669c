"""When people are reminded of an escalation: times to acknowledge, to act, between reminders, and the longest snooze.

The values come from a file that an operator can replace in part.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
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
_HIGHEST_COUNT = 1000
_COUNTS = ("count", "count_step", "percent", "percent_step", "least_cases")


class CallMethod(StrEnum):
    """How the people on call are called at once."""

    NOBODY = "nobody"
    DIRECT = "direct"  # by direct message
    MENTION = "mention"  # by direct message, and by a mention on the card


class InvalidReminderTimes(ValueError):
    """A file of reminder times can't be used; the message names the keys that are wrong."""


@dataclass(frozen=True)
class ReminderPace:
    """How reminders of one subject follow each other.

    Steps are counted from 0, the first reminder, which is sent when the subject is due.
    """

    start: timedelta  # the first wait
    growth: float  # factor from one wait to the next
    cap: timedelta  # the longest wait

    def after(self, step: int) -> timedelta:
        """Return how long after the due time a step is sent."""
        waits = self._growing_waits()
        return sum(waits[:step], timedelta()) + max(0, step - len(waits)) * self.cap

    def step_at(self, elapsed: timedelta) -> int:
        """Return the last step that is due when ``elapsed`` has passed since the due time; -1 before it."""
        if elapsed < timedelta():
            return -1
        for step, wait in enumerate(self._growing_waits()):
            if elapsed < wait:
                return step
            elapsed -= wait
        return len(self._growing_waits()) + elapsed // self.cap

    def _growing_waits(self) -> tuple[timedelta, ...]:
        """Return the waits that are shorter than the longest."""
        return _growing_waits(self)


@cache
def _growing_waits(pace: ReminderPace) -> tuple[timedelta, ...]:
    waits: list[timedelta] = []
    wait = pace.start
    while wait < pace.cap and len(waits) < 1000:
        waits.append(wait)
        # Whole seconds: a step is due at the same instant wherever it is computed.
        wait = max(wait + timedelta(seconds=1), timedelta(seconds=round(wait.total_seconds() * pace.growth)))
    return tuple(waits)


@dataclass(frozen=True)
class ReturnedLimits:
    """From when on leads are warned that 21Vianet returns cases: over 90 days, by number and by share."""

    count: int  # so many returned cases.
    count_step: int  # another warning for each so many more.
    percent: int  # such a share of the escalated cases.
    percent_step: int  # another warning for each so many percent more.
    least_cases: int  # the share counts from so many cases on.


@dataclass(frozen=True)
class ReminderTimes:
    """One set of reminder times. Mappings are keyed by severity."""

    call: Mapping[str, CallMethod]  # who is called at once.
    acknowledge: Mapping[str, timedelta]  # time until the backup is called.
    number: Mapping[str, timedelta]  # time to record 21Vianet's number, once acknowledged.
    review: Mapping[str, timedelta]  # time for a lead to look at a request, until it may go.
    ours: Mapping[str, timedelta]  # how long it may be our turn, once submitted.
    customer: Mapping[str, timedelta]  # silence allowed while it is the customer's turn.
    submitted: Mapping[str, timedelta]  # silence allowed once submitted to 21Vianet.
    tell: timedelta  # time to inform the customer, from resolution or the last activity.
    close: timedelta  # time to close it, from resolution or the last activity.
    repeat: Mapping[str, ReminderPace]
    snooze: Mapping[str, timedelta]  # how far ahead a snooze may end.
    articles_stale: timedelta  # how long a knowledge article counts as right.
    returned: ReturnedLimits  # when leads are warned of returned cases.


@cache
def load_packaged() -> ReminderTimes:
    """Return the reminder times that this version ships with."""
    return _build_reminder_times(_read_packaged())


def parse_reminder_times(text: str) -> ReminderTimes:
    """Return the values of an operator's file; what it leaves out is as packaged.

    Raises InvalidReminderTimes with every key that is wrong.
    """
    try:
        own = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidReminderTimes(str(error)) from error
    wrong: list[str] = []
    while True:
        try:
            times = _build_reminder_times(_merge(_read_packaged(), own, ""))
        except InvalidReminderTimes as error:
            wrong.append(str(error))
            if _drop(own, str(error).split(".")):
                continue
            raise InvalidReminderTimes(", ".join(wrong)) from error
        if wrong:
            raise InvalidReminderTimes(", ".join(wrong))
        return times


def _drop(own: dict[str, Any], path: Sequence[str]) -> bool:
    """Leave a wrong key out, so that the others are read too; return whether there was one to leave out."""
    first, *rest = path
    inner = own.get(first)
    if rest and isinstance(inner, dict) and _drop(inner, rest):
        return True
    return own.pop(first, None) is not None


def _read_packaged() -> dict[str, Any]:
    return tomllib.loads(files("models.rules.policy").joinpath("reminders.toml").read_text(encoding="utf-8"))


def _merge(packaged: Mapping[str, Any], own: Mapping[str, Any], path: str) -> dict[str, Any]:
    """Return the packaged values with an operator's own. An unknown key is refused: it would be a typing error."""
    merged = dict(packaged)
    for key, value in own.items():
        if key not in packaged or isinstance(packaged[key], dict) is not isinstance(value, dict):
            raise InvalidReminderTimes(f"{path}{key}")
        merged[key] = _merge(packaged[key], value, f"{path}{key}.") if isinstance(value, dict) else value
    return merged


def _build_reminder_times(data: Mapping[str, Any]) -> ReminderTimes:
    silence = data["silence"]
    return ReminderTimes(
        call={severity: _read_call_method(value, f"call.{severity}") for severity, value in data["call"].items()},
        acknowledge=_read_durations(data["acknowledge"], "acknowledge", least=timedelta()),
        number=_read_durations(data["number"], "number"),
        review=_read_durations(data["review"], "review", least=timedelta()),
        ours=_read_durations(data["turn"]["ours"], "turn.ours"),
        customer=_read_durations(data["turn"]["customer"], "turn.customer"),
        submitted=_read_durations(silence["submitted"], "silence.submitted"),
        **_read_durations(silence["resolved"], "silence.resolved"),
        repeat={severity: _read_pace(pace, f"repeat.{severity}") for severity, pace in data["repeat"].items()},
        snooze=_read_durations(data["snooze"], "snooze"),
        articles_stale=_read_duration(data["articles"]["stale"], "articles.stale"),
        returned=ReturnedLimits(**{key: _read_count(data["returned"][key], f"returned.{key}") for key in _COUNTS}),
    )


def _read_pace(data: Mapping[str, Any], path: str) -> ReminderPace:
    growth = data["growth"]
    if isinstance(growth, bool) or not isinstance(growth, int | float) or not 1 <= growth <= _MOST_GROWTH:
        raise InvalidReminderTimes(f"{path}.growth")
    start, cap = _read_duration(data["start"], f"{path}.start"), _read_duration(data["cap"], f"{path}.cap")
    if start > cap:
        raise InvalidReminderTimes(f"{path}.cap")
    return ReminderPace(start, float(growth), cap if growth > 1 else start)


def _read_count(value: Any, path: str) -> int:
    """Return a whole number from 1 to 1,000. Raises InvalidReminderTimes for anything else."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _HIGHEST_COUNT:
        raise InvalidReminderTimes(path)
    return value


def _read_call_method(value: Any, path: str) -> CallMethod:
    try:
        return CallMethod(value)
    except ValueError as error:
        raise InvalidReminderTimes(path) from error


def _read_durations(data: Mapping[str, Any], path: str, least: timedelta = _SHORTEST) -> dict[str, timedelta]:
    return {key: _read_duration(value, f"{path}.{key}", least) for key, value in data.items()}


def _read_duration(value: Any, path: str, least: timedelta = _SHORTEST) -> timedelta:
    """Return a duration such as ``"5 min"``.

    Raises InvalidReminderTimes when it is none, shorter than ``least`` or longer than a year.
    """
    match = _SPAN.fullmatch(value) if isinstance(value, str) else None
    duration = int(match[1]) * _UNITS[match[2]] if match else None
    if duration is None or not least <= duration <= _LONGEST:
        raise InvalidReminderTimes(path)
    return duration
