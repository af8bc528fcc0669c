"""What is left to do of a link, before anything is pressed: a link for what is done says so, by whom and when."""

import html
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from handlers import ids
from handlers.context import CurrentUser, Services
from handlers.i18n.dates import moment_with_zone
from handlers.i18n.erased_words import in_words
from handlers.i18n.words import N_, Words
from handlers.oncall.gap_actions import GapActions
from handlers.oncall.overrides import OverrideActions
from handlers.oncall.requester import load_requester
from handlers.oncall.shift_actions import ShiftActions
from models.rules.errors import Refused, refuse
from models.rules.escalations.escalation import ENDED
from models.rules.people import admit
from models.rules.reach.link import LinkAction, PageLink
from models.rules.rota.on_call import ShiftEvent, ShiftEventKind
from models.rules.times import SECOND

OVER = frozenset({"shift_over", "gap_over", "gap_taken", "has_the_watch"})
"""Refusals which say that a press can do nothing any more."""
PRESSES = {
    LinkAction.CONFIRM: ShiftEventKind.CONFIRM,
    LinkAction.HAND_OVER: ShiftEventKind.HAND_OVER,
    LinkAction.TAKE_OVER: ShiftEventKind.TAKE_OVER,
}
"""What a press by a link is recorded as."""
DONE_BY_READER = {
    LinkAction.CONFIRM: N_("You confirmed this shift already: {at}."),
    LinkAction.HAND_OVER: N_("You handed over already: {at}."),
    LinkAction.TAKE_OVER: N_("You took over already: {at}."),
    LinkAction.STEP_IN: N_("You took over this shift already: {at}."),
    LinkAction.TAKE_GAP: N_("You took this gap already: {at}."),
    LinkAction.ACKNOWLEDGE: N_("You acknowledged {name} already: {at}."),
}
BEGINS = N_("The shift begins: {at}.")
DONE_BY_OTHER = N_("{who} did this already: {at}.")


@dataclass(frozen=True)
class LinkEnd:
    """Why nothing is left to do: it is done, as ``done`` says to the reader line by line, or a rule refuses it."""

    done: Sequence[str] = ()
    is_own: bool = False
    """Whether its reader did it."""
    refused: Refused | None = None


class LinkEnds:
    """Says of a link whether what it is for is done or over."""

    def __init__(
        self, services: Services, shifts: ShiftActions, gaps: GapActions, override_actions: OverrideActions
    ) -> None:
        self._services, self._shifts, self._gaps = services, shifts, gaps
        self._override_actions = override_actions

    def find(self, link: PageLink) -> LinkEnd | None:
        """Return why nothing is left to do; None where something may be, which only the press finds out."""
        wanted = link.wanted
        person = self._services.people.known(wanted.person)
        if person is None:
            return None
        try:
            # By what is remembered: the page need not wait for Slack. The press asks it.
            actor = admit(person, wanted.team_id, self._services.settings.leads)
            current_user = CurrentUser(actor, Words.of(person.language), person)
            if wanted.action is LinkAction.ACKNOWLEDGE:
                return self._find_of_case(link)
            if wanted.action is LinkAction.TAKE_GAP:
                interval, _ = self._gaps.find_gap(wanted.value)
                self._gaps.refuse_taken(interval, load_requester(self._services, current_user))
            elif wanted.action is LinkAction.STEP_IN:
                self._find_taken_shift(link, current_user)
            elif press := self._find_press(link):
                return self._tell_press(press, link, current_user)
            if wanted.action is LinkAction.CONFIRM:
                self._shifts.find_shift(ids.shift_of(wanted.value), self._services.now())
        except Refused as refused:
            return self._read_refusal(refused, link)
        return None

    def _find_of_case(self, link: PageLink) -> LinkEnd | None:
        number = int(link.wanted.value)
        case = self._services.queries.escalation(number)
        if case is None:
            return None
        if case.status in ENDED:
            return LinkEnd(refused=refuse("needs_no_acknowledgement", status=case.status).with_case(number))
        if case.acknowledged_at and case.owner == link.wanted.person:
            return LinkEnd([self._tell_reader(link, case.acknowledged_at, case.name)], is_own=True)
        if case.acknowledged_at:
            refused = refuse("already_acknowledged", owner=case.owner, at=case.acknowledged_at)
            return LinkEnd(refused=refused.with_case(number))
        if case.waiting_state != link.wanted.state:
            return LinkEnd(refused=refuse("link_outdated", name=case.name))
        return None

    def _find_taken_shift(self, link: PageLink, current_user: CurrentUser) -> None:
        """Raise Refused when a shift is over, confirmed, or when somebody stepped in: with who, and when."""
        subject, now = ids.shift_of(link.wanted.value), self._services.now()
        try:
            self._shifts.find_shift(subject, now)
        except Refused:
            requester = load_requester(self._services, current_user)
            if taker := self._override_actions.find_taker(subject.slot.seat, now, requester):
                member = requester.rota.members.get(taker[0])
                who = member.slack_id if member and member.slack_id else taker[0]
                raise refuse("gap_taken", who=who, at=taker[1]) from None
            raise
        is_open = self._services.confirmations.is_unconfirmed(subject.slot, subject.person, now)
        if subject.start <= now and not is_open:
            raise refuse("has_the_watch", who=subject.person)

    def _find_press(self, link: PageLink) -> ShiftEvent | None:
        """Return the press that a link is for, if it was made already."""
        kind, subject = PRESSES[link.wanted.action], ids.shift_of(link.wanted.value)
        key = (kind, subject.slot, subject.start, subject.person)
        events = self._services.confirmations.find_events(subject.start, subject.start + SECOND)
        return next((each for each in events if (each.kind, each.slot, each.shift_start, each.person) == key), None)

    def _tell_press(self, press: ShiftEvent, link: PageLink, current_user: CurrentUser) -> LinkEnd:
        words, zone = self._services.words_for(link.wanted.person), self._services.zone_for(link.wanted.person)
        if press.by != link.wanted.person:
            who = in_words(self._services.queries.name_of(press.by), words)
            return LinkEnd([words(DONE_BY_OTHER, who=who, at=moment_with_zone(press.at, zone, words))])
        done = self._tell_reader(link, press.at)
        if self._services.now() < press.shift_start:
            begins = words(BEGINS, at=moment_with_zone(press.shift_start, zone, words))
            done = words.join_sentences([done, begins])
        return LinkEnd([done, *self._repeat_answer(press, link, current_user)], is_own=True)

    def _repeat_answer(self, press: ShiftEvent, link: PageLink, current_user: CurrentUser) -> Sequence[str]:
        """Return what was answered to a press, as things are now; nothing where they moved.

        The answer to the press itself may not have reached its reader.
        """
        subject = ids.shift_of(link.wanted.value)
        with suppress(Refused):
            requester = load_requester(self._services, current_user)
            answer = self._shifts.describe_pressed(press.kind, subject, requester)
            return html.unescape(answer).removeprefix("✅ ").split("\n")
        return ()

    def _tell_reader(self, link: PageLink, at: datetime, name: str = "") -> str:
        """Return that the reader did it themselves, and when."""
        words, zone = self._services.words_for(link.wanted.person), self._services.zone_for(link.wanted.person)
        said_at = moment_with_zone(at, zone, words)
        return words(DONE_BY_READER[link.wanted.action], at=said_at, name=name)

    def _read_refusal(self, refused: Refused, link: PageLink) -> LinkEnd | None:
        """Return the end that a refusal tells: done, where its reader was who took the gap or the shift."""
        if not all(refusal.reason in OVER for refusal in refused.refusals):
            return None  # a shift that moved may have been taken: the press says by whom
        values = refused.refusals[0].values
        is_own = refused.refusals[0].reason == "gap_taken" and values["who"] == link.wanted.person
        at = values.get("at")
        if is_own and isinstance(at, datetime):
            return LinkEnd([self._tell_reader(link, at)], is_own=True)
        return LinkEnd(refused=refused)
