"""The duty's buttons: gaps are taken, whole or in part; shifts confirmed; a shift handed over and taken over."""

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
CLOCKS = timedelta(hours=1)
"""So far a clock may have been set back since the card of a handover came, and its buttons still count."""


class ShiftActions:
    """Every button by which somebody takes on duty. ``redraw`` draws somebody's Home tab anew."""

    def __init__(
        self,
        services: Services,
        seeing: ScheduleViews,
        changing: OverrideActions,
        redraw: Callable[[Body, SlackResponder], None],
    ) -> None:
        self._services, self._seeing, self._changing, self._redraw = services, seeing, changing, redraw

    # Gaps ----------------------------------------------------------------------------------------------------------

    def take_listed(self, body: Body, client: SlackResponder, respond: Respond) -> None:
        """“Take it” of a gap in a list."""
        requester = requester_of(self._services, body)
        self._take(ids.interval_of(_value(body)), (), requester, body, (client, respond))

    def take(self, body: Body, client: SlackResponder, respond: Respond) -> None:
        """“Take it” on a gap's card."""
        requester = requester_of(self._services, body)
        span, who = self._gap(_value(body))
        self._take(span, who, requester, body, (client, respond))

    def take_part(self, body: Body, client: SlackResponder) -> None:
        """“Take part of it”: a form for a part of the gap."""
        requester = requester_of(self._services, body)
        wish = self._wish(*self._gap(_value(body)), requester)
        self._changing.open(wish, requester, body["trigger_id"], client)

    def _gap(self, value: str) -> tuple[ids.SeatInterval, Sequence[str]]:
        """What a card's gap is now, and whom it is about. Raises Refused when it is over."""
        kept = self._services.gap_register.find(ids.gap_of(value).number)
        if kept is None:
            raise refuse("gap_over")
        if kept.ended_at is not None:
            known = kept.ended_how == CLOSED and kept.ended_by not in {"", "cli"}
            raise refuse("gap_taken", who=kept.ended_by, at=kept.ended_at) if known else refuse("gap_over")
        return ids.SeatInterval(kept.seat, kept.start, kept.end), kept.who

    def _wish(self, span: ids.SeatInterval, who: Sequence[str], requester: Requester) -> OverrideRequest:
        me = requester.myself()
        if span.end <= requester.now:
            raise refuse("gap_over")
        seat = next((one for one in requester.rota.seats if one.name == span.seat), Seat(span.seat))
        instead_of = who[0] if seat.people > 1 and len(who) == 1 else ""
        start = max(int(span.start.timestamp()), int(requester.now.timestamp()) // 60 * 60)
        end = first_part_end(datetime.fromtimestamp(start, UTC), span.end)
        return OverrideRequest(TAKE, span.seat, me.name, instead_of, start, int(end.timestamp()))

    def _take(
        self,
        span: ids.SeatInterval,
        who: Sequence[str],
        requester: Requester,
        body: Body,
        answer: tuple[SlackResponder, Respond],
    ) -> None:
        """At once when it only closes; where something else would open, it is shown first. Of a gap without an end
        somebody chooses a part.
        """
        try:
            wish = replace(self._wish(span, who, requester), place=press_origin.home_of(body))
            if span.end >= ENDLESS:
                self._changing.open(wish, requester, body["trigger_id"], answer[0])
                return
            self._stand(wish, requester, body, answer, self._began(span))
        except Refused as refused:
            # The clock is read anew: whoever was quicker may have been so since.
            raise self._beaten(refused, span, requester_of(self._services, body)) from None

    def _stand(
        self,
        wish: OverrideRequest,
        requester: Requester,
        body: Body,
        answer: tuple[SlackResponder, Respond],
        began: datetime | None = None,
    ) -> None:
        """Save it at once, or show it first. ``began`` is when the gap that is taken did."""
        wanted = override_request.changes(wish, requester.actor.id, requester.now)
        outcome = self._services.rota_store.preview_for(
            wanted, requester.actor, requester.now, self._changing.unheard(wish, requester)
        )
        if not outcome.closed_gaps and wish.kind == TAKE:
            raise refuse("changed_meanwhile")
        if outcome.opened_gaps:
            note = requester.words("Check first: taking this opens another gap.")
            view = self._changing.preview(wish, requester, note)
            answer[0].views_open(trigger_id=body["trigger_id"], view=view)
            return

        def harmless(now_is: Impact) -> bool:
            return (bool(now_is.closed_gaps) or wish.kind == STEP_IN) and not now_is.opened_gaps

        self._changing.record(wish, requester, click_key(body), harmless)
        # Drawn where it was pressed in a list: of gaps, the list as it is now.
        left = (
            self._seeing.gaps("", requester.current_user) if wish.kind == TAKE and press_origin.is_private(body) else []
        )
        handover = self._changing.to_take_over(wish, requester)
        self._told(shift_buttons.gap_taken(wish, view_context(requester), began, handover), body, answer, left)

    def _began(self, span: ids.SeatInterval) -> datetime:
        """When a gap began; one in a list is told from now on."""
        gaps = (one.gap for one in self._services.gap_register.open() if one.seat == span.seat)
        of_nobody = (gap.start for gap in gaps if gap.kind is GapKind.UNCOVERED and gap.start <= span.start < gap.end)
        return min(of_nobody, default=span.start)

    def _beaten(self, refused: Refused, span: ids.SeatInterval, requester: Requester) -> Refused:
        """Somebody was quicker: said with their name. Nobody was where it is a gap as before."""
        if not all(refusal.reason in TAKEN for refusal in refused.refusals):
            return refused
        at = max(span.start, requester.now)
        is_open = any(gap.seat == span.seat for gap in self._services.rota_store.gaps(requester.now, at, at + MOMENT))
        if is_open:
            closes_nothing = all(refusal.reason == "changed_meanwhile" for refusal in refused.refusals)
            return refuse("nothing_changed") if closes_nothing else refused
        taker = self._changing.taker(span.seat, span.start, requester)
        return refuse("gap_taken", who=_account(requester, taker[0]), at=taker[1]) if taker else refuse("gap_over")

    # Shifts and handovers ------------------------------------------------------------------------------------------

    def confirm(self, body: Body, client: SlackResponder, respond: Respond) -> None:
        """“I'm on call”."""
        requester = requester_of(self._services, body)
        subject = ids.shift_of(_value(body))
        shift = self._shift(subject, requester)
        self._press(subject, ShiftEventKind.CONFIRM, requester, click_key(body))
        said = shift_buttons.shift_confirmed(shift, self._to_take_over(subject, requester), view_context(requester))
        self._shown_in_list(said, requester, body, (client, respond))

    def confirm_all(self, body: Body, client: SlackResponder, respond: Respond) -> None:
        """“Confirm all”: every shift of one's own that begins within some time."""
        requester = requester_of(self._services, body)
        span, me = ids.interval_of(_value(body)), requester.myself()
        mine = [one for one in self._seeing.mine(requester, me.name) if span.start <= one.shift.start < span.end]
        open_ = [one.shift for one in mine if not one.confirmed]
        presses = [
            ShiftEvent(0, requester.now, requester.actor.id, ShiftEventKind.CONFIRM, _place(one), one.start, me.name)
            for one in open_
        ]
        self._services.confirmations.press_all(presses, requester.actor, click_key(body))
        self._shown_in_list(
            shift_buttons.shifts_confirmed(len(mine), view_context(requester)), requester, body, (client, respond)
        )

    def _shown_in_list(
        self, said: str, requester: Requester, body: Body, answer: tuple[SlackResponder, Respond]
    ) -> None:
        """In a list of one's own shifts the press shows in the list; elsewhere it is answered."""
        if press_origin.is_private(body):
            blocks = self._mine(requester, body)
            answer[1](
                text=block_kit.fallback_text(blocks), blocks=blocks, response_type="ephemeral", replace_original=True
            )
            return
        self._told(said, body, answer)

    def _mine(self, requester: Requester, body: Body) -> list[block_kit.Block]:
        """The list of one's own shifts in which something was pressed, on the same page; nothing elsewhere."""
        if not press_origin.is_private(body):
            return []
        return self._seeing.my_page(my_shifts.offset_of(str(body["actions"][0].get("block_id"))), requester)

    def step_in(self, body: Body, client: SlackResponder, respond: Respond) -> None:
        """“Step in” for who has not confirmed a shift that has begun."""
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
        wish = OverrideRequest(STEP_IN, shift.seat, requester.myself().name, shift.member, start, end)
        self._stand(wish, requester, body, (client, respond))

    def _unfinished(self, subject: ids.ShiftSubject, requester: Requester) -> Shift:
        """The shift somebody would step into. Raises Refused, with the name of who was quicker."""
        try:
            return self._shift(subject, requester)
        except Refused:
            taker = self._changing.taker(subject.place.seat, requester.now, requester)
            if taker is None:
                raise
            raise refuse("gap_taken", who=_account(requester, taker[0]), at=taker[1]) from None

    def cannot_stay(self, body: Body, client: SlackResponder, respond: Respond) -> None:
        """“Somebody else”: nobody follows, and whoever is on can't stay. Leads and the on-call channel are called."""
        requester = requester_of(self._services, body)
        subject = ids.shift_of(_value(body))
        self._press(subject, ShiftEventKind.CANNOT_STAY, requester, click_key(body))
        said = requester.words("Noted. The leads and the on-call channel are called now.")
        self._told(f"✅ {said}", body, (client, respond))

    def hand_over(self, body: Body, client: SlackResponder, respond: Respond) -> None:
        """“I hand over”."""
        requester = requester_of(self._services, body)
        subject = ids.shift_of(_value(body))
        handover = self._handover(subject, requester, lambda one: one.outgoing)
        self._press(subject, ShiftEventKind.HAND_OVER, requester, click_key(body))
        done = handover.taken_over is not None
        own = requester.me is not None and requester.me.name == handover.outgoing
        said = shift_buttons.handed_over(handover, done, own, view_context(requester))
        self._told(said, body, (client, respond), self._mine(requester, body) if requester.me else ())

    def take_over(self, body: Body, client: SlackResponder, respond: Respond) -> None:
        """“I take over”: the note is accepted with it."""
        requester = requester_of(self._services, body)
        subject = ids.shift_of(_value(body))
        handover = self._handover(subject, requester, lambda one: one.incoming.member)
        self._press(subject, ShiftEventKind.TAKE_OVER, requester, click_key(body))
        done = handover.handed_over is not None
        said = shift_buttons.taken_over(handover, done, view_context(requester))
        self._told(said, body, (client, respond), self._mine(requester, body) if requester.me else ())

    def ask_note(self, body: Body, client: SlackResponder) -> None:
        """A form for what the outgoing person adds to the handover."""
        requester = requester_of(self._services, body)
        subject = ids.shift_of(_value(body))
        handover = self._handover(subject, requester, lambda one: one.outgoing)
        if handover.outgoing != (requester.me.name if requester.me else "") and not requester.actor.is_lead:
            raise refuse("not_yours_to_hand_over", who=handover.outgoing)
        client.views_open(
            trigger_id=body["trigger_id"], view=shift_buttons.note_form(handover, subject, view_context(requester))
        )

    def note(self, ack: Ack, body: Body) -> None:
        """The filled form of a note."""
        requester = requester_of(self._services, body)
        view = body["view"]
        subject = ids.shift_of(str(view.get("private_metadata") or ""))
        self._handover(subject, requester, lambda one: one.outgoing)
        said = str(typed(view).get("note") or "").strip()
        if not said:
            raise refuse("missing", "note")
        if len(said) > shift_buttons.NOTE_LIMIT:
            raise refuse("too_long", "note", limit=shift_buttons.NOTE_LIMIT)
        self._press(subject, ShiftEventKind.NOTE, requester, submission_key(body), said)
        ack()

    def ask_reminders(self, body: Body, client: SlackResponder) -> None:
        """“Reminders”: when somebody wants to be reminded."""
        requester = requester_of(self._services, body)
        chosen = self._services.confirmations.reminder_times(requester.actor.id)
        client.views_open(
            trigger_id=body["trigger_id"], view=shift_buttons.reminders_form(chosen, view_context(requester))
        )

    def remind(self, ack: Ack, body: Body) -> None:
        """The filled form of it."""
        requester = requester_of(self._services, body)
        chosen = {one for one in shift_buttons.REMINDER_CHOICES if str(one) in (typed(body["view"]).get("at") or ())}
        self._services.confirmations.set_reminder_times(requester.actor.id, chosen, requester.now)
        ack()

    def _press(
        self, subject: ids.ShiftSubject, kind: ShiftEventKind, requester: Requester, key: str, said: str = ""
    ) -> None:
        is_half = kind in {ShiftEventKind.HAND_OVER, ShiftEventKind.TAKE_OVER}
        if is_half and subject.start - requester.now > CARD_BEFORE + CLOCKS:
            raise refuse("not_due", at=subject.start - CARD_BEFORE)
        press = ShiftEvent(
            0, requester.now, requester.actor.id, kind, subject.place, subject.start, subject.person, said
        )
        self._services.confirmations.press(press, requester.actor, key)

    def _shift(self, subject: ids.ShiftSubject, requester: Requester) -> Shift:
        """The shift as it is planned now. Raises Refused when it moved, or is over."""
        start = subject.start
        if start - requester.now > timedelta(days=400):
            raise refuse("no_such_shift")
        # One that has begun is looked for around now, whenever that was: its beginning is followed back.
        first, last = (requester.now - LOOK_BACK, requester.now) if start <= requester.now else (start - MOMENT, start)
        for shift in self._services.rota_store.shift_bounds(requester.now, first, last + MOMENT):
            if (_place(shift), shift.start, shift.member) == (subject.place, start, subject.person):
                if shift.absent:
                    break
                if shift.end <= requester.now:
                    raise refuse("shift_over")
                return shift
        raise refuse("no_such_shift")

    def _handover(self, subject: ids.ShiftSubject, requester: Requester, whose: Callable[[Handover], str]) -> Handover:
        """The handover a button is about. Raises Refused when there is none any more."""
        if abs(subject.start - requester.now) > timedelta(days=32):
            raise refuse("no_such_shift")
        due = self._services.confirmations.handovers(subject.start, subject.start + MOMENT, requester.now)
        for one in due:
            if one.slot == subject.place and whose(one) == subject.person:
                return one
        raise refuse("no_such_shift")

    def _to_take_over(self, subject: ids.ShiftSubject, requester: Requester) -> Handover | None:
        """The handover that a confirmed shift still needs, once its card is there."""
        if subject.start - requester.now > CARD_BEFORE:
            return None
        due = self._services.confirmations.handovers(subject.start, subject.start + MOMENT, requester.now)
        mine = (one for one in due if one.slot == subject.place and one.incoming.member == subject.person)
        return next((one for one in mine if not one.taken_over), None)

    # Answers -------------------------------------------------------------------------------------------------------

    def _told(
        self, said: str, body: Body, answer: tuple[SlackResponder, Respond], anew: Sequence[block_kit.Block] = ()
    ) -> None:
        """The answer to a press: privately beside the message, in place of its buttons in a direct message, above the
        list ``anew`` in a private one, or, where there is no place, by drawing the Home tab anew.
        """
        client, respond = answer
        if body.get("response_url"):
            reply(said, body, respond, anew)
        else:
            self._redraw(body, client)


def _value(body: Body) -> str:
    return str(body["actions"][0].get("value") or "")


def _place(shift: Shift) -> Slot:
    return Slot(shift.seat, shift.slot_number)


def _account(requester: Requester, name: str) -> str:
    member = requester.rota.members.get(name)
    return member.slack_id if member and member.slack_id else name
