"""The handlers on a stage: a real Bolt app and a real store, with Slack's side of modals and answers played.

Modals open, keep what is typed and change as they do in the sandbox; each drawing is judged when it arrives.
"""

import itertools
import json
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from slack_bolt import App, BoltContext, BoltRequest, BoltResponse, Respond
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack import Ack
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from sqlalchemy import event, update

from bot.sandbox.errors import SlackError
from bot.sandbox.ids import IdSequence
from bot.sandbox.views import Views
from bot.services import Repositories, build_services, reminder_settings
from handlers import routes
from handlers.settings import Settings
from models.escalations.commands import EscalationCommands
from models.rules.errors import SlackUnreachable
from models.rules.escalations.acknowledgement_calls import NOBODY
from models.rules.escalations.escalation import Escalation
from models.rules.people import Person
from models.rules.policy.reader import load_packaged
from models.store.database import Store
from models.store.tables import RECORD
from tests.handlers import block_limits, payloads
from tests.handlers.escalation_samples import NOW

Json = dict[str, Any]
P = ParamSpec("P")
T = TypeVar("T")

HOME, ELSEWHERE = payloads.HOME, payloads.ELSEWHERE
SETTINGS = Settings("C0ESCAL", "C0ONCALL", ZoneInfo("Asia/Shanghai"), leads=frozenset({"U0LINA"}))
PEOPLE = {
    one.id: one
    for one in (
        Person(id="U0LINA", team_id=HOME, name="李娜 Li Na"),
        Person(id="U0WANG", team_id=HOME, name="王伟 Wang Wei"),
        Person(id="U0EMMA", team_id=HOME, name="Emma <Clarke>", locale="en-GB", tz="Europe/London"),
        Person(id="U0TOM", team_id=HOME, name="Tom Guest", locale="en-US", is_guest=True),
        Person(id="U0FAR", team_id=ELSEWHERE, name="Far Away", locale="en-US"),
        Person(id="U0ROBOT", team_id=HOME, name="Robot", locale="en-US", is_bot=True),
        Person(id="U0GONE", team_id=HOME, name="Gone", locale="en-US", is_deleted=True),
    )
}


class AtOnce(Executor):
    """Runs what it is given before it returns, so that a dispatch is over when it says so."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # kept for whoever asks, as any executor does
            future.set_exception(error)
        self.last = future
        return future


class Writes:
    """What the conversation writes, counted: but for what Slack said of people, which can be asked again."""

    def __init__(self, store: Store) -> None:
        self.done = self._open = 0
        self.is_counting = True
        event.listen(store.engine, "before_cursor_execute", lambda *told: self._statement(told[2]))
        event.listen(store.engine, "commit", lambda _connection: self._committed())

    def _statement(self, text: str) -> None:
        self._open += self.is_counting and text.split(maxsplit=1)[0] in {"INSERT", "UPDATE", "DELETE"}

    def _committed(self) -> None:
        self.done, self._open = self.done + self._open, 0


class Directory:
    """Who is who; whoever was met is remembered, as the running bot does. Nobody answers while ``away``."""

    def __init__(self, commands: EscalationCommands, writes: Writes) -> None:
        self._commands, self._writes = commands, writes
        self._met: dict[str, Person] = {}
        self.away = False
        self.asked: list[tuple[str, timedelta]] = []
        self.heard: list[str] = []

    def changed(self, user: Mapping[str, Any]) -> None:
        self.heard.append(user["id"])

    def person(self, user_id: str, team_id: str, fresh: timedelta) -> Person:  # noqa: ARG002 - the protocol's
        self.asked.append((user_id, fresh))
        if self.away or user_id not in PEOPLE:
            raise SlackUnreachable(user_id)
        person = PEOPLE[user_id]
        if self._met.get(user_id) != person:
            self._writes.is_counting = False
            self._commands.remember((person, NOW))
            self._writes.is_counting = True
            self._met[user_id] = person
        return person

    def known(self, user_id: str) -> Person | None:
        return PEOPLE[user_id] if user_id in self._met else None

    def home_team(self) -> str:
        if self.away:
            raise SlackUnreachable("nobody home")
        return HOME


def refused(error: str) -> SlackApiError:
    """What the SDK raises when Slack says no."""
    return SlackApiError("refused", {"ok": False, "error": error})  # type: ignore[no-untyped-call]  # the SDK's


class PlayedSlack:
    """What the handlers may ask of Slack. ``refuses`` is the error of the next call; triggers may have ``expired``."""

    def __init__(self) -> None:
        identity = {"team_id": HOME, "app_id": "A0CSP", "bot_id": "B0BOT", "app_installed_team_id": HOME}
        self.surfaces = Views(IdSequence(), identity)
        self.token = "xoxb-played"
        self.refuses = ""
        self.expired = False
        self.calls: list[str] = []
        self.posted: list[Json] = []
        self._triggers: dict[str, str] = {}
        self._numbers = itertools.count(1)

    def trigger(self, user: str) -> str:
        """A trigger id for one thing this person did."""
        name = f"{next(self._numbers)}.trigger"
        self._triggers[name] = user
        return name

    def views_open(self, *, trigger_id: str, view: Json) -> Json:
        self._called("views.open")
        block_limits.view(view)
        if self.expired:
            raise refused("expired_trigger_id")
        if trigger_id not in self._triggers:
            raise refused("exchanged_trigger_id")
        return {"ok": True, "view": self.surfaces.open(self._triggers.pop(trigger_id), view)}

    def views_push(self, *, trigger_id: str, view: Json) -> Json:
        self._called("views.push")
        block_limits.view(view)
        if trigger_id not in self._triggers:
            raise refused("exchanged_trigger_id")
        return {"ok": True, "view": self.surfaces.push(self._triggers.pop(trigger_id), view)}

    def views_update(self, *, view_id: str, view: Json, hash: str | None = None) -> Json:  # noqa: A002 - Slack's own word
        self._called("views.update")
        block_limits.view(view)
        try:
            _, old = self.surfaces.find(view_id)
            return {"ok": True, "view": self.surfaces.update(old, view, hash)}
        except SlackError as problem:
            raise refused(problem.error) from problem

    def views_publish(self, *, user_id: str, view: Json) -> Json:
        self._called("views.publish")
        block_limits.view(view, "home")
        return {"ok": True, "view": self.surfaces.publish(user_id, view, None)}

    def chat_postMessage(self, *, channel: str, text: str, blocks: list[Json], thread_ts: str) -> Json:  # noqa: N802 - the SDK's name
        self._called("chat.postMessage")
        block_limits.message(blocks, text)
        self.posted.append({"channel": channel, "text": text, "blocks": blocks, "thread_ts": thread_ts})
        return {"ok": True, "ts": "1795000000.000900"}

    def chat_getPermalink(self, *, channel: str, message_ts: str) -> Json:  # noqa: N802 - the SDK's name
        self._called("chat.getPermalink")
        return {"ok": True, "permalink": f"https://csp.slack.com/archives/{channel}/p{message_ts.replace('.', '')}"}

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self.refuses:
            error, self.refuses = self.refuses, ""
            raise refused(error)


@dataclass
class HandlerResult:
    """What came back: the status and payload of the acknowledgement, and what the person was told privately."""

    status: int
    ack: Json
    told: list[Json] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The one private sentence."""
        assert len(self.told) == 1, self.told
        return str(self.told[0]["text"])

    @property
    def errors(self) -> dict[str, str]:
        """The sentences under the fields of a submitted form."""
        assert self.ack.get("response_action") == "errors", self.ack
        return dict(self.ack["errors"])

    @property
    def words(self) -> str:
        """All that can be read in the private answers."""
        return "\n".join(block_limits.read(one.get("blocks", [])) or one["text"] for one in self.told)


class Answers(Respond):
    """What a person is told privately, judged and kept."""

    def __init__(self, response_url: str | None, told: list[Json]) -> None:
        super().__init__(response_url=response_url)
        self._told = told

    def __call__(self, text: str = "", blocks: list[Json] | None = None, **more: Any) -> None:  # type: ignore[override]  # no answer is awaited
        block_limits.message(blocks or [], text)
        self._told.append({"text": text, "blocks": blocks or [], "url": self.response_url, **more})


class CountedAck(Ack):
    """The acknowledgement, which remembers how much was on disk when it was given for the first time."""

    def __init__(self, writes: Writes) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Bolt's
        self._writes = writes
        self.stored: int | None = None

    def __call__(self, *args: Any, **more: Any) -> BoltResponse:
        self.stored = self._writes.done if self.stored is None else self.stored
        return super().__call__(*args, **more)


class Stage:
    """A Bolt app with its handlers. Whatever is delivered, nothing may be written after it was acknowledged."""

    def __init__(self, store: Store, settings: Settings = SETTINGS, executor: Executor | None = None) -> None:
        # The deliveries that tests make bear no mark, like those of a card that was sent before there were any.
        store.write(lambda connection: connection.execute(update(RECORD).values(takes_unmarked=True)))
        self._writes = Writes(store)
        self.duty = NOBODY
        stored = Repositories(store, reminder_settings(settings, load_packaged()), on_call_at=lambda _: self.duty)
        self.store, self.commands, self.queries = store, stored.commands, stored.queries
        self.rota_store, self.swap_offers = stored.rota_store, stored.swap_offers
        self.confirmations = stored.confirmations
        self.people, self.slack = Directory(self.commands, self._writes), PlayedSlack()
        self.services = build_services(stored, self.people, self._now, settings)
        self.executor = executor or AtOnce()
        self._told: list[Json] = []
        self._ack = CountedAck(self._writes)
        self.seconds_passed, self._passed = 0, timedelta()
        self._app = App(
            name="tests", client=WebClient(), authorize=self._authorize(),
            request_verification_enabled=False, ssl_check_enabled=False, attaching_function_token_enabled=False,
            listener_executor=self.executor,
        )  # fmt: skip
        routes.register(self._app, self.services)

    def deliver(self, payload: Json) -> HandlerResult:
        """Dispatch one delivery and wait for all of it."""
        self._told, self._ack = [], CountedAck(self._writes)
        response = self._app.dispatch(BoltRequest(mode="socket_mode", body=payload))
        assert self._ack.stored in {None, self._writes.done}, "it was stored only after Slack had been told ok"
        body = response.body or ""
        ack = json.loads(body) if body.startswith(("{", "[")) else {"text": body} if body else {}
        return HandlerResult(response.status, ack, self._told)

    def escalation(self, number: int = 1) -> Escalation:
        found = self.queries.escalation(number)
        assert found is not None
        return found

    def everything(self) -> list[tuple[Escalation, int]]:
        """Each escalation with the length of its history: equal before and after means nothing changed."""
        return [(escalation, len(entries)) for escalation, entries in self.queries.all_with_history()]

    def later(self, span: timedelta) -> None:
        """Let so much time have passed since :data:`tests.handlers.escalation_samples.NOW`."""
        self._passed = span

    def pass_seconds(self, seconds: int) -> None:
        """Let seconds pass, beside those that each reading of the clock takes."""
        self.seconds_passed += seconds

    def _now(self) -> datetime:
        now = NOW + self._passed + timedelta(seconds=self.seconds_passed)
        self.seconds_passed += 1
        return now

    def _authorize(self) -> Callable[..., AuthorizeResult]:
        def authorize(context: BoltContext, enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
            context["client"], context["respond"], context["ack"] = (
                self.slack,
                Answers(context.response_url, self._told),
                self._ack,
            )
            return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token="xoxb-played")

        return authorize


def with_teams(*teams: str) -> Settings:
    """Settings that serve these workspaces."""
    return replace(SETTINGS, teams=frozenset(teams))
