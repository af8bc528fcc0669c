"""What a rota is: members, layers that rotate, and the coverage that is owed. Values only; read by ``plan_file``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

ALL_DAYS = frozenset(range(7))
PRIMARY, BACKUP = "primary", "backup"
BEIJING = ZoneInfo("Asia/Shanghai")


class PartnerRole(StrEnum):
    """The agent or admin setting of somebody in Partner Center (partner-china: create user accounts and set
    permissions).
    """

    ADMIN_AGENT = "admin_agent"
    HELPDESK_AGENT = "helpdesk_agent"
    SALES_AGENT = "sales_agent"
    GLOBAL_ADMIN = "global_admin"
    BILLING_ADMIN = "billing_admin"
    USER_ADMIN = "user_admin"

    @property
    def may_open_requests(self) -> bool:
        """Whether this role can file a request with 21Vianet. A customer's request needs to administer on behalf;
        a sales agent is expressly excluded, and billing and user administrators see no customers.
        """
        return self in MAY_OPEN_REQUESTS


MAY_OPEN_REQUESTS = frozenset({PartnerRole.ADMIN_AGENT, PartnerRole.HELPDESK_AGENT, PartnerRole.GLOBAL_ADMIN})


@dataclass(frozen=True)
class Member:
    """Somebody who can stand on the rota. ``name`` is how the plan calls them; the rest may be unknown."""

    name: str
    slack_id: str = ""
    email: str = ""
    role: PartnerRole | None = None
    languages: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Layer:
    """One rotation for one seat: ``members`` in turn, each for ``length`` of wall time, changing at ``handoff``.

    It counts only on ``days`` (0 is Monday) and between ``opens`` and ``closes`` of its zone's wall clock; equal
    values mean a whole day, ``closes`` before ``opens`` runs past midnight and belongs to the day on which it opens.
    A later layer of a seat stands above an earlier one wherever both cover. ``services`` limits what those who stand
    by this layer are there for; empty is no limit. With ``skips_days`` turns are counted on its ``days`` only, each
    from ``handoff`` to ``handoff``; without, they run on through the other days too.
    """

    name: str
    seat: str
    members: tuple[str, ...]
    starts: date
    handoff: time
    length: timedelta
    zone: ZoneInfo
    days: frozenset[int] = ALL_DAYS
    opens: time = time(0)
    closes: time = time(0)
    services: frozenset[str] = frozenset()
    skips_days: bool = False


@dataclass(frozen=True)
class FixedShift:
    """One shift of a person that no rotation makes: from an imported calendar."""

    seat: str
    member: str
    start: datetime
    end: datetime
    uid: str = ""


@dataclass(frozen=True)
class Seat:
    """What is owed in one seat at every minute: so many ``people``; among them somebody for each of ``services`` and
    ``languages`` and, with ``needs_role``, somebody whose role may open a request with 21Vianet.
    """

    name: str
    people: int = 1
    services: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    needs_role: bool = True


@dataclass(frozen=True)
class AcceptedTime:
    """Time at which a seat may be short, because somebody decided so. An empty ``seat`` means all of them."""

    start: datetime
    end: datetime
    why: str
    seat: str = ""


class DayKind(StrEnum):
    """A day off for all, or a weekend on which people make up for one."""

    HOLIDAY = "holiday"
    WORKDAY = "workday"


@dataclass(frozen=True)
class CalendarDay:
    """A day that differs from what the ``holidays`` package knows. It informs; what is owed stays the same."""

    date: date
    kind: DayKind
    name: str


@dataclass(frozen=True)
class LoadLimits:
    """From where on hours are worth a warning; never a gap. ``over_mean`` is how many more nights or holidays than the
    mean, in percent; ``month_overtime`` is what may come on top of ``average_week`` in a calendar month, and
    ``days_in_a_row`` how long somebody goes without 24 hours off. The usual ones are good practice; 40 hours a week, 36
    of overtime a month and a day off a week are the standard of mainland China (Labour Law, articles 36, 38, 41).
    """

    average_week: timedelta = timedelta(hours=40)
    week: timedelta = timedelta(hours=48)
    rest: timedelta = timedelta(hours=11)
    over_mean: int = 50
    month_overtime: timedelta = timedelta(hours=36)
    days_in_a_row: int = 6


@dataclass(frozen=True)
class Rota:
    """One version of the rota. Nobody stands more than ``longest`` in one go, in whatever seats, and everybody rests
    ``rest`` between; None is no limit. ``limits`` and ``calendar`` inform and change no gap.
    """

    members: Mapping[str, Member] = field(default_factory=dict)
    layers: tuple[Layer, ...] = ()
    seats: tuple[Seat, ...] = (Seat(PRIMARY), Seat(BACKUP))
    zone: ZoneInfo = BEIJING
    max_on_call: timedelta | None = None
    min_rest: timedelta | None = None
    accepted_gaps: tuple[AcceptedTime, ...] = ()
    fixed_shifts: tuple[FixedShift, ...] = ()
    limits: LoadLimits = LoadLimits()
    calendar: tuple[CalendarDay, ...] = ()

    def member_with(self, slack_id: str) -> Member | None:
        """Return the member with this Slack id, or None. An empty id belongs to nobody."""
        return next((member for member in self.members.values() if slack_id and member.slack_id == slack_id), None)
