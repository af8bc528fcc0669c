"""Find the facts that the reminders of a shift or a handover depend on, from the snapshot of the rota."""

from datetime import datetime, timedelta
from typing import Any

from models.oncall.snapshot import OnCallSnapshot
from models.reminders import no_successor
from models.reminders.log import Time
from models.rules.reminders.handover import CARD_BEFORE, HandoverFacts
from models.rules.reminders.shift import ShiftFacts
from models.rules.reminders.subjects import HandoverName, ShiftName
from models.rules.rota.on_call import Handover, ShiftEventKind, Slot
from models.rules.rota.shifts import Shift


def find_shift_facts(snapshot: OnCallSnapshot, name: ShiftName, made: Time | None = None) -> ShiftFacts | None:
    """Return what the steps of a shift depend on; None when it is not planned any more, or nobody can be reminded."""
    planned = snapshot.shift(name.place, name.start, name.person)
    user = snapshot.user_of(name.person)
    if planned is None or not user:
        return None
    confirmation = snapshot.confirmation_of(planned)
    handed = snapshot.handover_to(planned) is not None
    since, after = _since(snapshot, planned, made), made[1] if made else None
    return ShiftFacts(
        name, planned.end, user, snapshot.reminder_minutes(user), since,
        confirmation.at if confirmation else None, handed, after, snapshot.has_chosen(user),
        **_find_facts_of_end(snapshot, planned),
        relieves=no_successor.on_before_gap(snapshot, planned),
        confirmed_by=confirmation.came_by if confirmation else "",
    )  # fmt: skip


def _find_facts_of_end(snapshot: OnCallSnapshot, shift: Shift) -> dict[str, Any]:
    """Return the facts about the end of a shift that nobody follows; nothing for any other shift."""
    gap = no_successor.gap_after(snapshot, shift)
    if gap is None:
        return {}
    slot = Slot(shift.seat, shift.slot_number)
    presses = (
        press
        for press in snapshot.shift_events
        if press.kind is ShiftEventKind.CANNOT_STAY and press.shift_start == shift.start
    )
    cannot = next((press.at for press in presses if (press.slot, press.person) == (slot, shift.member)), None)
    since, on_at_end = no_successor.known_since(snapshot, shift), no_successor.on_at_end(snapshot, shift)
    until = min(gap.end, shift.end + no_successor.LONGEST_HOLE)
    return {"alone_since": since, "alone_until": until, "on_at_end": on_at_end, "cannot_stay_at": cannot}


def find_handover_facts(snapshot: OnCallSnapshot, name: HandoverName, made: Time | None = None) -> HandoverFacts | None:
    """Return what the steps of a handover depend on; None when it is not planned any more."""
    planned = snapshot.handover(name.place, name.at, name.outgoing, name.incoming)
    if planned is None:
        return None
    outgoing, incoming = snapshot.user_of(name.outgoing), snapshot.user_of(name.incoming)
    unheard = snapshot.confirmation_of(planned.incoming) is None
    since, after = _since(snapshot, planned.incoming, made), made[1] if made else None
    card_recipients = tuple(
        user for user in (outgoing, "" if _is_reminded(snapshot, incoming, planned.at, since) else incoming) if user
    )
    pressed = max((press.at for press in (planned.handed_over, planned.taken_over) if press), default=None)
    return HandoverFacts(
        name, planned.incoming.end, outgoing, incoming, since, card_recipients, unheard, pressed, planned.done_at,
        after, planned.taken_over.came_by if planned.taken_over else "",
    )  # fmt: skip


def _since(snapshot: OnCallSnapshot, shift: Shift, made: Time | None) -> datetime:
    """Return since when a shift is its person's.

    A person who was reminded of it had it before. A new version of the rota with the same shift changes nothing.
    """
    known_at = snapshot.assigned_at(shift)
    return min(known_at, made[0]) if made else known_at


def _is_reminded(snapshot: OnCallSnapshot, user: str, at: datetime, since: datetime) -> bool:
    """Return whether a reminder of their own follows the card of a handover: it has the same button."""
    waits = (timedelta(minutes=lead) for lead in snapshot.reminder_minutes(user))
    return any(wait <= CARD_BEFORE and at - wait > since for wait in waits)


def shift_name(planned: Shift) -> ShiftName:
    """Return the name of a shift."""
    return ShiftName(Slot(planned.seat, planned.slot_number), planned.start, planned.member)


def handover_name(planned: Handover) -> HandoverName:
    """Return the name of a handover."""
    return HandoverName(planned.slot, planned.at, planned.outgoing, planned.incoming.member)
