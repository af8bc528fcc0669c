"""Labels of the rota: why a minute is not covered, and what is wrong with a rota file."""

from handlers.i18n import toml_errors
from handlers.i18n.words import N_, Words
from models.rules.rota.gaps import Gap, GapKind, GapReason
from models.rules.rota.ical.notes import ImportNoteKind
from models.rules.rota.rota import BACKUP, PRIMARY
from models.rules.rota.rota_warnings import RotaWarningKind
from models.rules.rota.workload import WarningKind
from models.rules.toml.tables import FaultKind, FileFault

KIND = {
    GapKind.UNCOVERED: N_("uncovered"),
    GapKind.BELOW_REQUIREMENT: N_("below the requirement"),
}
"""The two words for a gap, wherever one is told of."""
REASON = {
    GapReason.NOBODY: N_("nobody is scheduled"),
    GapReason.NO_BACKUP: N_("no backup"),
    GapReason.ON_LEAVE: N_("on leave"),
    GapReason.LEFT_WORKSPACE: N_("not in the Slack workspace"),
    GapReason.NO_ACCOUNT: N_("has no Slack account"),
    GapReason.ALSO_PRIMARY: N_("is primary at the same time"),
    GapReason.TOO_FEW: N_("not enough people"),
    GapReason.NO_ELIGIBLE_ROLE: N_("nobody may open requests with 21Vianet"),
    GapReason.NO_SERVICE: N_("nobody for the service"),
    GapReason.NO_LANGUAGE: N_("nobody for the language"),
    GapReason.TOO_LONG: N_("longer than allowed"),
    GapReason.TOO_LITTLE_REST: N_("too little rest"),
}
SHORT_REASON = {
    GapReason.NOBODY: N_("nobody"),
    GapReason.NO_BACKUP: N_("no backup"),
    GapReason.ON_LEAVE: N_("on leave"),
    GapReason.LEFT_WORKSPACE: N_("not in Slack"),
    GapReason.NO_ACCOUNT: N_("no account"),
    GapReason.ALSO_PRIMARY: N_("is primary"),
    GapReason.TOO_FEW: N_("too few"),
    GapReason.NO_ELIGIBLE_ROLE: N_("no role"),
    GapReason.NO_SERVICE: N_("no service"),
    GapReason.NO_LANGUAGE: N_("no language"),
    GapReason.TOO_LONG: N_("too long"),
    GapReason.TOO_LITTLE_REST: N_("too little rest"),
}
"""The same where there is hardly room: in pictures."""
SEAT = {PRIMARY: N_("primary"), BACKUP: N_("backup")}
"""The seats that have a name of ours; all others are called as the file calls them."""
LIMIT = {
    "average_week_hours": N_("Hours a week on average"),
    "week_hours": N_("Hours in a single week"),
    "usual_rest_hours": N_("Usual hours of rest between shifts"),
    "over_mean_percent": N_("Percent above the mean"),
    "month_overtime_hours": N_("Hours of overtime a month"),
    "days_in_a_row": N_("Days in a row without a day off"),
}
"""The keys of ``[policy]``: from where on hours are worth a hint."""
ROTA_EXAMPLE = "csp-escalate rota example"
FAULT = {
    FaultKind.NOT_TEXT_FILE: N_("this is not UTF-8 text. Save the file as UTF-8."),
    FaultKind.TOO_BIG: N_("the file is bigger than {limit} MB; such a file is much smaller."),
    FaultKind.NOT_TOML: N_("this is not TOML: {reason}. Compare it with: {example} (the parser says: {why})"),
    FaultKind.UNKNOWN_KEY: N_("unknown key “{name}”. Allowed here: {known}."),
    FaultKind.MISSING: N_("“{key}” is missing. Add it."),
    FaultKind.NOT_TABLE: N_("“{key}” is written as [{key}], once, with its keys on the lines below."),
    FaultKind.NOT_TABLES: N_("“{key}” is written as [[{key}]], with its keys on the lines below."),
    FaultKind.NOT_TEXT: N_("“{key}” has to be a text on one line, in quotation marks."),
    FaultKind.NOT_WHOLE: N_("“{key}” has to be a whole number from {low} to {high}."),
    FaultKind.NOT_NUMBER: N_("“{key}” has to be a number from {low} to {high}."),
    FaultKind.NOT_DURATION: N_(
        '“{key}” has to be a length of time such as "5 min", "4 h" or "3 d", from {least} minutes to {most} days.'
    ),
    FaultKind.CAP_TOO_SHORT: N_("“cap”, the longest wait, has to be at least as long as “start”, the first one."),
    FaultKind.NOT_YES_NO: N_("“{key}” has to be true or false."),
    FaultKind.NOT_LIST: N_('“{key}” has to be a list of texts, such as ["one", "two"].'),
    FaultKind.NOT_TIME: N_("“{key}” has to be a time of the day, such as 08:30:00."),
    FaultKind.NOT_DATE: N_("“{key}” has to be a date from {first} to {last}, such as 2026-01-05."),
    FaultKind.NOT_MOMENT: N_(
        "“{key}” has to be a date with a time from {first} to {last}, such as 2026-01-05T08:30:00."
    ),
    FaultKind.NOT_SLACK_ID: N_(
        "“{name}” is not a Slack member ID such as U012ABCDEF; copy it from the person's profile."
    ),
    FaultKind.UNKNOWN_ZONE: N_("there is no time zone “{name}”. Use a name such as Asia/Shanghai."),
    FaultKind.UNKNOWN_MEMBER: N_(
        "there is no member “{name}”. Add a [[member]] of this name, or name one of: {known}."
    ),
    FaultKind.UNKNOWN_SEAT: N_("there is no seat “{name}”. Add a [[seat]] of this name, or name one of: {known}."),
    FaultKind.UNKNOWN_ROLE: N_("“{name}” is not a role in Partner Center. Choose from: {known}."),
    FaultKind.UNKNOWN_DAY_KIND: N_("“{name}” is not a kind of day. Choose from: {known}."),
    FaultKind.UNKNOWN_TURNS: N_("turns can't be counted on “{name}”. Choose from: {known}."),
    FaultKind.UNKNOWN_DAY: N_("“{name}” is not a day. Choose from: {known}."),
    FaultKind.INVISIBLE: N_(
        "“{key}” contains a space or character that looks like another one ({code}). Type it again with ordinary "
        "spaces."
    ),
    FaultKind.LOOKS_ALIKE: N_(
        "“{name}” looks like a known name, but there are two ways of writing “{letter}”: as one character, or as a "
        "letter with an accent behind it. Copy the name from where it is defined."
    ),
    FaultKind.TWICE: N_("“{name}” appears twice, first on line {first}. Write it only once."),
    FaultKind.ENDS_FIRST: N_("it ends before it begins. “to” has to be later than “from”."),
    FaultKind.NOT_ADDRESS: N_("“{key}” has to be an address that begins with https://."),
    FaultKind.NOT_SAFE_ADDRESS: N_(
        "“{key}” has to be an address that begins with https://, without a user and a password in it. http:// is "
        "allowed for this machine only."
    ),
    FaultKind.METADATA_ADDRESS: N_(
        "“{key}” names an address at which a cloud keeps the secrets of a machine; it is never called. Write the "
        "address of the service."
    ),
    FaultKind.NOT_ENCRYPTED: N_(
        "mail without encryption is allowed only to a server on this machine. Write “{key}” as starttls or implicit."
    ),
    FaultKind.NOT_HOURS: N_("“{key}” has to be a stretch of the day, such as 08:00-22:00."),
    FaultKind.NOT_AS_MANY: N_("“{key}” needs {n} names, one for each of the English ones, in the same order."),
    FaultKind.ONE_OF_TWO: N_("give either “{key}” or “{other}”, not both."),
    FaultKind.UNKNOWN_CHOICE: N_("“{name}” is not known for “{key}”. Choose from: {known}."),
    FaultKind.DESK_CLOSES_FIRST: N_("a desk closes after it opens; “24:00” is the end of the day."),
    FaultKind.NOT_CALENDAR: N_(
        "this is not an iCalendar file: it must begin with BEGIN:VCALENDAR. Export it again as .ics."
    ),
    FaultKind.CALENDAR_TOO_BIG: N_("the calendar is bigger than {limit} MB. Export only the months you need."),
    FaultKind.CALENDAR_TOO_DEEP: N_("{name} is nested {limit} levels deep. Export the calendar again."),
    FaultKind.CALENDAR_TOO_MANY: N_("the calendar makes more than {limit} shifts. Give its series an end (UNTIL)."),
    FaultKind.CALENDAR_TOO_MUCH: N_(
        "the recurring events of this calendar take too long to expand. Let them begin later, give them an end "
        "(UNTIL), or split the file."
    ),
    FaultKind.CALENDAR_CUT: N_("{name} begins here and never ends: the file is cut off. Export it again."),
    FaultKind.CALENDAR_UNBALANCED: N_("END:{name} has no matching BEGIN. Export the calendar again."),
    FaultKind.CALENDAR_ZONE: N_("the time zone “{name}” is defined in a way that can't be read. Use an IANA name."),
    FaultKind.NOT_CALENDAR_LINE: N_("“{text}” is not a calendar line, such as SUMMARY:Li Na. Correct or remove it."),
    FaultKind.EVENT_MISPLACED: N_("an event is in the wrong place. Move it directly into the calendar."),
    FaultKind.EVENT_NO_START: N_("{event}: it has no beginning. Add DTSTART."),
    FaultKind.EVENT_ENDS_FIRST: N_("{event}: it ends before it begins. Correct DTEND."),
    FaultKind.EVENT_VALUE: N_("{event}: {key} can't be “{value}”. Write it as 20260105T080000, dates as 20260105."),
    FaultKind.EVENT_ZONE: N_("{event}: there is no time zone “{name}”. Use a name such as Asia/Shanghai."),
    FaultKind.EVENT_OLD: N_("{event}: {key} is deprecated and not supported. Use EXDATE for single dates."),
    FaultKind.EVENT_RULE: N_("{event}: the recurrence “{rule}” can't be read; see its {part}."),
    FaultKind.EVENT_RULE_OFTEN: N_("{event}: “{rule}” begins more often than once an hour. Make longer shifts."),
    FaultKind.EVENT_RULE_NEVER: N_("{event}: “{rule}” never occurs. Remove it, or correct its days."),
    FaultKind.EVENT_NO_PERSON: N_(
        "{event}: can't tell whose shift this is. Name a member in its summary or attendees by name, e-mail or Slack "
        "ID."
    ),
}
NEAREST = N_("Did you mean “{nearest}”?")
PLAN_WARNING = {
    RotaWarningKind.NO_MEMBERS: N_(
        "⚠️ Layer “{layer}” has no members, so nobody is on call by it. Add them, or remove it."
    ),
    RotaWarningKind.NO_DAYS: N_("⚠️ Layer “{layer}” has no days, so it never counts. Add days, or remove it."),
    RotaWarningKind.NEVER_ON_TURN: N_(
        "⚠️ Layer “{layer}”: the turns of {names} never fall into the days and hours it covers, so they are never on "
        'call. Write turns = "covered days", or change turn_hours.'
    ),
    RotaWarningKind.TURNS_RUN_ON: N_(
        "⚠️ Layer “{layer}”: turns also pass on the days it does not cover, so the same people may have the same "
        'weekdays. With turns = "covered days" only its own days count.'
    ),
    RotaWarningKind.LOOK_ALIKE: N_("⚠️ Two members have names that look like “{names}” but are written in two ways."),
}
"""What is odd in a rota file that was taken."""
NOTE = {
    ImportNoteKind.NEW_MEMBER: N_(
        "{name} ({slack}) is new: a member without a role, who may not open requests with 21Vianet."
    ),
    ImportNoteKind.NO_LENGTH: N_("{event}: it has no length and was left out."),
    ImportNoteKind.CANCELLED: N_("Left out because they are cancelled: {n}"),
    ImportNoteKind.ELSEWHEN: N_("Events outside the imported period: {n}"),
    ImportNoteKind.NAMED_IN_PASSING: N_(
        "“{summary}” was read as {names}. If that is somebody else, name them in full."
    ),
    ImportNoteKind.UNKNOWN_ATTENDEE: N_("{name} is an attendee but not a member; only members get shifts."),
    ImportNoteKind.NO_EVENTS: N_("There is no event in this calendar."),
}
"""What is said of a calendar that was taken."""


def seat_name(name: str, words: Words) -> str:
    """Return a seat's name for people."""
    return words(SEAT[name]) if name in SEAT else name


def reason_name(gap: Gap, words: Words) -> str:
    """Describe a gap and its reason: “uncovered · on leave”."""
    return f"{words(KIND[gap.kind])} · {words(REASON[gap.reason])}"


VERDICT = {
    "planned": N_("planned"),
    "confirmed": N_("confirmed"),
    "handed_over": N_("handed over"),
    "uncovered": KIND[GapKind.UNCOVERED],
    "below_requirement": KIND[GapKind.BELOW_REQUIREMENT],
    "intended": N_("accepted gap"),
    "running": N_("running"),
    "down": N_("not running"),
    "before": N_("before the record begins"),
    "ahead": N_("still to come"),
}
"""What the coverage ledger says of a stretch; the last four are about the bot itself."""
EVIDENCE = {
    "no_rota": N_("there was no rota yet"),
    "rota": N_("the rota file"),
    "calendar": N_("the calendar"),
    "pulse": N_("its heartbeat"),
    "not_recorded": N_("no heartbeat since"),
    "not_yet": N_("its time has not come"),
    **{f"gap:{reason}": said for reason, said in REASON.items()},
}
"""What proves a stretch of the coverage ledger, where that is no record with an id."""
WARNING = {
    WarningKind.AVERAGE_WEEK: N_("{who} is on call {found} h a week on average (usual limit: {limit} h)."),
    WarningKind.LONG_WEEK: N_(
        "{who} is on call {found} h in the week from {start} (usual limit: {limit} h). Weeks above the limit: {times}."
    ),
    WarningKind.MONTH_OVERTIME: N_(
        "{who} is on call {found} h above the standard hours in the month from {start} (usual limit: {limit} h). "
        "Months above the limit: {times}."
    ),
    WarningKind.NO_DAY_OFF: N_(
        "{who} has no 24 h off for {found} days from {start} (usual limit: {limit} days). Occurrences: {times}."
    ),
    WarningKind.SHORT_REST: N_(
        "{who} has only {found} h of rest from {start}; {limit} h is usual. Occurrences: {times}."
    ),
    WarningKind.MANY_NIGHTS: N_("{who} has {found} nights; the mean is {limit}."),
    WarningKind.MANY_WEEKENDS: N_("{who} is on call on {found} weekends; the mean is {limit}."),
    WarningKind.MANY_HOLIDAYS: N_("{who} is on call on {found} public holidays; the mean is {limit}."),
    WarningKind.FEW_PEOPLE: N_("The seat {seat} is shared by {found}; legal working hours need {limit} people."),
    WarningKind.FEW_IN_ALL: N_("All seats are shared by {found}; legal working hours need {limit} people."),
}
"""Hints about people's hours; what they say is no verdict."""
WARNED = {
    WarningKind.AVERAGE_WEEK: N_("More than {limit} h a week on average"),
    WarningKind.LONG_WEEK: N_("Single weeks of more than {limit} h"),
    WarningKind.MONTH_OVERTIME: N_("More than {limit} h of overtime in a month"),
    WarningKind.NO_DAY_OFF: N_("More than {limit} days without 24 h off"),
    WarningKind.SHORT_REST: N_("Less than {limit} h of rest"),
    WarningKind.MANY_NIGHTS: N_("Many more nights than the mean of {limit}"),
    WarningKind.MANY_WEEKENDS: N_("Many more weekends than the mean of {limit}"),
    WarningKind.MANY_HOLIDAYS: N_("Many more public holidays than the mean of {limit}"),
}
"""The same where everybody it is about is named behind it."""
_HOURS, _DAYS, _PLAIN = N_("{n} h"), N_("{n} d"), "{n}"
UNIT = {
    **dict.fromkeys(WARNED, _HOURS),
    WarningKind.NO_DAY_OFF: _DAYS,
    WarningKind.MANY_NIGHTS: _PLAIN,
    WarningKind.MANY_WEEKENDS: _PLAIN,
    WarningKind.MANY_HOLIDAYS: _PLAIN,
}
"""What is counted behind a name."""
NOT_LEGAL_ADVICE = N_("These are hints, not legal advice.")


def describe_fault(fault: FileFault, words: Words, example: str = ROTA_EXAMPLE) -> str:
    """Describe an error of a file, without its line and without a suggestion.

    ``example`` is the command that prints a file without errors.
    """
    values = {key: words.join_items(value) if isinstance(value, list) else value for key, value in fault.values.items()}
    if fault.kind is FaultKind.NOT_TOML:
        values["example"] = example
        values["reason"] = words(toml_errors.reason(str(values["why"])))
    return words(FAULT[fault.kind], **values)
