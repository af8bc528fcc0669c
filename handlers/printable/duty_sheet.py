"""The duty sheet: who is on call now and next and how to reach them, open gaps, open cases by number. One A4 page."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

from handlers.i18n import labels
from handlers.i18n.dates import short_zone_name
from handlers.i18n.reach_labels import CHANNEL
from handlers.i18n.rota_labels import reason_name, seat_name
from handlers.i18n.words import N_, Words
from handlers.printable.page import PageTable, PrintablePage, TableColumn, render_page
from models.rules.escalations.escalation import Escalation
from models.rules.reach.channels import Channel
from models.rules.rota.gaps import Gap
from models.rules.rota.on_call import OnCallInterval
from models.rules.rota.shifts import Shift
from models.rules.times import ENDLESS

MOST_ROWS, MOST_GAPS, MOST_NEXT = 30, 8, 8
"""How many rows fit on the page, and how many of them gaps and shifts take at most; the rest is counted."""
FEWEST_CASES = 8
"""So many cases are listed however much else there is."""
SHIFTS_AHEAD = timedelta(hours=24)
"""So far ahead every shift is listed; in a seat without one, its next."""
ADD_CONTACTS = N_(
    'Numbers to call come from the file in CSP_REACH_FILE: below name, add sheet = "+86 138 0000 0000". '
    "Without one: {names}"
)


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
    channels: Mapping[str, Sequence[Channel]] = field(default_factory=dict)
    """By which channels the bot reaches members, by their name."""
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
        [words(N_("For use when Slack can't be reached. Names of customers are left out."))], is_compact=True,
    )  # fmt: skip
    return render_page(page)


def find_people(facts: SheetFacts) -> list[str]:
    """Return the names of the members whom the sheet lists, each once, in its order."""
    listed = (*(interval.person for interval in facts.on_call), *(shift.member for shift in _find_next(facts)))
    return list(dict.fromkeys(name for name in listed if name))


def find_without_contact(facts: SheetFacts) -> list[str]:
    """Return the names of the members whom the sheet lists without a contact."""
    return [name for name in find_people(facts) if not facts.contacts.get(name)]


def _write_contact(name: str, facts: SheetFacts, words: Words) -> str:
    """Return how to reach a member: as the operator says, else by which channels the bot does."""
    if contact := facts.contacts.get(name):
        return contact
    channels = words.join_items(words(CHANNEL[channel]) for channel in facts.channels.get(name, ()))
    return words(N_("No number; the bot writes by: {channels}"), channels=channels) if channels else "–"


def _list_now(facts: SheetFacts, words: Words) -> PageTable:
    rows = [
        (
            seat_name(interval.slot.seat, words),
            interval.person or words(N_("nobody")),
            _write_contact(interval.person, facts, words) if interval.person else "",
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
    following = _find_next(facts)
    rows = [
        (
            _moment(shift.start, facts), seat_name(shift.seat, words), shift.member,
            _write_contact(shift.member, facts, words),
        )
        for shift in following[:MOST_NEXT]
    ]  # fmt: skip
    columns = _columns(words, N_("From"), N_("Seat"), N_("Who"), N_("How to reach"))
    lacking = find_without_contact(facts)
    missing = words(ADD_CONTACTS, names=words.join_items(lacking)) if lacking else ""
    more = " ".join(filter(None, (_rest(following, MOST_NEXT, words), missing)))
    heading, nobody = words(N_("Next, for 24 hours")), words(N_("Nobody is planned."))
    return PageTable(heading, columns, rows, nobody, more, is_stacked=True)


def _find_next(facts: SheetFacts) -> list[Shift]:
    """Return the shifts of the next 24 hours, earliest first, and the next one of a seat that has none in them."""
    following, seen = list[Shift](), set[tuple[str, int]]()
    for shift in sorted(facts.shifts, key=lambda shift: shift.start):
        slot = (shift.seat, shift.slot_number)
        if shift.start > facts.now and (shift.start < facts.now + SHIFTS_AHEAD or slot not in seen):
            seen.add(slot)
            following.append(shift)
    return following


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
    taken = len(facts.on_call) + min(len(_find_next(facts)), MOST_NEXT) + min(len(facts.gaps), MOST_GAPS)
    most = max(FEWEST_CASES, MOST_ROWS - taken)
    rows = [
        (
            case.name, words(labels.SEVERITY[case.current_severity]), words(labels.STATUS[case.status]),
            words(labels.TURN[case.turn]), facts.name_of(case.owner) if case.owner else "–",
        )
        for case in cases[:most]
    ]  # fmt: skip
    columns = _columns(words, N_("Case"), N_("Severity"), N_("Status"), N_("Turn"), N_("Owner"))
    return PageTable(
        words(N_("Open cases")),
        columns,
        rows,
        words(N_("No open cases.")),
        _rest(cases, most, words),
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
