"""The duty sheet: who is on call now and next and how to reach them, open gaps, open cases by number. One A4 page."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from handlers.i18n import labels
from handlers.i18n.dates import short_zone_name
from handlers.i18n.rota_labels import reason_name, seat_name
from handlers.i18n.words import N_, Words
from handlers.printable.page import PageTable, PrintablePage, TableColumn, render_page
from models.rules.escalations.escalation import Escalation
from models.rules.rota.gaps import Gap
from models.rules.rota.on_call import OnCallInterval
from models.rules.rota.shifts import Shift
from models.rules.times import ENDLESS

MOST_CASES, MOST_GAPS = 14, 8
"""How many cases and gaps fit on the page; the rest is counted."""


@dataclass(frozen=True)
class SheetFacts:
    """What a sheet shows. Times are in UTC."""

    now: datetime
    zone: ZoneInfo
    on_call: Sequence[OnCallInterval]
    shifts: Sequence[Shift]
    gaps: Sequence[Gap]
    cases: Sequence[Escalation]
    contacts: Mapping[str, str] = field(default_factory=dict)
    """How members are reached, by their name, as far as the operator lets the sheet say it."""
    name_of: Callable[[str], str] = str
    """Return the name of a Slack id."""


NO_SHEET = N_("There is no duty sheet at this address: it was revoked, or not copied whole. Ask a lead.")


def write_no_sheet() -> str:
    """Return the page of an address without a sheet, in both languages: who reads it is not known."""
    said = "".join(f"<p>{escape(Words.of(language)(NO_SHEET))}</p>" for language in ("zh_CN", "en"))
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    return f'<!doctype html><html lang="zh-CN"><head>{head}<title>404</title></head><body>{said}</body></html>'


def write_sheet(facts: SheetFacts, words: Words) -> str:
    """Return the sheet as one HTML file without scripts; nothing on it names a customer."""
    language = "zh_CN" if words.is_chinese else "en"
    as_of = words(N_("As of {at}"), at=_moment(facts.now, facts))
    page = PrintablePage(
        language, words(N_("Duty sheet")), "", [f"{as_of}{words.in_brackets(short_zone_name(facts.zone, words))}"],
        [_list_now(facts, words), _list_next(facts, words), _list_gaps(facts, words), _list_cases(facts, words)],
        [words(N_("For use when Slack can't be reached. Names of customers are left out."))],
    )  # fmt: skip
    return render_page(page)


def _list_now(facts: SheetFacts, words: Words) -> PageTable:
    rows = [
        (
            seat_name(interval.slot.seat, words),
            interval.person or words(N_("nobody")),
            facts.contacts.get(interval.person, ""),
        )
        for interval in facts.on_call
    ]
    return PageTable(
        words(N_("On call now")),
        _columns(words, N_("Seat"), N_("Who"), N_("How to reach")),
        rows,
        words(N_("Nobody")),
        is_stacked=True,
    )


def _list_next(facts: SheetFacts, words: Words) -> PageTable:
    following: dict[tuple[str, int], Shift] = {}
    for shift in sorted(facts.shifts, key=lambda shift: shift.start):
        if shift.start > facts.now:
            following.setdefault((shift.seat, shift.slot_number), shift)
    rows = [
        (seat_name(shift.seat, words), shift.member, facts.contacts.get(shift.member, ""), _moment(shift.start, facts))
        for shift in following.values()
    ]
    columns = _columns(words, N_("Seat"), N_("Who"), N_("How to reach"), N_("From"))
    return PageTable(words(N_("Next")), columns, rows, words(N_("Nobody is planned.")), is_stacked=True)


def _list_gaps(facts: SheetFacts, words: Words) -> PageTable:
    gaps = sorted(facts.gaps, key=lambda gap: gap.start)
    rows = [
        (
            seat_name(gap.seat, words),
            f"{_moment(gap.start, facts)} – {_end(gap, facts)}",
            reason_name(gap, words),
        )
        for gap in gaps[:MOST_GAPS]
    ]
    columns = _columns(words, N_("Seat"), N_("When"), N_("Reason"))
    return PageTable(
        words(N_("Gaps of the next seven days")),
        columns,
        rows,
        words(N_("No gaps.")),
        _rest(gaps, MOST_GAPS, words),
        is_stacked=True,
    )


def _list_cases(facts: SheetFacts, words: Words) -> PageTable:
    cases = sorted(facts.cases, key=lambda case: (case.current_severity, case.number))
    rows = [
        (
            case.name, words(labels.SEVERITY[case.current_severity]), words(labels.STATUS[case.status]),
            words(labels.TURN[case.turn]), facts.name_of(case.owner) if case.owner else "–",
        )
        for case in cases[:MOST_CASES]
    ]  # fmt: skip
    columns = _columns(words, N_("Case"), N_("Severity"), N_("Status"), N_("Turn"), N_("Owner"))
    return PageTable(
        words(N_("Open cases")),
        columns,
        rows,
        words(N_("No open cases.")),
        _rest(cases, MOST_CASES, words),
        is_stacked=True,
    )


def _columns(words: Words, *headings: str) -> list[TableColumn]:
    return [TableColumn(words(heading)) for heading in headings]


def _rest(items: Iterable[object], most: int, words: Words) -> str:
    hidden = len(list(items)) - most
    return words.plural("{n} more is not shown.", "{n} more are not shown.", hidden) if hidden > 0 else ""


def _end(gap: Gap, facts: SheetFacts) -> str:
    """Return the end of a gap; nothing for one without an end."""
    return "" if gap.end >= ENDLESS else _moment(gap.end, facts)


def _moment(at: datetime, facts: SheetFacts) -> str:
    return f"{at.astimezone(facts.zone):%Y-%m-%d %H:%M}"
