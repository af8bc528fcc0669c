"""The facts of 21Vianet's own pages: desks, services, first responses, click paths and hotlines.

Every fact has its own source and the day on which a person read it there. Desk hours are Beijing time (UTC+8).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from models.rules.policy import reminders
from models.rules.policy.reminders import ReminderTimes
from models.rules.policy.review_rules import ReviewRules
from models.rules.policy.sources import PolicySource

OURS = "other"
"""The service that stands for everything 21Vianet may operate besides the services it names."""
SEVERITIES = ("A", "B", "C")
MINUTES_A_DAY = 24 * 60
READ_AGAIN_AFTER = timedelta(days=180)
"""So long after it was read, a page must be read again."""


class OpenDays(StrEnum):
    """The days on which a desk is open."""

    EVERY_DAY = "every_day"
    WORKDAYS = "workdays"  # of China's calendar, with make-up workdays


@dataclass(frozen=True)
class Desk:
    """When people of 21Vianet answer. Times are minutes after midnight in Beijing; 1440 is the end of the day."""

    key: str
    days: OpenDays
    opens: int
    closes: int
    # whether a target in minutes runs only while the desk is open
    runs_only_when_open: bool
    source: PolicySource

    @property
    def is_always_open(self) -> bool:
        """Whether it never closes."""
        return self.days is OpenDays.EVERY_DAY and self.opens == 0 and self.closes == MINUTES_A_DAY


@dataclass(frozen=True)
class ResponseTarget:
    """The first response 21Vianet aims at, either in minutes or in workdays."""

    severity: str
    desk: Desk
    source: PolicySource
    minutes: int | None = None
    workdays: int | None = None  # they end when the desk closes
    workload: str = ""  # for this workload only; empty is for all


@dataclass(frozen=True)
class Workload:
    """A part of a service."""

    name: str  # as stored, and as shown in English
    zh: str


@dataclass(frozen=True)
class CloudService:
    """A service that 21Vianet operates."""

    key: str  # as stored
    en: str
    zh: str
    workloads: tuple[Workload, ...] = ()
    targets: tuple[ResponseTarget, ...] = ()
    portal: str = ""  # where its customers' administrators ask for support
    sources: tuple[PolicySource, ...] = ()  # of the service and its workloads; none for “another service”

    @property
    def workload_names(self) -> tuple[str, ...]:
        """The names of its workloads, as stored."""
        return tuple(workload.name for workload in self.workloads)

    def workload(self, name: str) -> Workload:
        """Return a workload by name. One that left the list is still shown, under its name."""
        return next((workload for workload in self.workloads if workload.name == name), Workload(name, name))

    def find_target(self, severity: str, workload: str = "") -> ResponseTarget | None:
        """Return the target of a severity: that of the workload, else the one for all."""
        targets = [target for target in self.targets if target.severity == severity]
        own = (target for target in targets if target.workload and target.workload == workload)
        return next(own, next((target for target in targets if not target.workload), None))


@dataclass(frozen=True)
class PortalPath:
    """The click path of one kind of request in Partner Center, step by step."""

    portal: str  # the address at which it begins
    en: tuple[str, ...]
    zh: tuple[str, ...]
    source: PolicySource


@dataclass(frozen=True)
class Hotline:
    """A number to call when the web form does not work."""

    number: str
    services: frozenset[str]  # for these only; empty is for all
    source: PolicySource


@dataclass(frozen=True)
class VendorPolicy:
    """One version of 21Vianet's pages, and the reminder times."""

    desks: Mapping[str, Desk]  # by key
    services: dict[str, CloudService]  # by key
    paths: dict[str, PortalPath]  # by the kind of request
    hotlines: tuple[Hotline, ...]
    billing: Desk
    billing_source: PolicySource
    review: ReviewRules
    reminder_times: ReminderTimes = field(default_factory=reminders.load_packaged)

    def service(self, key: str) -> CloudService:
        """Return a service by key. One that left the list is still shown, under its key."""
        return self.services.get(key) or CloudService(key, key, key)

    def numbers(self, service: str) -> list[str]:
        """Return the numbers to call about a service; an empty key is a request about Partner Center."""
        return [hotline.number for hotline in self.hotlines if not hotline.services or service in hotline.services]

    def sources(self) -> list[PolicySource]:
        """Return the source of every fact."""
        services = self.services.values()
        return [
            *(path.source for path in self.paths.values()), *(hotline.source for hotline in self.hotlines),
            *(desk.source for desk in self.desks.values()), self.billing_source, *self.review.sources(),
            *(source for service in services for source in service.sources),
            *(target.source for service in services for target in service.targets),
        ]  # fmt: skip

    def find_unread_yet(self, today: date) -> list[PolicySource]:
        """Return the sources whose day of reading is ahead, by more than time zones explain."""
        return [source for source in self.sources() if source.read_on > today + timedelta(days=1)]

    def find_unread_pages(self, today: date) -> list[str]:
        """Return the pages with a fact that nobody read for longer than :data:`READ_AGAIN_AFTER`."""
        return sorted({source.url for source in self.sources() if today - source.read_on > READ_AGAIN_AFTER})
