"""Settings of the installation that reminders need."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from models.rules.policy.reminders import ReminderTimes
from models.rules.policy.vendor import VendorPolicy
from models.rules.reach.reach_plan import NOBODY_REACHED, ReachPlan


@dataclass(frozen=True)
class ReminderSettings:
    """The settings that reminders need."""

    oncall_channel: str
    escalation_channel: str
    leads: tuple[str, ...]  # Slack ids
    zone: ZoneInfo
    policy: VendorPolicy
    usergroup: str | None = None
    reach: ReachPlan = NOBODY_REACHED
    """Other ways to people than Slack."""

    @property
    def reminder_times(self) -> ReminderTimes:
        """The reminder times of the policy."""
        return self.policy.reminder_times
