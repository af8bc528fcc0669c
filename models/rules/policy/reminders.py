"""When people are reminded of an escalation: times to acknowledge, to act, between reminders, and the longest snooze.

The values come from a file that an operator can replace in part.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files

from models.rules.toml.document import read_document
from models.rules.toml.tables import FaultKind, Table

_SEVERITIES = ("A", "B", "C")
_SHORTEST, _LONGEST = timedelta(minutes=1), timedelta(days=366)
_MOST_GROWTH = 10
_HIGHEST_COUNT = 1000
_COUNTS = ("count", "count_step", "percent", "percent_step", "least_cases")


class CallMethod(StrEnum):
    """How the people on call are called at once."""

    NOBODY = "nobody"
    DIRECT = "direct"  # by direct message
    MENTION = "mention"  # by direct message, and by a mention on the card


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
    return read_document(read_example(), _build)


def parse_reminder_times(text: str) -> ReminderTimes:
    """Return the values of an operator's file; what it leaves out is as packaged.

    Raises InvalidFile with every fault.
    """
    return read_document(text, _build, tomllib.loads(read_example()))


def read_example(language: str = "") -> str:
    """Return the packaged file; with ``zh_CN`` its comments are Chinese."""
    name = f"reminders.{language}.toml" if language else "reminders.toml"
    return files("models.rules.policy").joinpath(name).read_text(encoding="utf-8")


def _build(top: Table) -> ReminderTimes:
    turn, silence, call, repeat = (top.table(name) for name in ("turn", "silence", "call", "repeat"))
    resolved, articles, returned = silence.table("resolved"), top.table("articles"), top.table("returned")
    times = ReminderTimes(
        call={severity: CallMethod(call.choice(severity, list(CallMethod))) for severity in _SEVERITIES},
        acknowledge=_read_durations(top.table("acknowledge"), least=timedelta()),
        number=_read_durations(top.table("number")),
        review=_read_durations(top.table("review"), least=timedelta()),
        ours=_read_durations(turn.table("ours")),
        customer=_read_durations(turn.table("customer")),
        submitted=_read_durations(silence.table("submitted")),
        tell=resolved.duration("tell", _SHORTEST, _LONGEST),
        close=resolved.duration("close", _SHORTEST, _LONGEST),
        repeat={severity: _read_pace(repeat.table(severity)) for severity in _SEVERITIES},
        snooze=_read_durations(top.table("snooze")),
        articles_stale=articles.duration("stale", _SHORTEST, _LONGEST),
        returned=ReturnedLimits(**{key: returned.whole(key, 1, _HIGHEST_COUNT) for key in _COUNTS}),
    )
    for table in (turn, silence, call, repeat, resolved, articles, returned, top):
        table.finish()
    return times


def _read_pace(table: Table) -> ReminderPace:
    growth = table.number("growth", 1, _MOST_GROWTH)
    start, cap = (table.duration(key, _SHORTEST, _LONGEST) for key in ("start", "cap"))
    if start > cap:
        table.fault(FaultKind.CAP_TOO_SHORT, "cap" if table.has("cap") else "start")
    table.finish()
    return ReminderPace(start, growth, cap if growth > 1 else start)


def _read_durations(table: Table, least: timedelta = _SHORTEST) -> dict[str, timedelta]:
    durations = {severity: table.duration(severity, least, _LONGEST) for severity in _SEVERITIES}
    table.finish()
    return durations
