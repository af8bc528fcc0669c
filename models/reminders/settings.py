"""What the vigil must know of the installation."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from models.rules.policy.reminders import Nagging


@dataclass(frozen=True)
class House:
    """Where it speaks, who leads (Slack ids), its time zone, and how patient it is."""

    oncall_channel: str
    escalation_channel: str
    leads: tuple[str, ...]
    zone: ZoneInfo
    nagging: Nagging
    usergroup: str | None = None
