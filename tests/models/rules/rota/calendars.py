"""Calendars as Google, Outlook, PagerDuty and Opsgenie write them, and a short way to write others."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from models.rules.rota.ical import importer
from models.rules.rota.ical.importer import ImportedCalendar
from models.rules.rota.rota import Member

BEIJING = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 22, tzinfo=UTC)
MEMBERS = {
    one.name: one
    for one in (
        Member("李娜", "U0LINA", "lina@example.cn"), Member("王伟", "U0WANG"),
        Member("Emma Clarke", "U0EMMA", "emma@example.cn"), Member("Emma", "U0EM2"),
    )
}  # fmt: skip

GOOGLE = """\
BEGIN:VCALENDAR
PRODID:-//Google Inc//Google Calendar 70.9054//EN
VERSION:2.0
CALSCALE:GREGORIAN
METHOD:PUBLISH
X-WR-CALNAME:值班
X-WR-TIMEZONE:Asia/Shanghai
BEGIN:VTIMEZONE
TZID:Asia/Shanghai
X-LIC-LOCATION:Asia/Shanghai
BEGIN:STANDARD
TZOFFSETFROM:+0800
TZOFFSETTO:+0800
TZNAME:CST
DTSTART:19700101T000000
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
DTSTART;TZID=Asia/Shanghai:20261130T080000
DTEND;TZID=Asia/Shanghai:20261130T200000
RRULE:FREQ=WEEKLY;UNTIL=20261214T155959Z;BYDAY=MO
EXDATE;TZID=Asia/Shanghai:20261207T080000
DTSTAMP:20261101T020304Z
ORGANIZER;CN=值班:mailto:abc@group.calendar.google.com
UID:6q1@google.com
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN=李娜
 ;X-NUM-GUESTS=0:mailto:lina@example.cn
ATTENDEE;CUTYPE=RESOURCE;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN=Room 1:mailto:room@example.cn
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=DECLINED;CN=王伟:mailto:wang@example.cn
DESCRIPTION:Bring the phone\\, please.\\nThe number is
  on the wiki.
SEQUENCE:1
STATUS:CONFIRMED
SUMMARY:Day shift
TRANSP:OPAQUE
BEGIN:VALARM
ACTION:DISPLAY
TRIGGER:-P0DT0H10M0S
END:VALARM
END:VEVENT
BEGIN:VEVENT
DTSTART;TZID=Asia/Shanghai:20261215T090000
DTEND;TZID=Asia/Shanghai:20261215T210000
UID:6q1@google.com
RECURRENCE-ID;TZID=Asia/Shanghai:20261214T080000
SEQUENCE:2
STATUS:CONFIRMED
SUMMARY:Day shift
ATTENDEE;CN=王伟:slack:U0WANG
END:VEVENT
END:VCALENDAR
"""
OUTLOOK = """\
BEGIN:VCALENDAR
PRODID:-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN
VERSION:2.0
METHOD:PUBLISH
X-MS-OLK-FORCEINSPECTOROPEN:TRUE
BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:16011028T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010325T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
CLASS:PUBLIC
DTSTART;TZID="Customized Time Zone":20270326T200000
DTEND;TZID="Customized Time Zone":20270327T080000
RRULE:FREQ=DAILY;COUNT=3
SUMMARY;LANGUAGE=en-us:Primary: Emma Clarke
TRANSP:OPAQUE
UID:040000008200E00074C5B7101A82E00800000000
X-MICROSOFT-CDO-BUSYSTATUS:BUSY
END:VEVENT
BEGIN:VEVENT
DTSTART;TZID="China Standard Time":20270401T080000
DTEND;TZID="China Standard Time":20270401T200000
ATTENDEE;CN="Clarke, Emma";RSVP=TRUE:invalid:nomail
SUMMARY:Standby
UID:040000008200E00074C5B7101A82E00800000001
END:VEVENT
END:VCALENDAR
"""
PAGERDUTY = """\
BEGIN:VCALENDAR
VERSION:2.0
X-WR-CALNAME:On Call Schedule for Emma Clarke
PRODID:-//PagerDuty//PagerDuty Schedule//EN
METHOD:PUBLISH
BEGIN:VEVENT
DTEND;VALUE=DATE-TIME:20261201T000000Z
DTSTART;VALUE=DATE-TIME:20261130T120000Z
ATTENDEE:mailto:emma@example.cn
SUMMARY:On Call - Emma Clarke - Nights
UID:Q1
URL:https://example.pagerduty.com/schedules#P1
END:VEVENT
BEGIN:VEVENT
DTEND;VALUE=DATE-TIME:20261202T000000Z
DTSTART;VALUE=DATE-TIME:20261201T120000Z
SUMMARY:On Call - 李娜 - Nights
UID:Q1
END:VEVENT
END:VCALENDAR
"""
OPSGENIE = """\
BEGIN:VCALENDAR
PRODID:-//OpsGenie//OpsGenie On-Call Schedule//EN
VERSION:2.0
CALSCALE:GREGORIAN
BEGIN:VEVENT
DTSTAMP:20261101T000000Z
DTSTART:20261130T000000Z
DTEND:20261207T000000Z
SUMMARY:LINA@example.cn
UID:a-1
END:VEVENT
END:VCALENDAR
"""


def calendar(*events: str, head: str = "") -> str:
    """A calendar of these events, each with a UID of its own unless it has one."""
    bodies = (event if "UID:" in event else f"UID:e{number}\n{event}" for number, event in enumerate(events))
    inside = "".join(f"BEGIN:VEVENT\n{body.strip()}\nEND:VEVENT\n" for body in bodies)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//y//EN\n{head}{inside}END:VCALENDAR\n"


def shift(more: str = "", summary: str = "李娜") -> str:
    """A day shift in Shanghai, with more lines."""
    times = "DTSTART;TZID=Asia/Shanghai:20261130T080000\nDTEND;TZID=Asia/Shanghai:20261130T200000"
    return f"{times}\nSUMMARY:{summary}\n{more}"


def import_calendar(text: str, zone: ZoneInfo | None = None) -> ImportedCalendar:
    """What a calendar makes of the seat ``primary``."""
    data = text.replace("\n", "\r\n").encode()
    return importer.read_calendar(data, "primary", MEMBERS, zone, BEIJING, NOW - importer.BEHIND, NOW + importer.AHEAD)


def format_lines(imported: ImportedCalendar, zone: ZoneInfo = BEIJING) -> list[str]:
    """The shifts in local time: ``2026-11-30 08:00/11-30 20:00 李娜``."""
    return [
        f"{shift.start.astimezone(zone):%Y-%m-%d %H:%M}/{shift.end.astimezone(zone):%m-%d %H:%M} {shift.member}"
        for shift in imported.shifts
    ]


def import_lines(text: str, zone: ZoneInfo | None = None, seen_in: ZoneInfo = BEIJING) -> list[str]:
    """The shifts of a calendar as :func:`format_lines`."""
    return format_lines(import_calendar(text, zone), seen_in)
