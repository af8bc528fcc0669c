"""A duty whose people act by links while Slack answers nothing."""

import html
import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.services import Repositories, build_render_context, build_services, reminder_settings
from handlers import ids
from handlers.links.link_pages import LinkPages
from models.outbox.page_links import PageLinks
from models.rules.errors import SlackUnreachable
from models.rules.people import Person
from models.rules.policy import reader
from models.rules.reach.link import LinkAction, WantedLink, number_of
from models.rules.rota.on_call import Slot
from models.store.database import Store
from tests.handlers.harness import SETTINGS
from tests.handlers.rendering import WorkspaceDirectory
from tests.models.reminders.conftest import Duty
from tests.models.samples import CHANNEL, NOW, TEAM, WANG, customer_request

ANN, BOB, CID, DAN = "U0ANN", "U0BOB", "U0CID", "U0DAN"


class SilentSlack:
    """A directory that remembers people while Slack answers nothing."""

    def __init__(self, *people: Person) -> None:
        self._people = {person.id: person for person in people}

    def person(self, user_id: str, team_id: str, fresh: timedelta) -> Person:  # noqa: ARG002
        raise SlackUnreachable(user_id)

    def known(self, user_id: str) -> Person | None:
        return self._people.get(user_id)

    def left(self, user_id: str) -> None:
        """Let somebody have left the workspace, as Slack told last."""
        person = self._people[user_id]
        self._people[user_id] = person.model_copy(update={"is_deleted": True})

    def speaks(self, user_id: str, locale: str) -> None:
        """Let Slack have told last that somebody reads another language."""
        self._people[user_id] = self._people[user_id].model_copy(update={"locale": locale})

    def changed(self, user: Any) -> None:
        pass

    def home_team(self) -> str:
        return TEAM


def read_page(page: str) -> str:
    """Return a page as its reader sees it, with its tags: nothing in it says where lines may not end."""
    return html.unescape(re.sub(r'<span class="short">(.*?)</span>', r"\1", page)).replace("\xa0", " ")


class LinkDuty(Duty):
    """A duty whose people act by links while Slack is away."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.now = NOW
        settings = replace(SETTINGS, language="en", leads=frozenset({"U0LINA"}))
        repositories = Repositories(store, reminder_settings(settings, reader.load_packaged()))
        people = [Person(id=user, team_id=TEAM, name=user, locale="en-US") for user in (BOB, CID, ANN, DAN)]
        self.commands, self.queries = repositories.commands, repositories.queries
        self.commands.remember(*((person, NOW) for person in people))
        self.people = SilentSlack(*people)
        services = build_services(repositories, self.people, lambda: self.now, settings)
        self.links = PageLinks(store, repositories.epoch)
        self.pages = LinkPages(services, self.links)
        self.render_context = build_render_context(repositories, WorkspaceDirectory(), lambda: self.now, settings)
        self.coverage_ledger = repositories.coverage_ledger
        self.rota()

    def raised(self, number: int = 1) -> str:
        """Raise the case of a number, and return the token of Bob's link to acknowledge it."""
        request = customer_request(severity="A", answers={"impact": "Nobody can work"})
        self.commands.raise_escalation(request, CHANNEL, WANG, NOW, f"view-{number}")
        return self.link(LinkAction.ACKNOWLEDGE, str(number), self.case(number).waiting_state)

    def shift_link(self, action: LinkAction, start: datetime, who: str, person: str) -> str:
        """Return the token of a link to act on a shift of the primary seat."""
        return self.link(action, str(ids.ShiftSubject(Slot("primary"), start, who)), person=person)

    def link(self, action: LinkAction, value: str, state: str = "", person: str = BOB) -> str:
        return self.links.make(WantedLink(person, TEAM, action, value, state), "delivery", self.now)

    def wait(self, time: timedelta) -> bool:
        self.now += time
        return True

    def case(self, number: int = 1) -> Any:
        case = self.queries.escalation(number)
        assert case
        return case

    def submit(self, token: str, *, is_aware: bool = False) -> tuple[int, str]:
        page = self.pages.submit(token, number_of(token), is_aware=is_aware)
        return page.status, read_page(page.html)
