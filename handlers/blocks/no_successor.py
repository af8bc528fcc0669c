"""A shift that ends and nobody follows: who is on may stay, or say that somebody else must."""

from datetime import datetime, timedelta

from handlers import ids
from handlers.blocks import block_kit
from handlers.blocks.gap_card import place_name
from handlers.blocks.schedule import ViewContext
from handlers.blocks.shift_buttons import shift_value
from models.rules.rota.gaps import Gap
from models.rules.rota.on_call import Slot
from models.rules.rota.shifts import Shift

Said = tuple[str, list[block_kit.Block]]
LONGEST = timedelta(hours=12)
"""So long ahead somebody is asked to stay at most."""


def to_outgoing(shift: Shift, gap: Gap, is_lead: bool, viewer: ViewContext) -> Said:
    """To whoever is on: nobody follows; stay on, or somebody else must."""
    words, value = viewer.words, str(_rest(shift, gap))
    stay = block_kit.button(words("Stay on until …"), ids.ROTA_STAY, value, "primary")
    action = (ids.ROTA_COVER, value) if is_lead else (ids.ROTA_RELIEF, shift_value(shift))
    said = viewer.each(lambda one: f"{_nobody(shift, gap, one)}\n{one.words('Can you stay on?')}")
    return f"{_title(shift, viewer)}\n{said}", [
        block_kit.actions([stay, block_kit.button(words("Assign someone else"), *action)])
    ]


def to_others(shift: Shift, gap: Gap, user: str, viewer: ViewContext) -> Said:
    """To leads and the on-call channel (``user`` is empty): whoever is on can't stay."""
    words, value, who = viewer.words, str(_rest(shift, gap)), viewer.mention(shift.member)
    said = viewer.each(
        lambda one: f"{_nobody(shift, gap, one)}\n{one.words('{who} can’t stay on. Please find somebody.', who=who)}"
    )
    put = block_kit.button(words("Assign someone else"), ids.ROTA_COVER, value)
    take = block_kit.button(words("Take it"), ids.ROTA_TAKE_SPAN, value, "primary")
    return f"{_title(shift, viewer)}\n{said}", [block_kit.actions([put] if user else [take])]


def over(shift: Shift, follows: str, viewer: ViewContext) -> str:
    """Somebody follows by now (the plan's name), or nobody has to."""
    at, who = block_kit.escape(viewer.moment(shift.end)), viewer.mention(follows) if follows else ""
    said = (
        viewer.words("{who} is on call from {at}.", who=who, at=at)
        if follows
        else viewer.words("Nobody needs to follow.")
    )
    return f"{_title(shift, viewer, '✅')}\n{said}"


def _title(shift: Shift, viewer: ViewContext, sign: str = "🚨") -> str:
    place = place_name(Slot(shift.seat, shift.slot_number), viewer.words)
    return f"{sign} *{block_kit.escape(viewer.moment(shift.end))}* · {place}"


def _nobody(shift: Shift, gap: Gap, viewer: ViewContext) -> str:
    at, until = (block_kit.escape(viewer.moment(one)) for one in (shift.end, gap.end))
    return viewer.words("The shift ends at {at}, and nobody follows until {until}.", at=at, until=until)


def _rest(shift: Shift, gap: Gap) -> ids.SeatInterval:
    end: datetime = min(gap.end, shift.end + LONGEST)
    return ids.SeatInterval(shift.seat, shift.end, end)
