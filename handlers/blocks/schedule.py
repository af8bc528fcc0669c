"""Views of the rota: who is on call, the days ahead, the gaps. Private, and readable on a phone."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from handlers import ids
from handlers.blocks import block_kit
from handlers.i18n import dates as i18n_dates
from handlers.i18n.durations import span
from handlers.i18n.rota_labels import VERDICT, reason_name, seat_name
from handlers.i18n.words import Words
from models.rules.rota.gaps import Gap, GapKind
from models.rules.rota.on_call import CoverageStatus, Slot
from models.rules.rota.on_call_entry import OnCallEntry
from models.rules.rota.rota import Member, Rota
from models.rules.rota.shifts import Shift
from models.rules.times import ENDLESS

GAPS_SHOWN, DAYS_SHOWN = 8, 7
GAP_SIGN, BELOW_SIGN = "🕳️", "⚠️"
"""The signs of a gap. Red colours are for severities, 🚨 is for what needs a person now."""
NAME = 60
FAR = timedelta(days=7)
"""What lasts longer is looked at no further."""


@dataclass(frozen=True)
class ViewContext:
    """The reader: their language, their zone, the rota that names people, now, and the marks of dates."""

    words: Words
    zone: ZoneInfo
    rota: Rota
    now: datetime
    marks: Mapping[date, str] = field(default_factory=dict)

    def person(self, name: str) -> block_kit.Element:
        """Return a member as Slack shows them where they have an account."""
        member: Member | None = self.rota.members.get(name)
        return (
            block_kit.person(member.slack_id)
            if member and member.slack_id
            else block_kit.run(block_kit.clip(name, NAME), "bold")
        )

    def interval(self, start: datetime, end: datetime) -> str:
        """Format “Mon 3 Nov 20:00–08:00” in the reader's zone."""
        return i18n_dates.interval(start, end, self.zone, self.words)

    def moment(self, at: datetime) -> str:
        """Format “Mon 3 Nov 20:00”, or only the time when it is today."""
        return i18n_dates.clock(at, self.zone) if self._is_today(at) else i18n_dates.moment(at, self.zone, self.words)

    def moment_in_sentence(self, at: datetime) -> str:
        """Format “20:00 on Mon 3 Nov”, or only the time when it is today: for a sentence with “at”."""
        if self._is_today(at):
            return i18n_dates.clock(at, self.zone)
        return i18n_dates.moment_in_sentence(at, self.zone, self.words)

    def _is_today(self, at: datetime) -> bool:
        return at.astimezone(self.zone).date() == self.now.astimezone(self.zone).date()

    def mention(self, name: str) -> str:
        """Mention a member in a text that Slack parses."""
        member = self.rota.members.get(name)
        return (
            block_kit.mention(member.slack_id)
            if member and member.slack_id
            else f"*{block_kit.escape(block_kit.clip(name, NAME))}*"
        )

    def line_per_language(self, say: Callable[["ViewContext"], str]) -> str:
        """Return a sentence with times in it, on a line of its own per language."""
        return self.words.line_per_language(lambda words: say(replace(self, words=words)))

    def slot_name(self, slot: Slot) -> str:
        """Return the name of a slot; a seat for several is numbered."""
        name = seat_name(slot.seat, self.words)
        return name if slot.number == 1 else f"{name} {slot.number}"


# Who is on ---------------------------------------------------------------------------------------------------------


def who(
    entries: Sequence[OnCallEntry], gaps: Sequence[Gap], at: datetime, viewer: ViewContext
) -> list[block_kit.Block]:
    """Return who is on call at an instant and who is next, a paragraph for each slot, and the gaps then."""
    lines = [line for entry in entries for line in entry_lines(entry, at, viewer)]
    if gaps:
        lines.append(
            block_kit.line(*(block_kit.run(f"\n{gap_sign(gap.kind)} {gap_text(gap, viewer.words)}") for gap in gaps))
        )
    title = viewer.words("On call now") if at == viewer.now else viewer.words("On call")
    day = i18n_dates.full_day(at.astimezone(viewer.zone).date(), viewer.words)
    when = f"{day} {i18n_dates.clock(at, viewer.zone)}"
    heading = block_kit.line(block_kit.run(f"{title} · {when}", "bold"))
    return [block_kit.rich(heading, *lines), zone_note(at, viewer)]


def entry_lines(entry: OnCallEntry, at: datetime, viewer: ViewContext) -> list[block_kit.Element]:
    """Return one slot: who, since and until when, how sure; and who is next.

    Times on the day of ``at`` need no date.
    """
    words = viewer.words
    label = block_kit.run(f"\n{viewer.slot_name(entry.slot)}{words.colon}", "bold")
    if not entry.person:
        nobody = block_kit.run(f"{_vacant_sign(entry, at, viewer)} {words('nobody')}", "bold")
        lines = [block_kit.line(label, nobody, *_accepted(entry, words))]
    else:
        sign = "⚠️" if entry.awaited else status_sign(entry.status)
        elements = [label, viewer.person(entry.person), block_kit.run(f"  {sign} {_status_text(entry, at, viewer)}")]
        times = _since_until(entry, replace(viewer, now=at))
        lines = [block_kit.line(*elements, *([block_kit.run(f"\n{times}")] if times else []))]
    return [*lines, *_next(entry, at, viewer)]


def _vacant_sign(entry: OnCallEntry, at: datetime, viewer: ViewContext) -> str:
    is_urgent = entry.status is CoverageStatus.UNCOVERED and at == viewer.now
    return "🚨" if is_urgent else status_sign(entry.status)


def _accepted(entry: OnCallEntry, words: Words) -> list[block_kit.Element]:
    """Describe an empty slot as an accepted gap, when it is one."""
    return [block_kit.run(f" · {words(VERDICT['intended'])}")] if entry.status is CoverageStatus.ACCEPTED else []


def _since_until(entry: OnCallEntry, viewer: ViewContext) -> str:
    words = viewer.words
    if entry.since and entry.until and entry.until < ENDLESS and not entry.awaited:
        return words("since {since}, until {until}", since=viewer.moment(entry.since), until=viewer.moment(entry.until))
    return words("since {since}", since=viewer.moment(entry.since)) if entry.since else ""


def status_sign(status: CoverageStatus) -> str:
    """Return the sign for how sure it is."""
    signs = {
        CoverageStatus.PLANNED: "○", CoverageStatus.UNCOVERED: GAP_SIGN, CoverageStatus.BELOW_REQUIREMENT: BELOW_SIGN,
        CoverageStatus.ACCEPTED: "⚪",
    }  # fmt: skip
    return signs.get(status, "✅")


def _status_text(entry: OnCallEntry, at: datetime, viewer: ViewContext) -> str:
    words = viewer.words
    if entry.awaited:
        return words("still on call: {name} has not taken over yet", name=block_kit.clip(entry.awaited, NAME))
    if entry.status in {CoverageStatus.BELOW_REQUIREMENT, CoverageStatus.ACCEPTED}:
        return words(VERDICT[entry.status])
    if entry.status is CoverageStatus.PLANNED:
        return words("not confirmed yet") if at >= viewer.now else words("never confirmed")
    if at > viewer.now:
        return words("confirmed")
    return words("took over") if entry.status is CoverageStatus.HANDED_OVER else words("is on call")


def _next(entry: OnCallEntry, at: datetime, viewer: ViewContext) -> Iterator[block_kit.Element]:
    shift, words = entry.next, viewer.words
    if entry.vacant_from:
        vacant = block_kit.run(vacant_from(entry.vacant_from, viewer))
        yield block_kit.line(block_kit.run(words("Next") + words.colon), vacant)
    if shift is None:
        return
    sure = f" · ✅ {words('confirmed')}" if entry.next_confirmed else ""
    when = f" {viewer.interval(shift.start, shift.end)}{sure}"
    if entry.awaited and shift.start <= at:
        when = f" {words('due since {since}', since=viewer.moment(shift.start))}"
    label = words("then") if entry.vacant_from else words("Next")
    yield block_kit.line(block_kit.run(label + words.colon), viewer.person(shift.member), block_kit.run(when))


def vacant_from(at: datetime, viewer: ViewContext) -> str:
    """Return the note that nobody is on call from an instant."""
    return f"{GAP_SIGN} " + viewer.words("nobody from {at}", at=viewer.moment(at))


def zone_note(at: datetime, viewer: ViewContext) -> block_kit.Block:
    """Return the line that names the time zone."""
    zone = i18n_dates.zone_name(at, viewer.zone, viewer.words)
    return block_kit.aside(block_kit.plain(f"{viewer.words('Times')}{viewer.words.colon}{zone}"))


# The days ahead ----------------------------------------------------------------------------------------------------


def days(
    shifts: Sequence[Shift],
    gaps: Sequence[Gap],
    first: date,
    offset: int,
    viewer: ViewContext,
    buttons: Sequence[block_kit.Element],
    now: Sequence[OnCallEntry] = (),
) -> list[block_kit.Block]:
    """Return a week of the rota from ``first``, day by day: a line for each time, gaps beneath.

    ``now`` is who is on call now; it stands above.
    """
    dates = [first + timedelta(days=n) for n in range(DAYS_SHOWN)]
    title = viewer.words(
        "Rota from {first} to {last}",
        first=i18n_dates.day(dates[0], viewer.words),
        last=i18n_dates.day(dates[-1], viewer.words),
    )
    shown = [
        block_kit.rich(_day(day, shifts, gaps, viewer, viewer.marks.get(day, "")), block_id=f"day:{day}")
        for day in dates
    ]
    return [
        block_kit.rich(block_kit.line(block_kit.run(title, "bold")), *_running(now, viewer)), *shown,
        block_kit.actions([*_weeks(offset, viewer.words), *buttons]),
        zone_note(i18n_dates.midnight(first, viewer.zone), viewer),
    ]  # fmt: skip


def _running(entries: Sequence[OnCallEntry], viewer: ViewContext) -> list[block_kit.Element]:
    """Return “On call now: primary Wang Wei until 20:00 · backup Li Na until 20:00”."""
    if not entries:
        return []
    words = viewer.words
    people = [f"{viewer.slot_name(entry.slot)} {_until(entry, viewer)}" for entry in entries]
    heading = block_kit.run(f"📟 {words('On call now')}{words.colon}", "bold")
    return [block_kit.line(heading, block_kit.run(" · ".join(people)))]


def _until(entry: OnCallEntry, viewer: ViewContext) -> str:
    if not entry.person:
        return viewer.words("nobody")
    who = block_kit.clip(entry.person, NAME)
    if entry.awaited:
        return viewer.words("{who}; {name} has not taken over yet", who=who, name=block_kit.clip(entry.awaited, NAME))
    if entry.until is None or entry.until - viewer.now > FAR:
        return who
    return viewer.words("{who} until {when}", who=who, when=viewer.moment(entry.until))


def _day(day: date, shifts: Sequence[Shift], gaps: Sequence[Gap], viewer: ViewContext, mark: str) -> block_kit.Element:
    start = i18n_dates.midnight(day, viewer.zone)
    end = i18n_dates.midnight(day + timedelta(days=1), viewer.zone)
    begins_today = [shift for shift in shifts if start <= shift.start < end and not shift.absent]
    lines = [block_kit.run(i18n_dates.day(day, viewer.words), "bold"), *([block_kit.run(f"  {mark}")] if mark else [])]
    alone = len(lines)
    seats = [seat.name for seat in viewer.rota.seats]
    order = sorted(begins_today, key=lambda s: (s.start, s.end, seats.index(s.seat), s.slot_number))
    for (begins, ends), together in groupby(order, key=lambda s: (s.start, s.end)):
        people = " · ".join(_standing(shift, viewer) for shift in together)
        lines += [block_kit.run("\n"), block_kit.run(_hours(begins, ends, viewer), "code"), block_kit.run(f" {people}")]
    lines += [
        block_kit.run(f"\n{gap_line(gap, start, end, viewer)}") for gap in gaps if gap.start < end and gap.end > start
    ]
    through = [shift for shift in shifts if shift.start < start and shift.end >= end and not shift.absent]
    if through:
        people = " · ".join(_standing(shift, viewer) for shift in through)
        lines += [block_kit.run("\n"), block_kit.run(viewer.words("all day"), "code"), block_kit.run(f" {people}")]
    return block_kit.line(*lines, *([] if len(lines) > alone else [block_kit.run("\n–")]))


def _hours(start: datetime, end: datetime, viewer: ViewContext) -> str:
    if end - start > timedelta(days=1):
        return f"{i18n_dates.clock(start, viewer.zone)} – {i18n_dates.moment(end, viewer.zone, viewer.words)}"
    return i18n_dates.hours(start, end, viewer.zone)


def _standing(shift: Shift, viewer: ViewContext) -> str:
    return f"{viewer.slot_name(Slot(shift.seat, shift.slot_number))} {block_kit.clip(shift.member, NAME)}"


def gap_line(gap: Gap, start: datetime, end: datetime, viewer: ViewContext) -> str:
    """Return a gap as far as it lies in a day: “🕳️ 20:00–08:00 backup: uncovered · on leave (Li Na)”."""
    hours = i18n_dates.hours(max(gap.start, start), min(gap.end, end), viewer.zone)
    return f"{gap_sign(gap.kind)} {hours} {gap_text(gap, viewer.words)}"


def gap_text(gap: Gap, words: Words) -> str:
    """Return a gap as a line: “backup: uncovered · on leave (Li Na)”."""
    about = block_kit.clip(words.join_items([*gap.people, *gap.missing]), 2 * NAME)
    bracketed = f"（{about}）" if words.is_chinese else f" ({about})"
    return f"{seat_name(gap.seat, words)}{words.colon}{reason_name(gap, words)}{bracketed if about else ''}"


def gap_sign(kind: GapKind) -> str:
    """Return the sign of a gap: nobody is on call, or the requirement is not met."""
    return GAP_SIGN if kind is GapKind.UNCOVERED else BELOW_SIGN


def _weeks(offset: int, words: Words) -> list[block_kit.Element]:
    """Return buttons to the week before and after."""
    before = [
        block_kit.button(words("‹ Previous week"), f"{ids.ROTA_PAGE}.back", page_value("rota", offset - DAYS_SHOWN))
    ]
    after = block_kit.button(words("Next week ›"), f"{ids.ROTA_PAGE}.more", page_value("rota", offset + DAYS_SHOWN))
    return [*(before if offset else []), after]


def page_value(what: str, offset: int) -> str:
    """Return the value of a page-turning button."""
    return json.dumps({"what": what, "offset": max(0, offset)})


# Gaps --------------------------------------------------------------------------------------------------------------


def gap_page(gaps: Sequence[Gap], offset: int, viewer: ViewContext) -> list[block_kit.Block]:
    """Return a page of gaps, the next one first, each with “Take it”."""
    words = viewer.words
    if not gaps:
        return [block_kit.section("✅ " + words("No gaps in the next 365 days: every hour is covered."))]
    count = words.plural("{n} gap in the next 365 days", "{n} gaps in the next 365 days", len(gaps))
    shown = gaps[offset : offset + GAPS_SHOWN]
    turn = []
    if offset:
        turn.append(block_kit.button(words("‹ Back"), f"{ids.ROTA_PAGE}.back", page_value("gaps", offset - GAPS_SHOWN)))
    if len(gaps) > offset + GAPS_SHOWN:
        turn.append(block_kit.button(words("More ›"), f"{ids.ROTA_PAGE}.more", page_value("gaps", offset + GAPS_SHOWN)))
    rows = [gap_row(gap, viewer) for gap in shown]
    heading = block_kit.list_title(count)
    return [heading, *rows, *([block_kit.actions(turn)] if turn else []), zone_note(viewer.now, viewer)]


def gap_row(gap: Gap, viewer: ViewContext) -> block_kit.Block:
    """Return one gap in two lines of plain text, with its button."""
    words, endless = viewer.words, gap.end >= ENDLESS
    length = "" if endless else f" ({span(gap.end - max(gap.start, viewer.now), words)})"
    text = f"{gap_sign(gap.kind)} {viewer.interval(gap.start, gap.end)}{length}\n{gap_text(gap, words)}"
    value = str(ids.SeatInterval(gap.seat, gap.start, gap.end))
    label = words("Take part of it") if endless else words("Take it")
    button = block_kit.button(label, ids.ROTA_TAKE_LISTED, value)
    return {"type": "section", "text": block_kit.plain(text), "accessory": button}


def reminder_times(minutes: Sequence[int], words: Words) -> str:
    """Format “7 d, 24 h, 1 h, 10 min”."""
    return words.join_items(span(timedelta(minutes=minute), words) for minute in minutes) or words("never")
