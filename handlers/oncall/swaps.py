"""Swap offers: offer a shift to one person or everybody, perhaps for one of theirs. The first to accept gets it."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from handlers import ids
from handlers.blocks import block_kit, my_shifts, override_form, swap
from handlers.blocks.swap import EVERYBODY
from handlers.context import CurrentUser, Services, SlackResponder
from handlers.errors import add_hints
from handlers.oncall.override_request import LATEST, fingerprint, opens_nothing_new
from handlers.oncall.overrides import not_read
from handlers.oncall.requester import Requester, load_requester, requester_of
from handlers.oncall.schedule_views import ScheduleViews, view_context
from handlers.payloads import Body, submission_key, typed
from handlers.press_origin import is_private
from handlers.press_replies import reply
from models.oncall.swaps import SwapOffer
from models.rules.errors import Refused, refuse
from models.rules.rota.impact import Impact
from models.rules.rota.rota import Member
from models.rules.rota.shifts import Shift

Ack = Callable[..., Any]
Respond = Callable[..., Any]
MOST_CHOICES = 100


class SwapActions:
    """The form of an offer, and the buttons of its card."""

    def __init__(self, services: Services, schedule_views: ScheduleViews) -> None:
        self._services, self._schedule_views = services, schedule_views

    def open(self, rest: str, current_user: CurrentUser, trigger_id: str, client: SlackResponder) -> None:
        """Open the form for the command; text after it is not read, and a note says so."""
        view = self._form({}, load_requester(self._services, current_user))
        shown = add_hints(view, [not_read(rest, current_user.words)]) if rest else view
        client.views_open(trigger_id=trigger_id, view=shown)

    def click(self, body: dict[str, Any], client: SlackResponder) -> None:
        """Open the form for the button “Offer a shift”."""
        client.views_open(trigger_id=body["trigger_id"], view=self._form({}, requester_of(self._services, body)))

    def changed(self, body: dict[str, Any], client: SlackResponder) -> None:
        """Redraw the form after another person was chosen: to ask, or whose shift a lead offers."""
        view = body["view"]
        given = {name: value for name, value in typed(view).items() if isinstance(value, str)}
        form = self._form(given, requester_of(self._services, body))
        client.views_update(view_id=view["id"], view=form, hash=view.get("hash"))

    def submit(self, ack: Ack, body: dict[str, Any]) -> None:
        """Save the offer."""
        requester, given = requester_of(self._services, body), typed(body["view"])
        offer = self._offer(given, requester)
        channel = self._services.settings.oncall_channel
        made = self._services.swap_offers.create(offer, requester.actor, requester.now, submission_key(body), channel)
        people = {
            **self._people(requester, offer.member),
            EVERYBODY: requester.words("everybody, in the on-call channel"),
        }
        whom = people.get(str(given.get("ask") or EVERYBODY), "")
        own = requester.me is not None and requester.me.name == made.member
        ack(response_action="update", view=swap.offer_sent_view(made, whom, own, view_context(requester)))

    def take(self, body: dict[str, Any], client: SlackResponder, respond: Respond) -> None:
        """Take the offer at once when it opens no gap; else show the preview first."""
        requester, number = requester_of(self._services, body), _number(body)
        impact = self._services.swap_offers.preview(number, requester.actor, requester.myself().name, requester.now)
        if impact.opened_gaps:
            client.views_open(trigger_id=body["trigger_id"], view=self._preview(number, requester))
            return
        offer = self._take(number, requester, lambda impact_now: not impact_now.opened_gaps)
        reply(swap.describe_assignment(offer, view_context(requester)), body, respond)

    def save(self, ack: Ack, body: dict[str, Any]) -> None:
        """Take the offer as it was previewed, although it opens a gap."""
        requester, view = requester_of(self._services, body), body["view"]
        number, shown, then = _carried(view)
        impacts: list[Impact] = []

        def agreed(impact: Impact) -> bool:
            impacts[:] = [impact]
            preview = self._services.swap_offers.preview(number, requester.actor, requester.myself().name, then)
            return fingerprint(preview, then) == shown and opens_nothing_new(impact, preview)

        try:
            self._take(number, requester, agreed)
        except Refused as refused:
            if all(refusal.reason != "changed_meanwhile" for refusal in refused.refusals):
                raise
            note = requester.words("The rota has changed in the meantime. This is the result now:")
            ack(response_action="update", view=self._preview(number, requester, note))
            return
        ack(response_action="update", view=override_form.saved_view(impacts[0], [], view_context(requester)))

    def decline(self, body: dict[str, Any], respond: Respond) -> None:
        """Decline the offer."""
        requester = requester_of(self._services, body)
        offer = self._services.swap_offers.answer(_number(body), "decline", requester.actor, requester.now)
        asker = self._services.queries.name_of(offer.by)
        reply("✅ " + requester.words("Noted. {who} will be notified.", who=asker), body, respond)

    def withdraw(self, body: dict[str, Any], respond: Respond) -> None:
        """Withdraw the offer; the shift stays with its owner."""
        requester = requester_of(self._services, body)
        channel = self._services.settings.oncall_channel
        self._services.swap_offers.answer(_number(body), "withdraw", requester.actor, requester.now, channel)
        offset = my_shifts.offset_of(str(body["actions"][0].get("block_id")))
        mine = self._schedule_views.my_page(offset, requester) if is_private(body) and requester.me else []
        reply("✅ " + requester.words("This offer was withdrawn."), body, respond, mine)

    def _take(self, number: int, requester: Requester, agreed: Callable[[Impact], bool]) -> SwapOffer:
        channel = self._services.settings.oncall_channel
        return self._services.swap_offers.take(
            number, requester.actor, requester.myself().name, requester.now, channel, agreed
        )

    def _preview(self, number: int, requester: Requester, note: str = "") -> block_kit.Block:
        impact = self._services.swap_offers.preview(number, requester.actor, requester.myself().name, requester.now)
        warning = note or requester.words("Check first: taking this opens another gap.")
        words = requester.words
        blocks = [block_kit.section(f"⚠️ {warning}"), *override_form.happening(impact, view_context(requester))]
        return block_kit.modal(
            ids.OFFER_SAVE, words("Preview"), blocks, words("Cancel"),
            submit=words("Take it anyway") if impact.opened_gaps else words("Take it"),
            private_metadata=f"{number} {fingerprint(impact, requester.now)} {int(requester.now.timestamp())}",
        )  # fmt: skip

    def _form(self, given: Mapping[str, str], requester: Requester) -> block_kit.Block:
        owner = self._owner(given, requester)
        shifts = self._shifts(requester, owner.name)
        if not shifts:
            raise refuse("no_shift_to_offer")
        asked = next(
            (member for member in requester.rota.members.values() if member.slack_id == given.get("ask")), None
        )
        theirs = self._shifts(requester, asked.name) if asked and asked != owner else []
        keys = [swap.shift_key(shift) for shift in shifts]
        filled = {**given, "shift": given["shift"] if given.get("shift") in keys else keys[0]}
        offered = swap.SwapChoices(owner, shifts, owner == requester.me, self._owners(requester))
        return swap.form(offered, self._people(requester, owner.name), theirs, filled, view_context(requester))

    def _owner(self, given: Mapping[str, Any], requester: Requester) -> Member:
        """Return whose shift is offered: one's own, or the one that a lead chose."""
        if not requester.actor.is_lead:
            return requester.myself()
        owners = self._owners(requester)
        wanted = str(given.get("whose") or (override_form.member_key(requester.me) if requester.me else ""))
        if wanted not in owners and given.get("whose"):
            raise refuse("unknown_choice", "whose")
        owner = owners.get(wanted) or next(iter(owners.values()), None)
        if owner is None:
            raise refuse("no_shift_to_offer")
        return owner

    def _owners(self, requester: Requester) -> Mapping[str, Member]:
        """Return whose shifts a lead may offer: members with a shift ahead. Empty for others than leads."""
        if not requester.actor.is_lead:
            return {}
        ahead = {shift.member for shift in self._schedule_views.shifts_ahead(requester) if not shift.absent}
        members = [member for member in requester.rota.members.values() if member.name in ahead]
        return {override_form.member_key(member): member for member in members[:MOST_CHOICES]}

    def _offer(self, given: Mapping[str, Any], requester: Requester) -> SwapOffer:
        owner = self._owner(given, requester).name
        shift = _chosen(self._shifts(requester, owner), given.get("shift"), "shift")
        user = str(given.get("ask") or EVERYBODY)
        asked = next((member for member in requester.rota.members.values() if member.slack_id == user), None)
        if user != EVERYBODY and (asked is None or asked.name == owner):
            raise refuse("unknown_choice", "ask")
        back = (
            _chosen(self._shifts(requester, asked.name), given["back"], "back") if asked and given.get("back") else None
        )
        return SwapOffer(
            0, requester.now, requester.actor.id, owner, shift.seat, shift.start, shift.end,
            [] if asked is None else [user], str(given.get("why") or "")[: swap.WHY_LIMIT],
            back.member if back else "", back.seat if back else "", back.start if back else None,
            back.end if back else None,
        )  # fmt: skip

    def _shifts(self, requester: Requester, name: str) -> list[Shift]:
        return [own_shift.shift for own_shift in self._schedule_views.own_shifts(requester, name)][:MOST_CHOICES]

    def _people(self, requester: Requester, owner: str) -> dict[str, str]:
        others = [member for member in requester.rota.members.values() if member.slack_id and member.name != owner]
        return {other.slack_id: other.name for other in others[: MOST_CHOICES - 1]}


def _chosen(shifts: list[Shift], key: object, field: str) -> Shift:
    for shift in shifts:
        if swap.shift_key(shift) == key:
            return shift
    raise refuse("no_such_shift", field)


def _carried(view: Body) -> tuple[int, str, datetime]:
    """Read a preview's offer number, fingerprint and time. Raises Refused when somebody tampered with it."""
    parts = str(view.get("private_metadata") or "").split(" ")
    if len(parts) != len(("number", "shown", "at")) or not (parts[0].isdecimal() and parts[2].isdecimal()):
        raise refuse("unreadable")
    number, at = int(parts[0]), int(parts[2])
    if number > ids.HIGHEST or at > LATEST:
        raise refuse("unreadable")
    return number, parts[1], datetime.fromtimestamp(at, UTC)


def _number(body: Body) -> int:
    return ids.subject_of(body["actions"][0]["value"]).number
