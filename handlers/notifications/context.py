"""What every message of the duty has in common: for whom it is, by whose clock, whom it calls, and that it is late."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from handlers.blocks import block_kit, gap_card
from handlers.blocks.schedule import ViewContext, zone_note
from handlers.i18n.words import Words
from handlers.notifications.message import Message, NotReady
from handlers.settings import Settings
from models.escalations.queries import EscalationQueries
from models.oncall.coverage_ledger import CoverageLedger
from models.oncall.gap_register import GapRegister
from models.oncall.holiday_review import HolidayReviews
from models.oncall.rota_store import RotaStore
from models.oncall.snapshot import OnCallSnapshot, SnapshotCache
from models.oncall.swaps import SwapOffers
from models.reminders.log import ReminderLog
from models.rules.delivery import REDRAWS, Audience, Delivery, MessageKind
from models.rules.escalations.calls import NOBODY, OnCallPeople
from models.rules.people import Person
from models.rules.policy import VendorPolicy
from models.rules.reminders import subjects
from models.rules.rota.rota import Rota

A = Audience
LATE = timedelta(minutes=2)
"""A reminder that is sent so long after it was due says so."""


@dataclass(frozen=True)
class RenderContext:
    """Where messages are drawn: all that can be looked at, the installation, the time, the address of the workspace
    (empty while it is not known), whether Slack has said that it knows nobody by an id (``unknown``), and who can be
    called at an instant, which is also answered when the rota can't be understood.
    """

    queries: EscalationQueries
    gaps: GapRegister
    reminders: ReminderLog
    snapshots: SnapshotCache
    rehearsals: HolidayReviews
    coverage_ledger: CoverageLedger
    rota_store: RotaStore
    swap_offers: SwapOffers
    settings: Settings
    policy: VendorPolicy
    now: Callable[[], datetime]
    workspace: Callable[[], str] = lambda: ""
    unknown: Callable[[str], bool] = lambda _user: False
    on_call_at: Callable[[datetime], OnCallPeople] = lambda _: NOBODY

    def name_of(self, user: str) -> str:
        """What somebody is called: as Slack says, else as the rota does."""
        known = self.queries.person(user)
        return known[0].name if known else self.on_call_at(self.now()).names.get(user, user)


class MessageContext:
    """Around one delivery. ``reminder`` is what it carries of its reminder, ``user`` the person it goes to (empty for
    a channel).
    """

    def __init__(self, delivery: Delivery, render_context: RenderContext) -> None:
        self.delivery, self.render_context = delivery, render_context
        self.subject = delivery.subject or ""
        self.reminder = delivery.reminder
        self.user = delivery.user or ""
        self.now = render_context.now()

    @property
    def audience(self) -> frozenset[Audience]:
        """Return whom its reminder addresses."""
        return self.reminder.audience

    @cached_property
    def snapshot(self) -> OnCallSnapshot:
        """The duty as it stands now."""
        return self.render_context.snapshots.at(self.now)

    @cached_property
    def reader(self) -> Person | None:
        """The person it goes to, as Slack describes them; None for a channel and for somebody nobody has met."""
        known = self.render_context.queries.person(self.user) if self.user else None
        return known[0] if known else None

    @property
    def reader_words(self) -> Words:
        """The words of the reader's language, or of the installation's. Needs no rota."""
        return Words.of(self.reader.language if self.reader else self.render_context.settings.language)

    def reader_zone(self, default: ZoneInfo) -> ZoneInfo:
        """Return the reader's time zone, or the default for a channel and where their zone is not known."""
        if self.reader:
            with suppress(ZoneInfoNotFoundError, ValueError, OSError):
                return ZoneInfo(self.reader.tz)
        return default

    def view(self, rota: Rota | None, now: datetime) -> ViewContext:
        """Return how the reader reads times and names of a rota: a channel in the zone of the rota."""
        zone = self.reader_zone(rota.zone if rota else self.render_context.settings.timezone)
        return ViewContext(self.reader_words, zone, rota or Rota(seats=()), now)

    @cached_property
    def viewer(self) -> ViewContext:
        """How the reader reads times and names of today's rota."""
        rota = self.snapshot.rota
        return self.view(rota if rota.seats else None, self.now)

    @property
    def words(self) -> Words:
        """The reader's."""
        return self.viewer.words

    @property
    def is_outdated(self) -> bool:
        """Whether a later reminder of the same subject to the same place waits, which speaks for this one."""
        return self.render_context.reminders.has_newer(self.delivery)

    @property
    def calls(self) -> list[str]:
        """Who is called in a channel: the leads, and at the widest the whole on-call group. Of shifts and handovers the
        leads are told privately, with what they can do: nobody is rung for twice.
        """
        settings = self.render_context.settings
        privately = self.subject.startswith((subjects.SHIFT, subjects.HANDOVER))
        leads = A.EVERYONE in self.audience or (A.LEADS in self.audience and not privately)
        called = [block_kit.mention(lead) for lead in sorted(settings.leads)] if leads else []
        if A.EVERYONE in self.audience and settings.oncall_usergroup:
            called = [block_kit.group(settings.oncall_usergroup), *called]
        return [" ".join(called)] if called else []

    def message(
        self,
        said: str,
        blocks: list[block_kit.Block],
        thread: str | None = None,
        short: str = "",
        *,
        timed: bool = False,
    ) -> Message:
        """``short`` is what notifications show; ``timed`` that times are told: whose clock it is stands below, once."""
        late = self.lateness()
        zone = [zone_note(self.now, self.viewer)] if timed or late else []
        drawn = [block_kit.section(said), *zone, *late, *blocks]
        fallback = block_kit.cut(short or said, block_kit.FALLBACK // 2)
        return Message(fallback, drawn, self.delivery.channel, self.delivery.user, thread)

    def called(
        self,
        said: str,
        blocks: list[block_kit.Block],
        thread: str | None = None,
        short: str = "",
        *,
        timed: bool = False,
    ) -> Message:
        """A message in a channel, which calls whom it is for."""
        fallback = "\n".join([short or said, *self.calls])
        return self.message("\n".join([said, *self.calls]), blocks, thread, fallback, timed=timed)

    def placed(self, said: str, blocks: list[block_kit.Block]) -> Message | None:
        """A card: posted once, and drawn anew where it stands. Raises NotYet while it is under way."""
        what = REDRAWS.get(self.delivery.what)
        if what is None:
            return Message(block_kit.cut(said, block_kit.FALLBACK // 2), blocks, self.delivery.channel)
        if self.render_context.reminders.is_under_way(self.subject, what):
            raise NotReady
        place = self.render_context.reminders.place(self.subject, what)
        if place is None:
            return None  # the card will be drawn from the same facts when it is posted
        return Message(block_kit.cut(said, block_kit.FALLBACK // 2), blocks, place[0], update_ts=place[1])

    def thread(self, what: MessageKind) -> str:
        """Where the subject's card stands. Raises NotYet while it does not."""
        place = self.render_context.reminders.place(self.subject, what)
        if place is None:
            raise NotReady
        return place[1]

    def lateness(self) -> list[block_kit.Block]:
        """That it is late, when it is."""
        if not self.reminder.key or self.delivery.what is MessageKind.ON_NOW:
            return []  # what is, is not late
        # A rehearsal that was not sent had nothing to say.
        given_up = self.delivery.what is not MessageKind.REHEARSAL
        due = self.render_context.reminders.late_since(self.delivery, given_up)
        if due is None or self.now - due < LATE:
            return []
        return self._late(due, self.now)

    def was_late(self) -> list[block_kit.Block]:
        """That what is drawn anew was late when it was sent, when it was."""
        times = self.render_context.reminders.said_late(self.delivery.redraws or "")
        return self._late(*times) if times and times[1] - times[0] >= LATE else []

    def _late(self, due: datetime, sent: datetime) -> list[block_kit.Block]:
        down = self.render_context.reminders.downtimes(due, sent)
        return [block_kit.context("🕰️ " + gap_card.describe_lateness(gap_card.Lateness(due, sent, down), self.viewer))]
