"""The buttons of gaps, shifts and handovers: take a gap, confirm a shift, hand over and take over."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from handlers import ids, press_origin
from handlers.blocks import block_kit, my_shifts, shift_buttons
from handlers.blocks.override_form import STEP_IN, TAKE, OverrideRequest
from handlers.context import Services, SlackResponder
from handlers.oncall import override_request
from handlers.oncall.overrides import TAKEN, OverrideActions
from handlers.oncall.requester import Requester, requester_of
from handlers.oncall.schedule_views import ScheduleViews, view_context
from handlers.payloads import click_key, submission_key, typed
from handlers.replies import reply
from models.oncall.confirmations import LOOK_BACK
from models.oncall.gap_register import CLOSED
from models.rules.errors import Refused, refuse
from models.rules.reminders.handover import CARD_BEFORE
from models.rules.rota.gaps import GapKind
from models.rules.rota.impact import Impact
from models.rules.rota.on_call import Handover, ShiftEvent, ShiftEventKind, Slot
from models.rules.rota.rota import Seat
from models.rules.rota.shifts import Shift
from models.rules.times import ENDLESS, first_part_end

Ack = Callable[..., Any]
Respond = Callable[..., Any]
Body = dict[str, Any]
MOMENT = timedelta(seconds=1)
CLOCK_SET_BACK = timedelta(hours=1)
"""How far the clock may be set back after a handover card was sent; its buttons still work."""


class ShiftActions:
    """Every button by which somebody goes on call. ``redraw`` redraws a person's Home tab."""

    def __init__(
        self,
        services: Services,
        schedule_views: ScheduleViews,
        override_actions: OverrideActions,
        redraw: Callable[[Body, SlackResponder], None],
    ) -> None:
        self._services, self._schedule_views, self._override_actions, self._redraw = (
            services,
            schedule_views,
            override_actions,
            redraw,
        )

    # Gaps ----------------------------------------------------------------------------------------------------------

    def take_listed(self, body: Body, client: SlackResponder, respond: Respond) -> None:
        """Take a gap of a list."""
        requester = requester_of(self._services, body)
        self._take(ids.interval_of(_value(body)), (), requester, body, (client, respond))

    def take(self, body: Body, client: SlackResponder, respond: Respond) -> None:
        """Take the gap of a card."""
        requester = requester_of(self._services, body)
        interval, who = self._gap(_value(body))
        self._take(interval, who, requester, body, (client, respond))

    def take_part(self, body: Body, client: SlackResponder) -> None:
        """Open the form for a part of a gap."""
        requester = requester_of(self._services, body)
        request = self._build_request(*self._gap(_value(body)), requester)
        self._override_actions.open(request, requester, body["trigger_id"], client)

    def _gap(self, value: str) -> tuple[ids.SeatInterval, Sequence[str]]:
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
        seat = next((seat_ for seat_ in requester.rota.seats if seat_.name == interval.seat), Seat(interval.seat))
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
            self._save_or_preview(request, requester, body, answer, self._gap_start(interval))
        except Refused as refused:
            # Read the clock again: somebody may have been quicker since it was read above.
            raise self._name_taker(refused, interval, requester_of(self._services, body)) from None

    def _save_or_preview(
        self,
        request: OverrideRequest,
        requester: Requester,
        body: Body,
        answer: tuple[SlackResponder, Respond],
        began: datetime | None = None,
    ) -> None:
        """Save it at once, or show the preview first. ``began`` is when the gap began."""
        wanted = override_request.changes(request, requester.actor.id, requester.now)
        impact = self._services.rota_store.preview_for(
            wanted, requester.actor, requester.now, self._override_actions.unheard(request, requester)
        )
        if not impact.closed_gaps and request.kind == TAKE:
            raise refuse("changed_meanwhile")
        if impact.opened_gaps:
            note = requester.words("Check first: taking this opens another gap.")
            view = self._override_actions.preview(request, requester, note)
            answer[0].views_open(trigger_id=body["trigger_id"], view=view)
            return

        def harmless(impact_now: Impact) -> bool:
            return (bool(impact_now.closed_gaps) or request.kind == STEP_IN) and not impact_now.opened_gaps

        self._override_actions.record(request, requester, click_key(body), harmless)
        # Drawn where it was pressed in a list: of gaps, the list as it is now.
        gap_list = (
            self._schedule_views.gaps("", requester.current_user)
            if request.kind == TAKE and press_origin.is_private(body)
            else []
        )
        handover = self._override_actions.to_take_over(request, requester)
        self._reply(shift_buttons.gap_taken(request, view_context(requester), began, handover), body, answer, gap_list)

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
        at = max(interval.start, requester.now)
        is_open = any(
            gap.seat == interval.seat for gap in self._services.rota_store.gaps(requester.now, at, at + MOMENT)
        )
        if is_open:
            closes_nothing = all(refusal.reason == "changed_meanwhile" for refusal in refused.refusals)
            return refuse("nothing_changed") if closes_nothing else refused
        taker = self._override_actions.taker(interval.seat, interval.start, requester)
        return refuse("gap_taken", who=_account_of(requester, taker[0]), at=taker[1]) if taker else refuse("gap_over")

    # Shifts and handovers ------------------------------------------------------------------------------------------

    def confirm(self, body: Body, client: SlackResponder, respond: Respond) -> None:
        """Confirm one's shift: “I'm on call”."""
        requester = requester_of(self._services, body)
        subject = ids.shift_of(_value(body))
        shift = self._shift(subject, requester)
        self._press(subject, ShiftEventKind.CONFIRM, requester, click_key(body))
        text = shift_buttons.shift_confirmed(shift, self._to_take_over(subject, requester), view_context(requester))
        self._reply_in_list(text, requester, body, (client, respond))

    def confirm_all(self, body: Body, client: SlackResponder, respond: Respond) -> None:
        """Confirm all of one's shifts that begin within some time."""
        requester = requester_of(self._services, body)
        interval, me = ids.interval_of(_value(body)), requester.myself()
        mine = [
            own_shift
            for own_shift in self._schedule_views.mine(requester, me.name)
            if interval.start <= own_shift.shift.start < interval.end
        ]
        unconfirmed = [own_shift.shift for own_shift in mine if not own_shift.confirmed]
        presses = [
            ShiftEvent(
                0,
                requester.now,
                requester.actor.id,
                ShiftEventKind.CONFIRM,
                _slot_of(own_shift),
                own_shift.start,
                me.name,
            )
            for own_shift in unconfirmed
        ]
        self._services.confirmations.press_all(presses, requester.actor, click_key(body))
        self._reply_in_list(
            shift_buttons.shifts_confirmed(len(mine), view_context(requester)), requester, body, (client, respond)
        )

    def _reply_in_list(
        self, text: str, requester: Requester, body: Body, answer: tuple[SlackResponder, Respond]
    ) -> None:
        """Redraw the list of one's shifts where the press was made in it; elsewhere reply."""
        if press_origin.is_private(body):
            blocks = self._own_shifts_page(requester, body)
            answer[1](
                text=block_kit.fallback_text(blocks), blocks=blocks, response_type="ephemeral", replace_original=True
            )
            return
        self._reply(text, body, answer)

    def _own_shifts_page(self, requester: Requester, body: Body) -> list[block_kit.Block]:
        """Return the page of one's shifts on which the button was pressed; nothing elsewhere."""
        if not press_origin.is_private(body):
            return []
        return self._schedule_views.my_page(my_shifts.offset_of(str(body["actions"][0].get("block_id"))), requester)

    def step_in(self, body: Body, client: SlackResponder, respond: Respond) -> None:
        """Take over a shift that has begun and was not confirmed."""
        requester = requester_of(self._services, body)
        shift = self._unfinished(ids.shift_of(_value(body)), requester)
        if shift.member == requester.myself().name:
            self.confirm(body, client, respond)
            return
        if shift.start > requester.now:
            raise refuse("not_begun")
        start, end = (
            int(requester.now.timestamp()) // 60 * 60,
            int(first_part_end(requester.now, shift.end).timestamp()),
        )
        request = OverrideRequest(STEP_IN, shift.seat, requester.myself().name, shift.member, start, end)
        self._save_or_preview(request, requester, body, (client, respond))

    def _unfinished(self, subject: ids.ShiftSubject, requester: Requester) -> Shift:
        """Return the shift somebody would step into. Raises Refused, with the name of who was quicker."""
        try:
            return self._shift(subject, requester)
        except Refused:
            taker = self._override_actions.taker(subject.place.seat, requester.now, requester)
            if taker is None:
                raise
            raise refuse("gap_taken", who=_account_of(requester, taker[0]), at=taker[1]) from None

    def cannot_stay(self, body: Body, client: SlackResponder, respond: Respond) -> None:
        """Record that nobody follows and the person on call can't stay: leads and the on-call channel are called."""
        requester = requester_of(self._services, body)
        subject = ids.shift_of(_value(body))
        self._press(subject, ShiftEventKind.CANNOT_STAY, requester, click_key(body))
        text = requester.words("Noted. The leads and the on-call channel are called now.")
        self._reply(f"✅ {text}", body, (client, respond))

    def hand_over(self, body: Body, client: SlackResponder, respond: Respond) -> None:
        """Record “I hand over”."""
        requester = requester_of(self._services, body)
        subject = ids.shift_of(_value(body))
        handover = self._handover(subject, requester, lambda handover_: handover_.outgoing)
        self._press(subject, ShiftEventKind.HAND_OVER, requester, click_key(body))
        done = handover.taken_over is not None
        own = requester.me is not None and requester.me.name == handover.outgoing
        text = shift_buttons.handed_over(handover, done, own, view_context(requester))
        self._reply(text, body, (client, respond), self._own_shifts_page(requester, body) if requester.me else ())

    def take_over(self, body: Body, client: SlackResponder, respond: Respond) -> None:
        """Record “I take over”; this accepts the handover note too."""
        requester = requester_of(self._services, body)
        subject = ids.shift_of(_value(body))
        handover = self._handover(subject, requester, lambda handover_: handover_.incoming.member)
        self._press(subject, ShiftEventKind.TAKE_OVER, requester, click_key(body))
        done = handover.handed_over is not None
        text = shift_buttons.taken_over(handover, done, view_context(requester))
        self._reply(text, body, (client, respond), self._own_shifts_page(requester, body) if requester.me else ())

    def ask_note(self, body: Body, client: SlackResponder) -> None:
        """Open the form for a handover note."""
        requester = requester_of(self._services, body)
        subject = ids.shift_of(_value(body))
        handover = self._handover(subject, requester, lambda handover_: handover_.outgoing)
        if handover.outgoing != (requester.me.name if requester.me else "") and not requester.actor.is_lead:
            raise refuse("not_yours_to_hand_over", who=handover.outgoing)
        client.views_open(
            trigger_id=body["trigger_id"], view=shift_buttons.note_form(handover, subject, view_context(requester))
        )

    def note(self, ack: Ack, body: Body) -> None:
        """Save the handover note."""
        requester = requester_of(self._services, body)
        view = body["view"]
        subject = ids.shift_of(str(view.get("private_metadata") or ""))
        self._handover(subject, requester, lambda handover_: handover_.outgoing)
        text = str(typed(view).get("note") or "").strip()
        if not text:
            raise refuse("missing", "note")
        if len(text) > shift_buttons.NOTE_LIMIT:
            raise refuse("too_long", "note", limit=shift_buttons.NOTE_LIMIT)
        self._press(subject, ShiftEventKind.NOTE, requester, submission_key(body), text)
        ack()

    def ask_reminders(self, body: Body, client: SlackResponder) -> None:
        """Open the form for one's reminder times."""
        requester = requester_of(self._services, body)
        chosen = self._services.confirmations.reminder_times(requester.actor.id)
        client.views_open(
            trigger_id=body["trigger_id"], view=shift_buttons.reminders_form(chosen, view_context(requester))
        )

    def remind(self, ack: Ack, body: Body) -> None:
        """Save one's reminder times."""
        requester = requester_of(self._services, body)
        chosen = {
            minutes
            for minutes in shift_buttons.REMINDER_CHOICES
            if str(minutes) in (typed(body["view"]).get("at") or ())
        }
        self._services.confirmations.set_reminder_times(requester.actor.id, chosen, requester.now)
        ack()

    def _press(
        self, subject: ids.ShiftSubject, kind: ShiftEventKind, requester: Requester, key: str, text: str = ""
    ) -> None:
        is_half = kind in {ShiftEventKind.HAND_OVER, ShiftEventKind.TAKE_OVER}
        if is_half and subject.start - requester.now > CARD_BEFORE + CLOCK_SET_BACK:
            raise refuse("not_due", at=subject.start - CARD_BEFORE)
        press = ShiftEvent(
            0, requester.now, requester.actor.id, kind, subject.place, subject.start, subject.person, text
        )
        self._services.confirmations.press(press, requester.actor, key)

    def _shift(self, subject: ids.ShiftSubject, requester: Requester) -> Shift:
        """Return the shift as it is planned now. Raises Refused when it moved or is over."""
        start = subject.start
        if start - requester.now > timedelta(days=400):
            raise refuse("no_such_shift")
        # One that has begun is looked for around now, whenever that was: its beginning is followed back.
        first, last = (requester.now - LOOK_BACK, requester.now) if start <= requester.now else (start - MOMENT, start)
        for shift in self._services.rota_store.shift_bounds(requester.now, first, last + MOMENT):
            if (_slot_of(shift), shift.start, shift.member) == (subject.place, start, subject.person):
                if shift.absent:
                    break
                if shift.end <= requester.now:
                    raise refuse("shift_over")
                return shift
        raise refuse("no_such_shift")

    def _handover(self, subject: ids.ShiftSubject, requester: Requester, whose: Callable[[Handover], str]) -> Handover:
        """Return the handover of a button. Raises Refused when there is none any more."""
        if abs(subject.start - requester.now) > timedelta(days=32):
            raise refuse("no_such_shift")
        due = self._services.confirmations.handovers(subject.start, subject.start + MOMENT, requester.now)
        for handover in due:
            if handover.slot == subject.place and whose(handover) == subject.person:
                return handover
        raise refuse("no_such_shift")

    def _to_take_over(self, subject: ids.ShiftSubject, requester: Requester) -> Handover | None:
        """Return the handover that a confirmed shift still needs, once its card was sent."""
        if subject.start - requester.now > CARD_BEFORE:
            return None
        due = self._services.confirmations.handovers(subject.start, subject.start + MOMENT, requester.now)
        mine = (
            handover
            for handover in due
            if handover.slot == subject.place and handover.incoming.member == subject.person
        )
        return next((handover for handover in mine if not handover.taken_over), None)

    # Answers -------------------------------------------------------------------------------------------------------

    def _reply(
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


def _value(body: Body) -> str:
    return str(body["actions"][0].get("value") or "")


def _slot_of(shift: Shift) -> Slot:
    return Slot(shift.seat, shift.slot_number)


def _account_of(requester: Requester, name: str) -> str:
    member = requester.rota.members.get(name)
    return member.slack_id if member and member.slack_id else name
