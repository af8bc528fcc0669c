"""The one place that wires the running bot together, starts its threads, and ends them in order. It decides nothing."""

import asyncio
import logging
import os
import signal
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any

from slack_bolt import App, BoltContext, BoltRequest, BoltResponse
from slack_bolt.authorization import AuthorizeResult

from bot.calendar_feeds import CalendarFeeds
from bot.clock import Clock, StoreClock
from bot.config import Config
from bot.health import HealthStatus
from bot.repositories import Repositories, reminder_settings, stored_in
from bot.slack.client import SlackClient
from bot.slack.messages import SlackMessages
from bot.slack.respond import SafeRespond, stamped_answer
from bot.slack.socket_mode import SocketMode
from bot.slack.transport import Transport
from bot.slack.user_group import UserGroup
from bot.slack.users import DefaultLocale, SlackUsers
from bot.workers.clock_check import ClockCheck
from bot.workers.group_check import GroupCheck
from bot.workers.image_process import paint
from bot.workers.images import ImageUploads
from bot.workers.member_lookup import MemberLookup
from bot.workers.outbox import OutboxWorker, WakeUp
from bot.workers.reminders import ReminderWorker, knocker
from bot.workers.restore_check import RestoreCheck
from bot.workers.scheduler import Scheduler
from handlers import epoch_stamps, routes
from handlers.chart.drawing import Drawing
from handlers.context import Services
from handlers.i18n import dates
from handlers.i18n.words import N_, Words
from handlers.i18n.words import prepare as prepare_words
from handlers.notifications.context import RenderContext
from handlers.notifications.render import MessageRenderer
from handlers.settings import Settings
from models.oncall.holiday_review import HolidayReviews
from models.oncall.rota_editor import RotaEditor
from models.oncall.rota_store import RotaStore
from models.outbox.queue import Outbox
from models.outbox.rota_chart import ChartRequests as Wishes
from models.reminders.engine import ReminderEngine
from models.reminders.log import ReminderLog
from models.rules.policy import VendorPolicy
from models.store import departures
from models.store.database import Store
from models.store.epoch_cache import StoreEpoch

if TYPE_CHECKING:
    from bot.slack.http import HttpServer

log = logging.getLogger(__name__)

WORKERS = 100
"""Deliveries served at the same time; with Bolt's own five the sixth slow one times out."""
_TIME_TO_END = 9.0
_INTERACTIVE, _PATIENT, _ASKING = 3, 10, 2
"""Time-outs in seconds: while a person waits; for the outbox; for one question about a person."""
_COMPARING = 2.0
"""Seconds that a start waits for the comparison of the record with Slack."""
_SORRY = N_("That did not work just now. Please try again.")


@dataclass(frozen=True)
class ListenAddress:
    """Where to listen."""

    host: str
    port: int


class Program:
    """The running bot. Made, run once, gone. The last four are other ones in a simulation."""

    def __init__(
        self,
        config: Config,
        store: Store,
        clock: Clock | None = None,
        transport: Transport | None = None,
        working: Executor | None = None,
        painting: Callable[[Drawing], bytes] = paint,
    ) -> None:
        assert config.access is not None  # noqa: S101 - `run` asks config for it
        assert config.settings is not None  # noqa: S101 - likewise
        self._access, settings, pages = config.access, config.settings, config.pages
        self._store, self._record = store, StoreEpoch(store)
        self._clock = clock or _clock(config, store)
        self._transport = transport or Transport(self._clock, self._access.api_url)
        self._serving = ThreadPoolExecutor(WORKERS, thread_name_prefix="serve")
        self._listening = working or ThreadPoolExecutor(WORKERS, thread_name_prefix="listen")
        self._notes = working or ThreadPoolExecutor(1, thread_name_prefix="notes")
        wake_up = WakeUp()
        stored = stored_in(store, reminder_settings(settings, pages), wake_up)
        self._people = SlackUsers(
            self._client(_ASKING),
            stored.commands,
            stored.queries,
            self._clock,
            self._notes,
            _usual(settings),
        )
        post = SlackMessages(self._client(_PATIENT))
        self._worker = self._make_worker(stored, settings, pages, post, painting, wake_up)
        self._comparison = RestoreCheck(post, store, self._record, settings.escalation_channel, self._clock.now)
        self._watchman = self._make_watchman(stored.engine, wake_up.ring, config)
        self._scheduler = Scheduler(self._waking(stored, settings, wake_up, clock or Clock()), self._clock)
        self._bolt = self._make_bolt()
        routes.register(self._bolt, self._make_house(stored, settings, pages, wake_up))
        self._sorry = Words.of(settings.language)(_SORRY)
        self._feeds = CalendarFeeds(store, self._clock, Words.of(settings.language))
        self._line: SocketMode | None = None
        self._health = HealthStatus(
            store, stored.outbox, self._worker, self._scheduler, self._watchman, self._line_facts, self._clock
        )

    def dispatch(self, request: BoltRequest) -> BoltResponse:
        """Hear one delivery of Slack's and answer it."""
        return stamped_answer(self._bolt.dispatch(request), self._stamp)

    def _stamp(self, sent: Any) -> Any:
        return epoch_stamps.stamp(sent, self._record.epoch)

    async def run(self, http: ListenAddress | None, health: ListenAddress | None) -> bool:
        """Serve until SIGTERM or Ctrl-C; True when everything that was accepted was also finished."""
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        self._prepare()
        self._worker.start()
        self._scheduler.start()
        web = await self._listen(http, health)
        log.info("process %d serves %s", os.getpid(), "signed HTTP" if http else "Socket Mode")
        line = None if http else asyncio.create_task(self._connect().run())
        await stop.wait()
        log.info("stopping: no new work is taken, what was accepted is finished")
        return await self._end(web, line)

    def _compare(self) -> None:
        """Apart: Slack may be slow, and the next tick must not wait for it."""
        if not self._comparison.is_done:
            with suppress(RuntimeError):  # the program is ending, and takes no new work
                self._notes.submit(self._comparison.tick)

    def _compare_first(self) -> None:
        """Before anything is sent or reminded of: an older record would say things twice, and call the time since it
        was copied downtime. A Slack that is slow is not waited for long.
        """
        wait([self._notes.submit(self._comparison.tick)], _COMPARING)

    def _prepare(self) -> None:
        """Read and ask now what the first requests would all wait for."""
        prepare_words()
        dates.prepare()
        self._compare_first()
        self._notes.submit(self._people.settle_in)

    async def _listen(self, http: ListenAddress | None, health: ListenAddress | None) -> "HttpServer | None":
        address = http or health
        if address is None:
            return None
        # By name: an HTTP server takes a third of a second to import, and Socket Mode alone starts without one.
        server = import_module("bot.slack.http")
        web: HttpServer = server.HttpServer(self._health, self._serving, feed_of=self._feeds)
        if http:
            assert self._access.signing_secret is not None  # noqa: S101 - config asked for it
            signatures = server.SignatureCheck(self._access.signing_secret, self._clock)
            web = server.HttpServer(self._health, self._serving, self.dispatch, signatures, self._sorry, self._feeds)
        port = await web.start(address.host, address.port)
        log.info("listening on http://%s:%d", address.host, port)
        return web

    def _connect(self) -> SocketMode:
        client, token = self._client(_INTERACTIVE), self._access.app_token
        assert token is not None  # noqa: S101 - config asked for it

        def open_url() -> str:
            answer = client.api_call("apps.connections.open", params={"token": token.reveal()})
            return str(answer["url"])

        self._line = SocketMode(self.dispatch, open_url, self._serving, self._clock, self._sorry)
        return self._line

    async def _end(self, web: "HttpServer | None", line: "asyncio.Task[None] | None") -> bool:
        until = self._clock.monotonic() + _TIME_TO_END
        self._worker.quit_soon()
        self._scheduler.stop()
        if self._line:
            self._line.stop_taking()
        for ending in (line, web and asyncio.create_task(web.stop())):
            if ending:
                await asyncio.wait([ending], timeout=until - self._clock.monotonic())
        loop = asyncio.get_running_loop()
        # What was acknowledged may still be at work: its threads are waited for, but not for ever.
        pools = [loop.run_in_executor(None, pool.shutdown) for pool in (self._serving, self._listening, self._notes)]
        _, late = await asyncio.wait(pools, timeout=max(0.1, until - self._clock.monotonic()))
        sent = await asyncio.to_thread(self._worker.stop, max(0.1, until - self._clock.monotonic()))
        self._store.dispose()
        return sent and not late

    def _make_worker(
        self,
        stored: Repositories,
        settings: Settings,
        pages: VendorPolicy,
        post: SlackMessages,
        painting: Callable[[Drawing], bytes],
        wake_up: WakeUp,
    ) -> OutboxWorker:
        people = self._people
        render_context = RenderContext(
            queries=stored.queries,
            gaps=stored.gap_book,
            reminders=ReminderLog(self._store),
            snapshots=stored.snapshots,
            rehearsals=HolidayReviews(stored.coverage, stored.volunteers),
            coverage=stored.coverage,
            rotas=stored.rotas,
            offers=stored.offers,
            settings=settings,
            policy=pages,
            now=self._clock.now,
            workspace=people.workspace,
            unknown=people.unknown,
            on_duty=stored.on_call.at,
        )
        renderer = MessageRenderer(render_context, people.meet)
        pictures = ImageUploads(post, painting, self._clock)
        return OutboxWorker(stored.outbox, post, renderer.render, pictures, self._clock, wake_up)

    def _waking(
        self, stored: Repositories, settings: Settings, wake_up: WakeUp, machine: Clock
    ) -> list[Callable[[], None]]:
        """What the scheduler wakes, in this order."""
        return [
            ClockCheck(self._clock, machine).tick,
            self._watchman.tick,
            lambda: stored.coverage.keep_up(self._clock.now()),
            wake_up.ring,
            self._worker.sweep,
            self._people.settle_in,
            stored.queries.preload_customers,
            self._make_lookups(stored.rotas, self._people).tick,
            *self._group_checks(settings, stored.outbox, self._people, wake_up),
            self._record.refresh,
            self._compare,
        ]

    def _make_house(self, stored: Repositories, settings: Settings, pages: VendorPolicy, wake_up: WakeUp) -> Services:
        return Services(
            commands=stored.commands,
            queries=stored.queries,
            people=self._people,
            now=self._clock.now,
            settings=settings,
            policy=pages,
            rotas=stored.rotas,
            offers=stored.offers,
            watches=stored.watches,
            gap_book=stored.gap_book,
            revising=RotaEditor(self._store, stored.rotas),
            coverage=stored.coverage,
            pictures=Wishes(self._store, wake_up.ring),
            volunteers=stored.volunteers,
            record=self._record,
            on_duty=stored.on_call.at,
        )

    def _make_watchman(self, engine: ReminderEngine, wake_up: Callable[[], None], config: Config) -> ReminderWorker:
        if config.deadman_url is None:
            return ReminderWorker(engine, self._clock, wake_up)
        url = config.deadman_url.reveal()
        return ReminderWorker(engine, self._clock, wake_up, knocker(Transport(self._clock, url), url))

    def _make_lookups(self, rotas: RotaStore, people: SlackUsers) -> MemberLookup:
        members, refused = lambda: _members(rotas, self._clock.now()), lambda: _refused(self._store)
        return MemberLookup(members, refused, people.look_up, self._clock, self._notes)

    def _group_checks(
        self, settings: Settings, outbox: Outbox, people: SlackUsers, wake_up: WakeUp
    ) -> list[Callable[[], None]]:
        """What has to be woken so that the user group stays as it was set; nothing without one."""
        if not settings.oncall_usergroup:
            return []
        group = UserGroup(self._client(_PATIENT), settings.oncall_usergroup)
        return [GroupCheck(outbox, group, people.own_id, self._clock, self._notes, wake_up.ring).tick]

    def _line_facts(self) -> dict[str, Any]:
        if self._line is None:
            return {"ok": True}
        return {"ok": self._line.connected, "other_connections": self._line.others}

    def _client(self, timeout: int) -> SlackClient:
        return SlackClient(self._access.bot_token.reveal(), self._access.api_url, self._transport, timeout, self._stamp)

    def _make_bolt(self) -> App:
        client = self._client(_INTERACTIVE)

        def authorize(context: BoltContext, enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
            # Bolt would make a stock client for each request: with retries, redirects and 30 s of patience.
            context["client"] = client
            context["respond"] = SafeRespond(context.response_url, self._transport, self._access.api_url, self._stamp)
            return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=client.token)

        bolt_log = logging.getLogger("bolt")
        # Its warnings quote whole requests.
        bolt_log.setLevel(logging.ERROR)
        return App(
            name="csp-escalate",
            logger=bolt_log,
            client=client,
            authorize=authorize,
            request_verification_enabled=False,  # bot.slack.http does it, before anything is parsed
            ssl_check_enabled=False,
            attaching_function_token_enabled=False,
            listener_executor=self._listening,
        )


def _members(rotas: RotaStore, now: datetime) -> list[str]:
    """The Slack ids of everybody in the rota."""
    rota = rotas.rota(now)
    return [member.slack_id for member in rota.members.values() if member.slack_id] if rota else []


def _refused(store: Store) -> list[tuple[str, datetime]]:
    """Who is known not to be in the workspace, and since when."""
    times_away = store.read(departures.find_absences)
    return [(user, times[-1][0]) for user, times in times_away.items() if times[-1][1] is None]


def _usual(settings: Settings) -> DefaultLocale:
    """What holds for people of whom Slack names no language or no zone."""
    return DefaultLocale("en-US" if settings.language == "en" else "zh-CN", settings.timezone.key)


def _clock(config: Config, store: Store) -> Clock:
    """The machine's time for a file of its own, the database's where several machines may share one."""
    if store.is_sqlite or config.clock_offset_file:
        return Clock(config.clock_offset_file)
    return StoreClock(store.time)
