"""The duty as it is told unasked: cards and reminders of gaps, who is on now, what is open."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers import ids
from handlers.blocks import block_kit, gap_parts
from handlers.blocks.schedule import ViewContext, gap_sign, gap_text, vacant_from, zone_note
from handlers.i18n.durations import left, span
from handlers.i18n.rota_labels import KIND, seat_name
from handlers.i18n.words import N_, Words
from handlers.ids import GapSubject
from models.oncall.gap_register import CHANGED, CLOSED, INTENDED, PASSED, GapRecord
from models.rules.escalations.escalation import Escalation
from models.rules.rota.gaps import Gap, GapKind
from models.rules.rota.ledger_entries import LedgerInterval
from models.rules.rota.on_call import OnCallInterval, Slot
from models.rules.rota.shifts import Shift
from models.rules.times import ENDLESS

LISTED = 20
"""So many of anything are named; the rest is counted."""
TOPIC = 250
"""Characters Slack takes for a channel's topic."""
OURS, LEAST = 120, 20
"""Of these so many are ours at most; with less room than the second nothing would be understood."""
UNKNOWN = N_("Slack knows nobody by {id}. Correct it in the rota: {who}")
_OURS = re.compile(r"\s*⟦[^⟧]*⟧")


@dataclass(frozen=True)
class Lateness:
    """That a reminder is late: when it was due, when it is sent, and when no bot ran in between."""

    due: datetime
    sent: datetime
    down: Sequence[tuple[datetime, datetime]] = ()


def late(it: Lateness, viewer: ViewContext) -> str:
    """The sentence that says so."""
    return viewer.each(lambda one: _late(it, one))


def _late(it: Lateness, viewer: ViewContext) -> str:
    due, sent = viewer.moment(it.due), viewer.moment(it.sent)
    if not it.down:
        return viewer.words("Late: due {due}, sent {sent}.", due=due, sent=sent)
    down = viewer.words.listed(f"{viewer.moment(start)}–{viewer.moment(end)}" for start, end in it.down[:3])
    return viewer.words("Late: due {due}, sent {sent}; the bot was down {down}.", due=due, sent=sent, down=down)


def place_name(place: Slot, words: Words) -> str:
    """“primary”, or “primary 2”, safe where Slack parses."""
    name = block_kit.escape(seat_name(place.seat, words))
    return name if place.number == 1 else f"{name} {place.number}"


# Gaps --------------------------------------------------------------------------------------------------------------


def gap_card(
    gap: GapRecord, viewer: ViewContext, why: str = "", became: Sequence[LedgerInterval] = ()
) -> list[block_kit.Block]:
    """One gap as it stands: what is missing from when to when, and who may end it. ``why`` it is intended, if it is;
    what it ``became``, if somebody saw to it after it began.
    """
    words = viewer.words
    times = viewer.stretch(gap.start, gap.end)
    times += f" ({span(gap.end - gap.start, words)})" if gap.end < ENDLESS else ""
    rows: list[tuple[str, Sequence[block_kit.Element]]] = [
        (words("When"), [block_kit.run(times)]),
        (words("State"), [block_kit.run(_state(gap, viewer), "bold"), *_closer(gap)]),
    ]
    rows += [(words("Coverage"), [block_kit.run(gap_parts.told(became, viewer))])] if became else []
    rows += [(words("Reason"), [block_kit.run(why)])] if why else []
    shown = [
        block_kit.header(f"🕳️ {words('Gap')} {gap.number} · {gap_text(gap.gap, words)}"),
        block_kit.rich(block_kit.facts(rows, words.colon), block_id=f"gap:{gap.number}"),
        zone_note(gap.start, viewer),
    ]
    return [*shown, gap_buttons(gap, words)] if gap.ended_at is None and viewer.now < gap.end else shown


def gap_buttons(gap: GapRecord, words: Words) -> block_kit.Block:
    """Take it, or a part of it; of one without an end only a part."""
    value = str(GapSubject(gap.number, gap.version))
    part = block_kit.button(words("Take part of it"), ids.ROTA_TAKE_PART, value)
    if gap.end >= ENDLESS:
        return block_kit.actions([part])
    return block_kit.actions([block_kit.button(words("Take it"), ids.ROTA_TAKE, value, "primary"), part])


def _state(gap: GapRecord, viewer: ViewContext) -> str:
    words, now = viewer.words, viewer.now
    if gap.ended_how == CLOSED:
        return f"✅ {words('closed')}"
    if gap.ended_how == INTENDED:
        return f"⚪ {words('accepted gap')}"
    if gap.ended_how == CHANGED:
        return f"↪️ {words('part of another gap now')}"
    if gap.ended_how == PASSED or now >= gap.end:
        went = words("went uncovered") if is_uncovered(gap) else words("stayed below the requirement")
        return f"⚫ {went}"
    if now < gap.start:
        return f"⏳ {words('upcoming')}"
    return f"🚨 {words('uncovered now')}" if is_uncovered(gap) else f"⚠️ {words('below the requirement now')}"


def is_uncovered(gap: GapRecord) -> bool:
    """Whether nobody is on; else somebody is who does not meet what is owed."""
    return gap.gap.kind is GapKind.UNCOVERED


def _closer(gap: GapRecord) -> list[block_kit.Element]:
    known = closer(gap)
    return [block_kit.run(" · "), block_kit.person(known)] if gap.ended_how in {CLOSED, INTENDED} and known else []


def closer(gap: GapRecord) -> str:
    """The Slack id of who closed a gap, or declared it intended; empty when nobody in particular did."""
    return gap.ended_by if gap.ended_by != "cli" else ""


def gap_line(
    gap: GapRecord, viewer: ViewContext, why: str = "", user: str = "", became: Sequence[LedgerInterval] = ()
) -> str:
    """What reminds of a gap, or says that it is over: its facts once, a sentence, and ``why`` it is intended. ``user``
    is the Slack id of who reads it, empty in a channel; what it ``became`` as in :func:`gap_card`.
    """
    sign, said = _told(gap, viewer, user)
    said = block_kit.escape(gap_parts.told(became, viewer)) if became else said
    about = f"{gap_text(gap.gap, viewer.words)} · {viewer.stretch(gap.start, gap.end)}"
    reason = [f"{viewer.words('Reason')}{viewer.words.colon}{block_kit.escape(' '.join(why.split()))}"] if why else []
    return "\n".join([f"{sign} {block_kit.escape(about)}", said, *reason])


def _told(gap: GapRecord, viewer: ViewContext, user: str) -> tuple[str, str]:
    words, now = viewer.words, viewer.now
    if gap.ended_how == CLOSED:
        return "✅", _closed(closer(gap), user, words)
    if gap.ended_how == INTENDED:
        by = closer(gap)
        return "⚪", words("{who} recorded it as an accepted gap.", who=block_kit.mention(by)) if by else words(
            "It is an accepted gap."
        )
    if gap.ended_how == CHANGED:
        return "↪️", words("This gap is a part of another one now.")
    if gap.ended_at or now >= gap.end:
        return "⚫", _passed(gap, words)
    if now >= gap.start:
        return _open(gap, words)
    return "⏳", viewer.each(lambda one: one.words("Starts in {left}.", left=left(gap.start - now, one.words)))


def _passed(gap: GapRecord, words: Words) -> str:
    if is_uncovered(gap):
        return words("Nobody took it; the time went uncovered.")
    return words("Nobody changed it; the time stayed below the requirement.")


def _open(gap: GapRecord, words: Words) -> tuple[str, str]:
    if is_uncovered(gap):
        return "🚨", words("Uncovered now: nobody is on call.")
    return "⚠️", words("Below the requirement now.")


def _closed(by: str, user: str, words: Words) -> str:
    if by and by == user:
        return words("You closed it.")
    return words("Closed by {who}.", who=block_kit.mention(by)) if by else words("This gap is closed.")


def gap_list(open_: Sequence[GapRecord], ended: Sequence[GapRecord], viewer: ViewContext) -> str:
    """Gaps that are far ahead, the nearest first, and those that need nobody any more."""
    lines, words = [], viewer.words
    if open_:
        lines.append(words.plural("*{n} gap far ahead*", "*{n} gaps far ahead*", len(open_)))
        lines += [_listed(gap, viewer) for gap in open_[:LISTED]]
        if len(open_) > LISTED:
            lines.append(words("… and {n} more. `/csp-escalate gaps` lists them.", n=len(open_) - LISTED))
    intended = sum(gap.ended_how == INTENDED for gap in ended)
    if closed := len(ended) - intended:
        lines.append("✅ " + words.plural("{n} gap is closed.", "{n} gaps are closed.", closed))
    if intended:
        lines.append("⚪ " + words.plural("{n} gap is accepted.", "{n} gaps are accepted.", intended))
    return "\n".join(lines)


def _listed(gap: GapRecord, viewer: ViewContext) -> str:
    return f"• {block_kit.escape(f'{viewer.stretch(gap.start, gap.end)} · {gap_text(gap.gap, viewer.words)}')}"


# Escalations in a list ---------------------------------------------------------------------------------------------


def counted(cases: Sequence[Escalation], words: Words) -> str:
    """How many escalations are open."""
    if not cases:
        return words("No escalations are open.")
    return words.plural("{n} escalation is open.", "{n} escalations are open.", len(cases))


# Who is on now -----------------------------------------------------------------------------------------------------


def on_now(
    standing: Sequence[OnCallInterval],
    following: Sequence[Shift],
    vacant: Mapping[Slot, datetime],
    unknown: Collection[str],
    viewer: ViewContext,
) -> list[str]:
    """Who is on in each place, and who is next: first who is due and has not taken over yet; ``vacant`` is since when
    nobody is, where nobody follows at once. Whom of them Slack does not know (``unknown``, by the plan's names) nobody
    can reach: that is said, with what to do.
    """
    words = viewer.words
    lines = [
        f"📟 *{words('On call now')}*",
        *(_standing(one, following, vacant.get(one.slot), viewer) for one in standing),
    ]
    strangers = dict.fromkeys(one.person for one in standing if one.person in unknown)
    return [*lines, *(_unknown(name, viewer) for name in strangers)]


def _standing(one: OnCallInterval, following: Sequence[Shift], vacant: datetime | None, viewer: ViewContext) -> str:
    words = viewer.words
    place = f"{place_name(one.slot, words)}{words.colon}"
    if not one.person:
        return f"🚨 {place}*{words('nobody is on call')}*"
    if vacant:
        then = f"{words('Next')}{words.colon}*{block_kit.escape(vacant_from(vacant, viewer))}*"
        return f"{place}{viewer.mention(one.person)} · {then}"
    shift = next((shift for shift in following if Slot(shift.seat, shift.slot_number) == one.slot), None)
    if shift is None:
        return place + viewer.mention(one.person)
    at = viewer.moment(shift.start)
    if shift.start <= viewer.now:
        at = words("due since {since}, has not taken over yet", since=at)
    then = f"{words('Next')}{words.colon}{viewer.mention(shift.member)} {block_kit.escape(at)}"
    return f"{place}{viewer.mention(one.person)} · {then}"


def _unknown(name: str, viewer: ViewContext) -> str:
    user, called = viewer.rota.members[name].slack_id, block_kit.escape(block_kit.clip(name, 60))
    id_ = f"`{block_kit.escape(user)}`"
    return "⚠️ " + viewer.each(lambda one: one.words(UNKNOWN, id=id_, who=called))


def missing(gap: Gap, viewer: ViewContext) -> str:
    """A gap that runs now: “⚠️ backup: below the requirement · too little rest (Li)”."""
    return f"{gap_sign(gap.kind)} {block_kit.escape(gap_text(gap, viewer.words))}"


def in_topic(one: OnCallInterval, gaps: Iterable[Gap], words: Words) -> str:
    """Who is on in a place, and that they do not meet what is owed; that it is uncovered. Empty for a planned gap."""
    kind = next((gap.kind for gap in gaps if gap.seat == one.slot.seat and gap.concerns(one.person)), None)
    if not one.person:
        return f"{place_name(one.slot, words)}{words.colon}{words(KIND[kind])}" if kind else ""
    below = kind is GapKind.BELOW_REQUIREMENT and not one.awaited
    return f"{one.person} ({words(KIND[GapKind.BELOW_REQUIREMENT])})" if below else one.person


def topic(old: str, names: Iterable[str], words: Words) -> str:
    """The topic with our part made anew: people's own words stay whole, and what is left of the topic is ours."""
    people = (words.listed(names) or words("nobody")).replace("⟦", "(").replace("⟧", ")")
    theirs = _OURS.sub("", old).strip()
    room = min(OURS, TOPIC - len(theirs) - (1 if theirs else 0))
    if room < LEAST:
        return theirs
    ours = f"⟦{block_kit.clip(words('On call') + words.colon + people, room - 2)}⟧"
    return f"{theirs} {ours}" if theirs else ours
