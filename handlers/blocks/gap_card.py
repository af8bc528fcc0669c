"""Cards, reminders and lists of gaps in the coverage."""

from collections.abc import Sequence

from handlers import ids
from handlers.blocks import block_kit, gap_coverage
from handlers.blocks.schedule import ViewContext, gap_text, zone_note
from handlers.i18n.durations import span, time_left
from handlers.i18n.labels import name_way
from handlers.i18n.rota_labels import seat_name
from handlers.i18n.words import Words
from handlers.ids import GapSubject
from models.oncall.gap_register import CHANGED, CLOSED, INTENDED, PASSED, GapRecord
from models.rules.rota.gaps import Gap, GapKind
from models.rules.rota.ledger_entries import LedgerInterval
from models.rules.rota.on_call import Slot
from models.rules.times import ENDLESS

LISTED = 20
"""Gaps a list shows; the others are counted."""
NAMED = 2
"""Gaps a sentence names; the others are counted."""


def slot_name(slot: Slot, words: Words) -> str:
    """Return “primary” or “primary 2”, escaped for text that Slack parses."""
    name = block_kit.escape(seat_name(slot.seat, words))
    return name if slot.number == 1 else f"{name} {slot.number}"


def gap_card(
    gap: GapRecord, viewer: ViewContext, why: str = "", intervals: Sequence[LedgerInterval] = (),
    more: Sequence[tuple[str, Sequence[block_kit.Element]]] = (), came_by: str = "",
) -> list[block_kit.Block]:  # fmt: skip
    """Return the card of one gap: what is missing, from when to when, and the buttons to take it.

    ``why`` is the reason of an accepted gap. ``intervals`` say who covered a gap that was ended after it began.
    ``more`` are further rows. ``came_by`` says how its end came, where it was not made in Slack.
    """
    words = viewer.words
    times = viewer.interval(gap.start, gap.end)
    times += words.in_brackets(span(gap.end - gap.start, words)) if gap.end < ENDLESS else ""
    rows: list[tuple[str, Sequence[block_kit.Element]]] = [
        (words("When"), [block_kit.run(times)]),
        (words("State"), [block_kit.run(_state(gap, viewer), "bold"), *_mention_of_ender(gap, came_by, words)]),
    ]
    rows += [(words("Coverage"), [block_kit.run(gap_coverage.describe(intervals, viewer))])] if intervals else []
    rows += [(words("Reason"), [block_kit.run(why)])] if why else []
    rows += more
    shown = [
        block_kit.header(f"🕳️ {words('Gap')} {gap.number} · {gap_text(gap.gap, words)}"),
        block_kit.rich(block_kit.facts(rows, words.colon), block_id=f"gap:{gap.number}"),
        zone_note(gap.start, viewer),
    ]
    return [*shown, gap_buttons(gap, words)] if gap.ended_at is None and viewer.now < gap.end else shown


def gap_buttons(gap: GapRecord, words: Words) -> block_kit.Block:
    """Return the buttons that take a gap or a part of it; a gap without an end offers only a part."""
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
    """Return whether nobody is on call in a gap; otherwise somebody is who does not meet the requirement."""
    return gap.gap.kind is GapKind.UNCOVERED


def _mention_of_ender(gap: GapRecord, came_by: str, words: Words) -> list[block_kit.Element]:
    user, way = ended_by(gap), name_way(came_by, words)
    if gap.ended_how not in {CLOSED, INTENDED} or not user:
        return []
    return [block_kit.run(" · "), block_kit.person(user), *([block_kit.run(way)] if way else [])]


def ended_by(gap: GapRecord) -> str:
    """Return the Slack id of who closed or accepted a gap; empty when it was done by command line, or by nobody."""
    return gap.ended_by if gap.ended_by != "cli" else ""


def gap_line(
    gap: GapRecord, viewer: ViewContext, why: str = "", user: str = "", intervals: Sequence[LedgerInterval] = ()
) -> str:
    """Return the text of a reminder about a gap, or of its end.

    ``user`` is the Slack id of the reader; empty in a channel. ``why`` and ``intervals`` as in :func:`gap_card`.
    """
    sign, state = _sign_and_state(gap, viewer, user)
    state = block_kit.escape(gap_coverage.describe(intervals, viewer)) if intervals else state
    about = f"{gap_text(gap.gap, viewer.words)} · {viewer.interval(gap.start, gap.end)}"
    reason = [f"{viewer.words('Reason')}{viewer.words.colon}{block_kit.escape(' '.join(why.split()))}"] if why else []
    return "\n".join([f"{sign} {block_kit.escape(about)}", state, *reason])


def _sign_and_state(gap: GapRecord, viewer: ViewContext, user: str) -> tuple[str, str]:
    words, now = viewer.words, viewer.now
    if gap.ended_how == CLOSED:
        return "✅", _closed(ended_by(gap), user, words)
    if gap.ended_how == INTENDED:
        by = ended_by(gap)
        return "⚪", words("{who} recorded it as an accepted gap.", who=block_kit.mention(by)) if by else words(
            "It is an accepted gap."
        )
    if gap.ended_how == CHANGED:
        return "↪️", words("This gap is a part of another one now.")
    if gap.ended_at or now >= gap.end:
        return "⚫", _passed(gap, words)
    if now >= gap.start:
        return _open(gap, words)
    return "⏳", viewer.line_per_language(
        lambda view: view.words("Starts in {left}.", left=time_left(gap.start - now, view.words))
    )


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


def gap_list(open_gaps: Sequence[GapRecord], ended_gaps: Sequence[GapRecord], viewer: ViewContext) -> str:
    """Return the list of gaps that are far ahead, the nearest first, and how many ended."""
    lines, words = [], viewer.words
    if open_gaps:
        lines.append(words.plural("*{n} gap far ahead*", "*{n} gaps far ahead*", len(open_gaps)))
        lines += [_write_gap(gap, viewer) for gap in open_gaps[:LISTED]]
        if len(open_gaps) > LISTED:
            lines.append(words("… and {n} more. `/csp-escalate gaps` lists them.", n=len(open_gaps) - LISTED))
    accepted = sum(gap.ended_how == INTENDED for gap in ended_gaps)
    if closed := len(ended_gaps) - accepted:
        lines.append("✅ " + words.plural("{n} gap is closed.", "{n} gaps are closed.", closed))
    if accepted:
        lines.append("⚪ " + words.plural("{n} gap is accepted.", "{n} gaps are accepted.", accepted))
    return "\n".join(lines)


def name_gaps(gaps: Sequence[Gap], viewer: ViewContext) -> str:
    """Return gaps within a sentence: the first ones with when and what is missing, and how many more there are."""
    named = [f"{viewer.interval(gap.start, gap.end)} · {gap_text(gap, viewer.words)}" for gap in gaps[:NAMED]]
    more = len(gaps) - NAMED
    counted = [viewer.words.plural("and {n} more gap", "and {n} more gaps", more)] if more > 0 else []
    return viewer.words.join_items([*named, *counted])


def _write_gap(gap: GapRecord, viewer: ViewContext) -> str:
    return f"• {block_kit.escape(f'{viewer.interval(gap.start, gap.end)} · {gap_text(gap.gap, viewer.words)}')}"
