"""What is owed is asked for at every hour of the day, for as long as it is owed, also by a clock an hour off."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from models.rules.outbox.message_kinds import MessageKind
from models.rules.policy.reader import load_packaged
from models.rules.rota.on_call import ShiftEventKind
from tests.models.reminders.conftest import BOBS, DAY, HOUR, MINUTE, Duty
from tests.models.samples import NOW, raised

NIGHT = BOBS + 4 * DAY
ANNS = BOBS + DAY
IMPACT = {"impact": "All shops are closed"}


@pytest.fixture
def url(sqlite_url: str) -> str:
    """These are about when, which no database decides."""
    return sqlite_url


def said(duty: Duty, subject: str, start: datetime, end: datetime) -> list[datetime]:
    """When anything was said of a subject in a span of time."""
    return sorted({one.at for one in duty.said(subject, [MessageKind.REMINDER]) if start <= one.at <= end})


def longest_silence(moments: list[datetime], start: datetime, end: datetime) -> timedelta:
    """The longest time of a span in which nothing was said."""
    return max(after - before for before, after in zip([start, *moments], [*moments, end], strict=True))


def test_a_gap_is_spoken_of_every_quarter_of_an_hour_for_as_long_as_it_is_open(duty: Duty) -> None:
    duty.rota()
    duty.leave("bob", NIGHT, NIGHT + DAY)
    duty.ticks(NIGHT - HOUR, NIGHT + 8 * HOUR)

    moments = said(duty, "gap:1", NIGHT, NIGHT + 8 * HOUR)
    assert longest_silence(moments, NIGHT, NIGHT + 8 * HOUR) <= 15 * MINUTE


def test_a_handover_without_its_presses_is_spoken_of_for_as_long_as_it_lacks_them(duty: Duty) -> None:
    duty.rota()
    duty.press(ShiftEventKind.CONFIRM, "bob", BOBS, NOW)
    duty.ticks(ANNS - HOUR, ANNS + 8 * HOUR)

    handover = said(duty, "handover:", ANNS, ANNS + 8 * HOUR)
    assert longest_silence(handover, ANNS, ANNS + 8 * HOUR) <= 30 * MINUTE


@pytest.mark.parametrize("severity", ["A", "C"])
def test_an_escalation_is_spoken_of_for_days_slower_but_never_slower_than_its_longest_wait(
    duty: Duty, severity: str
) -> None:
    number = raised(duty.commands, at=NOW, severity=severity, answers=IMPACT).number
    end = NOW + 3 * DAY
    duty.ticks(NOW, end)

    moments = said(duty, f"escalation:{number}", NOW, end)
    policy = load_packaged().reminder_times
    due = NOW + policy.acknowledge[severity]
    assert moments[0] == due
    assert longest_silence(moments[1:], due, end) <= policy.repeat[severity].cap
    waits = [after - before for before, after in pairwise(moments)]
    assert waits == sorted(waits), "they slow down"


def test_whatever_the_hour_and_the_day_the_first_word_comes_as_soon(duty: Duty) -> None:
    """Each hour of the day, over a whole week: there are no office hours."""
    begin = NOW.replace(minute=7) - DAY
    due = load_packaged().reminder_times.acknowledge["A"]
    for hour in range(24):
        at = begin + 7 * hour * HOUR
        number = raised(duty.commands, f"view-{hour}", at=at, severity="A", answers=IMPACT).number
        duty.tick(at)
        duty.tick(at + due)
        assert said(duty, f"escalation:{number}", at, at + due) == [at + due]


@pytest.mark.parametrize("jump", [HOUR, -HOUR], ids=["ahead", "back"])
def test_a_clock_that_is_an_hour_off_for_a_while_loses_nothing_and_says_nothing_twice(
    duty: Duty, jump: timedelta
) -> None:
    duty.rota()
    duty.leave("bob", NIGHT, NIGHT + DAY)
    number = raised(duty.commands, at=NIGHT - 6 * HOUR).number
    ran = timedelta(seconds=5)
    for minute in range(0, 9 * 60, 5):  # it is wrong from five hours before the gap until one hour before it
        at = NIGHT - 6 * HOUR + minute * MINUTE
        duty.engine.tick(at + jump if 60 <= minute < 300 else at, ran)

    steps = [step.partition("@")[0] for step, *_ in duty.made("gap:1")]
    assert len(steps) == len(set(steps))
    assert {"4h", "30min", *(f"open{n}" for n in range(12))} <= set(steps)
    keys = [one.key for one in duty.said()]
    assert len(keys) == len(set(keys))
    moments = said(duty, f"escalation:{number}", NIGHT - 6 * HOUR, NIGHT + 3 * HOUR)
    assert (
        longest_silence(moments, NIGHT - 6 * HOUR, NIGHT + 3 * HOUR)
        <= load_packaged().reminder_times.repeat["B"].cap + HOUR
    )


def test_who_takes_over_by_a_clock_that_is_ahead_is_announced_when_that_time_has_come(duty: Duty) -> None:
    duty.rota()
    duty.press(ShiftEventKind.CONFIRM, "bob", BOBS, NOW)
    duty.tick(ANNS - MINUTE)
    for kind, who in ((ShiftEventKind.HAND_OVER, "bob"), (ShiftEventKind.TAKE_OVER, "ann")):
        duty.press(kind, who, ANNS, ANNS + 30 * MINUTE)
    duty.tick(ANNS)
    before = len(duty.said(what=[MessageKind.TOPIC]))
    duty.ticks(ANNS + MINUTE, ANNS + 31 * MINUTE)

    assert len(duty.said(what=[MessageKind.TOPIC])) == before + 1
