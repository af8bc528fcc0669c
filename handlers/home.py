"""The Home tab: drawn when somebody opens it."""

from typing import Any

from handlers.blocks import kit, lists
from handlers.house import House, Slack
from handlers.payloads import team_of, user_of
from handlers.words import Words
from models.refusal import Refused

SHOWN = 10


class Home:
    """One tab per person; it is published only to the person who looks."""

    def __init__(self, house: House) -> None:
        self._house = house

    def opened(self, body: dict[str, Any], client: Slack) -> None:
        """Draw the tab for whoever opened it; strangers and guests get a friendly line instead of the list."""
        if (body.get("event") or {}).get("tab") != "home":
            return
        user, team = user_of(body), team_of(body)
        client.views_publish(user_id=user, view=self._view(user, team))

    def _view(self, user: str, team: str) -> kit.Block:
        try:
            visitor = self._house.admit(user, team)
        except Refused:
            words: Words = self._house.words_for(user)
            said = words("Only members of this workspace can work on escalations. Ask a member to do it for you.")
            return {"type": "home", "blocks": [kit.section(said)]}
        board = self._house.board
        open_page, mine = board.open_page(team, SHOWN), board.page_of(user, team, SHOWN)
        return lists.home(open_page, mine, board.count_open(team), visitor.words, self._house.now())
