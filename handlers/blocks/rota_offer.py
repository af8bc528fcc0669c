"""Offering a shift: the form, and the card others take it from."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from handlers import ids
from handlers.blocks import kit
from handlers.blocks.rota import Reader
from handlers.words import Words, local
from handlers.words.rota import seat_name
from models.offers import Offer
from models.rota.duty import Place
from models.rota.shifts import Shift

EVERYBODY = "*"
WHY_LIMIT = 500


def shift_key(shift: Shift) -> str:
    """What a menu calls a shift."""
    times = f"{int(shift.start.timestamp())}-{int(shift.end.timestamp())}"
    return f"{times}-{shift.place}-{shift.seat}"[: kit.OPTION_VALUE]


def form(
    mine: Sequence[Shift], people: Mapping[str, str], theirs: Sequence[Shift], given: Mapping[str, str], reader: Reader
) -> kit.Block:
    """Which shift, whom to ask, and what for; ``theirs`` are the shifts of who is asked."""
    words = reader.words
    asked = given.get("ask") or EVERYBODY
    which = kit.select(f"{ids.ROTA_SWAP}.shift", _named(mine, reader), initial=given.get("shift", ""))
    whom = {EVERYBODY: words("everybody, in the on-call channel"), **people}
    ask = kit.select(f"{ids.ROTA_SWAP}.ask", whom, initial=asked, dispatch=True)
    why = kit.text_input(f"{ids.ROTA_SWAP}.why", WHY_LIMIT, lines=True, initial=given.get("why", ""))
    fields = [
        kit.field("shift", words("Which shift?"), which), kit.field("ask", words("Whom do you ask?"), ask),
        *_in_return(asked, theirs, reader), kit.field("why", words("Reason"), why, optional=True),
    ]  # fmt: skip
    said = words("The first who takes it has it; until then it stays yours. Times: {zone}",
                 zone=local.zone_name(reader.now, reader.zone))  # fmt: skip
    return kit.modal(
        ids.ROTA_SWAP, words("Offer a shift"), [kit.aside(kit.plain(said)), *fields], words("Cancel"),
        submit=words("Ask"),
    )  # fmt: skip


def _in_return(asked: str, theirs: Sequence[Shift], reader: Reader) -> list[kit.Block]:
    """Another block for each person: what was chosen for one must not stay for the next."""
    if asked == EVERYBODY or not theirs:
        return []
    choices = kit.select(f"{ids.ROTA_SWAP}.back.{asked}"[:255], _named(theirs, reader))
    return [kit.field("back", reader.words("In return for"), choices, optional=True)]


def _named(shifts: Sequence[Shift], reader: Reader) -> dict[str, str]:
    return {
        shift_key(one): f"{reader.stretch(one.start, one.end)} · {reader.place(Place(one.seat, one.place))}"
        for one in shifts
    }


def asked(offer: Offer, whom: str, reader: Reader) -> kit.Block:
    """The offer is made."""
    words = reader.words
    said = words("Asked: {whom}. You hear of it as soon as somebody takes it.", whom=whom)
    lines = [kit.run("✅ " + said, "bold"), kit.run(f"\n{reader.stretch(offer.start, offer.end)}")]
    more = kit.context(words("To withdraw it: `{command} my`", command=ids.COMMAND))
    return kit.modal(ids.DONE, words("Offer a shift"), [kit.rich(kit.line(*lines)), more], words("Done"))


# The card ----------------------------------------------------------------------------------------------------------


def card(offer: Offer, by: str, taken_by: str, words: Words) -> list[kit.Block]:
    """The offer for those who are asked, or how it ended. ``by`` and ``taken_by`` are names."""
    title = words("{who} offers a shift", who=by) if not offer.is_swap else words("{who} offers to swap", who=by)
    elements = [kit.run(f"🔁 {title}", "bold"), kit.run("\n"), *_when(offer.seat, offer, words)]
    if offer.is_swap and offer.back_start and offer.back_end:
        seat = seat_name(offer.back_seat, words)
        elements += [kit.run("\n" + words("in return for") + words.colon), *_span(offer.back_start, offer.back_end)]
        elements += [kit.run(f" · {seat}")]
    if offer.why:
        elements.append(kit.run(f"\n{offer.why}", "italic"))
    blocks = [kit.rich(kit.line(*elements), block_id=f"offer:{offer.id}")]
    return [*blocks, _end(offer, taken_by, words) if offer.is_over else kit.actions(_buttons(offer, words))]


def times(offer: Offer) -> list[kit.Element]:
    """When the offered shift is, in each reader's own zone."""
    return _span(offer.start, offer.end)


def _when(seat: str, offer: Offer, words: Words) -> list[kit.Element]:
    return [*_span(offer.start, offer.end), kit.run(f" · {seat_name(seat, words)}")]


def _span(start: datetime, end: datetime) -> list[kit.Element]:
    return [kit.when(start), kit.run(" – "), kit.when(end)]


def _buttons(offer: Offer, words: Words) -> list[kit.Element]:
    value = str(ids.Subject(offer.id))
    take = kit.button(words("Take it"), ids.OFFER_TAKE, value, "primary")
    if offer.asked:
        return [take, kit.button(words("I can't"), ids.OFFER_DECLINE, value)]
    return [take]


def _end(offer: Offer, taken_by: str, words: Words) -> kit.Block:
    said = words("{who} takes it.", who=taken_by) if offer.taken_by else words("It was withdrawn.")
    return kit.aside(kit.plain(("✅ " if offer.taken_by else "") + said))


def mine_row(offer: Offer, reader: Reader) -> kit.Block:
    """One's own open offer, to withdraw."""
    text = f"🔁 {reader.stretch(offer.start, offer.end)}\n{reader.words('offered, nobody took it yet')}"
    button = kit.button(reader.words("Withdraw"), ids.OFFER_WITHDRAW, str(ids.Subject(offer.id)))
    return {"type": "section", "text": kit.plain(text), "accessory": button}
