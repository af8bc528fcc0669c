"""The Home tab, drawn when somebody opens it."""

from typing import Any

from handlers.blocks import block_kit, command_answers, home_schedule
from handlers.context import CurrentUser, Services, SlackResponder
from handlers.i18n.words import Words
from handlers.oncall.requester import load_requester
from handlers.oncall.schedule_views import ScheduleViews, view_context
from handlers.oncall.workload import warnings
from handlers.payloads import team_of, user_of
from models.rules.errors import Refused

SHOWN = 10


class Home:
    """One tab per person, published only to that person."""

    def __init__(self, services: Services, schedule_views: ScheduleViews) -> None:
        self._services, self._schedule_views = services, schedule_views

    def open(self, body: dict[str, Any], client: SlackResponder) -> None:
        """Draw the tab for the person who opened it. Others than full members get one line instead of the list."""
        if (body.get("event") or {}).get("tab") != "home":
            return
        user, team = user_of(body), team_of(body)
        client.views_publish(user_id=user, view=self._view(user, team))

    def redraw(self, body: dict[str, Any], client: SlackResponder) -> None:
        """Redraw the tab for the person who pressed something on it."""
        user, team = user_of(body), team_of(body)
        client.views_publish(user_id=user, view=self._view(user, team))

    def _view(self, user: str, team: str) -> block_kit.Block:
        try:
            current_user = self._services.admit(user, team)
        except Refused:
            words: Words = self._services.words_for(user)
            said = words("Only full members of this workspace can use this app. Please ask one to do it for you.")
            return {"type": "home", "blocks": [block_kit.section(said)]}
        queries = self._services.queries
        open_page, mine = queries.open_page(team, SHOWN), queries.own_page(user, team, SHOWN)
        drawn = command_answers.home(
            open_page, mine, queries.count_open(team), current_user.words, self._services.now()
        )
        return {**drawn, "blocks": [*self._on_call(current_user), *drawn["blocks"]]}

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
