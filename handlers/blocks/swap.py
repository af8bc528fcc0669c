"""Swap offers: the form, and the card from which others take it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from handlers import ids
from handlers.blocks import block_kit
from handlers.blocks.override_form import member_key
from handlers.blocks.schedule import ViewContext, zone_note
from handlers.i18n import dates
from handlers.i18n.rota_labels import seat_name
from handlers.i18n.words import Words
from models.oncall.swaps import SwapOffer
from models.rules.rota.on_call import Slot
from models.rules.rota.rota import Member
from models.rules.rota.shifts import Shift

EVERYBODY = "*"
WHY_LIMIT = 500


def shift_key(shift: Shift) -> str:
    """Return a shift's value in a menu."""
    times = f"{int(shift.start.timestamp())}-{int(shift.end.timestamp())}"
    return f"{times}-{shift.slot_number}-{shift.seat}"[: block_kit.OPTION_VALUE]


@dataclass(frozen=True)
class SwapChoices:
    """Whose shifts are to choose from, whether they are one's own, and whose else a lead may offer."""

    owner: Member
    shifts: Sequence[Shift]
    own: bool = True
    owners: Mapping[str, Member] = field(default_factory=dict)


def form(
    offered: SwapChoices,
    people: Mapping[str, str],
    theirs: Sequence[Shift],
    given: Mapping[str, str],
    viewer: ViewContext,
) -> block_kit.Block:
    """Whose shift and which, whom to ask, and what for; ``theirs`` are the shifts of who is asked."""
    words = viewer.words
    asked = given.get("ask") or EVERYBODY
    owner = member_key(offered.owner)
    # Another menu for each person: what was chosen for one must not stay for the next.
    menu = f"{ids.ROTA_SWAP}.shift.{owner}"[:255]
    which = block_kit.select(menu, _name_shifts(offered.shifts, viewer), initial=given.get("shift", ""))
    whom = {EVERYBODY: words("everybody, in the on-call channel"), **people}
    ask = block_kit.select(f"{ids.ROTA_SWAP}.ask", whom, initial=asked, dispatch=True)
    why = block_kit.text_input(f"{ids.ROTA_SWAP}.why", WHY_LIMIT, lines=True, initial=given.get("why", ""))
    fields = [
        *_whose(offered, owner, words), block_kit.field("shift", words("Which shift?"), which),
        block_kit.field("ask", words("Offer to"), ask), *_in_return(asked, theirs, viewer),
        block_kit.field("why", words("Reason"), why, optional=True, hint=words("Everyone you ask sees this.")),
    ]  # fmt: skip
    zone = dates.zone_name(viewer.now, viewer.zone, words)
    sentence = words("The first to accept gets it; until then it is your shift. Times: {zone}", zone=zone)
    if not offered.own:
        sentence = words("The first to accept gets it; until then it is the shift of {who}. Times: {zone}",
                     who=offered.owner.name, zone=zone)  # fmt: skip
    return block_kit.modal(
        ids.ROTA_SWAP, words("Offer a shift"), [block_kit.aside(block_kit.plain(sentence)), *fields], words("Cancel"),
        submit=words("Send offer"),
    )  # fmt: skip


def _whose(offered: SwapChoices, owner: str, words: Words) -> list[block_kit.Block]:
    if not offered.owners:
        return []
    names = {key: member.name for key, member in offered.owners.items()}
    choices = block_kit.select(f"{ids.ROTA_SWAP}.whose", names, initial=owner, dispatch=True)
    return [block_kit.field("whose", words("Whose shift?"), choices)]


def _in_return(asked: str, theirs: Sequence[Shift], viewer: ViewContext) -> list[block_kit.Block]:
    """Return the menu of shifts in return. Its id differs per person, so that no choice stays for the next."""
    if asked == EVERYBODY or not theirs:
        return []
    choices = block_kit.select(f"{ids.ROTA_SWAP}.back.{asked}"[:255], _name_shifts(theirs, viewer))
    return [block_kit.field("back", viewer.words("In return for"), choices, optional=True)]


def _name_shifts(shifts: Sequence[Shift], viewer: ViewContext) -> dict[str, str]:
    return {
        shift_key(
            shift
        ): f"{viewer.interval(shift.start, shift.end)} · {viewer.slot_name(Slot(shift.seat, shift.slot_number))}"
        for shift in shifts
    }


def offer_sent_view(offer: SwapOffer, whom: str, own: bool, viewer: ViewContext) -> block_kit.Block:
    """Return the confirmation of an offer; `own` when the shift is the reader's own."""
    words = viewer.words
    sentence = words("Offered to: {whom}. You will be notified when somebody takes it.", whom=whom)
    if not own:
        sentence = words("Offered to: {whom}. The on-call channel will be notified when somebody takes it.", whom=whom)
    lines = [block_kit.run("✅ " + sentence, "bold"), *(block_kit.run(f"\n{line}") for line in _what(offer, viewer))]
    more = block_kit.context(words("To withdraw it: `/csp-escalate my`"))
    return block_kit.modal(
        ids.DONE, words("Offer a shift"), [block_kit.rich(block_kit.line(*lines)), more], words("Done")
    )


def describe_assignment(offer: SwapOffer, viewer: ViewContext) -> str:
    """Return that the shift is assigned to the reader; its hours start now if it has begun."""
    when, seat = viewer.interval(max(offer.start, viewer.now), offer.end), seat_name(offer.seat, viewer.words)
    return "✅ " + viewer.words("Assigned to you: {when}, {seat}.", when=when, seat=seat)


# The card ----------------------------------------------------------------------------------------------------------


def card(offer: SwapOffer, by: str, taken_by: str, viewer: ViewContext, whose: str = "") -> list[block_kit.Block]:
    """Return the offer for those who are asked, or how it ended.

    ``by`` and ``taken_by`` are names; the second is empty when the reader took it. ``whose`` is the person for whom
    a lead offers.
    """
    words = viewer.words
    title = words("{who} offers a shift", who=by) if not offer.is_swap else words("{who} offers to swap", who=by)
    if whose:
        title = words("{who} offers a shift of {whose}", who=by, whose=block_kit.clip(whose, 60))
    runs = [block_kit.run(f"🔁 {title}", "bold"), *(block_kit.run(f"\n{line}") for line in _what(offer, viewer))]
    runs += [block_kit.run(f"\n{offer.why}", "italic")] if offer.why else []
    blocks = [block_kit.rich(block_kit.line(*runs), block_id=f"offer:{offer.id}"), zone_note(offer.start, viewer)]
    return [*blocks, _end(offer, taken_by, words) if offer.is_over else block_kit.actions(_buttons(offer, words))]


def _what(offer: SwapOffer, viewer: ViewContext) -> list[str]:
    """Return the offered shift, and what is wanted for it."""
    if not (offer.is_swap and offer.back_start and offer.back_end):
        return [times(offer, viewer)]
    back = _when(offer.back_seat, offer.back_start, offer.back_end, viewer)
    return [times(offer, viewer), f"{viewer.words('in return for')}{viewer.words.colon}{back}"]


def times(offer: SwapOffer, viewer: ViewContext) -> str:
    """Return when and where the offered shift is."""
    return _when(offer.seat, offer.start, offer.end, viewer)


def _when(seat: str, start: datetime, end: datetime, viewer: ViewContext) -> str:
    return f"{viewer.interval(start, end)} · {seat_name(seat, viewer.words)}"


def _buttons(offer: SwapOffer, words: Words) -> list[block_kit.Element]:
    value = str(ids.EscalationSubject(offer.id))
    take = block_kit.button(words("Take it"), ids.OFFER_TAKE, value, "primary")
    if offer.asked:
        return [take, block_kit.button(words("I can't"), ids.OFFER_DECLINE, value)]
    return [take]


def _end(offer: SwapOffer, taken_by: str, words: Words) -> block_kit.Block:
    taken = words("{who} takes it.", who=taken_by) if taken_by else words("You take it.")
    sentence = taken if offer.taken_by else words("This offer was withdrawn.")
    return block_kit.aside(block_kit.plain(("✅ " if offer.taken_by else "") + sentence))


def mine_row(offer: SwapOffer, viewer: ViewContext) -> block_kit.Block:
    """Return one's own open offer, with a button to withdraw it."""
    text = f"🔁 {times(offer, viewer)}\n{viewer.words('offered, nobody has taken it yet')}"
    button = block_kit.button(viewer.words("Withdraw"), ids.OFFER_WITHDRAW, str(ids.EscalationSubject(offer.id)))
    return {"type": "section", "text": block_kit.plain(text), "accessory": button}
