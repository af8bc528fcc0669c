"""The one place that wires the running bot together. ``bot.lifecycle`` starts and stops it."""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from slack_bolt import BoltRequest, BoltResponse

from bot.calendar_feeds import CalendarFeeds
from bot.clock import Clock, StoreClock
from bot.config import Config
from bot.duty_sheets import DutySheets, SheetSettings
from bot.executors import make_executors
from bot.gauges import Gauges, RunningParts
from bot.health import HealthStatus
from bot.http_client.transport import Transport
from bot.inbound import Inbound, RequestHandling
from bot.late_module import LateModule
from bot.measurements import Measurements
from bot.reach.channel import ChannelDriver
from bot.reach.drivers import make_drivers
from bot.services import Repositories, build_render_context, build_services, reminder_settings
from bot.slack.bolt_app import LOOKUP_TIMEOUT, OUTBOX_TIMEOUT, SlackAccess
from bot.slack.messages import SlackMessages
from bot.slack.response_url import stamped_answer
from bot.slack.user_group import UserGroup
from bot.slack.users import SlackUsers, default_locale
from bot.webhook.receiver import WebhookReceiver
from bot.workers.clock_check import ClockCheck
from bot.workers.group_check import GroupCheck
from bot.workers.image_process import paint
from bot.workers.images import ImageUploads
from bot.workers.member_lookup import MemberLookup, find_members, find_unreachable
from bot.workers.outbox import OutboxWorker
from bot.workers.pages import THREADS, PageWorker
from bot.workers.queue_watch import QueueWatch
from bot.workers.queue_worker import QueueWorker, WakeUp
from bot.workers.reminders import ReminderWorker, make_ping
from bot.workers.restore_check import RestoreCheck
from bot.workers.retention import Retention
from bot.workers.scheduler import Scheduler
from bot.workers.webhook import WebhookWorker
from handlers import routes
from handlers.chart.drawing import Drawing
from handlers.i18n.words import N_, Words
from handlers.links.link_pages import LinkPages
from handlers.notifications.pages import PageRenderer
from handlers.notifications.render import MessageRenderer
from models.outbox.growth import OutboxGrowth
from models.rules.reach.channels import Channel
from models.store.database import Store

if TYPE_CHECKING:
    from bot import metrics
    from bot.http_server import server as http_server
else:
    metrics, http_server = LateModule("bot.metrics"), LateModule("bot.http_server.server")

_APOLOGY = N_("That did not work just now. Please try again.")


class Program:
    """All parts of one bot. Only a simulation gives its own clock, transport, executor and painter."""

    def __init__(
        self,
        config: Config,
        store: Store,
        clock: Clock | None = None,
        transport: Transport | None = None,
        executor: Executor | None = None,
        painter: Callable[[Drawing], bytes] = paint,
    ) -> None:
        assert config.access is not None  # noqa: S101 - the command `run` requires it
        assert config.settings is not None  # noqa: S101 - likewise
        self._config, self._credentials, self._settings = config, config.access, config.settings
        self._painter = painter
        self._machine_clock = clock or Clock()
        self.store, self.clock = store, clock or _make_clock(config, store)
        self.executors, self.wake_up = make_executors(executor), WakeUp()
        self.measurements = Measurements(self._machine_clock.monotonic)
        store.measure, store.availability.is_logged = self.measurements.database_time, True
        wanted = reminder_settings(self._settings, config.pages, config.reach)
        self.repositories = Repositories(store, wanted, self.wake_up.notify)
        self.transport = transport or Transport(self.clock, self._credentials.api_url)
        self.slack = SlackAccess(self._credentials, self.transport, self.repositories.epoch)
        self._bolt = self.slack.bolt_app(self.executors.listeners)
        self.services = build_services(self.repositories, self.people, self.clock.now, self._settings)
        routes.register(self._bolt, self.services)

    def dispatch(self, request: BoltRequest) -> BoltResponse:
        """Handle one request of Slack and return the answer."""
        return stamped_answer(self._bolt.dispatch(request), self.slack.stamp)

    @cached_property
    def people(self) -> SlackUsers:
        """The directory of people."""
        commands, queries = self.repositories.commands, self.repositories.queries
        client, background = self.slack.client(LOOKUP_TIMEOUT), self.executors.background
        return SlackUsers(client, commands, queries, self.clock, background, default_locale(self._settings))

    @cached_property
    def inbound(self) -> Inbound:
        """The connections by which requests arrive."""
        words = Words.of(self._settings.language)
        feeds = CalendarFeeds(self.store, self.clock, words)
        settings, config = self._settings, self._config
        sheet_settings = SheetSettings(words, settings.timezone, config.reach, settings.leads, config.pages)
        sheets = DutySheets(self.store, self.clock, sheet_settings)
        apology, requests = words(_APOLOGY), self.executors.requests
        handling = RequestHandling(self.dispatch, requests, apology, feeds, sheets, self._make_link_pages)
        return Inbound(self._credentials, self.slack, handling, self.clock)

    @cached_property
    def messages(self) -> SlackMessages:
        """The messages of the bot in Slack."""
        return SlackMessages(self.slack.client(OUTBOX_TIMEOUT))

    @cached_property
    def outbox_worker(self) -> OutboxWorker:
        """The worker that sends what the outbox holds."""
        context = build_render_context(self.repositories, self.people, self.clock.now, self._settings)
        renderer = MessageRenderer(context, self.people.meet)
        images = ImageUploads(self.messages, self._painter, self.clock)
        outbox, render = self.repositories.outbox, renderer.render
        worker = OutboxWorker(outbox, self.messages, render, images, self.clock, self.wake_up)
        worker.measurements, worker.on_recovery = self.measurements, self.inbound.reconnect_now
        return worker

    @cached_property
    def page_worker(self) -> PageWorker:
        """The worker that sends by other ways than Slack."""
        context = build_render_context(self.repositories, self.people, self.clock.now, self._settings)
        renderer = PageRenderer(context, self.repositories.pages, self._config.reach, self.people.meet)
        renderer.offer_links(self.repositories.page_links, self._config.public_url)
        outbox = self.repositories.outbox
        # Without a reach file, one thread settles what was enqueued while there was one.
        threads = THREADS if self._config.reach.people else 1
        worker = PageWorker(outbox, self.drivers, renderer, self.clock, self.wake_up, threads)
        worker.measurements = self.measurements
        return worker

    @cached_property
    def drivers(self) -> Mapping[Channel, ChannelDriver]:
        """What sends by each way other than Slack."""
        return make_drivers(self.clock)

    @cached_property
    def webhook_worker(self) -> WebhookWorker | None:
        """The worker that sends moves to the operator's other system; None where there is none."""
        if self._config.webhook is None:
            return None
        receiver = WebhookReceiver(self._config.webhook, self._machine_clock)  # a receiver compares with its own time
        worker = WebhookWorker(self.repositories.outbox, self.store, receiver, self.clock, self.wake_up)
        worker.measurements = self.measurements
        return worker

    @property
    def queue_workers(self) -> list[QueueWorker]:
        """All workers that send what the outbox holds."""
        return [self.outbox_worker, self.page_worker, *([self.webhook_worker] if self.webhook_worker else [])]

    @cached_property
    def queue_watch(self) -> QueueWatch:
        """What wakes the workers when another process has added messages."""
        return QueueWatch(OutboxGrowth(self.store), self.wake_up)

    def _make_link_pages(self) -> LinkPages:
        return LinkPages(self.services, self.repositories.page_links)

    @cached_property
    def reminder_worker(self) -> ReminderWorker:
        """The worker that makes reminders when they are due."""
        url = self._config.deadman_url
        ping = make_ping(Transport(self.clock, url.reveal()), url.reveal()) if url else None
        engine, wake_up = self.repositories.engine, self.wake_up.notify
        return ReminderWorker(engine, self.clock, wake_up, ping, self.measurements)

    @cached_property
    def restore_check(self) -> RestoreCheck:
        """The comparison of the database with Slack at a start."""
        channel, epoch = self._settings.escalation_channel, self.repositories.epoch
        return RestoreCheck(self.messages, self.store, epoch, channel, self.clock.now)

    @cached_property
    def scheduler(self) -> Scheduler:
        """The tick and what it calls, in this order."""
        tasks: list[Callable[[], None]] = [
            ClockCheck(self.clock, self._machine_clock).tick,
            self.repositories.policies.refresh,
            self.reminder_worker.tick,
            lambda: self.repositories.coverage_ledger.record_hourly(self.clock.now()),
            self.wake_up.notify,
            self.outbox_worker.probe,
            self.outbox_worker.sweep,
            self.people.warm_up,
            self.repositories.queries.preload_customers,
            self.repositories.similar_cases.preload,
            self._make_member_lookup().tick,
            *self._make_group_checks(),
            self.repositories.epoch.refresh,
            self._check_restore,
            Retention(self.store, self.clock, self._config.keep_days).tick,
        ]
        return Scheduler(tasks, self.clock, measurements=self.measurements)

    @cached_property
    def health(self) -> HealthStatus:
        """The facts of /healthz."""
        outbox, facts = self.repositories.outbox, self.inbound.connection_facts
        return HealthStatus(
            self.store, outbox, self.outbox_worker, self.scheduler, self.reminder_worker, facts, self.clock
        )

    def make_probes(self) -> "http_server.Probes":
        """Return what answers /livez, /readyz and /metrics."""
        inbound = self.inbound
        parts = RunningParts(
            self.outbox_worker, self.scheduler, self.reminder_worker, inbound.connection_facts, inbound.http_connections
        )
        gauges = Gauges(self.store, self.repositories, parts, self.clock)
        page = metrics.MetricsPage(self.measurements, gauges.read)
        return http_server.Probes(self.health.live, self.health.ready, page.render, metrics.CONTENT_TYPE)

    def _check_restore(self) -> None:
        """Compare in the background: Slack may be slow, and the next tick must not wait for it."""
        if not self.restore_check.is_done:
            self.executors.background.submit(self.restore_check.tick)

    def _make_member_lookup(self) -> MemberLookup:
        def members() -> list[str]:
            return find_members(self.repositories.rota_store, self._settings.leads, self.clock.now())

        def unreachable() -> list[tuple[str, datetime]]:
            return find_unreachable(self.store)

        return MemberLookup(members, unreachable, self.people.look_up, self.clock, self.executors.background)

    def _make_group_checks(self) -> list[Callable[[], None]]:
        """Return the check of the on-call user group; nothing where the installation has none."""
        if not self._settings.oncall_usergroup:
            return []
        group = UserGroup(self.slack.client(OUTBOX_TIMEOUT), self._settings.oncall_usergroup)
        outbox, own_id = self.repositories.outbox, self.people.own_id
        return [GroupCheck(outbox, group, own_id, self.clock, self.executors.background, self.wake_up.notify).tick]


def _make_clock(config: Config, store: Store) -> Clock:
    """Return the machine's clock for a file of its own, the database's where several machines may share it."""
    if store.is_sqlite or config.clock_offset_file:
        return Clock(config.clock_offset_file)
    return StoreClock(store.time)
