"""What a rota is: members, rotating layers and required coverage. Values only; read by ``toml.reader``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

ALL_DAYS = frozenset(range(7))
PRIMARY, BACKUP = "primary", "backup"
BEIJING = ZoneInfo("Asia/Shanghai")


class PartnerRole(StrEnum):
    """The agent or admin setting of a person in Partner Center.

    Source: 21Vianet partner documentation, "create user accounts and set permissions".
    """

    ADMIN_AGENT = "admin_agent"
    HELPDESK_AGENT = "helpdesk_agent"
    SALES_AGENT = "sales_agent"
    GLOBAL_ADMIN = "global_admin"
    BILLING_ADMIN = "billing_admin"
    USER_ADMIN = "user_admin"

    @property
    def may_open_requests(self) -> bool:
        """Whether this role can file a service request with 21Vianet.

        A request for a customer needs administration on their behalf. Sales agents are excluded expressly; billing and
        user administrators see no customers.
        """
        return self in MAY_OPEN_REQUESTS


MAY_OPEN_REQUESTS = frozenset({PartnerRole.ADMIN_AGENT, PartnerRole.HELPDESK_AGENT, PartnerRole.GLOBAL_ADMIN})


@dataclass(frozen=True)
class Member:
    """A person who can be on call."""

    name: str  # as the rota calls them
    slack_id: str = ""
    email: str = ""
    role: PartnerRole | None = None  # unknown when None
    languages: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()

    @property
    def keys(self) -> tuple[str, ...]:
        """What files and commands call this person exactly: by name, or by Slack id."""
        return (self.name, self.slack_id) if self.slack_id else (self.name,)


@dataclass(frozen=True)
class Layer:
    """One rotation for one seat. A later layer of a seat wins over an earlier one where both cover a time."""

    name: str
    seat: str
    members: tuple[str, ...]  # in turn.
    starts: date  # the local date of the first turn.
    handoff: time  # local time of day at which turns change.
    length: timedelta  # wall time of one turn.
    zone: ZoneInfo
    days: frozenset[int] = ALL_DAYS  # the layer counts only on these weekdays; 0 is Monday.
    opens: time = time(0)  # local time from which it counts; equal to ``closes`` means a whole day.
    closes: time = time(0)  # before ``opens`` it runs past midnight and belongs to the day on which it opens.
    services: frozenset[str] = frozenset()  # what its people are there for; empty is no limit.
    skips_days: bool = False  # turns are counted on ``days`` only, each from handoff to handoff.


@dataclass(frozen=True)
class FixedShift:
    """One shift of a person that comes from an imported calendar instead of a rotation."""

    seat: str
    member: str
    start: datetime  # UTC, like ``end``
    end: datetime
    uid: str = ""


@dataclass(frozen=True)
class Seat:
    """The coverage that one seat requires at every minute."""

    name: str
    people: int = 1  # how many people must be on call.
    services: frozenset[str] = frozenset()  # each needs at least one of them.
    languages: frozenset[str] = frozenset()  # each needs at least one of them.
    needs_role: bool = True  # one of them must be able to open a request with 21Vianet.


@dataclass(frozen=True)
class AcceptedTime:
    """A time at which a seat may have gaps, because a person decided so."""

    start: datetime  # UTC, like ``end``
    end: datetime
    why: str
    seat: str = ""  # empty means all seats


class DayKind(StrEnum):
    """A day off for everybody, or a weekend day that is worked in exchange for one."""

    HOLIDAY = "holiday"
    WORKDAY = "workday"


@dataclass(frozen=True)
class CalendarDay:
    """A day on which the rota corrects the ``holidays`` package. It informs only; required coverage stays the same."""

    date: date
    kind: DayKind
    name: str


@dataclass(frozen=True)
class LoadLimits:
    """Hours beyond which a warning is shown; never a gap.

    The defaults are good practice and the standard of mainland China: 40 hours a week, 36 hours of overtime a month and
    one day off a week (Labour Law, articles 36, 38 and 41).
    """

    average_week: timedelta = timedelta(hours=40)
    week: timedelta = timedelta(hours=48)
    rest: timedelta = timedelta(hours=11)  # between two shifts
    over_mean: int = 50  # how many more nights or holidays than the mean, in percent
    month_overtime: timedelta = timedelta(hours=36)  # beyond ``average_week`` in a calendar month
    days_in_a_row: int = 6  # without 24 hours off


@dataclass(frozen=True)
class Rota:
    """One version of the rota."""

    members: Mapping[str, Member] = field(default_factory=dict)
    layers: tuple[Layer, ...] = ()
    seats: tuple[Seat, ...] = (Seat(PRIMARY), Seat(BACKUP))
    zone: ZoneInfo = BEIJING
    max_on_call: timedelta | None = None  # longest time without a break, in all seats together; None is no limit
    min_rest: timedelta | None = None  # between two such times; None is no limit
    accepted_gaps: tuple[AcceptedTime, ...] = ()
    fixed_shifts: tuple[FixedShift, ...] = ()
    limits: LoadLimits = LoadLimits()  # inform only, like ``calendar``: they change no gap
    calendar: tuple[CalendarDay, ...] = ()

    def member_with(self, slack_id: str) -> Member | None:
        """Return the member with this Slack id, or None. An empty id belongs to no member."""
        return next((member for member in self.members.values() if slack_id and member.slack_id == slack_id), None)
