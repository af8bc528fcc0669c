"""What somebody changed of the rota, told to those it concerns: a line in the channel, to each their difference."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from handlers.blocks import block_kit
from handlers.blocks.schedule import Reader, gap_text, zone_note
from handlers.i18n.rota_labels import seat_name
from handlers.i18n.words import N_, Words
from models.rules.rota.gaps import Gap
from models.rules.rota.impact import Moved, Outcome
from models.rules.rota.on_call import Place
from models.rules.rota.overrides import Change, ChangeKind

SHOWN = 8
GAINED = N_("{when}, {seat}: yours now"), N_("{when}, {seat}: yours now, before {other}")
LOST = (
    N_("{when}, {seat}: no longer yours, nobody is on then yet"),
    N_("{when}, {seat}: no longer yours, now {other}"),
)
"""What is said without, and with, somebody else."""


class Names(NamedTuple):
    """What the rota called somebody before a change, and what it calls them now; empty when they are no member."""

    was: str
    now: str


def title(changes: Sequence[Change], by: str, reader: Reader) -> str:
    """Who did what, in a sentence; nobody's name means the terminal."""
    words = reader.words
    if not changes and not by:
        return words("A new version of the rota was imported.")
    if not changes:
        return words("{who} saved a new version of the rota.", who=by)
    first = changes[0]
    who = block_kit.clip(first.member, 60)
    return {
        ChangeKind.LEAVE: words("{who} is away", who=who),
        ChangeKind.STAND: words("{who} changed the rota", who=by),
        ChangeKind.INTEND: words("{who} declared a gap intended", who=by),
        ChangeKind.CANCEL: words("{who} undid a change", who=by),
    }[first.kind]


def public(changes: Sequence[Change], outcome: Outcome, by: str, reader: Reader) -> list[block_kit.Block]:
    """For the channel: who moves, what opens."""
    words = reader.words
    changed: list[Moved | Gap] = [*outcome.moved, *outcome.opened]
    rows = [_what_changes(one, reader) for one in sorted(changed, key=_start)]
    intended = [one for one in changes if one.kind is ChangeKind.INTEND]
    rows += [_intended(one, reader) for one in intended]
    if not outcome.opened and outcome.closed and not intended:
        rows.append("✅ " + words.plural("{n} gap is closed.", "{n} gaps are closed.", len(outcome.closed)))
    return _drawn("🗓️ " + title(changes, by, reader), rows, _public_why(changes), reader)


def private(
    changes: Sequence[Change], outcome: Outcome, by: str, names: Names, reader: Reader
) -> list[block_kit.Block]:
    """For one person: what is theirs now, and what no longer is."""
    words = reader.words
    rows = []
    for one in sorted(outcome.moved, key=_start):
        seat, when = reader.place(Place(one.seat, one.place)), reader.stretch(one.start, one.end)
        gains, loses = bool(names.now) and one.after == names.now, bool(names.was) and one.before == names.was
        other = block_kit.clip(one.before if gains else one.after, 60)
        if gains or loses:
            said = (GAINED if gains else LOST)[bool(other)]
            rows.append(("➕ " if gains else "➖ ") + words(said, when=when, seat=seat, other=other))
    heading = _yours(by, words) if rows else title(changes, by, reader)
    if not rows and changes and changes[0].kind is ChangeKind.LEAVE and changes[0].member == names.now:
        heading = words("{who} noted that you are away", who=by)
    why = next((one.why for one in changes if one.why and one.member == names.now), "") or _public_why(changes)
    later = words("Your shifts later than eight weeks from now changed. See them with `/csp-escalate my`.")
    return _drawn("🗓️ " + heading, rows or [_spans(changes, reader) if changes else later], why, reader)


def _yours(by: str, words: Words) -> str:
    if not by:
        return words("Your shifts changed: a new version of the rota was imported.")
    return words("{who} changed your shifts.", who=by)


def _public_why(changes: Sequence[Change]) -> str:
    """The reason of a change; why somebody is away is nobody's business."""
    return next((one.why for one in changes if one.why and one.kind is not ChangeKind.LEAVE), "")


def _drawn(heading: str, rows: Sequence[str], why: str, reader: Reader) -> list[block_kit.Block]:
    words, left = reader.words, len(rows) - SHOWN
    elements = [block_kit.run(heading, "bold"), *(block_kit.run(f"\n{row}") for row in rows[:SHOWN] if row)]
    elements += [block_kit.run("\n" + words.plural("and {n} more", "and {n} more", left), "italic")] if left > 0 else []
    quoted = [block_kit.quote(why)] if why else []
    return [block_kit.rich(block_kit.line(*elements), *quoted), zone_note(reader.now, reader)]


def _spans(changes: Sequence[Change], reader: Reader) -> str:
    said = {True: _intended, False: _span}
    return "\n".join(said[one.kind is ChangeKind.INTEND](one, reader) for one in changes)


def _span(change: Change, reader: Reader) -> str:
    return reader.stretch(change.start, change.end)


def _intended(change: Change, reader: Reader) -> str:
    seat = seat_name(change.seat, reader.words) if change.seat else reader.words("all seats")
    return f"⚪ {_span(change, reader)} · {seat}"


def _start(one: Moved | Gap) -> datetime:
    return one.start


def _what_changes(one: Moved | Gap, reader: Reader) -> str:
    if isinstance(one, Moved):
        return _moved(one, reader)
    return f"🔴 {reader.stretch(one.start, one.end)} · {gap_text(one, reader.words)}"


def _moved(moved: Moved, reader: Reader) -> str:
    before, after = (block_kit.clip(name, 60) or reader.words("nobody") for name in (moved.before, moved.after))
    seat = reader.place(Place(moved.seat, moved.place))
    return f"{reader.stretch(moved.start, moved.end)} · {seat}{reader.words.colon}{before} → {after}"
