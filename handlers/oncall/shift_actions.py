"""The buttons of shifts and handovers: confirm a shift, step in, hand over and take over."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from handlers import ids, press_origin
from handlers.blocks import block_kit, my_shifts, shift_buttons
from handlers.blocks.override_form import STEP_IN, OverrideRequest
from handlers.context import Services, SlackResponder
from handlers.oncall.gap_actions import GapActions, account_of, slot_of
from handlers.oncall.overrides import OverrideActions
from handlers.oncall.requester import Requester, requester_of
from handlers.oncall.schedule_views import ScheduleViews, view_context
from handlers.payloads import button_value, click_key, submission_key, typed
from models.rules.errors import Refused, refuse
from models.rules.reminders.handover import CARD_BEFORE
from models.rules.rota.on_call import LOOK_BACK, Handover, ShiftEvent, ShiftEventKind
from models.rules.rota.shifts import Shift
from models.rules.times import SECOND, first_part_end

Ack = Callable[..., Any]
Respond = Callable[..., Any]
Body = dict[str, Any]
CLOCK_SET_BACK = timedelta(hours=1)
"""How far the clock may be set back after a handover card was sent; its buttons still work."""


class ShiftActions:
    """The buttons of shifts and handovers, and the forms of notes and reminder times."""

    def __init__(
        self,
        services: Services,
        schedule_views: ScheduleViews,
        override_actions: OverrideActions,
        gap_actions: GapActions,
    ) -> None:
        self._services, self._schedule_views = services, schedule_views
        self._override_actions, self._gap_actions = override_actions, gap_actions

    def confirm(self, body: Body, client: SlackResponder, respond: Respond) -> None:
        """Confirm one's shift: “I'm on call”."""
        requester = requester_of(self._services, body)
        subject = ids.shift_of(button_value(body))
        shift = self.find_shift(subject, requester.now)
        self._press(subject, ShiftEventKind.CONFIRM, requester, click_key(body))
        self._reply_in_list(self._describe_confirmed(shift, subject, requester), requester, body, (client, respond))

    def confirm_all(self, body: Body, client: SlackResponder, respond: Respond) -> None:
        """Confirm all of one's shifts that begin within some time."""
        requester = requester_of(self._services, body)
        interval, me = ids.interval_of(button_value(body)), requester.myself()
        mine = [
            own_shift
            for own_shift in self._schedule_views.own_shifts(requester, me.name)
            if interval.start <= own_shift.shift.start < interval.end
        ]
        unconfirmed = [own_shift.shift for own_shift in mine if not own_shift.confirmed]
        presses = [
            ShiftEvent(
                0,
                requester.now,
                requester.actor.id,
                ShiftEventKind.CONFIRM,
                slot_of(own_shift),
                own_shift.start,
                me.name,
            )
            for own_shift in unconfirmed
        ]
        self._services.confirmations.record_all(presses, requester.actor, click_key(body))
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
        self._gap_actions.reply(text, body, answer)

    def _own_shifts_page(self, requester: Requester, body: Body) -> list[block_kit.Block]:
        """Return the page of one's shifts on which the button was pressed; nothing elsewhere."""
        if not press_origin.is_private(body):
            return []
        return self._schedule_views.my_page(my_shifts.offset_of(str(body["actions"][0].get("block_id"))), requester)

    def step_in(self, body: Body, client: SlackResponder, respond: Respond) -> None:
        """Take over a shift that has begun and was not confirmed."""
        requester = requester_of(self._services, body)
        shift = self._unfinished(ids.shift_of(button_value(body)), requester)
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
        self._gap_actions.save_or_preview(request, requester, body, (client, respond))

    def _unfinished(self, subject: ids.ShiftSubject, requester: Requester) -> Shift:
        """Return the shift somebody would step into. Raises Refused, with the name of who was quicker."""
        try:
            return self.find_shift(subject, requester.now)
        except Refused:
            taker = self._override_actions.find_taker(subject.slot.seat, requester.now, requester)
            if taker is None:
                raise
            raise refuse("gap_taken", who=account_of(requester, taker[0]), at=taker[1]) from None

    def cannot_stay(self, body: Body, client: SlackResponder, respond: Respond) -> None:
        """Record that nobody follows and the person on call can't stay: leads and the on-call channel are called."""
        requester = requester_of(self._services, body)
        subject = ids.shift_of(button_value(body))
        self._press(subject, ShiftEventKind.CANNOT_STAY, requester, click_key(body))
        text = requester.words("Noted. The leads and the on-call channel are called now.")
        self._gap_actions.reply(f"✅ {text}", body, (client, respond))

    def hand_over(self, body: Body, client: SlackResponder, respond: Respond) -> None:
        """Record “I hand over”."""
        requester = requester_of(self._services, body)
        subject = ids.shift_of(button_value(body))
        handover = self._handover(subject, requester, lambda handover_: handover_.outgoing)
        self._press(subject, ShiftEventKind.HAND_OVER, requester, click_key(body))
        text = _describe_handed_over(handover, requester)
        self._gap_actions.reply(
            text, body, (client, respond), self._own_shifts_page(requester, body) if requester.me else ()
        )

    def take_over(self, body: Body, client: SlackResponder, respond: Respond) -> None:
        """Record “I take over”; this accepts the handover note too."""
        requester = requester_of(self._services, body)
        subject = ids.shift_of(button_value(body))
        handover = self._handover(subject, requester, lambda handover_: handover_.incoming.member)
        self._press(subject, ShiftEventKind.TAKE_OVER, requester, click_key(body))
        text = _describe_taken_over(handover, requester)
        self._gap_actions.reply(
            text, body, (client, respond), self._own_shifts_page(requester, body) if requester.me else ()
        )

    def describe_pressed(self, kind: ShiftEventKind, subject: ids.ShiftSubject, requester: Requester) -> str:
        """Return the answer to a press that was made before, as things are now. Raises Refused when they moved."""
        if kind is ShiftEventKind.CONFIRM:
            return self._describe_confirmed(self.find_shift(subject, requester.now), subject, requester)
        if kind is ShiftEventKind.HAND_OVER:
            return _describe_handed_over(self._handover(subject, requester, lambda each: each.outgoing), requester)
        handover = self._handover(subject, requester, lambda each: each.incoming.member)
        return _describe_taken_over(handover, requester)

    def _describe_confirmed(self, shift: Shift, subject: ids.ShiftSubject, requester: Requester) -> str:
        handover = self._find_take_over(subject, requester.now)
        return shift_buttons.shift_confirmed(shift, handover, view_context(requester))

    def ask_note(self, body: Body, client: SlackResponder) -> None:
        """Open the form for a handover note."""
        requester = requester_of(self._services, body)
        subject = ids.shift_of(button_value(body))
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
            0, requester.now, requester.actor.id, kind, subject.slot, subject.start, subject.person, text,
            requester.came_by,
        )  # fmt: skip
        self._services.confirmations.record(press, requester.actor, key)

    def find_shift(self, subject: ids.ShiftSubject, now: datetime) -> Shift:
        """Return the shift as it is planned now. Raises Refused when it moved or is over."""
        start = subject.start
        if start - now > timedelta(days=400):
            raise refuse("no_such_shift")
        # One that has begun is looked for around now, whenever that was: its beginning is followed back.
        first, last = (now - LOOK_BACK, now) if start <= now else (start - SECOND, start)
        for shift in self._services.rota_store.shift_bounds(now, first, last + SECOND):
            if (slot_of(shift), shift.start, shift.member) == (subject.slot, start, subject.person):
                if shift.absent:
                    break
                if shift.end <= now:
                    raise refuse("shift_over")
                return shift
        raise refuse("no_such_shift")

    def _handover(self, subject: ids.ShiftSubject, requester: Requester, whose: Callable[[Handover], str]) -> Handover:
        """Return the handover of a button. Raises Refused when there is none any more."""
        if abs(subject.start - requester.now) > timedelta(days=32):
            raise refuse("no_such_shift")
        due = self._services.confirmations.handovers(subject.start, subject.start + SECOND, requester.now)
        for handover in due:
            if handover.slot == subject.slot and whose(handover) == subject.person:
                return handover
        raise refuse("no_such_shift")

    def _find_take_over(self, subject: ids.ShiftSubject, now: datetime) -> Handover | None:
        """Return the handover that a confirmed shift still needs, within an hour of its start."""
        if subject.start - now > shift_buttons.START_WITHIN:
            return None
        due = self._services.confirmations.handovers(subject.start, subject.start + SECOND, now)
        mine = (
            handover for handover in due if handover.slot == subject.slot and handover.incoming.member == subject.person
        )
        return next((handover for handover in mine if not handover.taken_over), None)


def _describe_handed_over(handover: Handover, requester: Requester) -> str:
    is_done, is_own = handover.taken_over is not None, requester.me and requester.me.name == handover.outgoing
    return shift_buttons.handed_over(handover, is_done, bool(is_own), view_context(requester))


def _describe_taken_over(handover: Handover, requester: Requester) -> str:
    return shift_buttons.taken_over(handover, handover.handed_over is not None, view_context(requester))
