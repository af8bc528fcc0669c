"""Settings of the installation that conversations need; ``bot.environment`` reads them."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Settings:
    """What conversations need to know of the installation."""

    escalation_channel: str  # Slack id.
    oncall_channel: str  # Slack id.
    timezone: ZoneInfo
    language: str = "zh_CN"  # of shared cards: en, zh_CN or both.
    leads: frozenset[str] = frozenset()  # Slack ids.
    teams: frozenset[str] = frozenset()  # workspaces allowed; empty for just the one of the bot token.
    oncall_usergroup: str | None = None
    contacts_in_threads: bool = False  # whether a customer's contacts are shown in the thread of its card.
    api_url: str = "https://slack.com/api/"  # response addresses of this host may be answered.
