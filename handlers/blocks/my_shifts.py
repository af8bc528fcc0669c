"""One's own shifts, each with the press that is due, and one's leaves."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from handlers import ids
from handlers.blocks import block_kit
from handlers.blocks.schedule import ViewContext, page_value, reminder_times, zone_note
from handlers.blocks.shift_buttons import (
    START_WITHIN,
    confirm_all_button,
    confirm_button,
    hand_over_button,
    take_over_button,
)
from handlers.i18n.words import Words
from models.oncall.confirmations import USUAL_REMINDERS
from models.rules.rota.on_call import Handover, Slot
from models.rules.rota.overrides import Override
from models.rules.rota.shifts import Shift

SHIFTS_SHOWN = 20
PAGE = "my."
"""How the ids of blocks on a page of one's own shifts begin."""
_ON_PAGE = re.compile(rf"^{re.escape(PAGE)}([0-9]{{1,6}})\.")


@dataclass(frozen=True)
class OwnShift:
    """One of a member's own shifts."""

    shift: Shift
    confirmed: bool  # they said that they are on call.
    handover: Handover | None = None  # at its start or end; waits for their press.
    begins_with: Handover | None = None  # at its start, until both have pressed.


def my_page(
    mine: Sequence[OwnShift], offset: int, chosen: Sequence[int] | None, name: str, viewer: ViewContext
) -> list[block_kit.Block]:
    """Return a page of one's shifts of the next four weeks and of one's reminders.

    ``chosen`` are minutes before a shift; None for the defaults.
    """
    words = viewer.words
    title = block_kit.rich(
        block_kit.line(block_kit.run(words("Your shifts in the next four weeks, {name}", name=name), "bold"))
    )
    shown = mine[offset : offset + SHIFTS_SHOWN]
    rows = [my_row(own_shift, viewer) for own_shift in shown] or [block_kit.context(words("You have no shift."))]
    turn = [*_confirm_all(mine, viewer), *_turn(len(mine), offset, viewer)]
    more = [block_kit.actions(turn)] if turn else []
    buttons = [
        block_kit.button(words("Offer a shift"), ids.ROTA_SWAP), block_kit.button(words("I am away"), ids.ROTA_LEAVE),
        block_kit.button(words("Reminders"), ids.ROTA_REMIND),
    ]  # fmt: skip
    reminder_line = block_kit.context(_reminded(chosen, words))
    return [title, *rows, *more, block_kit.actions(buttons), reminder_line, zone_note(viewer.now, viewer)]


def _reminded(chosen: Sequence[int] | None, words: Words) -> str:
    if chosen is not None:
        return words("You are reminded before each shift: {times}", times=reminder_times(chosen, words))
    times, last = reminder_times(USUAL_REMINDERS, words), reminder_times(USUAL_REMINDERS[-1:], words)
    return words(
        "You are reminded of a shift until you confirm it: {times} ahead; of a confirmed one only {last} ahead.",
        times=times,
        last=last,
    )


def on_page(blocks: Sequence[block_kit.Block], offset: int) -> list[block_kit.Block]:
    """Return the blocks with ids that name the page, for each block with a button."""
    return [
        block | {"block_id": f"{PAGE}{offset}.{n}"} if block["type"] == "actions" or "accessory" in block else block
        for n, block in enumerate(blocks)
    ]


def offset_of(block_id: str) -> int:
    """Return the page of a pressed block's id; the first for any other block."""
    match = _ON_PAGE.match(block_id)
    return int(match[1]) if match else 0


def _confirm_all(mine: Sequence[OwnShift], viewer: ViewContext) -> list[block_kit.Element]:
    """Return the button for all unconfirmed shifts; a single one has its own button."""
    unconfirmed = [own_shift.shift for own_shift in mine if not own_shift.confirmed]
    return [confirm_all_button(unconfirmed, viewer)] if len(unconfirmed) > 1 else []


def _turn(count: int, offset: int, viewer: ViewContext) -> list[block_kit.Element]:
    """Return buttons to the pages before and after."""
    words, turn = viewer.words, []
    if offset:
        turn.append(block_kit.button(words("‹ Back"), f"{ids.ROTA_PAGE}.back", page_value("my", offset - SHIFTS_SHOWN)))
    if count > offset + SHIFTS_SHOWN:
        turn.append(block_kit.button(words("More ›"), f"{ids.ROTA_PAGE}.more", page_value("my", offset + SHIFTS_SHOWN)))
    return turn


def my_row(own_shift: OwnShift, viewer: ViewContext) -> block_kit.Block:
    """Return one of one's shifts, with the button that is due."""
    shift, words = own_shift.shift, viewer.words
    is_due = shift.start <= viewer.now < shift.end
    begun = f"{words('now')} · " if is_due and not own_shift.begins_with else ""
    sign = "✅" if own_shift.confirmed and not (is_due and own_shift.begins_with) else "○"
    state = _state(own_shift, is_due, words)
    place = viewer.slot_name(Slot(shift.seat, shift.slot_number))
    text = f"{sign} {viewer.interval(shift.start, shift.end)}\n{begun}{place} · {state}"
    row: block_kit.Block = {"type": "section", "text": block_kit.plain(text)}
    if own_shift.handover:
        begins = own_shift.handover.incoming == shift
        press = take_over_button(own_shift.handover, viewer) if begins else hand_over_button(own_shift.handover, viewer)
        return row | {"accessory": press}
    if own_shift.confirmed:
        return row
    near = shift.start - viewer.now <= START_WITHIN
    return row | {"accessory": confirm_button(shift, viewer, "primary" if near else None)}


def _state(own_shift: OwnShift, is_due: bool, words: Words) -> str:
    """Return the state of a shift. After its start, nobody is on call before both have pressed."""
    if is_due and own_shift.begins_with:
        return (
            words("taken over, not handed over yet")
            if own_shift.begins_with.taken_over
            else words("not taken over yet")
        )
    return words("confirmed") if own_shift.confirmed else words("not confirmed yet")


def line(shift: Shift, is_confirmed: bool, viewer: ViewContext) -> str:
    """Return one shift as a line of a message, safe where Slack parses."""
    sign = "✅" if is_confirmed else "○"
    stretch = viewer.interval(shift.start, shift.end)
    return block_kit.escape(f"{sign} {stretch} · {viewer.slot_name(Slot(shift.seat, shift.slot_number))}")


def leave_row(change: Override, viewer: ViewContext) -> block_kit.Block:
    """Return one of one's leaves that is not over, with a button to undo it."""
    text = f"🏖️ {viewer.interval(change.start, change.end)}\n{viewer.words('you are away')}"
    button = block_kit.button(viewer.words("Undo"), ids.ROTA_UNDO, str(change.id))
    return {"type": "section", "text": block_kit.plain(text), "accessory": button}
