"""The duty as it is told unasked: cards of gaps and handovers, reminders, who is on now, what is open."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers import ids
from handlers.blocks import cases, kit
from handlers.blocks.rota import gap_text
from handlers.ids import GapSubject, ShiftSubject
from handlers.words import Words
from handlers.words.rota import seat_name
from handlers.words.spans import span
from models.escalation import Escalation
from models.gap_book import CHANGED, CLOSED, PASSED, Kept
from models.rota.duty import Place, Stretch
from models.rota.shifts import Shift

LISTED = 20
"""So many of anything are named; the rest is counted."""
TOPIC = 250
"""Characters Slack takes for a channel's topic."""
OURS, LEAST = 120, 20
"""Of these so many are ours at most; with less room than the second nothing would be understood."""
_OURS = re.compile(r"\s*⟦[^⟧]*⟧")


@dataclass(frozen=True)
class Late:
    """That a reminder is late: when it was due, when it is sent, and when no bot ran in between."""

    due: datetime
    sent: datetime
    down: Sequence[tuple[datetime, datetime]] = ()


def late(it: Late, words: Words) -> str:
    """The sentence that says so."""
    due, sent = kit.moment(it.due), kit.moment(it.sent)
    if not it.down:
        return words("Late: due {due}, sent {sent}.", due=due, sent=sent)
    down = words.listed(f"{kit.moment(start)}–{kit.moment(end)}" for start, end in it.down[:3])
    return words("Late: due {due}, sent {sent}; the bot was down {down}.", due=due, sent=sent, down=down)


def place_name(place: Place, words: Words) -> str:
    """“primary”, or “primary 2”, safe where Slack parses."""
    name = kit.escape(seat_name(place.seat, words))
    return name if place.place == 1 else f"{name} {place.place}"


def who(member: str, user: str) -> str:
    """Somebody in a parsed text: their mention where they have an account."""
    return kit.mention(user) if user else kit.escape(member)


# Gaps --------------------------------------------------------------------------------------------------------------


def gap_card(gap: Kept, words: Words, now: datetime) -> list[kit.Block]:
    """One gap as it stands: what is missing from when to when, and who may end it."""
    rows: list[tuple[str, Sequence[kit.Element]]] = [
        (words("From"), [kit.when(gap.start)]),
        (words("To"), [kit.when(gap.end), kit.run(f" ({span(gap.end - gap.start, words)})")]),
        (words("State"), [kit.run(_state(gap, words, now), "bold"), *_closer(gap)]),
    ]
    shown = [
        kit.header(f"🕳️ {words('Gap {number}', number=gap.number)} · {gap_text(gap.gap, words)}"),
        kit.rich(kit.facts(rows, words.colon), block_id=f"gap:{gap.number}"),
    ]
    return [*shown, gap_buttons(gap, words)] if gap.ended_at is None and now < gap.end else shown


def gap_buttons(gap: Kept, words: Words) -> kit.Block:
    """Take it, or a part of it."""
    value = str(GapSubject(gap.number, gap.version))
    whole = kit.button(words("Take it"), ids.ROTA_TAKE, value, "primary")
    return kit.actions([whole, kit.button(words("Take part of it"), ids.ROTA_TAKE_PART, value)])


def _state(gap: Kept, words: Words, now: datetime) -> str:
    if gap.ended_how == CLOSED:
        return f"✅ {words('closed')}"
    if gap.ended_how == CHANGED:
        return f"↪️ {words('part of another gap now')}"
    if gap.ended_how == PASSED or now >= gap.end:
        return f"⚫ {words('passed uncovered')}"
    return f"🚨 {words('open now')}" if now >= gap.start else f"⏳ {words('still ahead')}"


def _closer(gap: Kept) -> list[kit.Element]:
    known = gap.ended_by if gap.ended_by != "cli" else ""
    return [kit.run(" · "), kit.person(known)] if gap.ended_how == CLOSED and known else []


def gap_line(gap: Kept, words: Words, now: datetime) -> str:
    """The sentence that reminds of a gap, or says that it is over."""
    about = kit.escape(gap_text(gap.gap, words))
    start, end = kit.moment(gap.start), kit.moment(gap.end)
    if gap.ended_how == CLOSED:
        by = gap.ended_by if gap.ended_by != "cli" else ""
        if by:
            return "✅ " + words("{who} closed this gap.", who=kit.mention(by))
        return "✅ " + words("This gap is closed.")
    if gap.ended_how == CHANGED:
        return "↪️ " + words("This gap is a part of another one now.")
    if gap.ended_at or now >= gap.end:
        return "⚫ " + words("Nobody took it. It was uncovered from {start} to {end}.", start=start, end=end)
    if now >= gap.start:
        return "🚨 " + words("Open now, until {end}. {what}", end=end, what=about)
    left = span(gap.start - now, words)
    return "⏳ " + words("{left} left until {start}. {what}", left=left, start=start, what=about)


def gap_list(open_: Sequence[Kept], ended: Sequence[Kept], words: Words) -> str:
    """Gaps that are far ahead, the nearest first, and those that need nobody any more."""
    lines = []
    if open_:
        lines.append(words.plural("*{n} gap far ahead*", "*{n} gaps far ahead*", len(open_)))
        lines += [_listed(gap, words) for gap in open_[:LISTED]]
        if len(open_) > LISTED:
            lines.append(words("… and {n} more. `/csp-escalate gaps` lists them.", n=len(open_) - LISTED))
    if ended:
        lines.append("✅ " + words.plural("{n} gap is closed.", "{n} gaps are closed.", len(ended)))
    return "\n".join(lines)


def _listed(gap: Kept, words: Words) -> str:
    return f"• {kit.moment(gap.start)} – {kit.moment(gap.end)} · {kit.escape(gap_text(gap.gap, words))}"


# Shifts and handovers ----------------------------------------------------------------------------------------------


def shift_text(shift: Shift, words: Words, now: datetime, confirmed: bool) -> str:
    """What somebody is told of their own shift."""
    seat = place_name(Place(shift.seat, shift.place), words)
    start, end = kit.moment(shift.start), kit.moment(shift.end)
    if now >= shift.start:
        said = "🚨 " + words("Your shift began {start}: {seat}, until {end}.", start=start, seat=seat, end=end)
    else:
        said = "🔔 " + words("Your shift: {seat}, {start} – {end}.", seat=seat, start=start, end=end)
    asked = words("You have confirmed it.") if confirmed else words("Please confirm that you have the watch.")
    return f"{said}\n{asked}"


def shift_buttons(shift: Shift, words: Words) -> kit.Block:
    """“I have the watch.”"""
    value = str(ShiftSubject(Place(shift.seat, shift.place), shift.start, shift.member))
    return kit.actions([kit.button(words("I have the watch"), ids.ROTA_WATCH, value, "primary")])


def unconfirmed(shift: Shift, user: str, words: Words, now: datetime) -> str:
    """What others are told of a shift nobody confirmed."""
    seat, person = place_name(Place(shift.seat, shift.place), words), who(shift.member, user)
    values = {"who": person, "start": kit.moment(shift.start), "seat": seat}
    if now >= shift.start:
        said = words("{who} has not confirmed the watch that began {start} ({seat}). Reach them, or step in.", **values)
        return f"🚨 {said}"
    return "⚠️ " + words("{who} has not confirmed the watch that begins {start} ({seat}). Please be ready.", **values)


@dataclass(frozen=True)
class HandoverView:
    """A handover with all its card shows: both people as Slack ids (empty without an account), what each pressed, the
    open cases with their owners, the gaps of the coming shift, and what the outgoing person added."""

    place: Place
    at: datetime
    outgoing: tuple[str, str]
    incoming: tuple[str, str]
    end: datetime
    handed_at: datetime | None
    taken_at: datetime | None
    cases: Sequence[Escalation] = ()
    gaps: Sequence[Kept] = ()
    notes: Sequence[str] = ()


def handover_card(it: HandoverView, words: Words) -> list[kit.Block]:
    """The card with the note and its two buttons."""
    seat = place_name(it.place, words)
    title = words("*Handover* · {seat} · {at}", seat=seat, at=kit.moment(it.at))
    people = words("{outgoing} hands over to {incoming}.", outgoing=who(*it.outgoing), incoming=who(*it.incoming))
    shown = [kit.section(f"🤝 {title}\n{people}\n{_presses(it, words)}"), kit.rich(*_note(it, words))]
    buttons = _handover_buttons(it, words)
    return [*shown, kit.actions(buttons)] if buttons else shown


def _presses(it: HandoverView, words: Words) -> str:
    handed = f"✅ {kit.moment(it.handed_at)}" if it.handed_at else f"☐ {words('not yet')}"
    taken = f"✅ {kit.moment(it.taken_at)}" if it.taken_at else f"☐ {words('not yet')}"
    stays = words("Until both have pressed, the outgoing person stays on.")
    stays = "" if it.handed_at and it.taken_at else f"\n{stays}"
    return f"{words('Handed over')}{words.colon}{handed}\n{words('Taken over')}{words.colon}{taken}{stays}"


def _handover_buttons(it: HandoverView, words: Words) -> list[kit.Element]:
    outgoing = str(ShiftSubject(it.place, it.at, it.outgoing[0]))
    incoming = str(ShiftSubject(it.place, it.at, it.incoming[0]))
    if it.handed_at and it.taken_at:
        return []
    add = kit.button(words("Add to the note"), ids.ROTA_NOTE, outgoing)
    hand = [] if it.handed_at else [kit.button(words("I hand over"), ids.ROTA_HAND_OVER, outgoing, "primary")]
    take = [] if it.taken_at else [kit.button(words("I take over"), ids.ROTA_TAKE_OVER, incoming, "primary")]
    return [*hand, *take, add]


def _note(it: HandoverView, words: Words) -> list[kit.Element]:
    """The note: open cases with their state and whose turn it is, gaps of the coming shift, and words of their own."""
    lines = [kit.line(kit.run(words("Handover note"), "bold"), kit.run(f" · {_counted(it.cases, words)}"))]
    lines += [cases.line(case, words) for case in it.cases[:LISTED]]
    lines += [kit.line(kit.run(f"⚠️ {gap_text(gap.gap, words)} "), kit.when(gap.start)) for gap in it.gaps[:LISTED]]
    return [*lines, *(kit.quote(kit.clip(note, 1000)) for note in it.notes[:5])]


def _counted(cases: Sequence[Escalation], words: Words) -> str:
    if not cases:
        return words("Nothing is open.")
    return words.plural("{n} escalation is open.", "{n} escalations are open.", len(cases))


# Who is on now -----------------------------------------------------------------------------------------------------


def on_now(standing: Sequence[tuple[Stretch, str]], following: Sequence[tuple[Shift, str]], words: Words) -> list[str]:
    """Who is on in each place, and who is next; each with their Slack id."""
    lines = []
    for stretch, user in standing:
        seat = place_name(stretch.place, words)
        if not stretch.person:
            lines.append("🔴 " + words("{seat}: nobody is on.", seat=seat))
            continue
        shift = next((one for one in following if Place(one[0].seat, one[0].place) == stretch.place), None)
        said = words("{seat}: {who} is on now.", seat=seat, who=who(stretch.person, user))
        then = ""
        if shift:
            next_ = who(shift[0].member, shift[1])
            then = " " + words("Next: {who}, {start}.", who=next_, start=kit.moment(shift[0].start))
        lines.append(f"📟 {said}{then}")
    return lines


def topic(old: str, names: Iterable[str], words: Words) -> str:
    """The topic with our part made anew: people's own words stay whole, and what is left of the topic is ours."""
    people = (words.listed(names) or words("nobody")).replace("⟦", "(").replace("⟧", ")")
    theirs = _OURS.sub("", old).strip()
    room = min(OURS, TOPIC - len(theirs) - (1 if theirs else 0))
    if room < LEAST:
        return theirs
    ours = f"⟦{kit.clip(words('On call') + words.colon + people, room - 2)}⟧"
    return f"{theirs} {ours}" if theirs else ours
