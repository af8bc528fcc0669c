"""Duty sheets at secret, revocable addresses, and as a file: read from the store at the moment they are asked for."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.clock import Clock
from handlers.i18n.words import Words
from handlers.printable.duty_sheet import write_sheet
from handlers.printable.sheet_facts import SheetFacts, SheetPerson, join_names
from models.escalations.queries import EscalationQueries
from models.escalations.vendor_policies import VendorPolicies
from models.oncall import calendar_feeds
from models.oncall.confirmations import Confirmations
from models.oncall.coverage_ledger import CoverageLedger
from models.oncall.on_call_entries import OnCallEntries
from models.oncall.rota_store import RotaStore
from models.oncall.snapshot import OnCallSnapshot, SnapshotCache
from models.rules.escalations.deadlines import Deadline, find_deadline_from_history
from models.rules.escalations.escalation import Escalation
from models.rules.people import is_unnamed
from models.rules.policy.vendor import VendorPolicy
from models.rules.reach.reach_plan import ReachPlan
from models.rules.rota.rota import Member
from models.store.database import Store

SHEET = ":sheet"
"""Whose address it is among the secret addresses."""
GAPS_AHEAD = timedelta(days=7)


@dataclass(frozen=True)
class SheetSettings:
    """What the operator set for duty sheets."""

    words: Words
    zone: ZoneInfo
    reach: ReachPlan
    leads: Collection[str]  # Slack ids
    packaged_policy: VendorPolicy


class DutySheets:
    """Answers who has the secret address of a sheet."""

    def __init__(self, store: Store, clock: Clock, settings: SheetSettings) -> None:
        self._store, self._clock, self._settings = store, clock, settings
        self._queries, self._policies = EscalationQueries(store), VendorPolicies(store, settings.packaged_policy)
        rota_store = RotaStore(store)
        self._snapshots, confirmations = SnapshotCache(store, rota_store), Confirmations(store, rota_store)
        self._on_call = OnCallEntries(rota_store, confirmations, CoverageLedger(store, rota_store, confirmations))

    def __call__(self, secret: str) -> str | None:
        """Return the sheet of a secret, or None where the secret is unknown. Raises NotSaved."""
        if calendar_feeds.member_of(self._store, secret) != SHEET:
            return None
        return write_sheet(self.read(self._clock.now()), self._settings.words)

    def read(self, now: datetime) -> SheetFacts:
        """Return what the sheet shows as of an instant. Raises NotSaved."""
        snapshot, settings = self._snapshots.at(now), self._settings
        self._policies.refresh()
        in_slack, absent = self._queries.names_of_team(), snapshot.find_absent(now)
        people = {
            name: self._describe(member.keys, _name_member(member, in_slack.get(member.slack_id, "")))
            for name, member in snapshot.rota.members.items()
        }
        leads = [self._describe_lead(lead, snapshot, people) for lead in sorted(settings.leads) if lead not in absent]
        gaps = [gap for gap in snapshot.gaps if gap.end > now and gap.start < now + GAPS_AHEAD]
        cases, names = list(self._queries.all_escalations()), snapshot.names
        return SheetFacts(
            now, settings.zone, self._on_call.at(now, now), snapshot.shifts, gaps, cases,
            self._policies.newest, people, leads,
            lambda user: people[names[user]].name if user in names else self._queries.name_of(user),
            self._find_deadlines(cases, snapshot),
        )  # fmt: skip

    def _find_deadlines(self, cases: Sequence[Escalation], snapshot: OnCallSnapshot) -> dict[int, Deadline]:
        """Return what open cases wait for, by their number."""
        timelines = self._queries.timelines([case.number for case in cases])
        deadlines = {
            case.number: find_deadline_from_history(
                case, timelines[case.number], self._policies.of_version(case.policy_version), snapshot.is_workday
            )
            for case in cases
        }
        return {number: deadline for number, deadline in deadlines.items() if deadline}

    def _describe_lead(self, lead: str, snapshot: OnCallSnapshot, people: Mapping[str, SheetPerson]) -> SheetPerson:
        """Return a lead (a Slack id), who may be outside the rota."""
        member = snapshot.member_of(lead)
        return people[member] if member else self._describe((lead,), self._queries.name_of(lead))

    def _describe(self, keys: tuple[str, ...], name: str) -> SheetPerson:
        """Return somebody by what the reach file may call them."""
        reach = self._settings.reach
        return SheetPerson(name, reach.find_contact(keys), reach.find_channels(keys))


def _name_member(member: Member, in_slack: str) -> str:
    """Return what a member is called in the rota and in Slack; by the rota alone where Slack's is no name."""
    return member.name if is_unnamed(member.slack_id, in_slack) else join_names(member.name, in_slack)
