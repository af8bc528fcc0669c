"""Every command, callback, action and block id, and the values of buttons. Old cards carry them: never reuse one."""

import json
from dataclasses import dataclass
from datetime import datetime

from models.rules.errors import refuse
from models.rules.escalations.escalation import InformedBy, Move, Turn
from models.rules.reminders import subjects
from models.rules.rota.on_call import Slot
from models.rules.times import parse_utc

GLOBAL_SHORTCUT = "escalate"
MESSAGE_SHORTCUT = "escalate_message"
ATTACH_SHORTCUT = "attach_message"  # also the form that asks for the case

FORM = "form"
FORM_FIELD = "form."  # + the field's name
CUSTOMER = "form.customer_name"
MORE = "form.more"
QUICK = "form.quick"  # "yes" for the short form, "no" for the whole one

ARTICLE_KEEP = "article.keep"  # in the menu of a solved case
ARTICLE_FORM = "article.form"  # keeps or edits an article
ARTICLE_SHOW, ARTICLE_CONFIRM, ARTICLE_EDIT = "article.show", "article.confirm", "article.edit"  # the article's name
ARTICLE_RETIRE = "article.retire"  # the article's name
SIMILAR = "similar:"  # + a name: the block of a similar case in the form
SIMILAR_SOLVED = "similar.solved"  # the name of a similar case or article: it solves what is in the form
SIMILAR_SHOW = "similar.show"  # the name of a similar case or article: opens it over the form

CARD = "card."  # + the move
CARD_MORE = "card.more"
MOVE_FORM = "sheet."  # + the move

PAGE = "look.page"
SHOW = "look.show"
EXPORT = "look.export"  # + ".xlsx", ".csv", ".json": a list or a search as a file
LINE = "line"  # a line about a case, to be carried out as if it was typed
HISTORY = "look.history"
COPY = "look.copy"
CUSTOMER_TEXT = "look.customer_text"
CASE_PICTURE = "look.picture"
REPORT_SHOW = "report.show"  # the report (ReportRequest) of a customer that may be meant
REPORT_FILE = "report.file."  # + a number: the report (ReportRequest) as a file
CUSTOMER_SHOW = "customer.show"  # the customer's id
REMEDIATION = (
    "remediation."  # + what: new, show, edit, action (a new one), change, done, close, reopen, packet (+ the language)
)
REMEDIATION_RECORD, REMEDIATION_ACTION = "remediation_form.record", "remediation_form.action"  # forms
INFORM_PAGE = "inform.page"  # + ".back", ".more": a page of customers to inform, by how many come before it
INFORM_TEXT = "inform.text"  # the customer's id: the statement to copy
INFORM_MISTAKE = "inform.mistake"  # the customer's id and the record's: it was a mistake
INFORM_TOLD = "inform.told"  # "page 5" or "customer C1-2": opens the form of who was informed, and is that form
ATTACH_TO = "attach.to"  # the name of an open case of a listed incident: what is in the form is attached to it
INFORM_CHILDREN = "children.inform"  # one text to the customers of an incident; button and form
RESOLVE_CHILDREN = "children.resolve"  # the cases that are attached to a resolved one; also that form
HOME_NEW = "home.new"
HOME_QUICK = "home.quick"
HOME_PAGE = "home.page"  # + ".back", ".more": a page of one's own cases, by how many come before it
DRAFT_CONTINUE = "draft.continue"  # the draft's key
DRAFT_DELETE = "draft.delete"  # the draft's key
DONE = "done"

# On call. Buttons of outbox messages carry a `GapSubject` or `ShiftSubject` as their value.
ROTA_TAKE = "rota.take"  # a gap: the whole of it (GapSubject)
ROTA_JOIN = "rota.join."  # + the action of a button: for a lead who is not on the rota, who is put on it first
ROTA_TAKE_PART = "rota.take_part"  # a gap: opens a form for a part of it (GapSubject)
ROTA_CONFIRM = "rota.watch"  # a shift: "I'm on call" (ShiftSubject of the person's own shift)
ROTA_STAY = "rota.stay"  # nobody follows: opens a form, and is that form (SeatInterval from the shift's end on).
ROTA_CANNOT_STAY = "rota.relief"  # nobody follows, and one can't stay (ShiftSubject of one's own shift).
ROTA_CONFIRM_ALL = "rota.confirm_all"  # one's own shifts that begin within some time (SeatInterval without a seat)
ROTA_STEP_IN = "rota.step_in"  # a shift that nobody confirmed: instead of its person (ShiftSubject)
ROTA_HAND_OVER = "rota.hand_over"  # a handover: "I hand over" (ShiftSubject; its person is the outgoing one)
ROTA_TAKE_OVER = "rota.take_over"  # a handover: "I take over" (ShiftSubject; its person is the incoming one)
ROTA_NOTE = "rota.note"  # a handover: opens a form for what the outgoing person adds (ShiftSubject, outgoing)

# The rota: what the answers to the command carry.
ROTA = "rota."  # every action and callback of the rota begins so
ROTA_PAGE = "rota.page"  # turns a page
ROTA_TAKE_LISTED = "rota.take_span"  # a gap of a list (SeatInterval)
ROTA_COVER, ROTA_SWAP, ROTA_LEAVE, ROTA_ACCEPT_GAP = "rota.cover", "rota.swap", "rota.leave", "rota.intend"
ROTA_REMIND = "rota.remind"
ROTA_UNDO = "rota.undo"  # a change of the rota: its id
ROTA_EDIT = "rota.edit"  # opens what can be edited, and every form of it: + ".open", ".pick", ".item", ".file", ".save"
ROTA_CHART = "rota.picture"
WEEK_CAN, WEEK_CANNOT = "rota.week.can", "rota.week.cannot"  # a holiday week: its subject's name
ROTA_BACK = "rota.back"  # from what would happen to what was asked
ROTA_SAVE = "rota.save"  # what would happen, agreed to
OFFER_SAVE = "rota.offer.save"
OFFER_TAKE, OFFER_DECLINE, OFFER_WITHDRAW = "rota.offer.take", "rota.offer.decline", "rota.offer.withdraw"

HIGHEST = 999_999_999
"""Highest number of an escalation or gap; a higher one came from no button of ours."""


def move_button(move: Move) -> str:
    """Return the action id of a move's button."""
    return f"{CARD}{move}"


def turn_button(turn: Turn) -> str:
    """Return the action id of the button that says whose turn it is."""
    return f"{CARD}{Move.TURN}.{turn}"


def informed_button(through: InformedBy) -> str:
    """Return the action id of the button that says how the customer was informed."""
    return f"{CARD}{Move.TELL_DETAILS}.{through}"


def move_form(move: Move) -> str:
    """Return the callback id of a move's form."""
    return f"{MOVE_FORM}{move}"


@dataclass(frozen=True)
class EscalationSubject:
    """Which escalation a button or form is about, and the version its card showed. A hint: the store decides."""

    number: int
    version: int = 0

    def __str__(self) -> str:
        return json.dumps({"n": self.number, "v": self.version})


def subject_of(text: str) -> EscalationSubject:
    """Read a button's value or a sheet's metadata. Raises Refused when somebody tampered with it."""
    try:
        data = json.loads(text)
        subject = EscalationSubject(int(data["n"]), int(data.get("v", 0)))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise refuse("unreadable") from error
    if not 0 <= subject.number <= HIGHEST:
        raise refuse("unreadable")
    return subject


@dataclass(frozen=True)
class RemediationSubject:
    """Which remediation record a button or form is about, and which of its actions; 0 stands for a new one.

    ``seq`` is the last entry that a form showed: one modal shows several forms, one after the other.
    """

    number: int
    action: int = 0
    seq: int = 0

    def __str__(self) -> str:
        return json.dumps({"r": self.number, "a": self.action, "s": self.seq})


def remediation_of(text: str) -> RemediationSubject:
    """Read the value of a remediation record's button or form. Raises Refused when somebody tampered with it."""
    try:
        data = json.loads(text)
        subject = RemediationSubject(int(data["r"]), int(data.get("a", 0)), int(data.get("s", 0)))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise refuse("unreadable") from error
    if not (0 <= subject.number <= HIGHEST and 0 <= subject.action <= HIGHEST):
        raise refuse("unreadable")
    return subject


@dataclass(frozen=True)
class GapSubject:
    """Which gap a button is about, and the version its card showed. A hint: the store decides."""

    number: int
    version: int = 0

    def __str__(self) -> str:
        return json.dumps({"gap": self.number, "v": self.version})


@dataclass(frozen=True)
class ShiftSubject:
    """Which shift a button is about, and the rota's name of the person who should press it.

    ``start`` is the start of the shift, in UTC.
    """

    slot: Slot
    start: datetime
    person: str

    def __str__(self) -> str:
        written = {"seat": self.slot.seat, "n": self.slot.number, "at": self.start.isoformat(), "who": self.person}
        return json.dumps(written, ensure_ascii=False)


@dataclass(frozen=True)
class SeatInterval:
    """Some time of one seat, in UTC."""

    seat: str
    start: datetime
    end: datetime

    def __str__(self) -> str:
        written = {"seat": self.seat, "from": self.start.isoformat(), "to": self.end.isoformat()}
        return json.dumps(written, ensure_ascii=False)


def interval_of(text: str) -> SeatInterval:
    """Read the value of a listed gap's button. Raises Refused when somebody tampered with it."""
    try:
        data = json.loads(text)
        return SeatInterval(str(data["seat"]), parse_utc(data["from"]), parse_utc(data["to"]))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise refuse("unreadable") from error


def week_of(text: str) -> str:
    """Return the name of a button's holiday week. Raises Refused when somebody tampered with it."""
    try:
        return subjects.holiday_review(*subjects.holiday_week_of(text))
    except ValueError as error:
        raise refuse("unreadable") from error


def gap_of(text: str) -> GapSubject:
    """Read the value of a gap's button or form. Raises Refused when somebody tampered with it."""
    try:
        data = json.loads(text)
        subject = GapSubject(int(data["gap"]), int(data.get("v", 0)))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise refuse("unreadable") from error
    if not 0 < subject.number <= HIGHEST:
        raise refuse("unreadable")
    return subject


def shift_of(text: str) -> ShiftSubject:
    """Read the value of a shift's or handover's button or form. Raises Refused when somebody tampered with it."""
    try:
        data = json.loads(text)
        slot = Slot(str(data["seat"]), int(data["n"]))
        return ShiftSubject(slot, parse_utc(data["at"]), str(data["who"]))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise refuse("unreadable") from error
