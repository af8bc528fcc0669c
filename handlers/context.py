"""The services that every handler gets, in one value; ``bot.services`` builds it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from handlers.i18n.words import Words
from handlers.settings import Settings
from models.customers.informed_customers import InformedCustomers
from models.escalations.articles import Articles
from models.escalations.commands import EscalationCommands
from models.escalations.draft_rows import EscalationDrafts
from models.escalations.incident_cases import IncidentCases
from models.escalations.queries import EscalationQueries
from models.escalations.returned_cases import ReturnedCases
from models.escalations.similar_cases import SimilarCases
from models.escalations.vendor_policies import VendorPolicies
from models.oncall.availability import Availability
from models.oncall.confirmations import Confirmations
from models.oncall.coverage_ledger import CoverageLedger
from models.oncall.gap_register import GapRegister
from models.oncall.rota_editor import RotaEditor
from models.oncall.rota_store import RotaStore
from models.oncall.swaps import SwapOffers
from models.outbox.file_requests import FileRequests
from models.outbox.pages import Pages
from models.remediation.records import RemediationRecords
from models.reports.monthly_reports import MonthlyReports
from models.rules.escalations.acknowledgement_calls import NOBODY, OnCallPeople
from models.rules.escalations.reviews import ReviewPolicy, make_review_policy
from models.rules.people import Actor, Person, admit, is_unnamed
from models.rules.policy.vendor import VendorPolicy
from models.rules.times import find_zone
from models.store.epoch_cache import StoreEpoch

USUAL = timedelta(minutes=10)
"""The oldest facts about a person that serve when they look at something."""
AT_SUBMIT = timedelta(minutes=1)
"""The oldest facts that serve when they submit a form: membership may end while a form is open."""


class SlackResponder(Protocol):
    """The calls that answer the person who asked. They post to nobody else."""

    def views_open(self, *, trigger_id: str, view: Any) -> Any:
        """Open a modal; a trigger is valid for three seconds."""

    def views_push(self, *, trigger_id: str, view: Any) -> Any:
        """Open a modal over the open one."""

    def views_update(self, *, view_id: str, view: Any, hash: str | None = None) -> Any:  # noqa: A002  # Slack's name
        """Replace an open modal, unless it changed since ``hash``."""

    def views_publish(self, *, user_id: str, view: Any) -> Any:
        """Replace a person's Home tab."""

    def chat_postMessage(  # noqa: N802  # the SDK's name
        self, *, channel: str, text: str, blocks: Sequence[Any] | None = None, thread_ts: str | None = None
    ) -> Any:
        """Post an answer in the person's direct message with the bot, below what they typed."""

    def chat_getPermalink(self, *, channel: str, message_ts: str) -> Any:  # noqa: N802  # the SDK's name
        """Return the address of a message."""


class UserDirectory(Protocol):
    """Facts about people, from memory or from Slack."""

    def person(self, user_id: str, team_id: str, fresh: timedelta) -> Person:
        """Return facts no older than ``fresh`` where Slack answers.

        Raises :class:`models.rules.errors.SlackUnreachable`.
        """

    def changed(self, user: Mapping[str, Any]) -> None:
        """Take the facts of a ``user_change`` event."""

    def known(self, user_id: str) -> Person | None:
        """Return the remembered facts, however old, without asking Slack. Never raises."""

    def home_team(self) -> str:
        """Return the workspace of the bot token.

        Raises :class:`models.rules.errors.SlackUnreachable` while it is not known.
        """


@dataclass(frozen=True)
class CurrentUser:
    """A person who was admitted, and their language."""

    actor: Actor
    words: Words
    person: Person


@dataclass(frozen=True, kw_only=True)
class SharedServices:
    """What handlers and renderers both use. ``bot.services`` builds it with the rest of either."""

    queries: EscalationQueries
    policies: VendorPolicies
    rota_store: RotaStore
    swap_offers: SwapOffers
    gap_register: GapRegister
    coverage_ledger: CoverageLedger
    returned_cases: ReturnedCases
    monthly_reports: MonthlyReports
    similar_cases: SimilarCases
    informed_customers: InformedCustomers
    incident_cases: IncidentCases
    remediation_records: RemediationRecords
    pages: Pages
    settings: Settings
    now: Callable[[], datetime]
    on_call_at: Callable[[datetime], OnCallPeople] = lambda _: NOBODY
    """Return who can be called at an instant, even when the rota can't be read."""

    @property
    def articles(self) -> Articles:
        """Return the knowledge articles, which are found beside similar cases."""
        return self.similar_cases.articles

    @property
    def policy(self) -> VendorPolicy:
        """21Vianet's rules that count now. A case is judged by those of its own version (``policies``)."""
        return self.policies.newest

    def find_name(self, user: str) -> str:
        """Return a person's name in Slack, else in the rota, which keeps the names of erased people."""
        name = self.queries.name_of(user)
        return self.on_call_at(self.now()).names.get(user, name) if is_unnamed(user, name) else name


@dataclass(frozen=True, kw_only=True)
class Services(SharedServices):
    """All that a handler can use."""

    commands: EscalationCommands
    drafts: EscalationDrafts
    people: UserDirectory
    confirmations: Confirmations
    rota_editor: RotaEditor
    file_requests: FileRequests
    availability: Availability
    epoch: StoreEpoch

    @property
    def review_policy(self) -> ReviewPolicy:
        """By which rules a request is looked at, and how long a lead may look; without leads nothing waits."""
        return make_review_policy(self.policy, self.settings.leads)

    def today(self) -> date:
        """Return the day in the installation's zone, that of every day that is kept without a time."""
        return self.now().astimezone(self.settings.timezone).date()

    def is_home(self, team_id: str) -> bool:
        """Return whether this installation serves a workspace."""
        return team_id in self.settings.teams if self.settings.teams else team_id == self.people.home_team()

    def admit(self, user_id: str, team_id: str, fresh: timedelta = USUAL) -> CurrentUser:
        """Admit a full member of a workspace, by facts no older than ``fresh``. Raises Refused, SlackUnreachable."""
        person = self.people.person(user_id, team_id, fresh)
        return CurrentUser(admit(person, team_id, self.settings.leads), Words.of(person.language), person)

    def is_on_duty(self, user_id: str, at: datetime) -> bool:
        """Return whether a person is on call at an instant, in any seat."""
        rota = self.rota_store.rota(at)
        names = {member.name for member in rota.members.values() if member.slack_id == user_id} if rota else set()
        return bool(names) and any(interval.person in names for interval in self.confirmations.find_on_call(at))

    def zone_of(self, current_user: CurrentUser) -> ZoneInfo:
        """Return the time zone a person set in Slack, else the installation's."""
        return find_zone(current_user.person.tz) or self.settings.timezone

    def zone_for(self, user_id: str) -> ZoneInfo:
        """Return the time zone of a person as remembered, else the installation's, without asking Slack."""
        person = self.people.known(user_id)
        return (find_zone(person.tz) if person else None) or self.settings.timezone

    def words_for(self, user_id: str) -> Words:
        """Return the language of a person as remembered, else the installation's, without asking Slack."""
        person = self.people.known(user_id)
        return Words.of(person.language if person else self.settings.language)
