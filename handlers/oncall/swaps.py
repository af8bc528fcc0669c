"""Offering a shift to one person or everybody, perhaps for one of theirs: the first taker wins, the others are told."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from handlers import ids
from handlers.blocks import block_kit, my_shifts, override_form, swap
from handlers.blocks.swap import EVERYBODY
from handlers.context import House, Slack, Visitor
from handlers.errors import with_hints
from handlers.oncall.override_request import LATEST, opens_no_more, seen
from handlers.oncall.overrides import not_read
from handlers.oncall.requester import Caller, called, caller
from handlers.oncall.schedule_views import Seeing, reader
from handlers.payloads import Body, submission_key, typed
from handlers.press_origin import is_private
from handlers.replies import beside
from models.oncall.swaps import Offer
from models.rules.errors import Refused, refuse
from models.rules.rota.impact import Outcome
from models.rules.rota.rota import Member
from models.rules.rota.shifts import Shift

Ack = Callable[..., Any]
Respond = Callable[..., Any]
MOST_CHOICES = 100


class Offering:
    """The form of an offer, and the buttons of its card."""

    def __init__(self, house: House, seeing: Seeing) -> None:
        self._house, self._seeing = house, seeing

    def opened(self, rest: str, visitor: Visitor, trigger_id: str, client: Slack) -> None:
        """The verb ``swap``; what was typed after it is not read, and that is said."""
        view = self._form({}, called(self._house, visitor))
        shown = with_hints(view, [not_read(rest, visitor.words)]) if rest else view
        client.views_open(trigger_id=trigger_id, view=shown)

    def click(self, body: dict[str, Any], client: Slack) -> None:
        """The button “Offer a shift”."""
        client.views_open(trigger_id=body["trigger_id"], view=self._form({}, caller(self._house, body)))

    def changed(self, body: dict[str, Any], client: Slack) -> None:
        """Another person is asked, whose shifts are offered in return; or a lead offers somebody else's."""
        view = body["view"]
        given = {name: value for name, value in typed(view).items() if isinstance(value, str)}
        form = self._form(given, caller(self._house, body))
        client.views_update(view_id=view["id"], view=form, hash=view.get("hash"))

    def submit(self, ack: Ack, body: dict[str, Any]) -> None:
        """The filled form: the offer is made."""
        here, given = caller(self._house, body), typed(body["view"])
        offer = self._offer(given, here)
        channel = self._house.settings.oncall_channel
        made = self._house.offers.make(offer, here.actor, here.now, submission_key(body), channel)
        people = {**self._people(here, offer.member), EVERYBODY: here.words("everybody, in the on-call channel")}
        whom = people.get(str(given.get("ask") or EVERYBODY), "")
        own = here.me is not None and here.me.name == made.member
        ack(response_action="update", view=swap.asked(made, whom, own, reader(here)))

    def take(self, body: dict[str, Any], client: Slack, respond: Respond) -> None:
        """“Take it”: at once when nothing else opens; else what would happen is shown first."""
        here, number = caller(self._house, body), _number(body)
        outcome = self._house.offers.preview(number, here.actor, here.myself().name, here.now)
        if outcome.opened:
            client.views_open(trigger_id=body["trigger_id"], view=self._preview(number, here))
            return
        offer = self._take(number, here, lambda now_is: not now_is.opened)
        beside(swap.taken(offer, reader(here)), body, respond)

    def save(self, ack: Ack, body: dict[str, Any]) -> None:
        """Taken although something else opens, as it was shown."""
        here, view = caller(self._house, body), body["view"]
        number, shown, then = _carried(view)
        found: list[Outcome] = []

        def agreed(outcome: Outcome) -> bool:
            found[:] = [outcome]
            known = self._house.offers.preview(number, here.actor, here.myself().name, then)
            return seen(known, then) == shown and opens_no_more(outcome, known)

        try:
            self._take(number, here, agreed)
        except Refused as refused:
            if all(one.reason != "changed_meanwhile" for one in refused.refusals):
                raise
            note = here.words("The rota changed meanwhile. This is what would happen now:")
            ack(response_action="update", view=self._preview(number, here, note))
            return
        ack(response_action="update", view=override_form.saved(found[0], [], reader(here)))

    def decline(self, body: dict[str, Any], respond: Respond) -> None:
        """“I can't”."""
        here = caller(self._house, body)
        offer = self._house.offers.answer(_number(body), "decline", here.actor, here.now)
        asker = self._house.board.name_of(offer.by)
        beside("✅ " + here.words("Noted. {who} is told.", who=asker), body, respond)

    def withdraw(self, body: dict[str, Any], respond: Respond) -> None:
        """“Withdraw”: the offer is over, the shift stays with whom it was."""
        here = caller(self._house, body)
        channel = self._house.settings.oncall_channel
        self._house.offers.answer(_number(body), "withdraw", here.actor, here.now, channel)
        offset = my_shifts.offset_of(str(body["actions"][0].get("block_id")))
        mine = self._seeing.my_page(offset, here) if is_private(body) and here.me else []
        beside("✅ " + here.words("It was withdrawn."), body, respond, mine)

    def _take(self, number: int, here: Caller, agreed: Callable[[Outcome], bool]) -> Offer:
        channel = self._house.settings.oncall_channel
        return self._house.offers.take(number, here.actor, here.myself().name, here.now, channel, agreed)

    def _preview(self, number: int, here: Caller, note: str = "") -> block_kit.Block:
        outcome = self._house.offers.preview(number, here.actor, here.myself().name, here.now)
        warning = note or here.words("Look first: taking it opens something else.")
        words = here.words
        blocks = [block_kit.section(f"⚠️ {warning}"), *override_form.happening(outcome, reader(here))]
        return block_kit.modal(
            ids.OFFER_SAVE, words("What would happen"), blocks, words("Cancel"),
            submit=words("Take it anyway") if outcome.opened else words("Take it"),
            private_metadata=f"{number} {seen(outcome, here.now)} {int(here.now.timestamp())}",
        )  # fmt: skip

    def _form(self, given: Mapping[str, str], here: Caller) -> block_kit.Block:
        owner = self._owner(given, here)
        shifts = self._shifts(here, owner.name)
        if not shifts:
            raise refuse("no_shift_to_offer")
        asked = next((one for one in here.plan.members.values() if one.slack_id == given.get("ask")), None)
        theirs = self._shifts(here, asked.name) if asked and asked != owner else []
        keys = [swap.shift_key(one) for one in shifts]
        filled = {**given, "shift": given["shift"] if given.get("shift") in keys else keys[0]}
        offered = swap.Offered(owner, shifts, owner == here.me, self._owners(here))
        return swap.form(offered, self._people(here, owner.name), theirs, filled, reader(here))

    def _owner(self, given: Mapping[str, Any], here: Caller) -> Member:
        """Whose shift is offered: one's own, but for a lead who chose somebody else's."""
        if not here.actor.is_lead:
            return here.myself()
        owners = self._owners(here)
        wanted = str(given.get("whose") or (override_form.member_key(here.me) if here.me else ""))
        if wanted not in owners and given.get("whose"):
            raise refuse("unknown_choice", "whose")
        found = owners.get(wanted) or next(iter(owners.values()), None)
        if found is None:
            raise refuse("no_shift_to_offer")
        return found

    def _owners(self, here: Caller) -> Mapping[str, Member]:
        """Whose shifts a lead may offer: everybody's who has one; nobody for who is none."""
        if not here.actor.is_lead:
            return {}
        ahead = {one.member for one in self._seeing.ahead(here) if not one.absent}
        members = [one for one in here.plan.members.values() if one.name in ahead]
        return {override_form.member_key(one): one for one in members[:MOST_CHOICES]}

    def _offer(self, given: Mapping[str, Any], here: Caller) -> Offer:
        owner = self._owner(given, here).name
        shift = _chosen(self._shifts(here, owner), given.get("shift"), "shift")
        user = str(given.get("ask") or EVERYBODY)
        asked = next((one for one in here.plan.members.values() if one.slack_id == user), None)
        if user != EVERYBODY and (asked is None or asked.name == owner):
            raise refuse("unknown_choice", "ask")
        back = _chosen(self._shifts(here, asked.name), given["back"], "back") if asked and given.get("back") else None
        return Offer(
            0, here.now, here.actor.id, owner, shift.seat, shift.start, shift.end,
            [] if asked is None else [user], str(given.get("why") or "")[: swap.WHY_LIMIT],
            back.member if back else "", back.seat if back else "", back.start if back else None,
            back.end if back else None,
        )  # fmt: skip

    def _shifts(self, here: Caller, name: str) -> list[Shift]:
        return [one.shift for one in self._seeing.mine(here, name)][:MOST_CHOICES]

    def _people(self, here: Caller, owner: str) -> dict[str, str]:
        others = [one for one in here.plan.members.values() if one.slack_id and one.name != owner]
        return {one.slack_id: one.name for one in others[: MOST_CHOICES - 1]}


def _chosen(shifts: list[Shift], key: object, field: str) -> Shift:
    for shift in shifts:
        if swap.shift_key(shift) == key:
            return shift
    raise refuse("no_such_shift", field)


def _carried(view: Body) -> tuple[int, str, datetime]:
    """Of which offer a preview was shown, its mark, and when. Raises Refused when somebody tampered with it."""
    parts = str(view.get("private_metadata") or "").split(" ")
    if len(parts) != len(("number", "shown", "at")) or not (parts[0].isdecimal() and parts[2].isdecimal()):
        raise refuse("unreadable")
    number, at = int(parts[0]), int(parts[2])
    if number > ids.HIGHEST or at > LATEST:
        raise refuse("unreadable")
    return number, parts[1], datetime.fromtimestamp(at, UTC)


def _number(body: Body) -> int:
    return ids.subject_of(body["actions"][0]["value"]).number
