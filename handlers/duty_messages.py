"""What a reminder or a card of the duty looks like when it is sent. Its reason is checked again at that moment: what
does not hold any more is not said, and a later reminder speaks for those that could not be sent."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from handlers import watch_messages, weeks_ahead
from handlers.blocks import cases, duty, kit, rehearsal
from handlers.blocks.rota import Reader, zone_note
from handlers.sending import Group, Message, NotYet, Sending, Topic
from handlers.settings import Settings
from handlers.words import Words
from models.board import Board
from models.deadlines import due_by
from models.delivery import REDRAWS, UNFINISHED, Delivery, State, What
from models.escalation import Escalation
from models.gap_book import GapBook, Kept
from models.moves import moves_from, moves_of
from models.nags import subjects
from models.nags.gap import CARD_WITHIN
from models.nags.step import Audience
from models.people import Actor
from models.policy import Policy
from models.rehearsals import Rehearsals
from models.reminders import Reminders
from models.rota.plan import PRIMARY
from models.rota.shifts import Shift
from models.scene import Scene, Scenes
from models.vigil.telling import WITH_THE_CARD, key_and_audience

A = Audience
LATE = timedelta(minutes=2)
"""A reminder that is sent so long after it was due says so."""
FOLLOWED = timedelta(days=3)
"""Who is next is told so far ahead."""


@dataclass(frozen=True)
class Studio:
    """Where messages are drawn: all that can be looked at, the installation, the time, the address of the workspace
    (empty while it is not known), and whether Slack has said that it knows nobody by an id (``unknown``)."""

    board: Board
    gaps: GapBook
    reminders: Reminders
    scenes: Scenes
    rehearsals: Rehearsals
    settings: Settings
    policy: Policy
    now: Callable[[], datetime]
    workspace: Callable[[], str] = lambda: ""
    unknown: Callable[[str], bool] = lambda _user: False


def render(delivery: Delivery, studio: Studio) -> Sending | None:
    """Draw a delivery of the duty; None when there is nothing to say any more. Raises NotYet while its card is under
    way."""
    return _Drawing(delivery, studio).drawn()


class _Drawing:
    """One delivery of the duty."""

    def __init__(self, delivery: Delivery, studio: Studio) -> None:
        self._delivery, self._studio = delivery, studio
        self._subject = delivery.subject or ""
        self._key, self._to = key_and_audience(delivery.note)
        self._now = studio.now()

    def drawn(self) -> Sending | None:
        """The whole of it."""
        ways: dict[What, Callable[[], Sending | None]] = {
            What.GAP: self._gap_card, What.GAP_REFRESH: self._gap_card, What.GAPS: self._gap_list,
            What.NAG: self._nag, What.NAG_REFRESH: self._over, What.SHIFT: self._shift,
            What.HANDOVER: self._handover_card, What.HANDOVER_REFRESH: self._handover_card,
            What.ON_NOW: self._on_now, What.TOPIC: self._topic, What.GROUP: self._group,
            What.DIGEST: self._digest, What.PICTURE: self._picture,
            What.REHEARSAL: self._rehearsal, What.REHEARSAL_REFRESH: self._rehearsal,
        }  # fmt: skip
        draw = ways.get(self._delivery.what)
        return draw() if draw else None

    @cached_property
    def _scene(self) -> Scene:
        return self._studio.scenes.at(self._now)

    @cached_property
    def _reader(self) -> Reader:
        """Who will read it: a person in their language and zone, a channel in the installation's and the rota's."""
        plan, settings = self._scene.plan, self._studio.settings
        zone = plan.zone if plan.seats else settings.timezone
        user = self._delivery.user
        known = self._studio.board.person(user) if user else None
        if known:
            with suppress(ZoneInfoNotFoundError, ValueError, OSError):
                zone = ZoneInfo(known[0].tz)
        words = Words.of(known[0].language if known else settings.language)
        return Reader(words, zone, plan, self._now)

    @property
    def _words(self) -> Words:
        return self._reader.words

    # Gaps ----------------------------------------------------------------------------------------------------------

    def _kept(self) -> Kept | None:
        return self._studio.gaps.one(subjects.number_of(self._subject))

    def _gap_card(self) -> Message | None:
        gap = self._kept()
        if gap is None:
            return None
        said = f"🕳️ {duty.gap_line(gap, self._reader)}"
        return self._placed(said, duty.gap_card(gap, self._reader))

    def _gap_list(self) -> Message | None:
        made = self._studio.reminders.one(self._key)
        if made is None:
            return None
        numbers = [subjects.number_of(name) for name in (made.subject, *made.also)]
        gaps = self._studio.gaps.some(numbers)
        open_ = [gap for gap in gaps if gap.ended_at is None and gap.start - self._now > CARD_WITHIN]
        ended = [gap for gap in gaps if gap.ended_at is not None]
        said = duty.gap_list(open_, ended, self._reader)
        return self._message(said, [], timed=bool(open_)) if said else None

    def _gap_nag(self) -> Message | None:
        gap = self._kept()
        over = self._key.endswith("/ended")
        if gap is None or (gap.ended_at is not None) is not over:
            return None
        said = duty.gap_line(gap, self._reader)
        if self._delivery.user and not over:
            asked = self._words("You could take it.")
            return self._message(f"{said}\n{asked}", [duty.gap_buttons(gap, self._words)], timed=True)
        thread = self._thread(self._subject, What.GAP)
        if self._key.rpartition("/")[2].partition("@")[0] in WITH_THE_CARD:
            return self._called(self._words("Please see to it that somebody takes it."), [], thread)
        return self._called(said, [], thread, timed=True)

    # Reminders -----------------------------------------------------------------------------------------------------

    def _nag(self) -> Message | None:
        """A reminder; a later one of the same subject to the same place, where one waits, speaks for it."""
        if self._studio.reminders.has_newer(self._delivery):
            return None
        for beginning, draw in (
            (subjects.GAP, self._gap_nag), (subjects.SHIFT, self._shift_nag),
            (subjects.HANDOVER, self._handover_nag), (subjects.ESCALATION, self._case_nag),
        ):  # fmt: skip
            if self._subject.startswith(beginning):
                return draw()
        return None

    def _case_nag(self) -> Message | None:
        case = self._studio.board.escalation(subjects.number_of(self._subject))
        due = due_by(case, self._studio.policy.nagging) if case else None
        if case is None or due is None or due > self._now or not self._key.endswith(f"@{due:%Y%m%dT%H%M%S}"):
            return None  # somebody took it, spoke of it or put it off
        it = self._told(case)
        said, short = (cases.sentence(it, self._words, self._now), cases.fallback(it, self._words, self._now))
        if user := self._delivery.user:
            by = Actor(user, case.team_id, user in self._studio.settings.leads)
            possible = moves_of(case, by, user in self._scene.everybody_on(self._now))
        elif self._delivery.lane == case.name:
            return self._called(said, [cases.in_thread(it, self._words)], self._case_thread(case.number))
        else:
            possible = moves_from(case)
        blocks = [cases.reminder(it, self._words), *cases.buttons(case, possible, self._words)]
        return self._message(said, blocks, short=short) if user else self._called(said, blocks, short=short)

    def _told(self, case: Escalation) -> cases.Told:
        place = self._studio.board.place_of_card(case.number)
        url = kit.permalink(self._studio.workspace(), place.channel, place.ts) if place else ""
        whose = [case.owner] if case.owner else self._scene.on_call(self._now)
        turn = self._words("you") if self._delivery.user in whose else self._words.listed(map(self._name, whose))
        return cases.Told(case, turn, url)

    def _name(self, user: str) -> str:
        """As Slack calls them, else as the plan does."""
        known = self._studio.board.person(user)
        return known[0].name if known else self._scene.member_of(user) or user

    def _case_thread(self, number: int) -> str:
        place = self._studio.board.place_of_card(number)
        if place is None:
            raise NotYet
        return place.ts

    def _shift(self) -> Message | None:
        if self._studio.reminders.has_newer(self._delivery):
            return None
        return self._said(watch_messages.reminder(self._subject, self._scene, self._reader))

    def _shift_nag(self) -> Message | None:
        return self._said(
            watch_messages.unconfirmed(self._subject, self._scene, self._reader, self._delivery.user or "")
        )

    def _handover_nag(self) -> Message | None:
        user, leads = self._delivery.user or "", self._studio.settings.leads
        said = watch_messages.waiting(self._subject, self._scene, self._reader, user, user in leads)
        return self._said(said, None if user else self._thread(self._subject, What.HANDOVER))

    def _said(self, said: tuple[str, list[kit.Block]] | None, thread: str | None = None) -> Message | None:
        if said is None:
            return None
        if self._delivery.user:
            return self._message(*said, timed=True)
        return self._called(*said, thread, timed=True)

    def _handover_card(self) -> Message | None:
        cases, gaps = self._studio.board.every_escalation(), self._studio.gaps.open()
        drawn = watch_messages.card(self._subject, self._scene, self._reader, cases, gaps)
        return self._placed(*drawn) if drawn else None

    # What is over --------------------------------------------------------------------------------------------------

    def _over(self) -> Message | None:
        """In place of a reminder and its buttons: how it ended."""
        state, channel, ts = self._studio.reminders.said(self._key) or (State.DEAD, "", "")
        if state in UNFINISHED:
            raise NotYet
        said = self._ending()
        if state is not State.SENT or not said:
            return None
        blocks = [kit.section(said), zone_note(self._now, self._reader)]
        return Message(kit.clip(said, kit.FALLBACK // 2), blocks, channel, update_ts=ts)

    def _ending(self) -> str:
        if not self._subject.startswith(subjects.GAP):
            return watch_messages.over(self._subject, self._scene, self._reader, self._delivery.user or "")
        gap = self._kept()
        return duty.gap_line(gap, self._reader) if gap and gap.ended_at else ""

    # Who is on -----------------------------------------------------------------------------------------------------

    def _on_now(self) -> Message | None:
        if self._studio.reminders.has_newer(self._delivery):
            return None
        scene = self._scene
        standing = scene.on_duty(self._now)
        if not standing:
            return None
        unknown = [one.person for one in standing if self._is_unknown(scene.user_of(one.person))]
        lines = duty.on_now(standing, list(self._following(scene)), unknown, self._reader)
        if not any(scene.user_of(one.person) for one in standing):
            lines += self._nobody()
        return self._message("\n".join(lines), [], timed=True)

    def _is_unknown(self, user: str) -> bool:
        return bool(user) and self._studio.unknown(user)

    def _following(self, scene: Scene) -> Iterator[Shift]:
        until = self._now + FOLLOWED
        for shift in sorted(scene.shifts, key=lambda one: one.start):
            if self._now < shift.start < until and not shift.absent:
                yield shift

    def _nobody(self) -> list[str]:
        """Slack refuses an empty group: rather the leads than whoever was on yesterday; without leads, it is said."""
        settings = self._studio.settings
        leads = " ".join(kit.mention(lead) for lead in sorted(settings.leads))
        if settings.oncall_usergroup and leads:
            return [self._words("Until somebody is on, the on-call group reaches the leads: {leads}", leads=leads)]
        if settings.oncall_usergroup:
            return [self._words("The on-call group still names who was on before: Slack can't empty it.")]
        return [leads] if leads else []

    def _topic(self) -> Topic:
        scene = self._scene
        people = [one.person for one in scene.on_duty(self._now) if one.person]
        first = sorted(scene.on_duty(self._now), key=lambda one: (one.place.seat != PRIMARY, one.place.name))
        names = [one.person for one in first if one.person] if people else []
        words = Words.of(self._studio.settings.language)
        channel = self._delivery.channel or self._studio.settings.oncall_channel
        return Topic(channel, lambda old: duty.topic(old, names, words))

    def _group(self) -> Group | None:
        settings = self._studio.settings
        on = tuple(user for user in self._scene.everybody_on(self._now) if not self._is_unknown(user))
        users = on or tuple(sorted(settings.leads))
        return Group(settings.oncall_usergroup, users) if settings.oncall_usergroup and users else None

    def _digest(self) -> Message:
        open_ = sorted(self._studio.board.every_escalation(), key=lambda case: case.raised_at)
        told = [self._told(case) for case in open_[: cases.LISTED]]
        said = self._words.plural("{n} escalation is open.", "{n} escalations are open.", len(open_))
        said = said if open_ else self._words("Nothing is open. Good morning.")
        blocks = cases.digest(told, len(open_), self._words, self._now)
        return Message(said, [*blocks, *self._lateness()], self._delivery.channel)

    def _picture(self) -> Message | None:
        if self._studio.reminders.has_newer(self._delivery):
            return None
        to = self._delivery
        return weeks_ahead.message(self._scene, self._now, self._words, to.channel, to.user)

    def _rehearsal(self) -> Message | None:
        """A card of its own each time it is spoken of: once for certain, then while something is thin."""
        known = self._scene.situation
        found = self._studio.rehearsals.of(self._subject, known, self._now) if known else None
        is_new = self._delivery.what is What.REHEARSAL
        if found is None or (is_new and self._studio.reminders.has_newer(self._delivery)):
            return None
        if is_new and not found.staffing.is_thin and self._studio.reminders.place(self._subject, What.REHEARSAL):
            return None
        said = rehearsal.title(found, self._words, self._today())
        blocks = rehearsal.card(found, self._words, self._today(), self._calls())
        return self._placed(said, [*blocks, *(self._lateness() if is_new else ())])

    def _today(self) -> date:
        return self._now.astimezone(self._scene.plan.zone).date()

    # Around it -----------------------------------------------------------------------------------------------------

    def _calls(self) -> list[str]:
        """Who is called in a channel: the leads, and at the widest the whole on-call group."""
        settings = self._studio.settings
        called = [kit.mention(lead) for lead in sorted(settings.leads)] if self._to & {A.LEADS, A.EVERYONE} else []
        if A.EVERYONE in self._to and settings.oncall_usergroup:
            called = [kit.group(settings.oncall_usergroup), *called]
        return [" ".join(called)] if called else []

    def _called(
        self, said: str, blocks: list[kit.Block], thread: str | None = None, short: str = "", *, timed: bool = False
    ) -> Message:
        """A message in a channel, which calls whom it is for."""
        calls = self._calls()
        fallback = "\n".join([short or said, *calls])
        return self._message("\n".join([said, *calls]), blocks, thread, fallback, timed=timed)

    def _message(
        self, said: str, blocks: list[kit.Block], thread: str | None = None, short: str = "", *, timed: bool = False
    ) -> Message:
        """``short`` is what notifications show; ``timed`` that times are told: whose clock it is stands below, once."""
        late = self._lateness()
        zone = [zone_note(self._now, self._reader)] if timed or late else []
        drawn = [kit.section(said), *zone, *late, *blocks]
        fallback = kit.clip(short or said, kit.FALLBACK // 2)
        return Message(fallback, drawn, self._delivery.channel, self._delivery.user, thread)

    def _lateness(self) -> list[kit.Block]:
        if not self._key or self._delivery.what is What.ON_NOW:
            return []  # what is, is not late
        # A rehearsal that was not sent had nothing to say.
        given_up = self._delivery.what is not What.REHEARSAL
        due = self._studio.reminders.late_since(self._key, self._delivery, given_up)
        if due is None or self._now - due < LATE:
            return []
        down = self._studio.reminders.downtimes(due, self._now)
        return [kit.context("🕰️ " + duty.late(duty.Late(due, self._now, down), self._reader))]

    def _placed(self, said: str, blocks: list[kit.Block]) -> Message | None:
        """A card: posted once, and drawn anew where it stands."""
        what = REDRAWS.get(self._delivery.what)
        if what is None:
            return Message(kit.clip(said, kit.FALLBACK // 2), blocks, self._delivery.channel)
        if self._studio.reminders.is_under_way(self._subject, what):
            raise NotYet
        place = self._studio.reminders.place(self._subject, what)
        if place is None:
            return None  # the card will be drawn from the same facts when it is posted
        return Message(kit.clip(said, kit.FALLBACK // 2), blocks, place[0], update_ts=place[1])

    def _thread(self, subject: str, what: What) -> str:
        place = self._studio.reminders.place(subject, what)
        if place is None:
            raise NotYet
        return place[1]
