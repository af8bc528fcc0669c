"""Calendars become shifts: as tools write them, in whatever zone, of whomever."""

from zoneinfo import ZoneInfo

import pytest

from models.rules.rota.ical import importer
from models.rules.rota.ical.notes import ImportNoteKind
from tests.models.rules.rota.calendars import (
    GOOGLE,
    NOW,
    OPSGENIE,
    OUTLOOK,
    PAGERDUTY,
    calendar,
    format_lines,
    import_calendar,
    import_lines,
    shift,
)

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
DAY_SHIFT = "2026-11-30 08:00/11-30 20:00"


# As tools write them -------------------------------------------------------------------------------------------


def test_a_series_of_google_keeps_its_exceptions_and_moved_dates() -> None:
    assert import_lines(GOOGLE) == [f"{DAY_SHIFT} 李娜", "2026-12-15 09:00/12-15 21:00 王伟"]


def test_outlooks_own_zone_changes_its_clock_and_the_shift_keeps_its_hours() -> None:
    assert import_lines(OUTLOOK, seen_in=BERLIN) == [
        "2027-03-26 20:00/03-27 08:00 Emma Clarke", "2027-03-27 20:00/03-28 08:00 Emma Clarke",
        "2027-03-28 20:00/03-29 08:00 Emma Clarke", "2027-04-01 02:00/04-01 14:00 Emma Clarke",
    ]  # fmt: skip


def test_events_that_share_a_uid_are_all_shifts() -> None:
    assert import_lines(PAGERDUTY) == ["2026-11-30 20:00/12-01 08:00 Emma Clarke", "2026-12-01 20:00/12-02 08:00 李娜"]


def test_an_address_alone_names_its_member() -> None:
    assert import_lines(OPSGENIE) == ["2026-11-30 08:00/12-07 08:00 李娜"]


# Who -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("summary", "who"),
    [
        ("李娜", "李娜"), ("Primary: 李娜", "李娜"), ("主班：李娜", "李娜"), ("李娜（夜班）", "李娜"),
        ("值班李娜白班", "李娜"),
        ("u0lina", "李娜"), ("<@U0LINA>", "李娜"), ("On call U0WANG tonight", "王伟"), ("lina@example.cn", "李娜"),
        ("Emma Clarke on call", "Emma Clarke"), ("Emma on call", "Emma"), ("EMMA CLARKE", "Emma Clarke"),
        ("Clarke\\, Emma", "Emma Clarke"), ("Li Na 李娜", "李娜"),
    ],
)  # fmt: skip
def test_a_member_is_recognised_by_the_summary(summary: str, who: str) -> None:
    assert import_lines(calendar(shift(summary=summary))) == [f"{DAY_SHIFT} {who}"]


def test_several_people_have_a_shift_each() -> None:
    attendees = "ATTENDEE;CN=x:mailto:LINA@example.cn\nATTENDEE;CN=王伟:mailto:w@example.cn"

    imported = import_calendar(calendar(shift(attendees, "On call")))

    assert sorted(shift.member for shift in imported.shifts) == ["李娜", "王伟"]
    assert importer.find_crowded_edge(imported.shifts, 1) == imported.shifts[0].start
    assert importer.find_crowded_edge(imported.shifts, 2) is None
    assert {line.split()[-1] for line in import_lines(calendar(shift(summary="李娜 & 王伟")))} == {"李娜", "王伟"}


def test_an_unknown_slack_id_becomes_a_member_without_a_role_with_a_note() -> None:
    imported = import_calendar(
        calendar(shift(summary="Primary: U0NEW"), shift("ATTENDEE;CN=Zoë:slack:U0ZOE77", "Night"))
    )

    assert [(member.name, member.slack_id, member.role) for member in imported.new_members] == [
        ("U0NEW", "U0NEW", None), ("Zoë", "U0ZOE77", None),
    ]  # fmt: skip
    assert [note.kind for note in imported.notes] == [ImportNoteKind.NEW_MEMBER] * 2


def test_an_unknown_attendee_gives_a_note_when_another_one_is_known() -> None:
    imported = import_calendar(calendar(shift("ATTENDEE:mailto:lina@example.cn\nATTENDEE:mailto:who@example.cn", "x")))

    assert [(note.kind, note.values) for note in imported.notes] == [
        (ImportNoteKind.UNKNOWN_ATTENDEE, {"name": "who@example.cn"})
    ]


# When ----------------------------------------------------------------------------------------------------------


def test_eight_hours_around_the_clock_are_three_shifts_a_day_each_with_its_own_exception() -> None:
    moved = "UID:a\nRECURRENCE-ID:20261130T000000Z\nDTSTART:20261130T010000Z\nDTEND:20261130T080000Z\nSUMMARY:王伟"
    series = "UID:a\nDTSTART;TZID=Asia/Shanghai:20261130T000000\nDURATION:PT8H\nSUMMARY:李娜"
    series += "\nRRULE:FREQ=HOURLY;INTERVAL=8;COUNT=3"

    assert import_lines(calendar(series, moved)) == [
        "2026-11-30 00:00/11-30 08:00 李娜", "2026-11-30 09:00/11-30 16:00 王伟", "2026-11-30 16:00/12-01 00:00 李娜",
    ]  # fmt: skip


def test_cancelled_events_and_dates_are_left_out_with_a_note() -> None:
    series = "UID:a\n" + shift("RRULE:FREQ=DAILY;COUNT=2")
    cancelled = "UID:a\n" + shift("STATUS:CANCELLED\nRECURRENCE-ID;TZID=Asia/Shanghai:20261130T080000")
    whole = shift("STATUS:CANCELLED\nRRULE:FREQ=DAILY;COUNT=5")

    imported = import_calendar(calendar(series, cancelled, whole))

    assert format_lines(imported) == ["2026-12-01 08:00/12-01 20:00 李娜"]
    assert [(note.kind, note.values) for note in imported.notes] == [(ImportNoteKind.CANCELLED, {"n": 6})]


def test_a_calendar_that_withdraws_its_events_has_none() -> None:
    assert import_lines(calendar(shift(), head="METHOD:CANCEL\n")) == []


def test_all_that_follows_a_moved_date_moves_too() -> None:
    later = "UID:a\nRECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Asia/Shanghai:20261201T080000\nSUMMARY:王伟"
    later += "\nDTSTART;TZID=Asia/Shanghai:20261201T100000\nDTEND;TZID=Asia/Shanghai:20261201T220000"

    assert import_lines(calendar("UID:a\n" + shift("RRULE:FREQ=DAILY;COUNT=3"), later)) == [
        f"{DAY_SHIFT} 李娜", "2026-12-01 10:00/12-01 22:00 王伟", "2026-12-02 10:00/12-02 22:00 王伟",
    ]  # fmt: skip


def test_more_dates_and_periods_are_shifts_too() -> None:
    more = "RDATE;TZID=Asia/Shanghai:20261202T080000,20261203T080000\nRDATE;VALUE=PERIOD:20261204T000000Z/PT4H"

    assert [line.split(" ", 1)[1][:17] for line in import_lines(calendar(shift(more)))] == [
        "08:00/11-30 20:00", "08:00/12-02 20:00", "08:00/12-03 20:00", "08:00/12-04 12:00",
    ]  # fmt: skip


@pytest.mark.parametrize("exception", ["EXDATE:20261201T000000Z", "EXDATE;VALUE=DATE:20261201"])
def test_an_exception_may_be_written_in_another_zone_or_as_a_day(exception: str) -> None:
    days = [line[8:10] for line in import_lines(calendar(shift(f"RRULE:FREQ=DAILY;COUNT=3\n{exception}")))]

    assert days == ["30", "02"]


def test_whole_days_last_from_midnight_to_midnight_there() -> None:
    days = "DTSTART;VALUE=DATE:20261130\nDTEND;VALUE=DATE:20261202\nSUMMARY:李娜"
    one = "DTSTART;VALUE=DATE:20261205\nSUMMARY:李娜\nRRULE:FREQ=WEEKLY;UNTIL=20261212"

    assert import_lines(calendar(days, one)) == [
        "2026-11-30 00:00/12-02 00:00 李娜", "2026-12-05 00:00/12-06 00:00 李娜", "2026-12-12 00:00/12-13 00:00 李娜",
    ]  # fmt: skip
    assert import_lines(calendar(days), NEW_YORK, NEW_YORK) == ["2026-11-30 00:00/12-02 00:00 李娜"]


@pytest.mark.parametrize(
    ("head", "option", "zone"),
    [("", None, ZoneInfo("Asia/Shanghai")), ("X-WR-TIMEZONE:Europe/Berlin\n", None, BERLIN),
     ("X-WR-TIMEZONE:Europe/Berlin\n", NEW_YORK, NEW_YORK)],
)  # fmt: skip
def test_a_time_without_a_zone_is_the_options_the_calendars_or_the_rotas(
    head: str, option: ZoneInfo | None, zone: ZoneInfo
) -> None:
    floating = "DTSTART:20261130T080000\nDURATION:PT12H\nSUMMARY:李娜"

    assert import_lines(calendar(floating, head=head), option, zone) == [f"{DAY_SHIFT} 李娜"]


@pytest.mark.parametrize(
    "name", ["China Standard Time", "/freeassociation.sourceforge.net/Asia/Shanghai", "asia/shanghai", "PRC"]
)
def test_zones_have_many_names(name: str) -> None:
    assert import_lines(calendar(shift().replace("Asia/Shanghai", name))) == [f"{DAY_SHIFT} 李娜"]


def test_a_night_across_a_clock_change_keeps_its_hours() -> None:
    night = "DTSTART;TZID=Europe/Berlin:20270326T200000\nDTEND;TZID=Europe/Berlin:20270327T080000\nSUMMARY:李娜"

    imported = import_calendar(calendar(f"{night}\nRRULE:FREQ=DAILY;COUNT=3"))

    assert [(shift.end - shift.start).total_seconds() / 3600 for shift in imported.shifts] == [12, 11, 12]


def test_a_skipped_time_uses_the_offset_before() -> None:
    early = "DTSTART;TZID=Europe/Berlin:20270328T023000\nDTEND;TZID=Europe/Berlin:20270328T080000\nSUMMARY:李娜"

    assert import_lines(calendar(early), seen_in=BERLIN) == ["2027-03-28 03:30/03-28 08:00 李娜"]


def test_an_event_without_length_is_left_out_with_a_note() -> None:
    imported = import_calendar(
        calendar("DTSTART:20261130T080000Z\nSUMMARY:李娜", "DTSTART:20201130T080000Z\nSUMMARY:nobody")
    )

    assert (imported.shifts, imported.events) == ((), 2)
    assert [note.kind for note in imported.notes] == [ImportNoteKind.NO_LENGTH, ImportNoteKind.ELSEWHEN]


def test_overlapping_events_of_one_person_are_one_shift_and_touching_ones_two() -> None:
    times = [("0800", "1400"), ("1200", "2000"), ("2000", "2200")]
    events = [f"DTSTART:20261130T{a}00\nDTEND:20261130T{b}00\nSUMMARY:李娜" for a, b in times]

    assert import_lines(calendar(*events)) == [f"{DAY_SHIFT} 李娜", "2026-11-30 20:00/11-30 22:00 李娜"]


def test_an_older_version_of_an_event_does_not_count() -> None:
    older = "UID:a\nSEQUENCE:0\n" + shift()
    newer = "UID:a\nSEQUENCE:1\n" + shift().replace("T20", "T18")

    assert import_lines(calendar(older, newer)) == ["2026-11-30 08:00/11-30 18:00 李娜"]


def test_a_series_without_an_end_is_followed_five_years_and_no_further() -> None:
    imported = import_calendar(calendar(shift("RRULE:FREQ=DAILY")))

    assert imported.followed_until == NOW + importer.AHEAD
    assert len(imported.shifts) == (imported.followed_until - imported.shifts[0].start).days
    assert imported.shifts[-1].end <= imported.followed_until
