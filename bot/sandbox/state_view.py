"""What the page and the tests see of the local Slack: one JSON description, whole or in parts. Nothing is changed."""

from collections.abc import Callable
from dataclasses import asdict

from bot.sandbox.json_types import Json
from bot.sandbox.local_slack import LocalSlack
from bot.sandbox.people import SandboxUser
from bot.sandbox.process import BotProcess


class StateView:
    """A description of the local Slack."""

    def __init__(self, slack: LocalSlack, process: BotProcess | None) -> None:
        self.slack = slack
        self.process = process
        self._parts: dict[str, Callable[[], object]] = {
            "team": self._team,
            "app": self._app,
            "bot": self._bot,
            "people": lambda: [_person(person) for person in slack.workspace.people.values()],
            "channels": self._channels,
            "usergroups": lambda: [asdict(group) for group in slack.workspace.groups.values()],
            "dms": lambda: [
                {"id": p.id, "user": p.dm_with} for p in slack.workspace.conversations.values() if p.dm_with
            ],
            "homes": lambda: slack.surfaces.homes,
            "views": lambda: slack.surfaces.stacks,
            "clock": lambda: {"now": slack.clock.now(), "offset": slack.clock.offset},
            "delivery": self._delivery,
            "faults": lambda: [fault.described() for fault in slack.faults.planned],
            "settings": slack.settings.described,
            "commands": lambda: list(slack.manifest.commands),
            "shortcuts": lambda: list(slack.manifest.shortcuts),
            "phone": lambda: {"messages": slack.phone.messages, "dropped": slack.phone.dropped},
            "bookmarks": lambda: slack.workspace.bookmarks,
            "surprises": lambda: slack.notices.surprises.last,
        }

    def seen(self, only: set[str] | None = None, channel: str | None = None, newest: int | None = None) -> Json:
        """Return the state: `only` these parts, the messages of this `channel`, and the `newest` of each."""
        state: Json = {"revision": self.slack.notices.revision}
        for name, part in self._parts.items():
            if only is None or name in only:
                state[name] = part()
        if only is None or "messages" in only:
            places = self.slack.workspace.conversations.values()
            state["messages"] = {p.id: p.everything(newest) for p in places if channel in (None, p.id)}
        return state

    def _team(self) -> Json:
        workspace = self.slack.workspace
        return {"id": workspace.team_id, "name": workspace.team_name, "domain": workspace.team_domain}

    def _app(self) -> Json:
        manifest = self.slack.manifest
        shown = {"id": self.slack.workspace.app_id, "name": manifest.name}
        return {**shown, "home_tab": manifest.home_tab, "messages_tab": manifest.messages_tab}

    def _bot(self) -> Json:
        workspace, process = self.slack.workspace, self.process
        running = (
            process.running if process else bool(self.slack.delivery.http or self.slack.delivery.socket.connections)
        )
        return {
            "user_id": workspace.bot_user,
            "bot_id": workspace.bot_id,
            "name": workspace.bot_name,
            "supervised": process is not None,
            "running": running,
            "pid": process.pid if process else None,
            "exit_code": process.exit_code if process else None,
            "reason": process.reason if process else "",
        }

    def _channels(self) -> list[Json]:
        keys = ("id", "name", "topic", "is_private", "is_archived", "is_ext_shared")
        places = [place for place in self.slack.workspace.conversations.values() if not place.dm_with]
        return [{**{key: getattr(place, key) for key in keys}, "members": sorted(place.members)} for place in places]

    def _delivery(self) -> Json:
        delivery = self.slack.delivery
        if delivery.http:
            return {"mode": "http", "connections": 0, "url": delivery.http.url}
        return {"mode": "socket", "connections": len(delivery.socket.connections)}


def _person(person: SandboxUser) -> Json:
    return asdict(person) | {"display_name": person.shown_name(), "is_stranger": person.is_stranger}
