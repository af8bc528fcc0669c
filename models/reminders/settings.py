"""Settings of the installation that reminders need."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from models.rules.policy.reminders import ReminderTimes


@dataclass(frozen=True)
class ReminderSettings:
    """The settings that reminders need."""

    oncall_channel: str
    escalation_channel: str
    leads: tuple[str, ...]  # Slack ids
    zone: ZoneInfo
    reminder_times: ReminderTimes
    usergroup: str | None = None
