"""The duty's buttons: gaps are taken, whole or in part; shifts confirmed; a shift handed over and taken over."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from handlers import ids, press_origin
from handlers.blocks import block_kit, my_shifts, shift_buttons
from handlers.blocks.override_form import STEP_IN, TAKE, Wish
from handlers.context import House, Slack
from handlers.oncall import override_request
from handlers.oncall.overrides import TAKEN, Changing
from handlers.oncall.requester import Caller, caller
from handlers.oncall.schedule_views import Seeing, reader
from handlers.payloads import click_key, submission_key, typed
from handlers.replies import beside
from models.oncall.confirmations import LOOK_BACK
from models.oncall.gap_register import CLOSED
from models.rules.errors import Refused, refuse
from models.rules.reminders.handover import CARD_BEFORE
from models.rules.rota.gaps import GapKind
from models.rules.rota.impact import Outcome
from models.rules.rota.on_call import Handover, Place, Press, PressKind
from models.rules.rota.rota import Seat
from models.rules.rota.shifts import Shift
from models.rules.times import ENDLESS, part_end

Ack = Callable[..., Any]
Respond = Callable[..., Any]
Body = dict[str, Any]
MOMENT = timedelta(seconds=1)
CLOCKS = timedelta(hours=1)
"""So far a clock may have been set back since the card of a handover came, and its buttons still count."""


class Watching:
    """Every button by which somebody takes on duty. ``redraw`` draws somebody's Home tab anew."""

    def __init__(self, house: House, seeing: Seeing, changing: Changing, redraw: Callable[[Body, Slack], None]) -> None:
        self._house, self._seeing, self._changing, self._redraw = house, seeing, changing, redraw

    # Gaps ----------------------------------------------------------------------------------------------------------

    def take_listed(self, body: Body, client: Slack, respond: Respond) -> None:
        """“Take it” of a gap in a list."""
        here = caller(self._house, body)
        self._take(ids.span_of(_value(body)), (), here, body, (client, respond))

    def take(self, body: Body, client: Slack, respond: Respond) -> None:
        """“Take it” on a gap's card."""
        here = caller(self._house, body)
        span, who = self._gap(_value(body))
        self._take(span, who, here, body, (client, respond))

    def take_part(self, body: Body, client: Slack) -> None:
        """“Take part of it”: a form for a part of the gap."""
        here = caller(self._house, body)
        wish = self._wish(*self._gap(_value(body)), here)
        self._changing.open(wish, here, body["trigger_id"], client)

    def _gap(self, value: str) -> tuple[ids.Span, Sequence[str]]:
        """What a card's gap is now, and whom it is about. Raises Refused when it is over."""
        kept = self._house.gap_book.one(ids.gap_of(value).number)
        if kept is None:
            raise refuse("gap_over")
        if kept.ended_at is not None:
            known = kept.ended_how == CLOSED and kept.ended_by not in {"", "cli"}
            raise refuse("gap_taken", who=kept.ended_by, at=kept.ended_at) if known else refuse("gap_over")
        return ids.Span(kept.seat, kept.start, kept.end), kept.who

    def _wish(self, span: ids.Span, who: Sequence[str], here: Caller) -> Wish:
        me = here.myself()
        if span.end <= here.now:
            raise refuse("gap_over")
        seat = next((one for one in here.plan.seats if one.name == span.seat), Seat(span.seat))
        instead_of = who[0] if seat.people > 1 and len(who) == 1 else ""
        start = max(int(span.start.timestamp()), int(here.now.timestamp()) // 60 * 60)
        end = part_end(datetime.fromtimestamp(start, UTC), span.end)
        return Wish(TAKE, span.seat, me.name, instead_of, start, int(end.timestamp()))

    def _take(
        self, span: ids.Span, who: Sequence[str], here: Caller, body: Body, answer: tuple[Slack, Respond]
    ) -> None:
        """At once when it only closes; where something else would open, it is shown first. Of a gap without an end
        somebody chooses a part."""
        try:
            wish = replace(self._wish(span, who, here), place=press_origin.home_of(body))
            if span.end >= ENDLESS:
                self._changing.open(wish, here, body["trigger_id"], answer[0])
                return
            self._stand(wish, here, body, answer, self._began(span))
        except Refused as refused:
            # The clock is read anew: whoever was quicker may have been so since.
            raise self._beaten(refused, span, caller(self._house, body)) from None

    def _stand(
        self, wish: Wish, here: Caller, body: Body, answer: tuple[Slack, Respond], began: datetime | None = None
    ) -> None:
        """Save it at once, or show it first. ``began`` is when the gap that is taken did."""
        wanted = override_request.changes(wish, here.actor.id, here.now)
        outcome = self._house.rotas.allowed(wanted, here.actor, here.now, self._changing.unheard(wish, here))
        if not outcome.closed and wish.kind == TAKE:
            raise refuse("changed_meanwhile")
        if outcome.opened:
            note = here.words("Look first: taking it opens something else.")
            view = self._changing.preview(wish, here, note)
            answer[0].views_open(trigger_id=body["trigger_id"], view=view)
            return

        def harmless(now_is: Outcome) -> bool:
            return (bool(now_is.closed) or wish.kind == STEP_IN) and not now_is.opened

        self._changing.record(wish, here, click_key(body), harmless)
        # Drawn where it was pressed in a list: of gaps, the list as it is now.
        left = self._seeing.gaps("", here.visitor) if wish.kind == TAKE and press_origin.is_private(body) else []
        handover = self._changing.to_take_over(wish, here)
        self._told(shift_buttons.taken(wish, reader(here), began, handover), body, answer, left)

    def _began(self, span: ids.Span) -> datetime:
        """When a gap began; one in a list is told from now on."""
        gaps = (one.gap for one in self._house.gap_book.open() if one.seat == span.seat)
        of_nobody = (gap.start for gap in gaps if gap.kind is GapKind.UNCOVERED and gap.start <= span.start < gap.end)
        return min(of_nobody, default=span.start)

    def _beaten(self, refused: Refused, span: ids.Span, here: Caller) -> Refused:
        """Somebody was quicker: said with their name. Nobody was where it is a gap as before."""
        if not all(one.reason in TAKEN for one in refused.refusals):
            return refused
        at = max(span.start, here.now)
        is_open = any(gap.seat == span.seat for gap in self._house.rotas.gaps(here.now, at, at + MOMENT))
        if is_open:
            closes_nothing = all(one.reason == "changed_meanwhile" for one in refused.refusals)
            return refuse("nothing_changed") if closes_nothing else refused
        taker = self._changing.taker(span.seat, span.start, here)
        return refuse("gap_taken", who=_account(here, taker[0]), at=taker[1]) if taker else refuse("gap_over")

    # Shifts and handovers ------------------------------------------------------------------------------------------

    def confirm(self, body: Body, client: Slack, respond: Respond) -> None:
        """“I'm on call”."""
        here = caller(self._house, body)
        subject = ids.shift_of(_value(body))
        shift = self._shift(subject, here)
        self._press(subject, PressKind.CONFIRM, here, click_key(body))
        said = shift_buttons.confirmed(shift, self._to_take_over(subject, here), reader(here))
        self._shown_in_list(said, here, body, (client, respond))

    def confirm_all(self, body: Body, client: Slack, respond: Respond) -> None:
        """“Confirm all”: every shift of one's own that begins within some time."""
        here = caller(self._house, body)
        span, me = ids.span_of(_value(body)), here.myself()
        mine = [one for one in self._seeing.mine(here, me.name) if span.start <= one.shift.start < span.end]
        open_ = [one.shift for one in mine if not one.confirmed]
        presses = [
            Press(0, here.now, here.actor.id, PressKind.CONFIRM, _place(one), one.start, me.name) for one in open_
        ]
        self._house.watches.press_all(presses, here.actor, click_key(body))
        self._shown_in_list(shift_buttons.confirmed_all(len(mine), reader(here)), here, body, (client, respond))

    def _shown_in_list(self, said: str, here: Caller, body: Body, answer: tuple[Slack, Respond]) -> None:
        """In a list of one's own shifts the press shows in the list; elsewhere it is answered."""
        if press_origin.is_private(body):
            blocks = self._mine(here, body)
            answer[1](text=block_kit.spoken(blocks), blocks=blocks, response_type="ephemeral", replace_original=True)
            return
        self._told(said, body, answer)

    def _mine(self, here: Caller, body: Body) -> list[block_kit.Block]:
        """The list of one's own shifts in which something was pressed, on the same page; nothing elsewhere."""
        if not press_origin.is_private(body):
            return []
        return self._seeing.my_page(my_shifts.offset_of(str(body["actions"][0].get("block_id"))), here)

    def step_in(self, body: Body, client: Slack, respond: Respond) -> None:
        """“Step in” for who has not confirmed a shift that has begun."""
        here = caller(self._house, body)
        shift = self._unfinished(ids.shift_of(_value(body)), here)
        if shift.member == here.myself().name:
            self.confirm(body, client, respond)
            return
        if shift.start > here.now:
            raise refuse("not_begun")
        start, end = int(here.now.timestamp()) // 60 * 60, int(part_end(here.now, shift.end).timestamp())
        wish = Wish(STEP_IN, shift.seat, here.myself().name, shift.member, start, end)
        self._stand(wish, here, body, (client, respond))

    def _unfinished(self, subject: ids.ShiftSubject, here: Caller) -> Shift:
        """The shift somebody would step into. Raises Refused, with the name of who was quicker."""
        try:
            return self._shift(subject, here)
        except Refused:
            taker = self._changing.taker(subject.place.seat, here.now, here)
            if taker is None:
                raise
            raise refuse("gap_taken", who=_account(here, taker[0]), at=taker[1]) from None

    def cannot_stay(self, body: Body, client: Slack, respond: Respond) -> None:
        """“Somebody else”: nobody follows, and whoever is on can't stay. Leads and the on-call channel are called."""
        here = caller(self._house, body)
        subject = ids.shift_of(_value(body))
        self._press(subject, PressKind.CANNOT_STAY, here, click_key(body))
        said = here.words("Noted. The leads and the on-call channel are called now.")
        self._told(f"✅ {said}", body, (client, respond))

    def hand_over(self, body: Body, client: Slack, respond: Respond) -> None:
        """“I hand over”."""
        here = caller(self._house, body)
        subject = ids.shift_of(_value(body))
        handover = self._handover(subject, here, lambda one: one.outgoing)
        self._press(subject, PressKind.HAND_OVER, here, click_key(body))
        done = handover.taken is not None
        own = here.me is not None and here.me.name == handover.outgoing
        said = shift_buttons.handed(handover, done, own, reader(here))
        self._told(said, body, (client, respond), self._mine(here, body) if here.me else ())

    def take_over(self, body: Body, client: Slack, respond: Respond) -> None:
        """“I take over”: the note is accepted with it."""
        here = caller(self._house, body)
        subject = ids.shift_of(_value(body))
        handover = self._handover(subject, here, lambda one: one.incoming.member)
        self._press(subject, PressKind.TAKE_OVER, here, click_key(body))
        done = handover.handed is not None
        said = shift_buttons.taken_over(handover, done, reader(here))
        self._told(said, body, (client, respond), self._mine(here, body) if here.me else ())

    def ask_note(self, body: Body, client: Slack) -> None:
        """A form for what the outgoing person adds to the handover."""
        here = caller(self._house, body)
        subject = ids.shift_of(_value(body))
        handover = self._handover(subject, here, lambda one: one.outgoing)
        if handover.outgoing != (here.me.name if here.me else "") and not here.actor.is_lead:
            raise refuse("not_yours_to_hand_over", who=handover.outgoing)
        client.views_open(trigger_id=body["trigger_id"], view=shift_buttons.note_form(handover, subject, reader(here)))

    def note(self, ack: Ack, body: Body) -> None:
        """The filled form of a note."""
        here = caller(self._house, body)
        view = body["view"]
        subject = ids.shift_of(str(view.get("private_metadata") or ""))
        self._handover(subject, here, lambda one: one.outgoing)
        said = str(typed(view).get("note") or "").strip()
        if not said:
            raise refuse("missing", "note")
        if len(said) > shift_buttons.NOTE_LIMIT:
            raise refuse("too_long", "note", limit=shift_buttons.NOTE_LIMIT)
        self._press(subject, PressKind.NOTE, here, submission_key(body), said)
        ack()

    def ask_reminders(self, body: Body, client: Slack) -> None:
        """“Reminders”: when somebody wants to be reminded."""
        here = caller(self._house, body)
        chosen = self._house.watches.preferred(here.actor.id)
        client.views_open(trigger_id=body["trigger_id"], view=shift_buttons.reminders_form(chosen, reader(here)))

    def remind(self, ack: Ack, body: Body) -> None:
        """The filled form of it."""
        here = caller(self._house, body)
        chosen = {one for one in shift_buttons.CHOICES if str(one) in (typed(body["view"]).get("at") or ())}
        self._house.watches.prefer(here.actor.id, chosen, here.now)
        ack()

    def _press(self, subject: ids.ShiftSubject, kind: PressKind, here: Caller, key: str, said: str = "") -> None:
        is_half = kind in {PressKind.HAND_OVER, PressKind.TAKE_OVER}
        if is_half and subject.start - here.now > CARD_BEFORE + CLOCKS:
            raise refuse("not_due", at=subject.start - CARD_BEFORE)
        press = Press(0, here.now, here.actor.id, kind, subject.place, subject.start, subject.person, said)
        self._house.watches.press(press, here.actor, key)

    def _shift(self, subject: ids.ShiftSubject, here: Caller) -> Shift:
        """The shift as it is planned now. Raises Refused when it moved, or is over."""
        start = subject.start
        if start - here.now > timedelta(days=400):
            raise refuse("no_such_shift")
        # One that has begun is looked for around now, whenever that was: its beginning is followed back.
        first, last = (here.now - LOOK_BACK, here.now) if start <= here.now else (start - MOMENT, start)
        for shift in self._house.rotas.whole_shifts(here.now, first, last + MOMENT):
            if (_place(shift), shift.start, shift.member) == (subject.place, start, subject.person):
                if shift.absent:
                    break
                if shift.end <= here.now:
                    raise refuse("shift_over")
                return shift
        raise refuse("no_such_shift")

    def _handover(self, subject: ids.ShiftSubject, here: Caller, whose: Callable[[Handover], str]) -> Handover:
        """The handover a button is about. Raises Refused when there is none any more."""
        if abs(subject.start - here.now) > timedelta(days=32):
            raise refuse("no_such_shift")
        due = self._house.watches.handovers(subject.start, subject.start + MOMENT, here.now)
        for one in due:
            if one.place == subject.place and whose(one) == subject.person:
                return one
        raise refuse("no_such_shift")

    def _to_take_over(self, subject: ids.ShiftSubject, here: Caller) -> Handover | None:
        """The handover that a confirmed shift still needs, once its card is there."""
        if subject.start - here.now > CARD_BEFORE:
            return None
        due = self._house.watches.handovers(subject.start, subject.start + MOMENT, here.now)
        mine = (one for one in due if one.place == subject.place and one.incoming.member == subject.person)
        return next((one for one in mine if not one.taken), None)

    # Answers -------------------------------------------------------------------------------------------------------

    def _told(self, said: str, body: Body, answer: tuple[Slack, Respond], anew: Sequence[block_kit.Block] = ()) -> None:
        """The answer to a press: privately beside the message, in place of its buttons in a direct message, above the
        list ``anew`` in a private one, or, where there is no place, by drawing the Home tab anew."""
        client, respond = answer
        if body.get("response_url"):
            beside(said, body, respond, anew)
        else:
            self._redraw(body, client)


def _value(body: Body) -> str:
    return str(body["actions"][0].get("value") or "")


def _place(shift: Shift) -> Place:
    return Place(shift.seat, shift.place)


def _account(here: Caller, name: str) -> str:
    member = here.plan.members.get(name)
    return member.slack_id if member and member.slack_id else name
