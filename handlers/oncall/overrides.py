"""Cover, leave, intended gaps: what somebody asks for is shown as what would happen, and saved as it was shown."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from handlers import ids, press_origin
from handlers.blocks import block_kit, override_form, shift_buttons
from handlers.blocks.override_form import CANCEL, COVER, INTEND, LEAVE, STEP_IN, TAKE, Wish
from handlers.context import House, Slack, Visitor
from handlers.errors import with_hints
from handlers.i18n.words import Words
from handlers.oncall import override_request, time_parser
from handlers.oncall.requester import Caller, called, caller
from handlers.oncall.schedule_views import reader
from handlers.payloads import submission_key
from models.rules.errors import Refused, refuse
from models.rules.reminders.handover import CARD_BEFORE
from models.rules.rota.impact import Moved, Outcome
from models.rules.rota.on_call import Handover, Place
from models.rules.times import whole_second

Ack = Callable[..., Any]
HOUR = 3600
MOST_CHOICES = 100
AHEAD = timedelta(days=28)
"""How far ahead a shift to cover is looked for."""
MOMENT = timedelta(seconds=1)
TAKEN = frozenset({"not_your_shift", "changed_meanwhile", "has_the_watch"})
"""Refusals that mean of a gap that somebody was quicker."""


class Changing:
    """The forms of changes and their previews. ``redraw`` draws somebody's Home tab anew."""

    def __init__(self, house: House, redraw: Callable[[dict[str, Any], Slack], None]) -> None:
        self._house, self._redraw = house, redraw

    def opening(self, kind: str) -> Callable[[str, Visitor, str, Slack], None]:
        """What opens the form of one kind for somebody with a trigger, who typed a time or nothing after the word."""

        def opened(rest: str, visitor: Visitor, trigger_id: str, client: Slack) -> None:
            here = called(self._house, visitor)
            start = _typed_time(rest, here)
            note = not_read(rest, here.words) if rest and start is None else ""
            self.open(Wish(kind, start=start), here, trigger_id, client, note)

        return opened

    def open(self, wish: Wish, here: Caller, trigger_id: str, client: Slack, note: str = "") -> None:
        """Open a form, filled as far as is known, below a note. Raises Refused when it is plain that it would be
        refused."""
        if wish.kind == INTEND and not here.actor.is_lead:
            raise refuse("leads_only")
        if not here.actor.is_lead:
            here.myself()
        view = self._form(self._offered(wish, here), here)
        client.views_open(trigger_id=trigger_id, view=with_hints(view, [note]) if note else view)

    def click(self, body: dict[str, Any], client: Slack) -> None:
        """A button that opens a form: “I am away” and its like; some name the seat and the time it is about."""
        here, pressed = caller(self._house, body), body["actions"][0]
        wish = Wish(str(pressed["action_id"]).removeprefix(ids.ROTA), place=press_origin.home_of(body))
        if pressed.get("value"):
            span = ids.span_of(str(pressed["value"]))
            start = max(int(span.start.timestamp()), int(here.now.timestamp()) // 60 * 60)
            wish = replace(wish, seat=span.seat, start=start, end=int(span.end.timestamp()))
        self.open(wish, here, body["trigger_id"], client)

    def undo(self, body: dict[str, Any], client: Slack) -> None:
        """“Undo” at a leave: what would happen without it."""
        here, number = caller(self._house, body), str(body["actions"][0].get("value") or "")
        change = next((one for one in here.situation.changes if str(one.id) == number), None)
        if change is None:
            raise refuse("no_such_change")
        if change.end <= here.now:
            raise refuse("past_shift")
        start, end = (int(one.timestamp()) for one in (change.start, change.end))
        wish = Wish(CANCEL, change.seat, change.member, "", start, end, of=change.id)
        client.views_open(trigger_id=body["trigger_id"], view=self.preview(wish, here))

    def submit(self, ack: Ack, body: dict[str, Any]) -> None:
        """The filled form: what would happen takes its place."""
        here = caller(self._house, body)
        wish = override_request.filled(body["view"], here)
        ack(response_action="update", view=self.preview(wish, here))

    def stay(self, ack: Ack, body: dict[str, Any], client: Slack) -> None:
        """The filled form “Stay on”: saved at once where it only closes a gap of one's own seat; what else it opens is
        shown first."""
        here = caller(self._house, body)
        wish = replace(override_request.filled(body["view"], here), member=here.myself().name)
        found: list[Outcome] = []

        def closes(outcome: Outcome) -> bool:
            found[:] = [outcome]
            return bool(outcome.closed) and not outcome.opened

        try:
            self.record(wish, here, submission_key(body), closes)
        except Refused as refused:
            if not found or not (found[0].closed and found[0].opened):
                raise self._relieved(refused, wish, here) from None
            ack(response_action="update", view=self.preview(wish, here))
            return
        ack(response_action="update", view=self.done(wish, found[0] if found else Outcome(), here))
        if wish.place == press_origin.HOME:
            self._redraw(body, client)

    def _relieved(self, refused: Refused, wish: Wish, here: Caller) -> Refused:
        """Somebody follows by now: said with their name."""
        if not all(one.reason in TAKEN for one in refused.refusals):
            return refused
        taker = self.taker(wish.seat, wish.starts, here)
        return refuse("gap_taken", "end", who=taker[0], at=taker[1]) if taker else refuse("gap_over", "end")

    def back(self, body: dict[str, Any], client: Slack) -> None:
        """From what would happen back to the form, with all that was typed."""
        here, view = caller(self._house, body), body["view"]
        wish = replace(override_request.carried(view), shown="")
        client.views_update(view_id=view["id"], view=self._form(wish, here), hash=view.get("hash"))

    def save(self, ack: Ack, body: dict[str, Any], client: Slack) -> None:
        """Agreed: save it, unless something else would happen by now; then that is shown instead."""
        here, view = caller(self._house, body), body["view"]
        wish = override_request.carried(view)
        found: list[Outcome] = []

        def agreed(outcome: Outcome) -> bool:
            found[:] = [outcome]
            return self._as_shown(wish, outcome, here)

        try:
            self.record(wish, here, submission_key(body), agreed)
        except Refused as refused:
            # With the clock read anew: whoever was quicker may have been so since it was read above.
            ack(response_action="update", view=self._overtaken(wish, refused, caller(self._house, body)))
            return
        ack(response_action="update", view=self.done(wish, found[0] if found else Outcome(), here))
        if wish.place == press_origin.HOME:
            self._redraw(body, client)

    def _as_shown(self, wish: Wish, outcome: Outcome, here: Caller) -> bool:
        """Whether the same would have happened when it was shown. What time alone has moved since, such as the hour
        from which somebody is on for too long, is no difference."""
        then = override_request.shown_at(wish, here.now)
        shown = self._house.rotas.preview(override_request.changes(wish, here.actor.id, then), then)
        return override_request.seen(shown, then) == wish.shown and override_request.opens_no_more(outcome, shown)

    def _overtaken(self, wish: Wish, refused: Refused, here: Caller) -> block_kit.Block:
        """Somebody saved something meanwhile: what would happen by now; of a gap, what is left of it, or who took it
        and when. Raises Refused when it is refused for another reason."""
        if wish.kind not in {TAKE, STEP_IN} or not all(one.reason in TAKEN for one in refused.refusals):
            if all(one.reason != "changed_meanwhile" for one in refused.refusals):
                raise refused
            return self.preview(wish, here, here.words("The rota changed meanwhile. This is what would happen now:"))
        taker = self.taker(wish.seat, wish.starts, here)
        left = self._left(wish, here) if wish.kind == TAKE else None
        if left and taker and taker[1] >= override_request.shown_at(wish, here.now):
            more = here.words("This is what is left of it:")
            return self.preview(left, here, f"{override_form.quicker(*taker, reader(here))}\n{more}")
        if left:
            return self.preview(left, here, here.words("The rota changed meanwhile. This is what would happen now:"))
        return override_form.gone(taker, reader(here))

    def _left(self, wish: Wish, here: Caller) -> Wish | None:
        """The first part of a gap that is still there."""
        gaps = self._house.rotas.gaps(here.now, max(wish.starts, here.now), wish.ends)
        for gap in gaps:
            if gap.seat == wish.seat:
                start, end = max(gap.start, wish.starts), min(gap.end, wish.ends)
                return replace(wish, start=int(start.timestamp()), end=int(end.timestamp()), shown="")
        return None

    def taker(self, seat: str, start: datetime, here: Caller) -> tuple[str, datetime] | None:
        """Who put themselves into a seat at an instant, by the plan's name, and when they did so; None when nobody
        did."""
        at = max(start, here.now)
        by_id = {f"change:{one.id}": one for one in here.situation.changes}
        for shift in self._house.rotas.shifts(here.now, at, at + MOMENT):
            change = by_id.get(shift.source)
            if shift.seat == seat and not shift.absent and change:
                return shift.member, change.at
        return None

    def unheard(self, wish: Wish, here: Caller) -> Collection[str]:
        """Whom anybody may replace: who is on and has not confirmed it. Raises Refused when they have by now."""
        if wish.kind != STEP_IN:
            return ()
        places = [Place(wish.seat, n) for seat in here.plan.seats for n in range(1, seat.people + 1)]
        if not any(self._house.watches.unheard(place, wish.instead_of, here.now) for place in places):
            raise refuse("has_the_watch", who=wish.instead_of)
        return {wish.instead_of}

    def preview(self, wish: Wish, here: Caller, note: str = "") -> block_kit.Block:
        """What would happen, as a view. Raises Refused when it can't be."""
        wanted = override_request.changes(wish, here.actor.id, here.now)
        outcome = self._house.rotas.allowed(wanted, here.actor, here.now, self.unheard(wish, here))
        if wish.kind in {COVER, TAKE} and not (outcome.moved or outcome.closed):
            raise refuse("nothing_changed")
        if wish.kind == TAKE and not all(_in_a_gap(one, outcome) for one in outcome.moved):
            raise refuse("outside_gap", "end")
        shown = replace(wish, shown=override_request.seen(outcome, here.now), shown_at=int(here.now.timestamp()))
        return override_form.preview(wish, outcome, reader(here), override_request.metadata(shown), note)

    def record(self, wish: Wish, here: Caller, key: str, agreed: Callable[[Outcome], bool] = lambda _: True) -> None:
        """Save a wish, and tell everybody it concerns. Raises Refused, NotSaved."""
        wanted = override_request.changes(wish, here.actor.id, here.now)
        channel = self._house.settings.oncall_channel
        unheard = self.unheard(wish, here)
        self._house.rotas.record(wanted, here.actor, here.now, key, agreed, channel, unheard)

    def done(self, wish: Wish, outcome: Outcome, here: Caller) -> block_kit.Block:
        """It is saved."""
        others = sorted(name for name in outcome.people if here.me is None or name != here.me.name)
        with_account = [name for name in others if name in here.plan.members and here.plan.members[name].slack_id]
        handover = self.to_take_over(wish, here)
        then = (
            shift_buttons.take_over_then(handover, block_kit.clip(handover.outgoing, 60), reader(here))
            if handover
            else ""
        )
        return override_form.saved(outcome, with_account, reader(here), intends=wish.kind == INTEND, then=then)

    def to_take_over(self, wish: Wish, here: Caller) -> Handover | None:
        """The handover that is due now where somebody put themselves; until both have pressed, another is on."""
        if not here.me or wish.member != here.me.name or not wish.seat:
            return None
        start = whole_second(max(wish.starts, here.now))
        if start - here.now > CARD_BEFORE:
            return None
        due = self._house.watches.handovers(start, start + MOMENT, self._house.now())
        mine = (one for one in due if (one.place.seat, one.incoming.member) == (wish.seat, wish.member))
        return next((one for one in mine if not one.taken), None)

    def _form(self, wish: Wish, here: Caller) -> block_kit.Block:
        people = self._people(here) if here.actor.is_lead else {}
        key = here.plan.members.get(wish.member)
        instead = here.plan.members.get(wish.instead_of)
        shown = replace(
            wish,
            member=override_form.member_key(key) if key else "",
            instead_of=override_form.member_key(instead) if instead else "",
        )
        return override_form.form(shown, reader(here), people, override_request.metadata(wish))

    def _people(self, here: Caller) -> Mapping[str, str]:
        members = list(here.plan.members.values())[:MOST_CHOICES]
        return {override_form.member_key(member): member.name for member in members}

    def _offered(self, wish: Wish, here: Caller) -> Wish:
        """What most people want, so that little is left to fill in: oneself; to cover, a shift, else from the next full
        hour."""
        if wish.kind == COVER and not wish.start:
            wish = self._shift_to_cover(wish, here)
        soon = (int(here.now.timestamp()) // HOUR + 1) * HOUR
        length = {LEAVE: 24, COVER: 12}.get(wish.kind, 8) * HOUR
        me = here.me.name if here.me else ""
        seats = [seat.name for seat in here.plan.seats]
        return replace(
            wish,
            member=wish.member or ("" if wish.kind in {INTEND, CANCEL} else me),
            seat=wish.seat or (seats[0] if wish.kind == COVER else ""),
            start=wish.start or soon,
            end=wish.end or (wish.start or soon) + length,
        )

    def _shift_to_cover(self, wish: Wish, here: Caller) -> Wish:
        """The wish with the next gap, else with the next shift of somebody else; as it is when there is neither."""
        end = here.now + AHEAD
        spans = [
            (max(gap.start, here.now), gap.end, gap.seat) for gap in self._house.rotas.gaps(here.now, here.now, end)
        ]
        if not spans:
            me = here.me.name if here.me else ""
            shifts = self._house.rotas.shifts(here.now, here.now, end)
            others = (one for one in shifts if one.member != me and not one.absent and one.start > here.now)
            spans = [(one.start, one.end, one.seat) for one in others]
        if not spans:
            return wish
        order = {seat.name: n for n, seat in enumerate(here.plan.seats)}
        start, end, seat = min(spans, key=lambda one: (one[0], order.get(one[2], 0)))
        return replace(wish, seat=seat, start=int(start.timestamp()) // 60 * 60, end=int(end.timestamp()))


def _typed_time(text: str, here: Caller) -> int | None:
    """The minute of a time somebody typed, in seconds; None when it is no time we know."""
    try:
        return int(time_parser.read(text, here.zone, here.now).timestamp()) // 60 * 60 if text else None
    except Refused:
        return None


def not_read(text: str, words: Words) -> str:
    """What is said above a form of what was typed and could not be read."""
    return words("“{typed}” was not read. Please fill in what is below.", typed=block_kit.clip(text, 100))


def _in_a_gap(moved: Moved, outcome: Outcome) -> bool:
    return any(gap.seat == moved.seat and gap.start <= moved.start and moved.end <= gap.end for gap in outcome.closed)
