"""The words of the rota: why a minute is not covered, and what is wrong with a rota file."""

from handlers.words import N_
from models.rota.gaps import Reason
from models.rota.reading import FaultKind

REASON = {
    Reason.NOBODY: N_("nobody is planned"),
    Reason.NO_BACKUP: N_("no backup"),
    Reason.ON_LEAVE: N_("on leave"),
    Reason.LEFT_WORKSPACE: N_("left the workspace"),
    Reason.NO_ACCOUNT: N_("has no Slack account"),
    Reason.NO_ELIGIBLE_ROLE: N_("nobody may open requests with 21Vianet"),
    Reason.NO_SERVICE: N_("nobody for the service"),
    Reason.NO_LANGUAGE: N_("nobody for the language"),
    Reason.TOO_LONG: N_("longer than allowed"),
    Reason.TOO_LITTLE_REST: N_("too little rest"),
}
FAULT = {
    FaultKind.NOT_TEXT_FILE: N_("this is no text in UTF-8. Save the file as UTF-8."),
    FaultKind.TOO_BIG: N_("the file is bigger than {limit} MB; a rota is much smaller."),
    FaultKind.NOT_TOML: N_("this is not TOML: {why}. Compare it with: csp-escalate rota example"),
    FaultKind.UNKNOWN_KEY: N_("“{name}” means nothing here. What may be here: {known}."),
    FaultKind.MISSING: N_("“{key}” is missing. Add it."),
    FaultKind.NOT_TABLES: N_("“{key}” is written as [[{key}]], with its keys on the lines below."),
    FaultKind.NOT_TEXT: N_("“{key}” has to be a text on one line, in quotation marks."),
    FaultKind.NOT_WHOLE: N_("“{key}” has to be a whole number from {low} to {high}."),
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
    FaultKind.UNKNOWN_DAY: N_("“{name}” is not a day. Choose from: {known}."),
    FaultKind.TWICE: N_("“{name}” is there twice. Each has to be another."),
    FaultKind.ENDS_FIRST: N_("it ends before it begins. “to” has to be later than “from”."),
}
