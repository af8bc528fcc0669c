"""What RFC 5545 says of times and recurrences, and what exporters make of it; expected times are in UTC."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from models.rules.rota.ical import importer
from models.rules.rota.ical.rrules import WorkBudget
from models.rules.rota.ical.zones import CalendarZones
from models.rules.toml.tables import FaultKind, InvalidFile
from tests.models.rules.rota.calendars import BEIJING, MEMBERS, NOW, calendar, format_lines, import_calendar

UTC_ZONE = ZoneInfo("UTC")
WHOLE_DAYS = "UID:a\nSUMMARY:李娜\nDTSTART;VALUE=DATE:20270216\nDTEND;VALUE=DATE:20270217\nRRULE:FREQ=DAILY;COUNT=3"
BERLIN = "UID:a\nSUMMARY:李娜\nDTSTART;TZID=W. Europe Standard Time:20270402T110000\nDURATION:PT1H"


def utc(*events: str, head: str = "", zone: ZoneInfo | None = None) -> list[str]:
    """The shifts of a calendar in UTC, without the year: ``04-02 09:00/04-02 10:00 李娜``."""
    return [line[5:] for line in format_lines(import_calendar(calendar(*events, head=head), zone), UTC_ZONE)]


# Lines ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_line_may_be_folded_within_a_character(cut: int) -> None:
    text = calendar("SUMMARY:值班 李娜😀\nDTSTART:20270901T120000Z\nDTEND:20270901T140000Z").encode()
    summary = b"SUMMARY:"
    at = text.index(summary) + len(summary) + cut
    folded = text[:at] + b"\r\n " + text[at:]

    read = importer.read_calendar(
        folded.replace(b"\r\n", b"\n"), "primary", MEMBERS, None, BEIJING, NOW, NOW + importer.AHEAD
    )

    assert format_lines(read, UTC_ZONE) == ["2027-09-01 12:00/09-01 14:00 李娜"]


@pytest.mark.parametrize(
    "line",
    [
        b"X-LOTUS-CHILD_UID:XXX", b"X-LOTUS_A;=:", b"DESCRIPTION:\xc0\xee",
        b"DESCRIPTION:a\nwhat follows without a blank",
        b"BEGIN:VALARM\nDURATION\nTRIGGER;=\nATTENDEE;x\nEND:VALARM", b"X-APPLE-STRUCTURED-LOCATION;VALUE=URI\nnothing",
    ],
)  # fmt: skip
def test_what_is_never_read_refuses_nothing(line: bytes) -> None:
    event = b"BEGIN:VEVENT\nUID:a\nSUMMARY:U0LINA\nDTSTART:20270901T120000Z\nDTEND:20270901T140000Z\n" + line
    text = b"BEGIN:VCALENDAR\n" + event + b"\nEND:VEVENT\nEND:VCALENDAR\nX-COMMENT:cached\nend of file\nEND:VCALENDAR\n"

    assert len(importer.read_calendar(text, "primary", MEMBERS, None, BEIJING, NOW, NOW + importer.AHEAD).shifts) == 1


def test_what_is_read_must_be_right() -> None:
    for line in (b"SUMMARY:\xc0\xee", b"SUMMARY:a\nwhat follows without a blank", b"ATTENDEE;=:x"):
        text = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n" + line + b"\nEND:VEVENT\nEND:VCALENDAR\n"
        with pytest.raises(InvalidFile) as caught:
            importer.read_calendar(text, "primary", MEMBERS, None, BEIJING, NOW, NOW + importer.AHEAD)
        assert caught.value.faults[0].kind in {FaultKind.NOT_TEXT_FILE, FaultKind.NOT_CALENDAR_LINE}


# Exceptions ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "day",
    [
        ";VALUE=DATE:20270217", ";TZID=W. Europe Standard Time:20270217T000000", ":20270217T000000",
        ";TZID=America/New_York:20270217T000000", ":20270217T000000Z", ":20270216T160000Z", ":20270216T230000Z",
        ":20270217T050000Z",
    ],
)  # fmt: skip
def test_an_exception_of_whole_days_means_the_day_however_it_is_written(day: str) -> None:
    moved = f"UID:a\nSUMMARY:李娜\nRECURRENCE-ID{day}\nDTSTART;VALUE=DATE:20270225\nDTEND;VALUE=DATE:20270226"

    assert utc(f"{WHOLE_DAYS}\nEXDATE{day}") == ["02-15 16:00/02-16 16:00 李娜", "02-17 16:00/02-18 16:00 李娜"]
    assert utc(WHOLE_DAYS, moved) == [
        "02-15 16:00/02-16 16:00 李娜", "02-17 16:00/02-18 16:00 李娜", "02-24 16:00/02-25 16:00 李娜",
    ]  # fmt: skip


def test_a_day_may_be_moved_to_hours_and_an_hour_to_a_day() -> None:
    hours = "UID:a\nSUMMARY:王伟\nRECURRENCE-ID;VALUE=DATE:20270217\nDTSTART:20270217T000000Z\nDURATION:PT4H"
    day = "UID:a\nSUMMARY:王伟\nRECURRENCE-ID:20270409T090000Z\nDTSTART;VALUE=DATE:20270409"

    assert utc(WHOLE_DAYS, hours)[1] == "02-17 00:00/02-17 04:00 王伟"
    assert utc(f"{BERLIN}\nRRULE:FREQ=WEEKLY;COUNT=2", day) == [
        "04-02 09:00/04-02 10:00 李娜", "04-08 16:00/04-09 16:00 王伟",
    ]  # fmt: skip


@pytest.mark.parametrize(("zone", "last"), [(None, "02-17 16:00"), (ZoneInfo("America/New_York"), "02-18 05:00")])
def test_the_last_whole_day_may_be_written_in_utc(zone: ZoneInfo | None, last: str) -> None:
    days = WHOLE_DAYS.replace("COUNT=3", "UNTIL=20270218T000000Z")

    assert utc(days, zone=zone)[-1].startswith(last)


@pytest.mark.parametrize("start", ["TZID=W. Europe Standard Time:20270402T110000", "TZID=UTC:20270402T090000"])
def test_an_exception_without_a_zone_is_in_the_zone_of_its_series(start: str) -> None:
    clock = start[-6:]
    series = f"UID:a\nSUMMARY:李娜\nDTSTART;{start}\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=3"
    moved = f"UID:a\nSUMMARY:王伟\nRECURRENCE-ID:20270409T{clock}\nDTSTART:20270409T120000Z\nDURATION:PT1H"

    assert utc(f"{series}\nEXDATE:20270409T{clock}") == ["04-02 09:00/04-02 10:00 李娜", "04-16 09:00/04-16 10:00 李娜"]
    assert utc(f"{series}\nRDATE:20270403T{clock}")[1] == "04-03 09:00/04-03 10:00 李娜"
    assert utc(series, moved) == [
        "04-02 09:00/04-02 10:00 李娜", "04-09 12:00/04-09 13:00 王伟", "04-16 09:00/04-16 10:00 李娜",
    ]  # fmt: skip


def test_an_end_without_a_zone_is_in_the_zone_of_its_start() -> None:
    event = "SUMMARY:李娜\nDTSTART;TZID=Europe/Berlin:20270402T110000\nDTEND:20270402T120000"

    assert utc(event) == ["04-02 09:00/04-02 10:00 李娜"]


# Clock changes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "length", "when"),
    [
        ("Europe/Berlin:20270327T200000", "PT12H", "03-27 19:00/03-28 07:00"),
        ("Europe/Berlin:20270327T200000", "P1D", "03-27 19:00/03-28 18:00"),
        ("Europe/Berlin:20270327T200000", "PT24H", "03-27 19:00/03-28 19:00"),
        ("Europe/Berlin:20270327T200000", "P1DT12H", "03-27 19:00/03-29 06:00"),
        ("Europe/Berlin:20270327T200000", "P1W", "03-27 19:00/04-03 18:00"),
        ("America/New_York:20271106T200000", "PT12H", "11-07 00:00/11-07 12:00"),
        ("Australia/Lord_Howe:20270403T200000", "PT12H", "04-03 09:00/04-03 21:00"),
    ],
)  # fmt: skip
def test_hours_of_a_length_are_exact_and_days_are_not(start: str, length: str, when: str) -> None:
    assert utc(f"SUMMARY:李娜\nDTSTART;TZID={start}\nDURATION:{length}") == [f"{when} 李娜"]


def test_hours_are_exact_in_series_and_periods_too() -> None:
    series = "SUMMARY:李娜\nDTSTART;TZID=Europe/Berlin:20270326T200000\nDURATION:PT12H\nRRULE:FREQ=DAILY;COUNT=2"
    period = "SUMMARY:王伟\nDTSTART;TZID=Europe/Berlin:20270101T000000\nDURATION:PT1H"
    period += "\nRDATE;VALUE=PERIOD;TZID=Europe/Berlin:20270327T200000/PT12H"

    assert utc(series) == ["03-26 19:00/03-27 07:00 李娜", "03-27 19:00/03-28 07:00 李娜"]
    assert utc(period)[1] == "03-27 19:00/03-28 07:00 王伟"


@pytest.mark.parametrize(
    ("zone", "days", "times"),
    [
        ("Europe/Zurich", "0230 0330 20270327", ["03-27 01:30/03-27 02:30", "03-28 01:30/03-28 02:30"]),
        ("Europe/Zurich", "0210 0310 20270327", ["03-27 01:10/03-27 02:10", "03-28 01:10/03-28 02:10"]),
        ("Europe/Zurich", "0230 0300 20270327", ["03-27 01:30/03-27 02:00", "03-28 01:30/03-28 02:00"]),
        ("Europe/Zurich", "0200 0800 20270327", ["03-27 01:00/03-27 07:00", "03-28 01:00/03-28 06:00"]),
        ("America/New_York", "0230 0330 20270313", ["03-13 07:30/03-13 08:30", "03-14 07:30/03-14 08:30"]),
    ],
)  # fmt: skip
def test_an_event_in_a_skipped_hour_takes_place(zone: str, days: str, times: list[str]) -> None:
    start, end, day = days.split()
    event = f"SUMMARY:李娜\nDTSTART;TZID={zone}:{day}T{start}00\nDTEND;TZID={zone}:{day}T{end}00"

    found = utc(f"{event}\nRRULE:FREQ=DAILY;COUNT=3")

    assert (len(found), found[:2]) == (3, [f"{time} 李娜" for time in times])


# Zones ---------------------------------------------------------------------------------------------------------

AMERICAN = """BEGIN:VTIMEZONE
TZID:{name}
BEGIN:DAYLIGHT
DTSTART:20070311T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:20071104T020000
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
END:STANDARD
END:VTIMEZONE
"""


@pytest.mark.parametrize("name", ["EST", "Asia/Shanghai", "China Standard Time", "Mars/Base", "UTC"])
def test_a_zone_the_file_defines_holds_whatever_it_is_called(name: str) -> None:
    event = f"SUMMARY:李娜\nDTSTART;TZID={name}:20270701T080000\nDTEND;TZID={name}:20270701T200000"
    floating = "SUMMARY:李娜\nDTSTART:20270701T080000\nDTEND:20270701T200000"
    head = AMERICAN.format(name=name)

    assert utc(event, head=head) == ["07-01 12:00/07-02 00:00 李娜"]
    assert utc(floating, head=f"X-WR-TIMEZONE:{name}\n{head}") == ["07-01 12:00/07-02 00:00 李娜"]


def test_a_known_zone_whose_definition_is_broken_is_the_known_one() -> None:
    event = "SUMMARY:李娜\nDTSTART;TZID=Asia/Shanghai:20270701T080000\nDURATION:PT1H"
    broken = "BEGIN:VTIMEZONE\nTZID:Asia/Shanghai\nEND:VTIMEZONE\n"

    assert utc(event, head=broken) == ["07-01 00:00/07-01 01:00 李娜"]


def test_zones_that_begin_centuries_ago_cost_little() -> None:
    old = AMERICAN.replace("20070311", "16010311").replace("20071104", "16011104")
    names = [f"Zone {number}" for number in range(40)]
    head = "".join(old.format(name=name) for name in names)
    events = (f"SUMMARY:李娜\nDTSTART;TZID={name}:20270701T080000\nDURATION:PT12H" for name in names)

    assert utc(*events, head=head) == ["07-01 12:00/07-02 00:00 李娜"]


# Rules ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["BYHOUR=9;BYMINUTE=0", "BYHOUR=9,17", "BYSECOND=30"])
def test_hours_of_a_rule_mean_nothing_for_whole_days(part: str) -> None:
    event = f"SUMMARY:李娜\nDTSTART;VALUE=DATE:20270701\nRRULE:FREQ=WEEKLY;COUNT=2;{part}"

    assert utc(event) == ["06-30 16:00/07-01 16:00 李娜", "07-07 16:00/07-08 16:00 李娜"]


@pytest.mark.parametrize(
    ("start", "rule", "days"),
    [
        ("20270104", "FREQ=YEARLY;BYWEEKNO=1,27;UNTIL=20271231T000000Z", "01-04 07-05"),
        ("20270106", "FREQ=YEARLY;BYWEEKNO=1,27;UNTIL=20271231T000000Z", "01-06 07-07"),
        ("20270104", "FREQ=YEARLY;BYWEEKNO=27;BYDAY=TU;COUNT=1", "07-06"),
        ("20270106", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1,3;COUNT=3", "01-06 01-11 01-13"),
        ("20270106", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=2", "01-08 01-15"),
        ("20270106", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;BYSETPOS=1;COUNT=2", "01-18 02-01"),
        ("20270106", "FREQ=WEEKLY;WKST=SU;BYDAY=SU,WE;BYSETPOS=2;COUNT=2", "01-06 01-13"),
        ("20270106", "FREQ=WEEKLY;WKST=WE;BYDAY=MO,WE;BYSETPOS=1;COUNT=2", "01-06 01-13"),
        ("20270115", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=2", "01-29 02-26"),
    ],
)  # fmt: skip
def test_a_rule_makes_the_days_of_the_standard(start: str, rule: str, days: str) -> None:
    shanghai = f"DTSTART;TZID=Asia/Shanghai:{start}T080000\nDTEND;TZID=Asia/Shanghai:{start}T200000"

    times = utc(f"SUMMARY:李娜\n{shanghai}\nRRULE:{rule}")

    wanted = [day for day in days.split() if day != f"{start[4:6]}-{start[6:]}"]
    assert [day[:5] for day in times if day[:5] != f"{start[4:6]}-{start[6:]}"] == wanted


def test_a_definition_is_followed_to_the_end_of_the_time_that_is_read() -> None:
    zones = CalendarZones([], UTC, datetime(2032, 1, 1, tzinfo=UTC), WorkBudget())

    assert zones.find("Asia/Shanghai") == BEIJING
