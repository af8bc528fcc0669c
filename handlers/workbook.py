"""The export as a workbook (XLSX) for people: a sheet of escalations and a sheet of their histories.

Headings and values are in the reader's language. Times are real dates in the time zone that their heading names. No
cell is ever a formula or a link: each text is written as text. The columns are a contract; new ones come at the end.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib import import_module
from itertools import count
from typing import TYPE_CHECKING, Any, BinaryIO
from zoneinfo import ZoneInfo

from handlers.blocks import case_history
from handlers.blocks.customer_record import ANSWERS
from handlers.i18n import entry_words, labels
from handlers.i18n.dates import numeric_moment, short_zone_name
from handlers.i18n.erased_words import in_words
from handlers.i18n.words import N_, Words
from models.rules.customers.record_fields import NO, YES
from models.rules.escalations.escalation import ENDED, Escalation, HistoryEntry
from models.rules.escalations.export import Histories, NameOf, escape_formula
from models.rules.policy.vendor import VendorPolicy

if TYPE_CHECKING:
    from xlsxwriter import Workbook

LAST_ROW = 1_048_575
"""A sheet of Excel holds no more rows after its heading; more go to a further sheet."""
LONGEST = 32_767
"""How many characters a cell holds."""
NARROW, MIDDLE, WIDE, TIME = 12, 22, 45, 17
"""Widths of columns, in characters."""


@dataclass(frozen=True)
class Column:
    """One column: its name in the contract, its heading, and its width in characters."""

    name: str
    heading: str
    width: int = MIDDLE


CASES = (
    Column("escalation", N_("No."), NARROW), Column("status", labels.FIELD["status"]),
    Column("turn", N_("Whose turn")), Column("severity", labels.FIELD["severity"], NARROW),
    Column("severity_given", labels.FIELD["severity_given"], NARROW), Column("title", labels.FIELD["title"], WIDE),
    Column("customer_name", labels.FIELD["customer_name"], WIDE), Column("service", labels.FIELD["service"]),
    Column("request_number", labels.FIELD["request_number"]), Column("owner", labels.FIELD["owner"]),
    Column("raised_by", N_("Raised by")), Column("raised_at", N_("Raised at"), TIME),
    Column("acknowledged_at", N_("Acknowledged at"), TIME),
    Column("first_contact_at", N_("First response of 21Vianet at"), TIME),
    Column("told_at", N_("Customer informed at"), TIME), Column("told_through", N_("How informed"), NARROW),
    Column("promised_at", N_("Next update promised for"), TIME), Column("closed_at", N_("Closed at"), TIME),
    Column("reopened", N_("Times reopened"), NARROW), Column("snoozed_until", N_("Snoozed until"), TIME),
    Column("status_reason", labels.FIELD["reason"], WIDE), Column("fix", labels.FIELD["fix"], WIDE),
    Column("details", labels.FIELD["details"], WIDE), Column("tenant_id", labels.FIELD["tenant_id"]),
    Column("domain", labels.FIELD["domain"]), Column("kind", labels.FIELD["kind"]),
    Column("returned_on", labels.FIELD["returned_on"], NARROW),
    Column("returned_number", labels.FIELD["returned_number"]),
    Column("returned_words", labels.FIELD["returned_words"], WIDE),
    Column("escalated", N_("Went to 21Vianet"), NARROW), Column("review", N_("Review"), NARROW),
    Column("parent", labels.FIELD["parent"], NARROW),
)  # fmt: skip
STEPS = (
    Column("escalation", N_("No."), NARROW), Column("at", N_("When"), TIME), Column("by", N_("Who")),
    Column("move", N_("What"), WIDE), Column("from", N_("Status before")), Column("to", N_("Status after")),
    Column("text", labels.FIELD["note"], WIDE), Column("changes", N_("What changed"), WIDE),
)  # fmt: skip
TIMES = frozenset(
    {"raised_at", "acknowledged_at", "first_contact_at", "told_at", "promised_at", "closed_at", "snoozed_until", "at"}
)
"""Columns of times: the heading names their zone."""


@dataclass(frozen=True)
class Reader:
    """Who reads the workbook: the language, the time zone, and the names of services and people."""

    words: Words
    zone: ZoneInfo
    policy: VendorPolicy
    name_of: NameOf

    def write_time(self, at: datetime) -> str:
        """Return an instant in the reader's zone, to the minute."""
        return numeric_moment(at, self.zone)


def write_workbook(target: BinaryIO, histories: Histories, reader: Reader, most_rows: int = LAST_ROW) -> None:
    """Write the workbook, one escalation after another, so that memory stays flat."""
    book = open_book(target)
    cases = Sheets(book, reader.words(N_("Escalations")), CASES, reader, most_rows)
    steps = Sheets(book, reader.words("History"), STEPS, reader, most_rows)
    for escalation, entries in histories:
        cases.add(_case_values(escalation, reader))
        for entry in entries:
            steps.add(_step_values(escalation, entry, reader))
    for sheets in (cases, steps):
        sheets.finish()
    book.close()


def open_book(target: BinaryIO) -> "Workbook":
    """Begin a workbook in which no text becomes a formula or a link."""
    # Imported by name when it is first used: the bot starts without it.
    book: Workbook = import_module("xlsxwriter").Workbook(
        target,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True},
    )
    return book


class Sheets:
    """The sheets of one kind of rows; a further one begins when the last is full."""

    def __init__(self, book: "Workbook", title: str, columns: Sequence[Column], reader: Reader, most_rows: int) -> None:
        self._book, self._columns, self._reader, self._most_rows = book, columns, reader, most_rows
        self._titles = (title if number == 1 else f"{title} {number}" for number in count(1))
        self._heading = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self._time = book.add_format({"num_format": "yyyy-mm-dd hh:mm", "valign": "top", "align": "left"})
        self._day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"})
        self._share = book.add_format({"num_format": "0.0%", "valign": "top"})
        self._text = book.add_format({"valign": "top"})
        self._quoted = book.add_format({"valign": "top", "quote_prefix": True})
        self._begin()

    def _begin(self) -> None:
        self._sheet, self._row = self._book.add_worksheet(next(self._titles)), 0
        words, zone = self._reader.words, short_zone_name(self._reader.zone, self._reader.words)
        self._sheet.freeze_panes(1, 1)
        for position, column in enumerate(self._columns):
            self._sheet.set_column(position, position, column.width)
        for position, column in enumerate(self._columns):
            remark = words.in_brackets(zone) if column.name in TIMES else ""
            self._sheet.write_string(0, position, f"{words(column.heading)}{remark}", self._heading)

    def add(self, values: Iterable[Any]) -> None:
        """Write one row, in the order of the columns: texts, whole numbers, days, instants, shares as float."""
        if self._row == self._most_rows:
            self.finish()
            self._begin()
        self._row += 1
        for position, value in enumerate(values):
            self._write(position, value)

    def _write(self, position: int, value: Any) -> None:
        if isinstance(value, datetime):
            local = value.astimezone(self._reader.zone).replace(tzinfo=None)
            self._sheet.write_datetime(self._row, position, local, self._time)
        elif isinstance(value, date):
            self._sheet.write_datetime(self._row, position, value, self._day)
        elif isinstance(value, float):
            self._sheet.write_number(self._row, position, value, self._share)
        elif isinstance(value, int):
            self._sheet.write_number(self._row, position, value, self._text)
        elif value:
            value = in_words(value, self._reader.words)
            # Excel marks text that looks like a formula in this way, so that editing the cell does not run it.
            form = self._text if escape_formula(value) == value else self._quoted
            self._sheet.write_string(self._row, position, value[:LONGEST], form)

    def finish(self) -> None:
        """Let the reader filter all rows of the last sheet."""
        self._sheet.autofilter(0, 0, self._row, len(self._columns) - 1)


def _case_values(case: Escalation, reader: Reader) -> Iterable[Any]:
    words, service = reader.words, reader.policy.service(case.service)
    shown: dict[str, Callable[[], Any]] = {
        "escalation": lambda: case.name,
        "status": lambda: words(labels.STATUS[case.status]),
        "turn": lambda: "" if case.status in ENDED else words(labels.TURN[case.turn]),
        "told_through": lambda: words(labels.INFORMED_BY[case.told_through]) if case.told_through else "",
        "service": lambda: words.pick(service.en, service.zh) if case.service else "",
        "owner": lambda: reader.name_of(case.owner) if case.owner else "",
        "raised_by": lambda: reader.name_of(case.raised_by),
        "kind": lambda: words(labels.KIND[case.kind]),
        "escalated": lambda: words(ANSWERS[YES if case.is_escalated else NO]),
        "review": lambda: words(labels.REVIEW[case.review]) if case.review else "",
        "parent": lambda: f"CSP-{case.parent}" if case.parent else "",
        "returned_on": lambda: case.returned_on.isoformat() if case.returned_on else "",
    }
    return (shown[column.name]() if column.name in shown else getattr(case, column.name) for column in CASES)


def _step_values(case: Escalation, entry: HistoryEntry, reader: Reader) -> Iterable[Any]:
    words = reader.words
    before = words(labels.STATUS[entry.status_from]) if entry.status_from else ""
    done = entry_words.done_with_facts(entry, words, reader.write_time)
    changed = "\n".join(case_history.changes(entry, words, reader.policy))
    return (
        case.name, entry.at, reader.name_of(entry.by), done, before,
        words(labels.STATUS[entry.status_to]), entry.text, changed,
    )  # fmt: skip
