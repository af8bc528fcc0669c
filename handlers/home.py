"""The Home tab: drawn when somebody opens it."""

from typing import Any

from handlers.blocks import block_kit, command_answers, home_schedule
from handlers.context import House, Slack, Visitor
from handlers.i18n.words import Words
from handlers.oncall.requester import called
from handlers.oncall.schedule_views import Seeing, reader
from handlers.oncall.workload import warnings
from handlers.payloads import team_of, user_of
from models.rules.errors import Refused

SHOWN = 10


class Home:
    """One tab per person; it is published only to the person who looks."""

    def __init__(self, house: House, seeing: Seeing) -> None:
        self._house, self._seeing = house, seeing

    def opened(self, body: dict[str, Any], client: Slack) -> None:
        """Draw the tab for whoever opened it; strangers and guests get a friendly line instead of the list."""
        if (body.get("event") or {}).get("tab") != "home":
            return
        user, team = user_of(body), team_of(body)
        client.views_publish(user_id=user, view=self._view(user, team))

    def redraw(self, body: dict[str, Any], client: Slack) -> None:
        """Draw the tab anew for whoever pressed something on it."""
        user, team = user_of(body), team_of(body)
        client.views_publish(user_id=user, view=self._view(user, team))

    def _view(self, user: str, team: str) -> block_kit.Block:
        try:
            visitor = self._house.admit(user, team)
        except Refused:
            words: Words = self._house.words_for(user)
            said = words("Only full members of this workspace can use this app. Please ask one to do it for you.")
            return {"type": "home", "blocks": [block_kit.section(said)]}
        board = self._house.board
        open_page, mine = board.open_page(team, SHOWN), board.page_of(user, team, SHOWN)
        drawn = command_answers.home(open_page, mine, board.count_open(team), visitor.words, self._house.now())
        return {**drawn, "blocks": [*self._duty(visitor), *drawn["blocks"]]}

    def _duty(self, visitor: Visitor) -> list[block_kit.Block]:
        """Who is on and what is missing; nothing while there is no rota."""
        try:
            here = called(self._house, visitor)
        except Refused:
            return []
        mine = self._seeing.mine(here, here.me.name) if here.me else None
        posts, gaps = self._seeing.posts(here, here.now), self._seeing.open_gaps(here)
        hints = len(warnings(here)) if here.actor.is_lead else 0
        return home_schedule.top(posts, mine, gaps, reader(here), hints)
