"""What is written as a calendar: strict, stable, and read back by others and by ourselves."""

from datetime import UTC, datetime, timedelta

import icalendar
from hypothesis import given, settings
from hypothesis import strategies as st

from models.rules.rota.gaps import Gap, GapReason
from models.rules.rota.ical import importer
from models.rules.rota.ical.writer import write_calendar
from models.rules.rota.rota import Member
from models.rules.rota.shifts import Shift
from tests.models.rules.rota.calendars import BEIJING

START, CHANGED = datetime(2026, 11, 30, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
GAP = (Gap("primary", START, START + HOUR, GapReason.NOBODY), "无人值班; nobody, really")


def stood(member: str, start: datetime = START, absent: str = "") -> Shift:
    return Shift("primary", 1, member, start, start + 8 * HOUR, "calendar", absent)


def test_shifts_and_gaps_are_events_as_icalendar_reads_them() -> None:
    written = write_calendar("值班", [stood("李娜"), stood("王伟", absent="on_leave")], [GAP], CHANGED)

    parsed = icalendar.Calendar.from_ical(written)
    events = parsed.events
    assert [(str(event["SUMMARY"]), event.start, event.end, event.DTSTAMP) for event in events] == [
        ("primary: 李娜", START, START + 8 * HOUR, CHANGED),
        ("primary: 无人值班; nobody, really", START, START + HOUR, CHANGED),
    ]
    assert parsed.errors == []
    assert all(event.errors == [] for event in events)
    assert len({event["UID"] for event in events}) == 2


def test_lines_are_short_and_end_as_the_standard_wants() -> None:
    written = write_calendar("x", [stood("李" * 60)], [], CHANGED)

    assert written.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in written.replace(b"\r\n", b"")
    assert max(map(len, written.split(b"\r\n"))) <= 75


def test_the_same_shifts_are_the_same_bytes_and_keep_their_uid_when_they_end_later() -> None:
    first = write_calendar("x", [stood("李娜")], [], CHANGED)
    longer = write_calendar("x", [Shift("primary", 2, "李娜", START, START + HOUR, "change:1")], [], CHANGED + HOUR)

    assert first == write_calendar("x", [stood("李娜")], [], CHANGED)
    uids = {icalendar.Calendar.from_ical(one).events[0].uid for one in (first, longer)}
    assert len(uids) == 1


NAMES = st.text(st.characters(categories=["L", "N", "P", "Zs"]), min_size=1, max_size=40).filter(
    lambda name: name == " ".join(name.split()) and name.isprintable()
)


@settings(max_examples=100, deadline=None)
@given(st.lists(NAMES, min_size=1, max_size=1))
def test_our_own_reader_reads_what_is_written(names: list[str]) -> None:
    members = {name: Member(name) for name in names}
    shifts = [stood(name, START + number * 8 * HOUR) for number, name in enumerate(names)]

    imported = importer.read_calendar(
        write_calendar("x", shifts, [GAP], CHANGED),
        "primary",
        members,
        None,
        BEIJING,
        START - importer.BEHIND,
        START + importer.AHEAD,
    )

    assert [(shift.member, shift.start, shift.end) for shift in imported.shifts] == [
        (s.member, s.start, s.end) for s in shifts
    ]
    assert imported.new_members == ()
