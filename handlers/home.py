"""The Home tab, drawn when somebody opens it."""

from collections.abc import Callable, Sequence
from typing import Any

from handlers.blocks import block_kit, draft_list, home_cases, home_schedule
from handlers.blocks.draft_list import DraftLine
from handlers.context import CurrentUser, Services, SlackResponder
from handlers.i18n.words import Words
from handlers.oncall.requester import load_requester
from handlers.oncall.schedule_views import ScheduleViews, view_context
from handlers.oncall.workload import warnings
from handlers.payloads import Body, button_value, team_of, user_of
from models.rules.errors import Refused, refuse
from models.rules.escalations.deadlines import find_deadline_from_history

MOST_DIGITS = 6
"""Of the number of cases before a page."""


class Home:
    """One tab per person, published only to that person."""

    def __init__(
        self, services: Services, schedule_views: ScheduleViews, drafts_of: Callable[[Body], Sequence[DraftLine]]
    ) -> None:
        self._services, self._schedule_views, self._drafts_of = services, schedule_views, drafts_of

    def open(self, body: dict[str, Any], client: SlackResponder) -> None:
        """Draw the tab for the person who opened it. Others than full members get one line instead of the list."""
        if (body.get("event") or {}).get("tab") != "home":
            return
        client.views_publish(user_id=user_of(body), view=self._view(body))

    def redraw(self, body: dict[str, Any], client: SlackResponder) -> None:
        """Redraw the tab for the person who pressed something on it."""
        client.views_publish(user_id=user_of(body), view=self._view(body))

    def turn(self, body: dict[str, Any], client: SlackResponder) -> None:
        """Show another page of the reader's own cases. Raises Refused when somebody tampered with the button."""
        value = button_value(body)
        if not value.isdecimal() or len(value) > MOST_DIGITS:
            raise refuse("unreadable")
        client.views_publish(user_id=user_of(body), view=self._view(body, int(value)))

    def _view(self, body: Body, offset: int = 0) -> block_kit.Block:
        user, team = user_of(body), team_of(body)
        try:
            current_user = self._services.admit(user, team)
        except Refused:
            words: Words = self._services.words_for(user)
            sentence = words("Only full members of this workspace can use this app. Please ask one to do it for you.")
            return {"type": "home", "blocks": [block_kit.section(sentence)]}
        cases = home_cases.blocks(
            self._cases(current_user, offset), current_user.words, self._services.zone_of(current_user),
            self._services.now(),
        )  # fmt: skip
        help_line = current_user.words("`/csp-escalate help` lists all commands.")
        foot = [block_kit.divider(), block_kit.context(help_line)]
        drafts = draft_list.section(self._drafts_of(body), current_user.words)
        return {"type": "home", "blocks": [*cases, *drafts, *self._on_call(current_user), *foot]}

    def _cases(self, current_user: CurrentUser, offset: int) -> home_cases.HomeCases:
        """Return what the tab shows of cases. Only the reader's own cases need their deadlines."""
        services, actor = self._services, current_user.actor
        cases = [case for case in services.queries.owned_by(actor.id) if case.team_id == actor.team_id]
        timelines = services.queries.timelines([case.number for case in cases])
        is_workday = services.rota_store.workday_test(services.now())
        own = []
        for case in cases:
            judged_by = services.policies.of_version(case.policy_version)
            deadline = find_deadline_from_history(case, timelines[case.number], judged_by, is_workday)
            own.append(home_cases.OwnCase(case, deadline))
        unowned, count = services.queries.unowned(actor.team_id, home_cases.MOST_UNOWNED)
        start = offset if offset < len(own) else 0
        return home_cases.HomeCases(own, unowned, count, services.queries.count_open(actor.team_id), start)

    def _on_call(self, current_user: CurrentUser) -> list[block_kit.Block]:
        """Return who is on call and what is missing; nothing while there is no rota."""
        try:
            requester = load_requester(self._services, current_user)
        except Refused:
            return []
        mine = self._schedule_views.own_shifts(requester, requester.me.name) if requester.me else None
        entries, gaps = (
            self._schedule_views.on_call_entries(requester, requester.now),
            self._schedule_views.open_gaps(requester),
        )
        hints = len(warnings(requester)) if requester.actor.is_lead else 0
        return home_schedule.top(entries, mine, gaps, view_context(requester), hints)
