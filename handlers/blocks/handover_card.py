"""The card and the reminders of a handover between two people."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from handlers import ids
from handlers.blocks import block_kit, open_escalations
from handlers.blocks.gap_card import LISTED, slot_name
from handlers.blocks.schedule import ViewContext, gap_text, zone_note
from handlers.blocks.shift_buttons import (
    both_pressed,
    hand_over_button,
    handover_value,
    take_over_button,
)
from handlers.blocks.shift_reminders import HOUR, ReminderBody, assign_button, describe_hours, is_person
from handlers.i18n.labels import name_way
from handlers.i18n.words import Words
from models.oncall.gap_register import GapRecord
from models.rules.escalations.deadlines import Deadline
from models.rules.escalations.escalation import Escalation
from models.rules.reminders.subjects import HandoverName
from models.rules.rota.on_call import Handover, ShiftEvent


@dataclass(frozen=True)
class HandoverView:
    """A handover with all that its card shows."""

    handover: Handover
    cases: Sequence[Escalation] = ()  # open escalations; those of the outgoing person first
    gaps: Sequence[GapRecord] = ()  # gaps of the coming shift
    notes: Sequence[str] = ()  # what the outgoing person added.
    due: Sequence[tuple[Escalation, Deadline]] = ()  # what falls due before the end of the shift, in order.


def handover_card(view: HandoverView, viewer: ViewContext) -> list[block_kit.Block]:
    """Return the card with the handover note and its buttons."""
    text = block_kit.section(f"{_title(view.handover, viewer)}\n{_presses(view.handover, viewer)}")
    note, more = block_kit.rich(*_note(view, viewer)), _count_more(view, viewer.words)
    blocks = [text, note, *more, zone_note(view.handover.at, viewer)]
    handover, words = view.handover, viewer.words
    if handover.done_at:
        return blocks
    hand_over = [] if handover.handed_over else [hand_over_button(handover, viewer)]
    take_over = [] if handover.taken_over else [take_over_button(handover, viewer)]
    add_note = block_kit.button(words("Add to the note"), ids.ROTA_NOTE, handover_value(handover, handover.outgoing))
    return [*blocks, block_kit.actions([*hand_over, *take_over, add_note])]


def _title(handover: Handover, viewer: ViewContext, sign: str = "🤝") -> str:
    slot, at = slot_name(handover.slot, viewer.words), block_kit.escape(viewer.moment(handover.at))
    people = f"{viewer.mention(handover.outgoing)} → {viewer.mention(handover.incoming.member)}"
    return f"{sign} *{viewer.words('Handover')}* · {slot} · {at}\n{people}"


def _presses(handover: Handover, viewer: ViewContext) -> str:
    words = viewer.words
    rows = [(words("Handed over"), handover.handed_over), (words("Taken over"), handover.taken_over)]
    lines = [f"{name}{words.colon}{_describe_press(press, viewer)}" for name, press in rows]
    if not handover.done_at:
        lines.append(
            viewer.line_per_language(
                lambda view: view.words("Until both have pressed, the outgoing person remains on call.")
            )
        )
    elif viewer.now < handover.at:
        lines.append(viewer.line_per_language(lambda view: _say_both_pressed(handover, view)))
    return "\n".join(lines)


def _say_both_pressed(handover: Handover, viewer: ViewContext, user: str = "") -> str:
    """Return who takes over when. ``user`` is the Slack id of the reader."""
    incoming, outgoing = viewer.mention(handover.incoming.member), viewer.mention(handover.outgoing)
    if is_person(handover.incoming.member, user, viewer):
        at = viewer.moment_in_sentence(handover.at)
        return viewer.words("You take over at {time}. Until then {name} is on call.", time=at, name=outgoing)
    return both_pressed(handover, incoming, "" if is_person(handover.outgoing, user, viewer) else outgoing, viewer)


def _describe_press(press: ShiftEvent | None, viewer: ViewContext) -> str:
    if press is None:
        return f"☐ {viewer.words('not pressed yet')}"
    return f"✅ {viewer.moment(press.at)}{name_way(press.came_by, viewer.words)}"


def _note(view: HandoverView, viewer: ViewContext) -> list[block_kit.Element]:
    """Return the note: open escalations, gaps of the coming shift, and what the outgoing person added."""
    words, due = viewer.words, {case.number: deadline for case, deadline in view.due}
    counts = [open_escalations.open_count(view.cases, words)]
    overdue = sum(deadline.due_at <= viewer.now for deadline in due.values())
    if overdue:
        counts.append(words.plural("{n} is overdue.", "{n} are overdue.", overdue))
    if coming := len(due) - overdue:
        counts.append(words.plural("{n} falls due in this shift.", "{n} fall due in this shift.", coming))
    lines = [
        block_kit.line(
            block_kit.run(words("Handover note"), "bold"), block_kit.run("".join(f" · {count}" for count in counts))
        )
    ]
    cases = [*(case for case, _ in view.due), *(case for case in view.cases if case.number not in due)]
    lines += [
        open_escalations.note_line(case, due.get(case.number), words, viewer.zone, viewer.now)
        for case in cases[:LISTED]
    ]
    lines += [
        block_kit.line(block_kit.run(f"⚠️ {viewer.interval(gap.start, gap.end)} {gap_text(gap.gap, words)}"))
        for gap in view.gaps[:LISTED]
    ]
    return [*lines, *(block_kit.quote(block_kit.clip(note, 1000)) for note in view.notes[:5])]


def _count_more(view: HandoverView, words: Words) -> list[block_kit.Block]:
    """Return how many cases and gaps the note leaves out, and what lists them."""
    cases, gaps = len(view.cases) - LISTED, len(view.gaps) - LISTED
    lines = [words("… and {n} more. `/csp-escalate list` lists them.", n=cases)] if cases > 0 else []
    lines += [words("… and {n} more. `/csp-escalate gaps` lists them.", n=gaps)] if gaps > 0 else []
    return [block_kit.context("\n".join(lines))] if lines else []


def waiting_handover(handover: Handover, user: str, is_lead: bool, viewer: ViewContext) -> ReminderBody:
    """Return the reminder of a handover that lacks a press.

    The outgoing and the incoming person read what they have to press, others who is missing. A lead can hand over for
    somebody who can't. ``user`` is the Slack id of the reader; empty in a channel.
    """
    if is_person(handover.outgoing, user, viewer):
        buttons = [] if handover.handed_over else [hand_over_button(handover, viewer)]
        buttons.append(
            block_kit.button(
                viewer.words("Add to the note"), ids.ROTA_NOTE, handover_value(handover, handover.outgoing)
            )
        )
        return _reminder(handover, _request_to_outgoing, buttons, viewer)
    if is_person(handover.incoming.member, user, viewer):
        return _reminder(
            handover, _request_to_incoming, [] if handover.taken_over else [take_over_button(handover, viewer)], viewer
        )
    hand_over_for_them = block_kit.button(
        viewer.words("Hand over for them"), ids.ROTA_HAND_OVER, handover_value(handover, handover.outgoing)
    )
    buttons = [
        *([] if handover.handed_over else [hand_over_for_them]),
        *([] if handover.taken_over else [assign_button(handover.incoming, viewer)]),
    ]
    return _reminder(handover, _request_to_others, buttons if is_lead else [], viewer)


def _not_taken_for(n: int, words: Words) -> str:
    return words.plural("For {n} hour nobody has taken over.", "For {n} hours nobody has taken over.", n)


def _not_handed_for(n: int, words: Words) -> str:
    return words.plural("For {n} hour nobody has handed over.", "For {n} hours nobody has handed over.", n)


def _reminder(
    handover: Handover,
    request: Callable[[Handover, ViewContext], str],
    buttons: Sequence[block_kit.Element],
    viewer: ViewContext,
) -> ReminderBody:
    missing = _not_handed_for if handover.taken_over else _not_taken_for
    text = viewer.line_per_language(
        lambda view: "\n".join([*describe_hours(handover.at, missing, view), request(handover, view)])
    )
    sign = "🚨" if viewer.now - handover.at >= HOUR else "🤝"
    return f"{_title(handover, viewer, sign)}\n{text}", [block_kit.actions(buttons)] if buttons else []


def _request_to_outgoing(handover: Handover, viewer: ViewContext) -> str:
    if handover.handed_over:
        who = viewer.mention(handover.incoming.member)
        return viewer.words(
            "You have handed over, but remain on call until {who} takes over. Please contact them.", who=who
        )
    return viewer.words("Please press “I hand over”. You remain on call until both of you have pressed.")


def _request_to_incoming(handover: Handover, viewer: ViewContext) -> str:
    who = viewer.mention(handover.outgoing)
    if handover.taken_over:
        return viewer.words(
            "You have taken over. {who} remains on call until they hand over. Please contact them.", who=who
        )
    return viewer.words("Please press “I take over”. {who} remains on call until both of you have pressed.", who=who)


def _request_to_others(handover: Handover, viewer: ViewContext) -> str:
    missing = [
        *([] if handover.handed_over else [handover.outgoing]),
        *([] if handover.taken_over else [handover.incoming.member]),
    ]
    people = viewer.words.join_items(viewer.mention(name) for name in missing)
    stays = viewer.mention(handover.outgoing)
    return viewer.words("Handover not complete: please call {people}. {who} remains on call.", people=people, who=stays)


def handover_title(handover: Handover, viewer: ViewContext) -> str:
    """Return how a handover is named in a sentence: when, where and between whom."""
    who = [block_kit.escape(block_kit.clip(name, 60)) for name in (handover.outgoing, handover.incoming.member)]
    at, slot = block_kit.escape(viewer.moment(handover.at)), slot_name(handover.slot, viewer.words)
    return f"{at} · {slot} · {' → '.join(who)}"


def completed_handover(handover: Handover, user: str, viewer: ViewContext) -> str:
    """Return the text that replaces a reminder once both have pressed."""
    if viewer.now < handover.at:
        return f"{_title(handover, viewer, '✅')}\n{_say_both_pressed(handover, viewer, user)}"
    at = block_kit.escape(viewer.moment(handover.done_at)) if handover.done_at else ""
    who = viewer.mention(handover.incoming.member)
    text = viewer.words("{who} has been on call since {when}.", who=who, when=at)
    if is_person(handover.incoming.member, user, viewer):
        text = viewer.words("You have been on call since {when}.", when=at)
    return f"{_title(handover, viewer, '✅')}\n{text}"


def ended_handover(name: HandoverName, viewer: ViewContext) -> str:
    """Return the text that replaces a reminder of a handover that is over or cancelled."""
    start, slot = block_kit.escape(viewer.moment(name.at)), slot_name(name.place, viewer.words)
    people = f"{viewer.mention(name.outgoing)} → {viewer.mention(name.incoming)}"
    text = viewer.words("This handover is over or cancelled. There is nothing more to do.")
    return f"⚪ *{viewer.words('Handover')}* · {slot} · {start}\n{people}\n{text}"
