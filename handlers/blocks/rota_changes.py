"""What somebody changed on the rota: a line for the channel, and for each person their difference."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from handlers.blocks import block_kit
from handlers.blocks.schedule import ViewContext, gap_text, zone_note
from handlers.i18n.labels import name_way
from handlers.i18n.rota_labels import seat_name
from handlers.i18n.words import N_, Words
from models.rules.rota.gaps import Gap
from models.rules.rota.impact import Impact, ReassignedTime
from models.rules.rota.on_call import Slot
from models.rules.rota.overrides import Override, OverrideKind

SHOWN = 8
GAINED = N_("{when}, {seat}: yours now"), N_("{when}, {seat}: yours now, before {other}")
LOST = (
    N_("{when}, {seat}: no longer yours, nobody is on call then yet"),
    N_("{when}, {seat}: no longer yours, now {other}"),
)
"""What is said without, and with, somebody else."""


class NameChange(NamedTuple):
    """A member's name before and after a change; empty when they are no member."""

    was: str
    now: str


def title(changes: Sequence[Override], by: str, viewer: ViewContext) -> str:
    """Return who did what, in a sentence; an empty name means the terminal."""
    words = viewer.words
    if not changes and not by:
        return words("A new version of the rota was imported.")
    if not changes:
        return words("{who} saved a new version of the rota.", who=by)
    first = changes[0]
    who = block_kit.clip(first.member, 60)
    return {
        OverrideKind.TIME_OFF: words("{who} is away", who=who),
        OverrideKind.OVERRIDE: words("{who} changed the rota", who=by),
        OverrideKind.ACCEPT_GAP: words("{who} recorded an accepted gap", who=by),
        OverrideKind.CANCEL: words("{who} undid a change", who=by),
    }[first.kind]


def public(changes: Sequence[Override], impact: Impact, by: str, viewer: ViewContext) -> list[block_kit.Block]:
    """Return the message for the channel: who moves, which gaps open."""
    words = viewer.words
    changed: list[ReassignedTime | Gap] = [*impact.reassigned, *impact.opened_gaps]
    rows = [_what_changes(item, viewer) for item in sorted(changed, key=_start)]
    intended = [change for change in changes if change.kind is OverrideKind.ACCEPT_GAP]
    rows += [_intended(item, viewer) for item in intended]
    if not impact.opened_gaps and impact.closed_gaps and not intended:
        rows.append("✅ " + words.plural("{n} gap is closed.", "{n} gaps are closed.", len(impact.closed_gaps)))
    heading = title(changes, by, viewer) + _name_way(changes, words)
    return _draw("🗓️ " + heading, rows, _public_why(changes), viewer)


def private(
    changes: Sequence[Override], impact: Impact, by: str, names: NameChange, viewer: ViewContext
) -> list[block_kit.Block]:
    """Return the message for one person: which shifts are theirs now, and which no longer are."""
    words = viewer.words
    rows = []
    for reassigned in sorted(impact.reassigned, key=_start):
        seat, when = (
            viewer.slot_name(Slot(reassigned.seat, reassigned.slot_number)),
            viewer.interval(reassigned.start, reassigned.end),
        )
        gains, loses = (
            bool(names.now) and reassigned.after == names.now,
            bool(names.was) and reassigned.before == names.was,
        )
        other = block_kit.clip(reassigned.before if gains else reassigned.after, 60)
        if gains or loses:
            template = (GAINED if gains else LOST)[bool(other)]
            rows.append(("➕ " if gains else "➖ ") + words(template, when=when, seat=seat, other=other))
    heading = _yours(by, words) if rows else title(changes, by, viewer)
    if not rows and changes and changes[0].kind is OverrideKind.TIME_OFF and changes[0].member == names.now:
        heading = words("{who} recorded your leave", who=by)
    why = next((change.why for change in changes if change.why and change.member == names.now), "") or _public_why(
        changes
    )
    later = words("Your shifts more than eight weeks ahead have changed. See `/csp-escalate my`.")
    heading += _name_way(changes, words)
    return _draw("🗓️ " + heading, rows or [_spans(changes, viewer) if changes else later], why, viewer)


def _yours(by: str, words: Words) -> str:
    if not by:
        return words("Your shifts changed: a new version of the rota was imported.")
    return words("{who} changed your shifts.", who=by)


def _name_way(changes: Sequence[Override], words: Words) -> str:
    """Return how the changes came, where that was not in Slack."""
    return name_way(changes[0].came_by if changes else "", words)


def _public_why(changes: Sequence[Override]) -> str:
    """Return the reason of a change; the reason of a leave stays private."""
    return next((change.why for change in changes if change.why and change.kind is not OverrideKind.TIME_OFF), "")


def _draw(heading: str, rows: Sequence[str], why: str, viewer: ViewContext) -> list[block_kit.Block]:
    words, more_count = viewer.words, len(rows) - SHOWN
    elements = [block_kit.run(heading, "bold"), *(block_kit.run(f"\n{row}") for row in rows[:SHOWN] if row)]
    elements += (
        [block_kit.run("\n" + words.plural("and {n} more", "and {n} more", more_count), "italic")]
        if more_count > 0
        else []
    )
    quoted = [block_kit.quote(why)] if why else []
    return [block_kit.rich(block_kit.line(*elements), *quoted), zone_note(viewer.now, viewer)]


def _spans(changes: Sequence[Override], viewer: ViewContext) -> str:
    describe_by_intent = {True: _intended, False: _span}
    return "\n".join(describe_by_intent[change.kind is OverrideKind.ACCEPT_GAP](change, viewer) for change in changes)


def _span(change: Override, viewer: ViewContext) -> str:
    return viewer.interval(change.start, change.end)


def _intended(change: Override, viewer: ViewContext) -> str:
    seat = seat_name(change.seat, viewer.words) if change.seat else viewer.words("all seats")
    return f"⚪ {_span(change, viewer)} · {seat}"


def _start(item: ReassignedTime | Gap) -> datetime:
    return item.start


def _what_changes(item: ReassignedTime | Gap, viewer: ViewContext) -> str:
    if isinstance(item, ReassignedTime):
        return _moved(item, viewer)
    return f"🕳️ {viewer.interval(item.start, item.end)} · {gap_text(item, viewer.words)}"


def _moved(moved: ReassignedTime, viewer: ViewContext) -> str:
    before, after = (block_kit.clip(name, 60) or viewer.words("nobody") for name in (moved.before, moved.after))
    seat = viewer.slot_name(Slot(moved.seat, moved.slot_number))
    return f"{viewer.interval(moved.start, moved.end)} · {seat}{viewer.words.colon}{before} → {after}"
