"""What the button of a link does: the same commands as the buttons in Slack, with the same refusals."""

import html
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, NoReturn

from handlers import ids
from handlers.context import Services, UserDirectory
from handlers.i18n.dates import moment_with_zone
from handlers.i18n.words import Words
from handlers.links.link_ends import LinkEnd, LinkEnds
from handlers.links.link_facts import describe_subject
from handlers.links.next_steps import describe_later, describe_next, find_next_press
from handlers.links.own_cases import describe_cases
from handlers.oncall.gap_actions import GapActions
from handlers.oncall.overrides import OverrideActions
from handlers.oncall.schedule_views import ScheduleViews
from handlers.oncall.shift_actions import ShiftActions
from handlers.payloads import AWARE, WAY
from models.rules.errors import NotSaved, Refused, SlackUnreachable, refuse
from models.rules.escalations.escalation import Move
from models.rules.escalations.moves import BY_LINK, MoveRequest
from models.rules.people import Person
from models.rules.reach.link import LinkAction, PageLink, WantedLink

Body = dict[str, Any]
Press = Callable[[Body, Any, Callable[..., None]], None]
BUTTONS = {
    LinkAction.CONFIRM: ids.ROTA_CONFIRM,
    LinkAction.STEP_IN: ids.ROTA_STEP_IN,
    LinkAction.TAKE_GAP: ids.ROTA_TAKE,
    LinkAction.HAND_OVER: ids.ROTA_HAND_OVER,
    LinkAction.TAKE_OVER: ids.ROTA_TAKE_OVER,
}
"""The buttons in Slack that do the same."""


class RememberedPeople:
    """The directory of people, also when Slack says nothing of them: then with what it said last."""

    def __init__(self, people: UserDirectory) -> None:
        self._people = people

    def __getattr__(self, name: str) -> Any:
        return getattr(self._people, name)

    def person(self, user_id: str, team_id: str, fresh: Any) -> Person:
        """Return the person behind an id. Raises SlackUnreachable for somebody who was never met."""
        try:
            return self._people.person(user_id, team_id, fresh)
        except SlackUnreachable:
            if remembered := self._people.known(user_id):
                return remembered
            raise


class NoForms:
    """Stands for Slack's windows, which a link can't open."""

    def __getattr__(self, name: str) -> Callable[..., NoReturn]:
        def refused(*_: object, **__: object) -> NoReturn:
            raise refuse("needs_a_form")

        return refused


class LinkActions:
    """Carries out the buttons of links as the person to whom the message went."""

    def __init__(self, services: Services) -> None:
        self._services = replace(services, people=RememberedPeople(services.people))
        views, overrides = ScheduleViews(self._services), OverrideActions(self._services, _redraw_nothing)
        gaps = GapActions(self._services, views, overrides, _redraw_nothing)
        self._shifts = shifts = ShiftActions(self._services, views, overrides, gaps)
        self._ends = LinkEnds(self._services, shifts, gaps, overrides)
        self._presses: Mapping[LinkAction, Press] = {
            LinkAction.CONFIRM: shifts.confirm, LinkAction.STEP_IN: shifts.step_in, LinkAction.TAKE_GAP: gaps.take,
            LinkAction.HAND_OVER: shifts.hand_over, LinkAction.TAKE_OVER: shifts.take_over,
        }  # fmt: skip

    def carry_out(self, link: PageLink, *, is_aware: bool = False) -> str:
        """Do what a link is for, and return what was done. A second time changes nothing.

        ``is_aware`` says that its person read which gap this opens.
        Raises Refused, SlackUnreachable and NotSaved.
        """
        if link.wanted.action is LinkAction.ACKNOWLEDGE:
            return self._acknowledge(link)
        said: list[str] = []

        def respond(text: str = "", **_: object) -> None:
            said.append(html.unescape(text))

        self._presses[link.wanted.action]({**_body_of(link), AWARE: is_aware}, NoForms(), respond)
        return "\n".join([*said, *self.describe_after(link)])

    def describe_after(self, link: PageLink) -> list[str]:
        """Return what its person reads below the answer to a press: what comes next, and the open cases."""
        wanted, services, words = link.wanted, self._services, self.words_of(link)
        with suppress(NotSaved):  # it is done: what can't be read now must not look as if it were not
            if wanted.action is LinkAction.ACKNOWLEDGE:
                case = services.queries.escalation(int(wanted.value))
                return describe_next(case, services, wanted.person, words) if case else []
            return [*describe_later(wanted, services, words), *describe_cases(wanted, services, words)]
        return []

    def describe(self, wanted: WantedLink) -> str:
        """Return the case, gap, shift or handover of a link in a few words."""
        return describe_subject(wanted, self._services, self._services.words_for(wanted.person))

    def find_end(self, link: PageLink) -> LinkEnd | None:
        """Return why nothing is left to do, before anything is pressed; None where something may be."""
        return self._ends.find(link)

    def find_next(self, link: PageLink) -> WantedLink | None:
        """Return what its person has to do next; None where nothing is due."""
        return find_next_press(link.wanted, self._services)

    def say_used(self, link: PageLink) -> str:
        """Return when a link was used, in the zone of its person; empty for one that was not."""
        words, zone = self.words_of(link), self._services.zone_for(link.wanted.person)
        return moment_with_zone(link.used_at, zone, words) if link.used_at else ""

    def words_of(self, link: PageLink) -> Words:
        """Return the language of the person of a link."""
        return self._services.words_for(link.wanted.person)

    def _acknowledge(self, link: PageLink) -> str:
        wanted, services = link.wanted, self._services
        number, current_user = int(wanted.value), services.admit(wanted.person, wanted.team_id)
        case = services.queries.escalation(number)
        if case is None or case.waiting_state != wanted.state:
            raise refuse("link_outdated", name=f"CSP-{number}")
        step = MoveRequest(Move.ACKNOWLEDGE, current_user.actor, services.now(), came_by=BY_LINK)
        try:
            moved = services.commands.move(number, step, f"link:{link.hash}")
        except Refused as refused:
            raise refused.with_case(number) from None
        done = current_user.words("{name} is acknowledged. You are its owner now.", name=moved.name)
        return "\n".join([done, *self.describe_after(link)])


def _redraw_nothing(_body: Body, _client: Any) -> None:
    """Redraw no Home tab: the press was made outside Slack."""


def _body_of(link: PageLink) -> Body:
    """Return the press of the same button in Slack."""
    wanted = link.wanted
    action = {"action_id": BUTTONS[wanted.action], "action_ts": link.hash, "value": wanted.value}
    person = {"id": wanted.person, "team_id": wanted.team_id}
    place = {"message_ts": "link"}
    return {
        "type": "block_actions", "team": {"id": wanted.team_id}, "user": person, "actions": [action],
        "container": place, "response_url": "link", "trigger_id": "link", WAY: BY_LINK,
    }  # fmt: skip
