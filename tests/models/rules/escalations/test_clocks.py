"""The three clocks: worked examples, and a count of every second of random histories."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from models.rules.errors import Refused
from models.rules.escalations.clocks import CaseClock, CaseClockName, build_timeline, compute_clocks
from models.rules.escalations.escalation import ENDED, Escalation, HistoryEntry, Move, Status, Turn
from models.rules.escalations.kept_clocks import is_answered_in_time
from models.rules.escalations.moves import ReturnFinding
from models.rules.escalations.request import Severity
from models.rules.escalations.transitions import advance, raise_escalation
from models.rules.policy import reader
from models.rules.rota.holidays import make_workday_test
from tests.models.samples import CHANNEL, LI, WANG, customer_request, step

POLICY = reader.load_packaged()
IS_WORKDAY = make_workday_test()
BEIJING = timezone(timedelta(hours=8))
SECOND = timedelta(seconds=1)


def at(text: str) -> datetime:
    """An instant from Beijing time."""
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING).astimezone(UTC)


class Case:
    """An escalation with the history that its moves make."""

    def __init__(self, service: str, severity: Severity, raised_at: datetime, workload: str = "") -> None:
        request = customer_request(
            service=service, severity=severity, answers={"impact": "Nobody works", "workload": workload}
        )
        self.escalation, entry = raise_escalation(request, 7, CHANNEL, WANG, raised_at)
        self.entries = [entry]

    def move(self, move: Move, when: datetime, **more: Any) -> "Case":
        self.escalation, entry = advance(self.escalation, step(move, LI, when, **more))
        self.entries.append(entry)
        return self

    def clocks(self, now: datetime) -> dict[CaseClockName, CaseClock]:
        timeline = build_timeline(self.entries)
        return {clock.name: clock for clock in compute_clocks(timeline, POLICY, IS_WORKDAY, now)}


def filed(service: str, severity: str, when: str, workload: str = "") -> Case:
    """A case that was raised and filed at the same moment."""
    return Case(service, Severity(severity), at(when), workload).move(Move.RECORD, at(when))


@pytest.mark.parametrize(
    ("service", "severity", "workload", "when", "due"),
    [
        ("m365", "B", "", "2026-11-30 02:10", "2026-12-01 00:00"),
        ("m365", "B", "", "2026-02-13 19:00", "2026-02-15 00:00"),  # a make-up workday
        ("m365", "C", "", "2026-02-13 19:00", "2026-02-26 00:00"),  # after Spring Festival
        ("azure", "B", "", "2026-11-25 23:30", "2026-11-26 12:30"),
        ("azure", "B", "Development", "2026-11-28 10:00", "2026-11-30 13:00"),
        ("d365", "A", "", "2026-11-28 02:10", "2026-11-28 03:10"),
    ],
)
def test_the_first_response_is_due_as_the_pages_say(
    service: str, severity: str, workload: str, when: str, due: str
) -> None:
    assert filed(service, severity, when, workload).clocks(at(when))[CaseClockName.VENDOR].due_at == at(due)


@pytest.mark.parametrize(("service", "severity"), [("other", "A"), ("power", "B"), ("d365", "C")])
def test_without_a_target_21vianets_clock_counts_nothing(service: str, severity: str) -> None:
    clock = filed(service, severity, "2026-11-30 10:00").clocks(at("2026-11-30 12:00"))[CaseClockName.VENDOR]

    assert clock == CaseClock(CaseClockName.VENDOR, False, at("2026-11-30 10:00"), timedelta())


def test_21vianets_clock_stands_while_its_desk_is_closed() -> None:
    case = filed("azure", "B", "2026-11-25 23:30")

    closed, reopened = (
        case.clocks(at(when))[CaseClockName.VENDOR] for when in ("2026-11-26 08:00", "2026-11-26 09:30")
    )
    assert (closed.running, closed.elapsed) == (False, timedelta(minutes=30))
    assert (reopened.running, reopened.elapsed) == (True, timedelta(hours=1))


def test_the_first_response_stops_it_and_makes_it_our_turn() -> None:
    case = filed("azure", "A", "2026-11-25 10:00").move(Move.CONTACT, at("2026-11-25 11:00"))

    clocks = case.clocks(at("2026-11-25 15:00"))
    assert clocks[CaseClockName.VENDOR].elapsed == timedelta(hours=1)
    assert not clocks[CaseClockName.VENDOR].running
    assert clocks[CaseClockName.OURS] == CaseClock(CaseClockName.OURS, True, at("2026-11-25 11:00"), timedelta(hours=4))


def test_a_lowered_severity_counts_from_the_filing() -> None:
    case = filed("azure", "A", "2026-11-25 02:00")
    case.move(Move.RECORD, at("2026-11-25 02:30"), severity_given=Severity.B)

    clock = case.clocks(at("2026-11-25 10:00"))[CaseClockName.VENDOR]
    assert clock.due_at == at("2026-11-25 13:00")
    assert clock.elapsed == timedelta(hours=1)


def test_a_corrected_service_counts_from_the_filing() -> None:
    case = filed("other", "B", "2026-11-25 02:00")
    case.move(Move.CORRECT, at("2026-11-25 10:00"), changes={"service": "azure"})

    assert case.clocks(at("2026-11-25 10:00"))[CaseClockName.VENDOR].due_at == at("2026-11-25 13:00")


def test_another_number_after_the_case_came_back_is_awaited_from_its_filing() -> None:
    case = filed("azure", "B", "2026-11-25 10:00").move(Move.CONTACT, at("2026-11-25 11:00"))
    case.move(Move.RESOLVE, at("2026-11-25 12:00")).move(Move.REOPEN, at("2026-11-26 10:00"))
    case.move(Move.RECORD, at("2026-11-26 11:00"), text="625112200099999")

    clock = case.clocks(at("2026-11-26 12:00"))[CaseClockName.VENDOR]
    assert (clock.since, clock.elapsed, clock.due_at) == (
        at("2026-11-26 11:00"), timedelta(hours=1), at("2026-11-26 15:00"),
    )  # fmt: skip


def test_the_same_number_after_a_reopening_goes_on_where_it_stood() -> None:
    case = filed("azure", "B", "2026-11-25 10:00").move(Move.RESOLVE, at("2026-11-25 11:00"))
    case.move(Move.REOPEN, at("2026-11-25 12:00")).move(Move.RECORD, at("2026-11-25 13:00"))

    clock = case.clocks(at("2026-11-25 14:00"))[CaseClockName.VENDOR]
    assert (clock.elapsed, clock.due_at) == (timedelta(hours=2), at("2026-11-25 16:00"))


def returned(case: Case, when: str, on: str | None, **more: Any) -> Case:
    """Record that 21Vianet returned the case, or with no day that it did not after all."""
    day = date.fromisoformat(on) if on else None
    return case.move(Move.RETURNED, at(when), finding=ReturnFinding(day, "R-1", at(when).date()), **more)


@pytest.mark.parametrize(
    ("recorded", "on", "counted"),
    [
        ("2026-11-25 11:00", "2026-11-25", timedelta(hours=1)),  # when it was recorded
        ("2026-11-28 11:00", "2026-11-26", timedelta(hours=38)),  # at the end of its day, which is all that is known
        ("2026-11-28 11:00", "2026-11-25", timedelta(hours=14)),
    ],
)
def test_a_return_as_inappropriate_is_a_first_response(recorded: str, on: str, counted: timedelta) -> None:
    case = returned(filed("azure", "A", "2026-11-25 10:00"), recorded, on)
    case.move(Move.CONTACT, at("2026-11-29 10:00"))

    clock = case.clocks(at("2026-11-30 15:00"))[CaseClockName.VENDOR]

    assert (clock.running, clock.since, clock.elapsed) == (False, None, counted)


def test_a_return_that_was_taken_back_was_no_response() -> None:
    case = filed("azure", "A", "2026-11-25 10:00")
    returned(case, "2026-11-25 11:00", "2026-11-25")
    returned(case, "2026-11-25 12:00", None, text="")

    clock = case.clocks(at("2026-11-25 15:00"))[CaseClockName.VENDOR]

    assert (clock.running, clock.since, clock.elapsed) == (True, at("2026-11-25 10:00"), timedelta(hours=5))


def test_a_corrected_day_of_a_return_counts() -> None:
    case = returned(filed("azure", "A", "2026-11-25 10:00"), "2026-11-28 11:00", "2026-11-27")
    returned(case, "2026-11-29 11:00", "2026-11-25")

    assert case.clocks(at("2026-11-30 15:00"))[CaseClockName.VENDOR].elapsed == timedelta(hours=14)


def test_a_response_before_the_return_stays_the_first() -> None:
    case = filed("azure", "A", "2026-11-25 10:00").move(Move.CONTACT, at("2026-11-25 10:30"))

    clocks = returned(case, "2026-11-25 15:00", "2026-11-25").clocks(at("2026-11-25 16:00"))

    assert clocks[CaseClockName.VENDOR].elapsed == timedelta(minutes=30)


@pytest.mark.parametrize(("on", "counted"), [("2026-11-25", timedelta(hours=14)), ("2026-11-28", timedelta(hours=25))])
def test_a_return_recorded_after_the_solution_counts_only_when_it_came_before(on: str, counted: timedelta) -> None:
    case = filed("azure", "A", "2026-11-25 10:00").move(Move.RESOLVE, at("2026-11-26 11:00"))

    clocks = returned(case, "2026-11-28 11:00", on).clocks(at("2026-11-29 10:00"))

    assert clocks[CaseClockName.VENDOR].elapsed == counted


def test_another_number_after_a_return_is_awaited_anew() -> None:
    case = returned(filed("azure", "A", "2026-11-25 10:00"), "2026-11-25 11:00", "2026-11-25")
    case.move(Move.RESOLVE, at("2026-11-25 12:00")).move(Move.REOPEN, at("2026-11-26 10:00"))
    case.move(Move.RECORD, at("2026-11-26 11:00"), text="625112200099999")

    clock = case.clocks(at("2026-11-26 12:00"))[CaseClockName.VENDOR]

    assert (clock.since, clock.elapsed) == (at("2026-11-26 11:00"), timedelta(hours=1))


def test_entries_from_before_turns_were_recorded_give_the_same_clocks() -> None:
    case = filed("azure", "A", "2026-11-25 10:00").move(Move.RESOLVE, at("2026-11-25 12:00"))
    case.move(Move.REOPEN, at("2026-11-25 13:00"))
    before = case.clocks(at("2026-11-25 14:00"))

    case.entries = [
        entry.model_copy(update={"changes": {k: v for k, v in entry.changes.items() if k != "turn"}})
        for entry in case.entries
    ]

    assert case.clocks(at("2026-11-25 14:00")) == before


# Every second ------------------------------------------------------------------------------------------------------


class SecondsCounter:
    """Counts every second from the first entry on, with the target that holds at the last one."""

    def __init__(self, entries: Sequence[HistoryEntry], cases: Sequence[Escalation]) -> None:
        newest = cases[-1]
        workload = str(newest.answers.get("workload") or "")
        self.target = POLICY.service(newest.service).find_target(newest.current_severity, workload)
        self.entries, self.cases = entries, cases
        self.first = max((n for n in range(1, len(entries)) if self._is_other_number(n)), default=0)
        self.ours = self.customer = self.vendor = self.workdays = 0
        self.has_opened = False
        self.due: datetime | None = None

    def _is_other_number(self, n: int) -> bool:
        before, after = self.cases[n - 1], self.cases[n]
        is_recorded = self.entries[n].move is Move.RECORD and before.status is not Status.SUBMITTED
        return is_recorded and before.request_number not in {None, after.request_number}

    def count_until(self, now: datetime) -> None:
        moment, index = self.entries[0].at, 0
        while moment < now:
            while index + 1 < len(self.entries) and self.entries[index + 1].at <= moment:
                index += 1
            self._count(moment, index)
            moment += SECOND

    def _count(self, moment: datetime, index: int) -> None:
        case = self.cases[index]
        if case.status not in ENDED:
            self.ours += case.turn is Turn.OURS
            self.customer += case.turn is Turn.CUSTOMER
        is_submitted = index >= self.first and case.status is Status.SUBMITTED
        is_awaited = is_submitted and case.first_contact_at is None
        if self.target and self.target.minutes:
            self._count_minutes(moment, is_awaited)
        elif self.target:
            self._count_minutes(moment, is_awaited)
            self._count_workdays(moment, is_awaited, self.entries[index].at)

    def _count_minutes(self, moment: datetime, is_awaited: bool) -> None:
        assert self.target
        local = moment.astimezone(BEIJING)
        on_day = self.target.desk.days == "every_day" or IS_WORKDAY(local.date())
        is_open = on_day and self.target.desk.opens <= local.hour * 60 + local.minute < self.target.desk.closes
        if is_awaited and is_open:
            self.vendor += 1
            if self.target.minutes and self.vendor == self.target.minutes * 60:
                self.due = moment + SECOND

    def _count_workdays(self, moment: datetime, is_awaited: bool, entered: datetime) -> None:
        """Count a workday when the desk opened while the response was awaited, and closes."""
        assert self.target
        local = moment.astimezone(BEIJING)
        seconds = (local.hour * 60 + local.minute) * 60 + local.second
        if seconds == self.target.desk.opens * 60 and moment != entered and IS_WORKDAY(local.date()):
            self.has_opened = True
        self.has_opened &= is_awaited
        if self.has_opened and seconds == self.target.desk.closes * 60 - 1:
            self.workdays, self.has_opened = self.workdays + 1, False
            if self.workdays == self.target.workdays:
                self.due = moment + SECOND


def random_history(seed: int) -> Iterator[tuple[HistoryEntry, Escalation]]:
    """A history of random moves over two days, around a weekend or a holiday."""
    dice = random.Random(seed)
    now = at(dice.choice(["2026-02-13 16:00", "2026-11-27 20:00", "2026-11-25 05:00"]))
    service = dice.choice(["m365", "azure", "d365", "other"])
    request = customer_request(service=service, severity=Severity.B, answers={"impact": "Nobody works"})
    case, entry = raise_escalation(request, 7, CHANNEL, WANG, now)
    yield entry, case
    moves = [
        Move.RECORD, Move.RECORD, Move.TURN, Move.TURN, Move.CONTACT, Move.CORRECT, Move.RESOLVE, Move.REOPEN,
        Move.ACKNOWLEDGE, Move.NOTE, Move.TELL, Move.CLOSE,
    ]  # fmt: skip
    for _ in range(14):
        now += timedelta(seconds=dice.randrange(1, 5 * 3600))
        changes = {"service": dice.choice(["m365", "azure", "d365"]), "severity": dice.choice(list(Severity))}
        more: dict[Move, dict[str, Any]] = {
            Move.RECORD: {
                "text": dice.choice(["6251", "6252"]), "severity_given": dice.choice([None, *Severity]),
            },
            Move.TURN: {"turn": dice.choice(list(Turn))}, Move.CORRECT: {"changes": changes},
        }  # fmt: skip
        chosen = dice.choice(moves)
        try:
            case, entry = advance(case, step(chosen, LI, now, **more.get(chosen, {})))
        except Refused:
            continue
        yield entry, case


@pytest.mark.parametrize("seed", range(8))
def test_clocks_agree_with_a_count_of_every_second_at_every_entry(seed: int) -> None:
    history = list(random_history(seed))
    entries, cases = [entry for entry, _ in history], [case for _, case in history]
    assert len(entries) > 5

    for n in (*range(2, len(entries), 3), len(entries) - 1):
        now = entries[n].at
        clocks = {
            clock.name: clock for clock in compute_clocks(build_timeline(entries[: n + 1]), POLICY, IS_WORKDAY, now)
        }
        counted = SecondsCounter(entries[: n + 1], cases[: n + 1])
        counted.count_until(now)
        assert clocks[CaseClockName.OURS].elapsed == counted.ours * SECOND
        assert clocks[CaseClockName.CUSTOMER].elapsed == counted.customer * SECOND
        assert clocks[CaseClockName.VENDOR].elapsed == counted.vendor * SECOND
        due = clocks[CaseClockName.VENDOR].due_at
        assert (due if due and due <= now else None) == counted.due


def test_a_return_by_21vianet_is_its_first_response_until_it_is_taken_back() -> None:
    day = at("2026-11-25 11:00").date()
    case = filed("azure", "A", "2026-11-25 10:00")
    case.move(Move.RETURNED, at("2026-11-25 10:20"), finding=ReturnFinding(day, "", day), text="no")

    clock = case.clocks(at("2026-11-25 15:00"))[CaseClockName.VENDOR]
    assert (clock.running, clock.elapsed) == (False, timedelta(minutes=20))
    assert is_answered_in_time(build_timeline(case.entries), POLICY, IS_WORKDAY, at("2026-11-25 15:00")) is True
    case.move(Move.RETURNED, at("2026-11-25 10:30"), finding=ReturnFinding(None, "", day), text="")
    assert is_answered_in_time(build_timeline(case.entries), POLICY, IS_WORKDAY, at("2026-11-25 15:00")) is False
