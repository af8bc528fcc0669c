"""The buttons of gaps: take a gap, whole or in part, or a shift that nobody confirmed."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from handlers import ids, press_origin
from handlers.blocks import block_kit, gap_card, shift_buttons
from handlers.blocks.override_form import STEP_IN, TAKE, OverrideRequest
from handlers.context import Services, SlackResponder
from handlers.oncall import override_request
from handlers.oncall.overrides import TAKEN, OverrideActions
from handlers.oncall.requester import Requester, requester_of
from handlers.oncall.schedule_views import ScheduleViews, view_context
from handlers.payloads import AWARE, button_value, click_key
from handlers.press_replies import reply
from models.oncall.gap_register import CLOSED
from models.rules.errors import Refused, refuse
from models.rules.rota.gaps import GapKind
from models.rules.rota.impact import Impact
from models.rules.rota.on_call import Slot
from models.rules.rota.rota import Seat
from models.rules.rota.shifts import Shift
from models.rules.times import ENDLESS, SECOND, first_part_end

Respond = Callable[..., Any]
Body = dict[str, Any]


class GapActions:
    """Takes gaps and replies to the press. ``redraw`` redraws a person's Home tab."""

    def __init__(
        self,
        services: Services,
        schedule_views: ScheduleViews,
        override_actions: OverrideActions,
        redraw: Callable[[Body, SlackResponder], None],
    ) -> None:
        self._services, self._schedule_views = services, schedule_views
        self._override_actions, self._redraw = override_actions, redraw

    def take_listed(self, body: Body, client: SlackResponder, respond: Respond) -> None:
        """Take a gap of a list."""
        requester = requester_of(self._services, body)
        self._take(ids.interval_of(button_value(body)), (), requester, body, (client, respond))

    def take(self, body: Body, client: SlackResponder, respond: Respond) -> None:
        """Take the gap of a card."""
        requester = requester_of(self._services, body)
        interval, who = self.find_gap(button_value(body))
        self._take(interval, who, requester, body, (client, respond))

    def take_part(self, body: Body, client: SlackResponder) -> None:
        """Open the form for a part of a gap."""
        requester = requester_of(self._services, body)
        request = self._build_request(*self.find_gap(button_value(body)), requester)
        self._override_actions.open(request, requester, body["trigger_id"], client)

    def find_gap(self, value: str) -> tuple[ids.SeatInterval, Sequence[str]]:
        """Return the gap of a card as it is now, and whom it is about. Raises Refused when it is over."""
        gap = self._services.gap_register.find(ids.gap_of(value).number)
        if gap is None:
            raise refuse("gap_over")
        if gap.ended_at is not None:
            is_taken = gap.ended_how == CLOSED and gap.ended_by not in {"", "cli"}
            raise refuse("gap_taken", who=gap.ended_by, at=gap.ended_at) if is_taken else refuse("gap_over")
        return ids.SeatInterval(gap.seat, gap.start, gap.end), gap.who

    def _build_request(self, interval: ids.SeatInterval, who: Sequence[str], requester: Requester) -> OverrideRequest:
        me = requester.myself()
        if interval.end <= requester.now:
            raise refuse("gap_over")
        seat = next((seat for seat in requester.rota.seats if seat.name == interval.seat), Seat(interval.seat))
        instead_of = who[0] if seat.people > 1 and len(who) == 1 else ""
        start = max(int(interval.start.timestamp()), int(requester.now.timestamp()) // 60 * 60)
        end = first_part_end(datetime.fromtimestamp(start, UTC), interval.end)
        return OverrideRequest(TAKE, interval.seat, me.name, instead_of, start, int(end.timestamp()))

    def _take(
        self,
        interval: ids.SeatInterval,
        who: Sequence[str],
        requester: Requester,
        body: Body,
        answer: tuple[SlackResponder, Respond],
    ) -> None:
        """Take a gap at once when that opens no other; else show the preview first.

        For a gap without an end, the form asks for a part.
        """
        try:
            request = replace(self._build_request(interval, who, requester), place=press_origin.home_of(body))
            if interval.end >= ENDLESS:
                self._override_actions.open(request, requester, body["trigger_id"], answer[0])
                return
            self.save_or_preview(request, requester, body, answer, self._gap_start(interval))
        except Refused as refused:
            # Read the clock again: somebody may have been quicker since it was read above.
            raise self._name_taker(refused, interval, requester_of(self._services, body)) from None

    def save_or_preview(
        self,
        request: OverrideRequest,
        requester: Requester,
        body: Body,
        answer: tuple[SlackResponder, Respond],
        began: datetime | None = None,
    ) -> None:
        """Save it at once, or show the preview first. ``began`` is when the gap began."""
        wanted = override_request.to_overrides(request, requester.actor.id, requester.now)
        impact = self._services.rota_store.preview_for(
            wanted, requester.actor, requester.now, self._override_actions.unconfirmed_members(request, requester)
        )
        if not impact.closed_gaps and request.kind == TAKE:
            raise refuse("changed_meanwhile")
        is_aware = bool(requester.came_by and body.get(AWARE))
        if impact.opened_gaps and requester.came_by and not is_aware:
            raise refuse("opens_gap", what=gap_card.name_gaps(impact.opened_gaps, view_context(requester)))
        if impact.opened_gaps and not is_aware:
            note = requester.words("Check first: taking this opens another gap.")
            view = self._override_actions.preview(request, requester, note)
            answer[0].views_open(trigger_id=body["trigger_id"], view=view)
            return

        def harmless(impact_now: Impact) -> bool:
            return (bool(impact_now.closed_gaps) or request.kind == STEP_IN) and (
                is_aware or not impact_now.opened_gaps
            )

        self._override_actions.record(request, requester, click_key(body), harmless)
        # Drawn where it was pressed in a list: of gaps, the list as it is now.
        gap_list = (
            self._schedule_views.gaps("", requester.current_user)
            if request.kind == TAKE and press_origin.is_private(body)
            else []
        )
        handover = self._override_actions.find_due_handover(request, requester)
        self.reply(shift_buttons.gap_taken(request, view_context(requester), began, handover), body, answer, gap_list)

    def _gap_start(self, interval: ids.SeatInterval) -> datetime:
        """Return when a gap began; for a gap of a list, its start in the list."""
        gaps = (record.gap for record in self._services.gap_register.open() if record.seat == interval.seat)
        of_nobody = (
            gap.start for gap in gaps if gap.kind is GapKind.UNCOVERED and gap.start <= interval.start < gap.end
        )
        return min(of_nobody, default=interval.start)

    def _name_taker(self, refused: Refused, interval: ids.SeatInterval, requester: Requester) -> Refused:
        """Return the refusal with the name of the person who was quicker. Where the gap is still open, nobody was."""
        if not all(refusal.reason in TAKEN for refusal in refused.refusals):
            return refused
        if self._is_open(interval, requester):
            closes_nothing = all(refusal.reason == "changed_meanwhile" for refusal in refused.refusals)
            return refuse("nothing_changed") if closes_nothing else refused
        return self._find_taken(interval, requester) or refuse("gap_over")

    def refuse_taken(self, interval: ids.SeatInterval, requester: Requester) -> None:
        """Raise Refused for a gap that somebody took, also before its card says so."""
        if not self._is_open(interval, requester) and (refused := self._find_taken(interval, requester)):
            raise refused

    def _is_open(self, interval: ids.SeatInterval, requester: Requester) -> bool:
        at = max(interval.start, requester.now)
        return any(gap.seat == interval.seat for gap in self._services.rota_store.gaps(requester.now, at, at + SECOND))

    def _find_taken(self, interval: ids.SeatInterval, requester: Requester) -> Refused | None:
        taker = self._override_actions.find_taker(interval.seat, interval.start, requester)
        return refuse("gap_taken", who=account_of(requester, taker[0]), at=taker[1]) if taker else None

    def reply(
        self, text: str, body: Body, answer: tuple[SlackResponder, Respond], list_blocks: Sequence[block_kit.Block] = ()
    ) -> None:
        """Reply to a press where it was made: beside the message, or on the Home tab.

        ``list_blocks`` is the private list in which it was made, as it is now.
        """
        client, respond = answer
        if body.get("response_url"):
            reply(text, body, respond, list_blocks)
        else:
            self._redraw(body, client)


def slot_of(shift: Shift) -> Slot:
    """Return the slot of a shift."""
    return Slot(shift.seat, shift.slot_number)


def account_of(requester: Requester, name: str) -> str:
    """Return a member's Slack id, or their name when they have no account."""
    member = requester.rota.members.get(name)
    return member.slack_id if member and member.slack_id else name
