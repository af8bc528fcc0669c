"""The handlers in this process, over a real store. Measured is their own time, without what the played Slack takes."""

import json
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from slack_bolt import App, BoltContext, BoltRequest, BoltResponse, Respond
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack import Ack
from slack_sdk import WebClient
from sqlalchemy import update

from bot.services import Repositories, build_services, reminder_settings
from handlers import routes
from models.rules.people import Person
from models.rules.policy.reader import load_packaged
from models.store.database import Store
from models.store.tables import RECORD
from tests.bench import archive
from tests.handlers.harness import PEOPLE, SETTINGS, AtOnce, HandlerResult, Json, PlayedSlack
from tests.models.samples import NOW, TEAM


@dataclass(frozen=True)
class Took:
    """Milliseconds: of this process, and by the clock on the wall, which other programs and the disk slow down."""

    processor: float
    wall: float

    @classmethod
    def now(cls) -> "Took":
        """Return both clocks."""
        return cls(1000 * time.process_time(), 1000 * time.perf_counter())

    def __add__(self, other: "Took") -> "Took":
        return Took(self.processor + other.processor, self.wall + other.wall)

    def __sub__(self, other: "Took") -> "Took":
        return Took(self.processor - other.processor, self.wall - other.wall)


NOTHING = Took(0, 0)


class TimedSlack(PlayedSlack):
    """Adds up the time that it takes itself."""

    took = NOTHING

    def views_open(self, **call: Any) -> Json:
        return self._timed(super().views_open, call)

    def views_update(self, **call: Any) -> Json:
        return self._timed(super().views_update, call)

    def views_publish(self, **call: Any) -> Json:
        return self._timed(super().views_publish, call)

    def _timed(self, method: Callable[..., Json], call: Json) -> Json:
        began = Took.now()
        try:
            return method(**call)
        finally:
            self.took += Took.now() - began


class MetPeople:
    """Who is who: everybody was met before, as after the first minutes of a bot."""

    def __init__(self) -> None:
        colleagues = (Person(id=user, team_id=TEAM, name=f"成员 {user[-2:]}") for user in archive.MEMBERS)
        self._people = {**PEOPLE, **{person.id: person for person in colleagues}}

    def person(self, user_id: str, team_id: str, fresh: timedelta) -> Person:  # noqa: ARG002 - the protocol's
        return self._people[user_id]

    def known(self, user_id: str) -> Person | None:
        return self._people.get(user_id)

    def home_team(self) -> str:
        return TEAM

    def changed(self, user: Any) -> None:
        """Nobody changes."""


class KeptAnswers(Respond):
    """What a person is told privately."""

    def __init__(self, told: list[Json]) -> None:
        super().__init__(response_url=None)
        self._told = told

    def __call__(self, text: str = "", **more: Any) -> None:  # type: ignore[override]  # no answer is awaited
        self._told.append({"text": text, **more})


class TimedAck(Ack):
    """Knows when it was given for the first time."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Bolt's
        self.at: Took | None = None

    def __call__(self, *args: Any, **more: Any) -> BoltResponse:
        self.at = self.at or Took.now()
        return super().__call__(*args, **more)


class FrontDesk:
    """A Bolt app with its handlers.

    ``times`` has the time of each delivery by its type, ``acks`` that until it was acknowledged.
    """

    def __init__(self, store: Store) -> None:
        store.write(lambda connection: connection.execute(update(RECORD).values(takes_unmarked=True)))
        self.repositories = Repositories(store, reminder_settings(SETTINGS, load_packaged()))
        self.slack = TimedSlack()
        self.times, self.acks = defaultdict[str, list[Took]](list), defaultdict[str, list[Took]](list)
        self._told: list[Json] = []
        self._ack, self._seconds = TimedAck(), count()
        self._app = App(
            name="bench", client=WebClient(), authorize=self._authorize(), listener_executor=AtOnce(),
            request_verification_enabled=False, ssl_check_enabled=False, attaching_function_token_enabled=False,
        )  # fmt: skip
        routes.register(self._app, build_services(self.repositories, MetPeople(), self.now, SETTINGS))

    def now(self) -> datetime:
        """A clock that goes on with each look."""
        return NOW + timedelta(seconds=next(self._seconds))

    def deliver(self, payload: Json) -> HandlerResult:
        """Dispatch one delivery and wait for all of it."""
        self._told, self._ack, self.slack.took = [], TimedAck(), NOTHING
        began = Took.now()
        response = self._app.dispatch(BoltRequest(mode="socket_mode", body=payload))
        kind = payload.get("type", "command")
        self.times[kind].append(Took.now() - began - self.slack.took)
        if self._ack.at:
            self.acks[kind].append(self._ack.at - began)
        return HandlerResult(response.status, json.loads(response.body or "{}"), self._told)

    def _authorize(self) -> Callable[..., AuthorizeResult]:
        def authorize(context: BoltContext, enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
            context["client"], context["respond"] = self.slack, KeptAnswers(self._told)
            context["ack"] = self._ack
            return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token="xoxb-played")

        return authorize
