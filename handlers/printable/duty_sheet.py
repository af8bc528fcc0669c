"""The duty sheet: whom to call now and next, open gaps, open cases by number. One A4 page; on a screen all of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from html import escape

from handlers.blocks import case_row
from handlers.i18n import labels
from handlers.i18n.dates import clock, full_day, interval, moment, zone_name
from handlers.i18n.reach_labels import CHANNEL
from handlers.i18n.rota_labels import VERDICT, reason_name, seat_name
from handlers.i18n.words import N_, Words
from handlers.printable.frame import frame_page, name_language
from handlers.printable.page import PageTable, PrintablePage, TableColumn, render_page
from handlers.printable.paper_room import PaperRoom
from handlers.printable.sheet_facts import SheetFacts, SheetPerson, find_next, find_without_contact
from handlers.printable.styles import LETTER
from models.rules.escalations.escalation import Escalation, Turn
from models.rules.rota.gaps import Gap
from models.rules.rota.on_call import CoverageStatus
from models.rules.rota.on_call_entry import OnCallEntry
from models.rules.rota.rota import BACKUP, PRIMARY
from models.rules.times import ENDLESS

FEWEST_LEADS, FEWEST_NEXT, FEWEST_GAPS, FEWEST_CASES = 3, 4, 3, 8
"""How many leads, shifts, gaps and cases are printed before there are more of any."""
MOST_LEADS, MOST_NEXT, MOST_GAPS = 8, 12, 8
"""How many of them are printed at most; cases take the rest of the page."""
MOST_ON_SCREEN = 200
LONGEST_NAME, MOST_NAMED = 40, 8
ADD_CONTACTS = N_(
    'Numbers to call come from the file in CSP_REACH_FILE: below name, add sheet = "+86 138 0000 0000". '
    "Without one: {names}"
)
DUTY_SHEET = N_("Duty sheet")
NO_SHEET = N_("There is no duty sheet at this address: it was revoked, or not copied whole. Ask a lead.")
NOT_READ = N_("The duty sheet can't be read now. Open this page again in a minute, or take the last printed one.")


def write_notice(notice: str) -> str:
    """Return the page that stands in place of a sheet, in both languages: who reads it is not known."""
    languages = ("zh_CN", "en")
    title = " · ".join(Words.of(language)(DUTY_SHEET) for language in languages)
    lines = (f'<p lang="{name_language(each)}">{escape(Words.of(each)(notice))}</p>\n' for each in languages)
    return frame_page("zh_CN", title, LETTER, f"<header><h1>{escape(title)}</h1></header>\n{''.join(lines)}")


def write_sheet(facts: SheetFacts, words: Words) -> str:
    """Return the sheet as one HTML file without scripts; nothing on it names a customer."""
    language, day = "zh_CN" if words.is_chinese else "en", full_day(facts.now.astimezone(facts.zone).date(), words)
    at = f"{day} {clock(facts.now, facts.zone)} · {zone_name(facts.now, facts.zone, words)}"
    lacking = find_without_contact(facts)
    notes = [words(N_("For use when Slack can't be reached. Names of customers are left out."))]
    notes += [words(ADD_CONTACTS, names=_name_lacking(lacking, words))] if lacking else []
    tables = list(_SheetTables(facts, words).build(notes))
    as_of = f"{words('As of')} {at}"
    return render_page(
        PrintablePage(language, words(DUTY_SHEET), as_of, _say_until(facts, words), tables, notes, is_compact=True)
    )


def _say_until(facts: SheetFacts, words: Words) -> list[str]:
    """Say from when on a print is out of date, where somebody else is on call then."""
    following = find_next(facts)
    if not following:
        return []
    at = moment(following[0].start, facts.zone, words)
    return [words(N_("The next shift begins {at}: print or load this page again then."), at=at)]


def _columns(words: Words, *named: tuple[str, int, str]) -> list[TableColumn]:
    return [TableColumn(words(heading), kind, f"{width}%") for heading, width, kind in named]


def _name_lacking(names: Sequence[str], words: Words) -> str:
    """Return the first names; the terminal, where the sheet is written, names all."""
    listed, more = [*map(_shorten, names[:MOST_NAMED])], len(names) - MOST_NAMED
    if more > 0:
        listed.append(words("and {n} more: csp-escalate rota sheet names them", n=more))
    return words.join_items(listed)


def _shorten(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…"


class _SheetTables:
    """Builds the tables of a sheet: on paper the first rows of each, as far as they fit on one page."""

    def __init__(self, facts: SheetFacts, words: Words) -> None:
        self._facts, self._words, self._room = facts, words, PaperRoom()

    def build(self, notes: Sequence[str]) -> list[PageTable]:
        """Return the tables. Room is given to what matters most first: whom to call now and next, then cases."""
        now, hotlines = self._list_now(), self._list_hotlines()
        following, gaps, cases = self._list_next(), self._list_gaps(), self._list_cases()
        tables = [now, *([hotlines] if hotlines.rows else []), following, gaps, cases]
        self._room.take_tables(len(tables))
        self._room.take_text(*notes, *(table.more for table in tables))
        on_call, all_cases = len(now.rows) - len(self._find_other_leads()), len(cases.rows)
        fewest = (
            (now, on_call + FEWEST_LEADS), (hotlines, len(hotlines.rows)), (following, FEWEST_NEXT),
            (cases, FEWEST_CASES), (gaps, FEWEST_GAPS),
        )  # fmt: skip
        most_of = ((now, on_call + MOST_LEADS), (following, MOST_NEXT), (gaps, MOST_GAPS), (cases, all_cases))
        self._room.take_text(*(self._say_left_out(1) for table, least in fewest if len(table.rows) > least))
        printed = dict.fromkeys(map(id, tables), 0)
        for table, most in (*fewest, *most_of):
            first = printed[id(table)]
            rows = table.rows[first:most]
            printed[id(table)] = first + self._room.take(rows, table.columns)
        return [self._cut(table, printed[id(table)]) for table in tables]

    def _cut(self, table: PageTable, printed: int) -> PageTable:
        hidden = len(table.rows) - printed
        return replace(table, on_paper=printed, left_out=self._say_left_out(hidden) if hidden else "")

    def _say_left_out(self, hidden: int) -> str:
        return self._words.plural("{n} more is not printed.", "{n} more are not printed.", hidden)

    # Whom to call ------------------------------------------------------------------------------------------------

    def _list_now(self) -> PageTable:
        facts, words = self._facts, self._words
        rows, urgent = list[tuple[str, ...]](), list[int]()
        for entry in sorted(facts.on_call, key=lambda entry: self._rank(entry.slot.seat)):
            if not entry.person:
                urgent.append(len(rows))
            rows += self._write_entry(entry)
        rows += [(words(N_("lead")), *self._write_person(lead), "") for lead in self._find_other_leads()]
        called = (number for number in range(len(rows)) if number not in urgent)
        numbers = {row: number for number, row in enumerate(called, 1)}
        numbered = [
            (f"{numbers[at]}. {seat}" if at in numbers else seat, *rest) for at, (seat, *rest) in enumerate(rows)
        ]
        columns = _columns(
            words, (N_("Seat"), 17, "text"), (N_("Who"), 23, "text"), (N_("How to reach"), 36, "contact"),
            (N_("Until"), 24, "time"),
        )  # fmt: skip
        nobody_answers = words(N_("Nobody answers? Call the next one in this order.")) if rows else ""
        no_leads = "" if facts.leads else words(N_("No leads are named in CSP_LEADS."))
        no_rota = words(N_("Nobody is on call: there is no rota."))
        return PageTable(
            words(N_("On call now: call in this order")), columns, numbered, no_rota,
            " ".join(filter(None, (nobody_answers, no_leads))), is_stacked=True, urgent=urgent,
        )  # fmt: skip

    def _rank(self, seat: str) -> int:
        """Return in which order seats are called: primary, backup, all others; without a primary, backup last."""
        has_primary = any(each.slot.seat == PRIMARY for each in self._facts.on_call)
        return {PRIMARY: 0, BACKUP: 1}.get(seat, 2 if has_primary else 0)

    def _write_entry(self, entry: OnCallEntry) -> list[tuple[str, ...]]:
        """Return the row of a slot, and one for who should have taken over."""
        facts, words, seat = self._facts, self._words, seat_name(entry.slot.seat, self._words)
        if not entry.person:
            gap = next((gap for gap in facts.gaps if self._is_running(gap, entry.slot.seat)), None)
            why = f"{reason_name(gap, words)}{self._name_gap(gap)}" if gap else words(VERDICT["intended"])
            ends = gap.end if gap else entry.next.start if entry.next else None
            return [(seat, f"{words(N_('nobody'))}{words.colon}{why}", "", self._write_end(ends))]
        person = facts.person(entry.person)
        is_lead = person in facts.leads
        label = words.join_items([seat, *([words(N_("lead"))] if is_lead else [])])
        if not entry.awaited:
            name, contact = self._write_person(person)
            unsure = words.in_brackets(words("not confirmed yet")) if entry.status is CoverageStatus.PLANNED else ""
            return [(label, f"{name}{unsure}", contact, self._write_end(entry.until))]
        awaited = facts.person(entry.awaited)
        since = moment(entry.next.start, facts.zone, words) if entry.next else ""
        due = words("due since {since}, has not taken over yet", since=since)
        name, contact = self._write_person(awaited)
        until = words(N_("{name} takes over"), name=name)
        return [(label, *self._write_person(person), until), (seat, f"{name}{words.colon}{due}", contact, "")]

    def _is_running(self, gap: Gap, seat: str) -> bool:
        return gap.seat == seat and gap.concerns("") and gap.start <= self._facts.now < gap.end

    def _find_other_leads(self) -> list[SheetPerson]:
        """Return the leads who are not on call now."""
        on_call = [self._facts.person(name) for entry in self._facts.on_call for name in (entry.person, entry.awaited)]
        return [lead for lead in self._facts.leads if lead not in on_call]

    def _write_person(self, person: SheetPerson) -> tuple[str, str]:
        """Return a name and how to reach it: as the operator says, else by which channels the bot does."""
        name = _shorten(person.name)
        if person.contact or not person.channels:
            return name, person.contact or self._words(N_("no number"))
        channels = self._words.join_items(self._words(CHANNEL[channel]) for channel in person.channels)
        return name, self._words(N_("No number; the bot writes by: {channels}"), channels=channels)

    def _list_hotlines(self) -> PageTable:
        words, policy = self._words, self._facts.policy
        rows = [
            (
                words.join_items(
                    words.pick(service.en, service.zh)
                    for key, service in policy.services.items()
                    if key in hotline.services
                )
                or words(N_("all services")),
                hotline.number,
            )
            for hotline in policy.hotlines
        ]
        heading = words(N_("21Vianet's hotline, when its web form fails or its answer is overdue"))
        return PageTable(heading, [TableColumn("", width="40%"), TableColumn("", "contact", "60%")], rows)

    # What comes ---------------------------------------------------------------------------------------------------

    def _list_next(self) -> PageTable:
        facts, words = self._facts, self._words
        rows = [
            (
                interval(shift.start, shift.end, facts.zone, words), seat_name(shift.seat, words),
                *self._write_person(facts.person(shift.member)),
            )
            for shift in sorted(find_next(facts), key=lambda shift: (shift.start, self._rank(shift.seat)))
        ]  # fmt: skip
        columns = _columns(
            words, (N_("When"), 28, "time"), (N_("Seat"), 13, "text"), (N_("Who"), 23, "text"),
            (N_("How to reach"), 36, "contact"),
        )  # fmt: skip
        return self._table(N_("Next on call"), columns, rows, N_("Nobody is planned."))

    def _list_gaps(self) -> PageTable:
        facts, words = self._facts, self._words
        rows, urgent = list[tuple[str, ...]](), list[int]()
        for gap in sorted(facts.gaps, key=lambda gap: gap.start):
            when, about = interval(gap.start, gap.end, facts.zone, words), self._name_gap(gap)
            if gap.start <= facts.now:
                urgent.append(len(rows))
                when = f"{words(N_('in progress'))}{words.colon}{when}"
            rows.append((when, seat_name(gap.seat, words), f"{reason_name(gap, words)}{about}"))
        columns = _columns(words, (N_("When"), 36, "time"), (N_("Seat"), 17, "text"), (N_("Reason"), 47, "text"))
        table = self._table(N_("Gaps of the next seven days"), columns, rows, N_("No gaps."))
        return replace(table, urgent=urgent)

    def _name_gap(self, gap: Gap) -> str:
        """Return whom and what a gap is about, in brackets; empty for nobody."""
        people = [_shorten(self._facts.person(name).name) for name in gap.people]
        about = self._words.join_items([*people, *gap.missing])
        return self._words.in_brackets(about) if about else ""

    def _list_cases(self) -> PageTable:
        facts, words = self._facts, self._words
        cases = sorted(facts.cases, key=lambda case: (case.current_severity, case.number))
        rows = [
            (
                case.name, labels.describe_severity(case, words), case.request_number or "",
                self._say_state(case),
                _shorten(facts.name_of(case.owner)) if case.owner else words(N_("no owner")), self._say_step(case),
            )
            for case in cases
        ]  # fmt: skip
        urgent = [at for at, case in enumerate(cases) if self._is_overdue(case)]
        columns = _columns(
            words, (N_("Case"), 9, "text"), (N_("Severity"), 13, "text"),
            (labels.FIELD["request_number"], 17, "reference"), (N_("Status"), 15, "text"), (N_("Owner"), 10, "text"),
            (N_("Next step"), 36, "step"),
        )  # fmt: skip
        table = self._table(N_("Open cases"), columns, rows, N_("No open cases."))
        heading = words(N_("Open cases: {n}, the most severe first"), n=len(rows)) if rows else table.heading
        return replace(table, heading=heading, urgent=urgent)

    def _say_state(self, case: Escalation) -> str:
        """Return the status and whose turn it is; 21Vianet's turn alone says that it was submitted."""
        turn = self._words(labels.TURN[case.turn])
        return turn if case.turn is Turn.VENDOR else f"{self._words(labels.STATUS[case.status])} · {turn}"

    def _say_step(self, case: Escalation) -> str:
        facts = self._facts
        return case_row.next_step(case, facts.deadlines.get(case.number), facts.zone, self._words, facts.now)

    def _is_overdue(self, case: Escalation) -> bool:
        deadline = self._facts.deadlines.get(case.number)
        return deadline is not None and deadline.due_at <= self._facts.now

    def _table(
        self, heading: str, columns: Sequence[TableColumn], rows: Sequence[tuple[str, ...]], none: str
    ) -> PageTable:
        """Return a table with as many rows as a screen shows."""
        words, hidden = self._words, len(rows) - MOST_ON_SCREEN
        more = words.plural("{n} more is not shown.", "{n} more are not shown.", hidden) if hidden > 0 else ""
        return PageTable(words(heading), columns, rows[:MOST_ON_SCREEN], words(none), more, is_flowing=True)

    def _write_end(self, at: datetime | None) -> str:
        """Return until when somebody is on call; nothing for an end that is not known."""
        return moment(at, self._facts.zone, self._words) if at and at < ENDLESS else ""
