"""Cover, leave and accepted gaps: a form, a preview of the impact, and saving it as it was shown."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from handlers import ids, press_origin
from handlers.blocks import block_kit, override_form, shift_buttons
from handlers.blocks.override_form import ACCEPT_GAP, CANCEL, COVER, LEAVE, STEP_IN, TAKE, OverrideRequest
from handlers.context import CurrentUser, Services, SlackResponder
from handlers.errors import add_hints
from handlers.i18n.words import Words
from handlers.oncall import override_request, time_parser
from handlers.oncall.requester import Requester, load_requester, requester_of
from handlers.oncall.schedule_views import view_context
from handlers.payloads import button_value, submission_key
from models.rules.errors import Refused, refuse
from models.rules.reminders.handover import CARD_BEFORE
from models.rules.rota.impact import Impact, ReassignedTime
from models.rules.rota.on_call import Handover, Slot
from models.rules.times import SECOND, truncate_to_second

Ack = Callable[..., Any]
HOUR = 3600
MOST_CHOICES = 100
AHEAD = timedelta(days=28)
"""How far ahead to look for a shift to cover."""
TAKEN = frozenset({"not_your_shift", "changed_meanwhile", "has_the_watch"})
"""Refusals which mean that somebody else took the gap first."""


class OverrideActions:
    """The forms of overrides and their previews. ``redraw`` redraws a person's Home tab."""

    def __init__(self, services: Services, redraw: Callable[[dict[str, Any], SlackResponder], None]) -> None:
        self._services, self._redraw = services, redraw

    def make_opener(self, kind: str) -> Callable[[str, CurrentUser, str, SlackResponder], None]:
        """Return the function that opens the form of one kind. It takes the time that was typed, or nothing."""

        def open_form(rest: str, current_user: CurrentUser, trigger_id: str, client: SlackResponder) -> None:
            requester = load_requester(self._services, current_user)
            start = _typed_time(rest, requester)
            note = not_read(rest, requester.words) if rest and start is None else ""
            self.open(OverrideRequest(kind, start=start), requester, trigger_id, client, note)

        return open_form

    def open(
        self, request: OverrideRequest, requester: Requester, trigger_id: str, client: SlackResponder, note: str = ""
    ) -> None:
        """Open a form, prefilled, below a note. Raises Refused when saving it would be refused for certain."""
        if request.kind == ACCEPT_GAP and not requester.actor.is_lead:
            raise refuse("leads_only")
        if not requester.actor.is_lead:
            requester.myself()
        view = self._form(self._prefill(request, requester), requester)
        client.views_open(trigger_id=trigger_id, view=add_hints(view, [note]) if note else view)

    def click(self, body: dict[str, Any], client: SlackResponder) -> None:
        """Open a form for a button. Some buttons name the seat and the time."""
        requester, action = requester_of(self._services, body), body["actions"][0]
        request = OverrideRequest(str(action["action_id"]).removeprefix(ids.ROTA), place=press_origin.home_of(body))
        if action.get("value"):
            interval = ids.interval_of(str(action["value"]))
            start = max(int(interval.start.timestamp()), int(requester.now.timestamp()) // 60 * 60)
            request = replace(request, seat=interval.seat, start=start, end=int(interval.end.timestamp()))
        self.open(request, requester, body["trigger_id"], client)

    def undo(self, body: dict[str, Any], client: SlackResponder) -> None:
        """Show the impact of undoing a leave."""
        requester, number = requester_of(self._services, body), button_value(body)
        override = next((override for override in requester.rota_state.overrides if str(override.id) == number), None)
        if override is None:
            raise refuse("no_such_change")
        if override.end <= requester.now:
            raise refuse("past_shift")
        start, end = int(override.start.timestamp()), int(override.end.timestamp())
        request = OverrideRequest(CANCEL, override.seat, override.member, "", start, end, of=override.id)
        client.views_open(trigger_id=body["trigger_id"], view=self.preview(request, requester))

    def submit(self, ack: Ack, body: dict[str, Any]) -> None:
        """Show the preview in place of the submitted form."""
        requester = requester_of(self._services, body)
        request = override_request.read_form(body["view"], requester)
        ack(response_action="update", view=self.preview(request, requester))

    def stay(self, ack: Ack, body: dict[str, Any], client: SlackResponder) -> None:
        """Save the form “Stay on” at once when it only closes a gap. What else it opens is shown first."""
        requester = requester_of(self._services, body)
        request = replace(override_request.read_form(body["view"], requester), member=requester.myself().name)
        impacts: list[Impact] = []

        def closes(impact: Impact) -> bool:
            impacts[:] = [impact]
            return bool(impact.closed_gaps) and not impact.opened_gaps

        try:
            self.record(request, requester, submission_key(body), closes)
        except Refused as refused:
            if not impacts or not (impacts[0].closed_gaps and impacts[0].opened_gaps):
                raise self._name_successor(refused, request, requester) from None
            ack(response_action="update", view=self.preview(request, requester))
            return
        ack(response_action="update", view=self.saved_view(request, impacts[0] if impacts else Impact(), requester))
        if request.place == press_origin.HOME:
            self._redraw(body, client)

    def _name_successor(self, refused: Refused, request: OverrideRequest, requester: Requester) -> Refused:
        """Return the refusal with the name of the person who follows by now."""
        if not all(refusal.reason in TAKEN for refusal in refused.refusals):
            return refused
        taker = self.find_taker(request.seat, request.starts, requester)
        return refuse("gap_taken", "end", who=taker[0], at=taker[1]) if taker else refuse("gap_over", "end")

    def back(self, body: dict[str, Any], client: SlackResponder) -> None:
        """Go from the preview back to the form, with all that was typed."""
        requester, view = requester_of(self._services, body), body["view"]
        request = replace(override_request.read_metadata(view), shown="")
        client.views_update(view_id=view["id"], view=self._form(request, requester), hash=view.get("hash"))

    def save(self, ack: Ack, body: dict[str, Any], client: SlackResponder) -> None:
        """Save what was previewed. When its impact differs by now, show the new preview instead."""
        requester, view = requester_of(self._services, body), body["view"]
        request = override_request.read_metadata(view)
        impacts: list[Impact] = []

        def agreed(impact: Impact) -> bool:
            impacts[:] = [impact]
            return self._is_as_shown(request, impact, requester)

        try:
            self.record(request, requester, submission_key(body), agreed)
        except Refused as refused:
            # Read the clock again: somebody may have been quicker since it was read above.
            ack(
                response_action="update",
                view=self._show_overtaken(request, refused, requester_of(self._services, body)),
            )
            return
        ack(response_action="update", view=self.saved_view(request, impacts[0] if impacts else Impact(), requester))
        if request.place == press_origin.HOME:
            self._redraw(body, client)

    def _is_as_shown(self, request: OverrideRequest, impact: Impact, requester: Requester) -> bool:
        """Return whether the preview would have been the same at the time it was shown.

        Differences that only time made do not count, such as the hour from which somebody is on call for too
        long.
        """
        then = override_request.shown_at(request, requester.now)
        shown = self._services.rota_store.preview(
            override_request.to_overrides(request, requester.actor.id, then), then
        )
        return override_request.fingerprint(shown, then) == request.shown and override_request.opens_nothing_new(
            impact, shown
        )

    def _show_overtaken(self, request: OverrideRequest, refused: Refused, requester: Requester) -> block_kit.Block:
        """Show the new impact after somebody else saved something.

        For a gap: the part that is still open, or who took it and when. Raises Refused when it is refused for
        another reason.
        """
        if request.kind not in {TAKE, STEP_IN} or not all(refusal.reason in TAKEN for refusal in refused.refusals):
            if all(refusal.reason != "changed_meanwhile" for refusal in refused.refusals):
                raise refused
            return self.preview(
                request, requester, requester.words("The rota has changed in the meantime. This is the result now:")
            )
        taker = self.find_taker(request.seat, request.starts, requester)
        remaining = self._remaining_part(request, requester) if request.kind == TAKE else None
        if remaining and taker and taker[1] >= override_request.shown_at(request, requester.now):
            more = requester.words("This part is still open:")
            return self.preview(
                remaining, requester, f"{override_form.quicker(*taker, view_context(requester))}\n{more}"
            )
        if remaining:
            return self.preview(
                remaining, requester, requester.words("The rota has changed in the meantime. This is the result now:")
            )
        return override_form.gap_closed_view(taker, view_context(requester))

    def _remaining_part(self, request: OverrideRequest, requester: Requester) -> OverrideRequest | None:
        """Return the request for the first part of the gap that is still open."""
        gaps = self._services.rota_store.gaps(requester.now, max(request.starts, requester.now), request.ends)
        for gap in gaps:
            if gap.seat == request.seat:
                start, end = max(gap.start, request.starts), min(gap.end, request.ends)
                return replace(request, start=int(start.timestamp()), end=int(end.timestamp()), shown="")
        return None

    def find_taker(self, seat: str, start: datetime, requester: Requester) -> tuple[str, datetime] | None:
        """Return the member who took a seat at an instant, and when they did; None when nobody did."""
        at = max(start, requester.now)
        by_id = {f"change:{override.id}": override for override in requester.rota_state.overrides}
        for shift in self._services.rota_store.shifts(requester.now, at, at + SECOND):
            override = by_id.get(shift.source)
            if shift.seat == seat and not shift.absent and override:
                return shift.member, override.at
        return None

    def unconfirmed_members(self, request: OverrideRequest, requester: Requester) -> Collection[str]:
        """Return the members whom anybody may replace: on call, not confirmed.

        Raises Refused when they have confirmed by now.
        """
        if request.kind != STEP_IN:
            return ()
        places = [Slot(request.seat, n) for seat in requester.rota.seats for n in range(1, seat.people + 1)]
        if not any(
            self._services.confirmations.is_unconfirmed(place, request.instead_of, requester.now) for place in places
        ):
            raise refuse("has_the_watch", who=request.instead_of)
        return {request.instead_of}

    def preview(self, request: OverrideRequest, requester: Requester, note: str = "") -> block_kit.Block:
        """Return the preview as a view. Raises Refused when the change is not allowed."""
        wanted = override_request.to_overrides(request, requester.actor.id, requester.now)
        impact = self._services.rota_store.preview_for(
            wanted, requester.actor, requester.now, self.unconfirmed_members(request, requester)
        )
        if request.kind in {COVER, TAKE} and not (impact.reassigned or impact.closed_gaps):
            raise refuse("nothing_changed")
        if request.kind == TAKE and not all(_is_in_gap(reassigned, impact) for reassigned in impact.reassigned):
            raise refuse("outside_gap", "end")
        shown = replace(
            request, shown=override_request.fingerprint(impact, requester.now), shown_at=int(requester.now.timestamp())
        )
        return override_form.preview(
            request, impact, view_context(requester), override_request.to_metadata(shown), note
        )

    def record(
        self,
        request: OverrideRequest,
        requester: Requester,
        key: str,
        agreed: Callable[[Impact], bool] = lambda _: True,
    ) -> None:
        """Save a request and notify everybody it concerns. Raises Refused, NotSaved."""
        overrides = override_request.to_overrides(request, requester.actor.id, requester.now)
        wanted = [replace(override, came_by=requester.came_by or None) for override in overrides]
        channel = self._services.settings.oncall_channel
        unheard = self.unconfirmed_members(request, requester)
        self._services.rota_store.record(wanted, requester.actor, requester.now, key, agreed, channel, unheard)

    def saved_view(self, request: OverrideRequest, impact: Impact, requester: Requester) -> block_kit.Block:
        """Return the view that says that the request was saved."""
        others = sorted(name for name in impact.people if requester.me is None or name != requester.me.name)
        with_account = [
            name for name in others if name in requester.rota.members and requester.rota.members[name].slack_id
        ]
        handover = self.find_due_handover(request, requester)
        then = (
            shift_buttons.take_over_hint(handover, block_kit.clip(handover.outgoing, 60), view_context(requester))
            if handover
            else ""
        )
        return override_form.saved_view(
            impact, with_account, view_context(requester), intends=request.kind == ACCEPT_GAP, then=then
        )

    def find_due_handover(self, request: OverrideRequest, requester: Requester) -> Handover | None:
        """Return the handover that is due after somebody put themselves on call; None when there is none."""
        if not requester.me or request.member != requester.me.name or not request.seat:
            return None
        start = truncate_to_second(max(request.starts, requester.now))
        if start - requester.now > CARD_BEFORE:
            return None
        due = self._services.confirmations.handovers(start, start + SECOND, self._services.now())
        mine = (
            handover
            for handover in due
            if (handover.slot.seat, handover.incoming.member) == (request.seat, request.member)
        )
        return next((handover for handover in mine if not handover.taken_over), None)

    def _form(self, request: OverrideRequest, requester: Requester) -> block_kit.Block:
        people = self._people(requester) if requester.actor.is_lead else {}
        member = requester.rota.members.get(request.member)
        replaced = requester.rota.members.get(request.instead_of)
        shown = replace(
            request,
            member=override_form.member_key(member) if member else "",
            instead_of=override_form.member_key(replaced) if replaced else "",
        )
        return override_form.form(shown, view_context(requester), people, override_request.to_metadata(request))

    def _people(self, requester: Requester) -> Mapping[str, str]:
        members = list(requester.rota.members.values())[:MOST_CHOICES]
        return {override_form.member_key(member): member.name for member in members}

    def _prefill(self, request: OverrideRequest, requester: Requester) -> OverrideRequest:
        """Return the request filled with what most people want: themselves, and a shift or the next full hour."""
        if request.kind == COVER and not request.start:
            request = self._shift_to_cover(request, requester)
        soon = (int(requester.now.timestamp()) // HOUR + 1) * HOUR
        length = {LEAVE: 24, COVER: 12}.get(request.kind, 8) * HOUR
        me = requester.me.name if requester.me else ""
        seats = [seat.name for seat in requester.rota.seats]
        return replace(
            request,
            member=request.member or ("" if request.kind in {ACCEPT_GAP, CANCEL} else me),
            seat=request.seat or (seats[0] if request.kind == COVER else ""),
            start=request.start or soon,
            end=request.end or (request.start or soon) + length,
        )

    def _shift_to_cover(self, request: OverrideRequest, requester: Requester) -> OverrideRequest:
        """Return the request with the next gap, or else the next shift of somebody else."""
        end = requester.now + AHEAD
        spans = [
            (max(gap.start, requester.now), gap.end, gap.seat)
            for gap in self._services.rota_store.gaps(requester.now, requester.now, end)
        ]
        if not spans:
            me = requester.me.name if requester.me else ""
            shifts = self._services.rota_store.shifts(requester.now, requester.now, end)
            others = (
                shift for shift in shifts if shift.member != me and not shift.absent and shift.start > requester.now
            )
            spans = [(other.start, other.end, other.seat) for other in others]
        if not spans:
            return request
        order = {seat.name: n for n, seat in enumerate(requester.rota.seats)}
        start, end, seat = min(spans, key=lambda candidate: (candidate[0], order.get(candidate[2], 0)))
        return replace(request, seat=seat, start=int(start.timestamp()) // 60 * 60, end=int(end.timestamp()))


def _typed_time(text: str, requester: Requester) -> int | None:
    """Return the minute of a typed time, in seconds since 1970; None when it can't be read."""
    try:
        return int(time_parser.read(text, requester.zone, requester.now).timestamp()) // 60 * 60 if text else None
    except Refused:
        return None


def not_read(text: str, words: Words) -> str:
    """Return the note above a form about typed text that could not be read."""
    return words("“{typed}” was not understood. Please fill in the fields below.", typed=block_kit.clip(text, 100))


def _is_in_gap(moved: ReassignedTime, impact: Impact) -> bool:
    return any(
        gap.seat == moved.seat and gap.start <= moved.start and moved.end <= gap.end for gap in impact.closed_gaps
    )
