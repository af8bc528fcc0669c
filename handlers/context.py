"""What every journey needs, in one value; put together by ``bot.app``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from handlers.i18n.words import Words
from handlers.settings import Settings
from models.escalations.commands import EscalationCommands
from models.escalations.queries import EscalationQueries
from models.oncall.availability import Availability
from models.oncall.confirmations import Confirmations
from models.oncall.coverage_ledger import CoverageLedger
from models.oncall.gap_register import GapRegister
from models.oncall.rota_editor import RotaEditor
from models.oncall.rota_store import RotaStore
from models.oncall.swaps import SwapOffers
from models.outbox.rota_chart import ChartRequests
from models.rules.escalations.calls import NOBODY, OnCallPeople
from models.rules.people import Actor, Person, admit
from models.rules.policy import VendorPolicy
from models.store.epoch_cache import StoreEpoch

USUAL = timedelta(minutes=10)
"""How old what is known of a person may be when they look at something."""
AT_SUBMIT = timedelta(minutes=1)
"""How old it may be when they submit a form: a form stays open long enough to lose one's membership."""


class SlackResponder(Protocol):
    """All the conversation ever asks of Slack: to answer the person who asked. Nothing here posts to a channel."""

    def views_open(self, *, trigger_id: str, view: Any) -> Any:
        """Open a modal; the trigger lives three seconds."""

    def views_update(self, *, view_id: str, view: Any, hash: str | None = None) -> Any:  # noqa: A002  # Slack's name
        """Draw an open modal anew, unless it changed since ``hash``."""

    def views_publish(self, *, user_id: str, view: Any) -> Any:
        """Draw somebody's Home tab."""

    def chat_getPermalink(self, *, channel: str, message_ts: str) -> Any:  # noqa: N802  # the SDK's name
        """The address of a message."""


class UserDirectory(Protocol):
    """Who somebody is, from memory or from Slack."""

    def person(self, user_id: str, team_id: str, fresh: timedelta) -> Person:
        """Facts no older than ``fresh`` (ten minutes) where Slack answers. Raises
        :class:`models.rules.errors.Unreachable`.
        """

    def changed(self, user: Mapping[str, Any]) -> None:
        """Take what Slack says of somebody unasked."""

    def known(self, user_id: str) -> Person | None:
        """Whom we met before, however long ago. Asks nobody and never fails."""

    def home_team(self) -> str:
        """The workspace the bot token belongs to. Raises :class:`models.rules.errors.Unreachable` while it is not
        known.
        """


@dataclass(frozen=True)
class CurrentUser:
    """Somebody who was admitted, and how to speak to them."""

    actor: Actor
    words: Words
    person: Person


@dataclass(frozen=True)
class Services:
    """The desk to act at, the board to look at, the people, the time, the installation, the operator's pages, and
    the rota with its offers, watches and numbered gaps, its versions, its ledger, its picture, who can work in its
    holiday weeks, the mark of this record, and who can be called at an instant.
    """

    commands: EscalationCommands
    queries: EscalationQueries
    people: UserDirectory
    now: Callable[[], datetime]
    settings: Settings
    policy: VendorPolicy
    rota_store: RotaStore
    swap_offers: SwapOffers
    confirmations: Confirmations
    gap_register: GapRegister
    rota_editor: RotaEditor
    coverage_ledger: CoverageLedger
    chart_requests: ChartRequests
    availability: Availability
    epoch: StoreEpoch
    on_call_at: Callable[[datetime], OnCallPeople] = lambda _: NOBODY

    def name_of(self, user: str) -> str:
        """What somebody is called: as Slack says, else as the rota does."""
        known = self.queries.person(user)
        return known[0].name if known else self.on_call_at(self.now()).names.get(user, user)

    def is_home(self, team_id: str) -> bool:
        """True for a workspace this installation serves."""
        return team_id in self.settings.teams if self.settings.teams else team_id == self.people.home_team()

    def admit(self, user_id: str, team_id: str, fresh: timedelta = USUAL) -> CurrentUser:
        """Let a full member of that (home) workspace in, by facts no older than ``fresh``. Raises Refused,
        Unreachable.
        """
        person = self.people.person(user_id, team_id, fresh)
        return CurrentUser(admit(person, team_id, self.settings.leads), Words.of(person.language), person)

    def is_on_duty(self, user_id: str, at: datetime) -> bool:
        """Whether somebody is responsible at an instant, in whatever seat."""
        rota = self.rota_store.rota(at)
        names = {member.name for member in rota.members.values() if member.slack_id == user_id} if rota else set()
        return bool(names) and any(stretch.person in names for stretch in self.confirmations.on_duty(at))

    def zone_of(self, current_user: CurrentUser) -> ZoneInfo:
        """The time zone somebody set in Slack; the installation's when we do not know it."""
        try:
            return ZoneInfo(current_user.person.tz)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return self.settings.timezone

    def words_for(self, user_id: str) -> Words:
        """The language of somebody we may not know: as remembered, else the installation's. Asks nobody."""
        known = self.people.known(user_id)
        return Words.of(known.language if known else self.settings.language)
