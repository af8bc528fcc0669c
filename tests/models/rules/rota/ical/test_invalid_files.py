"""Calendars that are wrong, endless or made to hurt: refused whole, with a reason for each event, and soon."""

import string
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrule
from hypothesis import given, settings
from hypothesis import strategies as st

from models.rules.rota.ical import importer, rrules
from models.rules.rota.ical.parser import SIZE_LIMIT
from models.rules.rota.ical.rrules import InvalidRule, TooMuchWork, WorkBudget, build_rule
from models.rules.toml.tables import FaultKind, FileFault, InvalidFile
from tests.models.rules.rota.calendars import BEIJING, MEMBERS, NOW, calendar, import_calendar, import_lines, shift

START = datetime.fromisoformat("2026-11-30T08:00")
HOUR = timedelta(hours=1)


def refused(text: str | bytes) -> list[FileFault]:
    """The faults of a calendar."""
    content = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(InvalidFile) as caught:
        importer.read_calendar(content, "primary", MEMBERS, None, BEIJING, NOW - importer.BEHIND, NOW + importer.AHEAD)
    return caught.value.faults


def kinds(text: str | bytes) -> list[FaultKind]:
    """What is wrong with a calendar."""
    return [fault.kind for fault in refused(text)]


# The file ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", FaultKind.NOT_CALENDAR), (b"zone = 'UTC'", FaultKind.NOT_CALENDAR),
        (b"\x00\xff", FaultKind.NOT_TEXT_FILE),
        ("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:李娜".encode("gbk"), FaultKind.NOT_TEXT_FILE),
        ("BEGIN:VCALENDAR\r\n".encode("utf-16"), FaultKind.NOT_TEXT_FILE),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", FaultKind.CALENDAR_CUT),
        (b"BEGIN:VCALENDAR\r\nEND:VEVENT\r\n", FaultKind.CALENDAR_UNBALANCED),
        (b"BEGIN:VCALENDAR\r\n\x00\r\nEND:VCALENDAR\r\n", FaultKind.NOT_CALENDAR_LINE),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nBEGIN:VEVENT\r\nEND:VEVENT\r\nEND:VTODO\r\nEND:VCALENDAR",
         FaultKind.EVENT_MISPLACED),
        (b"BEGIN:VCALENDAR\r\n" + b"BEGIN:X-A\r\n" * 100_000, FaultKind.CALENDAR_TOO_DEEP),
        (b"BEGIN:VCALENDAR\r\n" + b" " * SIZE_LIMIT, FaultKind.CALENDAR_TOO_BIG),
    ],
)  # fmt: skip
def test_what_is_no_whole_calendar_is_refused(content: bytes, kind: FaultKind) -> None:
    assert kinds(content) == [kind]


def test_lines_may_end_and_be_folded_in_any_way() -> None:
    text = calendar(shift(summary="Emma\n  Clarke"))

    for end in ("\n", "\r", "\r\n"):
        data = b"\xef\xbb\xbf" + text.replace("\n", end).encode()
        imported = importer.read_calendar(data, "primary", MEMBERS, None, BEIJING, NOW, NOW + importer.AHEAD)
        assert [shift.member for shift in imported.shifts] == ["Emma Clarke"]


# Events --------------------------------------------------------------------------------------------------------


def test_every_faulty_event_is_reported_with_its_line_its_name_and_a_hint() -> None:
    lost = shift(summary="Emmo Clarke")
    wrong = shift().replace("T08", "T99")

    faults = refused(calendar(lost, shift()))
    assert [(fault.line, fault.kind, fault.nearest) for fault in faults] == [
        (4, FaultKind.EVENT_NO_PERSON, "Emma Clarke")
    ]
    assert faults[0].values == {"event": "“Emmo Clarke”, 2026-11-30 08:00, UID e0"}
    assert [(one.line, one.kind) for one in refused(calendar(wrong, "SUMMARY:李娜", shift()))] == [
        (6, FaultKind.EVENT_VALUE), (10, FaultKind.EVENT_NO_START),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (shift("DURATION:banana").replace("DTEND", "X-END"), FaultKind.EVENT_VALUE),
        (shift().replace("T20", "T07"), FaultKind.EVENT_ENDS_FIRST),
        (shift().replace("Asia/Shanghai", "Asia/Shangai"), FaultKind.EVENT_ZONE),
        (shift().replace("20261130", "99991130"), FaultKind.EVENT_VALUE),
        (shift("EXRULE:FREQ=DAILY"), FaultKind.EVENT_OLD), (shift("RDATE:never"), FaultKind.EVENT_VALUE),
        (shift("EXDATE;TZID=Mars:20261130T080000"), FaultKind.EVENT_ZONE),
        (shift("RECURRENCE-ID;RANGE=THISANDPRIOR:20261130T080000"), FaultKind.EVENT_OLD),
        (shift("RDATE;VALUE=PERIOD:20261130T080000/20261130T070000"), FaultKind.EVENT_ENDS_FIRST),
    ],
)  # fmt: skip
def test_an_invalid_event_is_refused(event: str, kind: FaultKind) -> None:
    assert kinds(calendar(event)) == [kind]


def test_an_invalid_zone_is_reported_at_its_definition() -> None:
    zone = "BEGIN:VTIMEZONE\nTZID:C\nBEGIN:STANDARD\nDTSTART:16010101T000000\nTZOFFSETFROM:+0800\n{}END:STANDARD\n"
    zone += "END:VTIMEZONE\n"
    for rest in (
        "",
        "TZOFFSETTO:x\n",
        "TZOFFSETTO:+0900\nRRULE:FREQ=SECONDLY\n",
        "TZOFFSETTO:+0900\nRRULE:FREQ=HOURLY\n",
    ):
        event = shift().replace("Asia/Shanghai", "C")
        assert kinds(calendar(event, head=zone.format(rest))) == [FaultKind.CALENDAR_ZONE]


# Recurrences ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("FREQ=SECONDLY", FaultKind.EVENT_RULE_OFTEN), ("FREQ=MINUTELY;INTERVAL=59", FaultKind.EVENT_RULE_OFTEN),
        ("FREQ=SECONDLY;COUNT=1000000000", FaultKind.EVENT_RULE_OFTEN),
        ("FREQ=YEARLY;BYHOUR=0,1,2;BYMINUTE=0,1,2,3,4,5,6,7,8,9", FaultKind.EVENT_RULE_OFTEN),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", FaultKind.EVENT_RULE_NEVER),
        ("FREQ=MONTHLY;BYMONTH=4,6;BYMONTHDAY=31,-31", FaultKind.EVENT_RULE_NEVER),
        ("FREQ=HOURLY;INTERVAL=2;BYHOUR=9", FaultKind.EVENT_RULE_NEVER), ("", FaultKind.EVENT_RULE),
        ("FREQ=SOMETIMES", FaultKind.EVENT_RULE), ("FREQ=DAILY;INTERVAL=0", FaultKind.EVENT_RULE),
        ("FREQ=DAILY;COUNT=-1", FaultKind.EVENT_RULE), ("FREQ=DAILY;COUNT=1,2", FaultKind.EVENT_RULE),
        ("FREQ=DAILY;BYHOUR=24", FaultKind.EVENT_RULE), ("FREQ=DAILY;UNTIL=then", FaultKind.EVENT_RULE),
        ("FREQ=WEEKLY;BYDAY=", FaultKind.EVENT_RULE), ("FREQ=WEEKLY;BYDAY=XX", FaultKind.EVENT_RULE),
        ("FREQ=WEEKLY;WKST=1", FaultKind.EVENT_RULE), ("FREQ=DAILY;FREQ=DAILY", FaultKind.EVENT_RULE),
        ("RSCALE=CHINESE;FREQ=YEARLY", FaultKind.EVENT_RULE), ("FREQ=DAILY;BYEASTER=0", FaultKind.EVENT_RULE),
        ("FREQ=DAILY;INTERVAL=" + "9" * 5000, FaultKind.EVENT_RULE),
    ],
)  # fmt: skip
def test_an_unreasonable_rule_is_refused(text: str, kind: FaultKind) -> None:
    assert kinds(calendar(shift(f"RRULE:{text}"))) == [kind]


@pytest.mark.parametrize(
    "text",
    ["FREQ=DAILY;BYSETPOS=2", "FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1", "FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29",
     "FREQ=MINUTELY;INTERVAL=720;BYHOUR=9", "FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6",
     "FREQ=WEEKLY;BYMONTHDAY=1;BYDAY=TU;BYSETPOS=2"],
)  # fmt: skip
def test_a_rule_that_never_comes_true_leaves_the_first_date_and_ends_soon(text: str) -> None:
    work = WorkBudget()

    assert import_lines(calendar(shift(f"RRULE:{text}"))) == ["2026-11-30 08:00/11-30 20:00 李娜"]
    assert list(build_rule(text, START, False, UTC, work).between(START + HOUR, START.replace(year=2032))) == []
    work.spend(rrules.MOST_WORK - 20_000)  # it had looked at no more than this


def test_a_count_of_thousands_of_millions_ends_with_the_time_that_is_read() -> None:
    assert len(import_calendar(calendar(shift("RRULE:FREQ=DAILY;COUNT=1000000000"))).shifts) < 2000


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (calendar(shift("RRULE:FREQ=HOURLY;INTERVAL=2")), FaultKind.CALENDAR_TOO_MANY),
        (calendar(*["UID:a\n" + shift("RECURRENCE-ID;RANGE=THISANDFUTURE:20261130T080000")] * 60),
         FaultKind.CALENDAR_TOO_MUCH),
        (calendar(shift("RDATE:" + ",".join(["20261130T080000"] * 210_000))), FaultKind.CALENDAR_TOO_MUCH),
    ],
)  # fmt: skip
def test_what_would_take_for_ever_is_given_up(text: str, kind: FaultKind) -> None:
    assert kinds(text) == [kind]


def test_the_search_for_matches_is_counted_and_stopped() -> None:
    old = START.replace(year=1601)
    for text in ("FREQ=DAILY;BYSETPOS=2", "FREQ=YEARLY;BYMONTH=1", "FREQ=HOURLY"):
        with pytest.raises(TooMuchWork):
            list(build_rule(text, old, False, UTC, WorkBudget(10_000)).between(START, START + HOUR))


def test_the_search_for_a_match_stops_where_dateutil_is_asked_to() -> None:
    """The hook is inside of dateutil: if another version has it no more, this would run for minutes."""
    seen = []

    class Telling(rrule):  # type: ignore[misc]
        @property
        def _byeaster(self) -> None:
            seen.append(1)
            if len(seen) > 40:
                raise TooMuchWork

        @_byeaster.setter
        def _byeaster(self, value: None) -> None:
            """Nothing is kept."""

    with pytest.raises(TooMuchWork):
        list(Telling(1, dtstart=START, bymonth=2, bymonthday=30))


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY"]), st.integers(1, 400),
    st.dictionaries(
        st.sampled_from(["BYMONTH", "BYMONTHDAY", "BYDAY", "BYHOUR", "BYSETPOS", "BYWEEKNO", "BYYEARDAY", "COUNT"]),
        st.sampled_from(["1", "2", "12", "-1", "30", "31", "MO", "-1FR", "5MO", "0,8,16", "366", "53"]), max_size=4,
    ),
)  # fmt: skip
def test_every_rule_is_refused_or_ends_within_its_time(frequency: str, interval: int, parts: dict[str, str]) -> None:
    text = ";".join(
        [f"FREQ={frequency}", f"INTERVAL={interval}", *(f"{name}={value}" for name, value in parts.items())]
    )
    last = START + timedelta(days=800)
    try:
        starts = list(build_rule(text, START, False, ZoneInfo("UTC"), WorkBudget()).between(START, last))
    except InvalidRule:
        return

    assert starts == sorted(set(starts))
    assert all(START <= start <= last for start in starts)


PIECES = st.sampled_from(
    ["BEGIN:VEVENT", "END:VEVENT", "BEGIN:VCALENDAR", "END:VCALENDAR", "BEGIN:VALARM", "END:VALARM", "UID:a",
     "SUMMARY:李娜",
     "DTSTART:20261130T080000Z", "DTEND:20261130T200000Z", "DTSTART;VALUE=DATE:20261130", "DURATION:PT8H",
     "DURATION:-P1D",
     "RRULE:FREQ=DAILY;COUNT=3", "RRULE:FREQ=WEEKLY;BYDAY=MO,-1TU", "RDATE:20261201T080000Z,20261202",
     "EXDATE:20261130",
     "RECURRENCE-ID:20261130T080000Z", "RECURRENCE-ID;RANGE=THISANDFUTURE:20261201", "STATUS:CANCELLED", "SEQUENCE:x",
     "ATTENDEE;CN=\"A, B\":mailto:lina@example.cn", "DTSTART;TZID=Europe/Berlin:20270328T023000", "DTEND:16000101",
     "DTEND:24991231T000000Z", "RDATE;VALUE=PERIOD:20261201T000000Z/PT1H", "X", ":", ";", " folded", "DTSTART;TZID=:1"]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=14), st.lists(PIECES, max_size=10))
def test_whatever_the_lines_a_calendar_is_read_or_refused(first: list[str], second: list[str]) -> None:
    text = calendar(
        "\n".join(["UID:a", *first]), "\n".join(["UID:a", "DTSTART:20261130T090000Z", "DURATION:PT1H", *second])
    )
    try:
        imported = import_calendar(text)
    except InvalidFile:
        return

    assert all(NOW - importer.BEHIND <= shift.start < shift.end <= NOW + importer.AHEAD for shift in imported.shifts)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.text(string.printable + "李", max_size=300))
def test_whatever_the_bytes_a_calendar_is_read_or_refused(data: bytes, text: str) -> None:
    for content in (data, b"BEGIN:VCALENDAR\r\n" + data, f"BEGIN:VCALENDAR\r\n{text}\r\nEND:VCALENDAR".encode()):
        with suppress(InvalidFile):
            importer.read_calendar(content, "primary", MEMBERS, None, BEIJING, NOW, NOW + HOUR)
