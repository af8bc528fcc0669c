"""Settings of the installation that reminders need."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from models.rules.policy.reminders import ReminderTimes


@dataclass(frozen=True)
class ReminderSettings:
    """Where it speaks, who leads (Slack ids), its time zone, and how patient it is."""

    oncall_channel: str
    escalation_channel: str
    leads: tuple[str, ...]
    zone: ZoneInfo
    reminder_times: ReminderTimes
    usergroup: str | None = None
