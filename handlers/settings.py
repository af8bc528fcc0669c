"""What the conversation must know of the installation; read from the environment by ``bot.environment``."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Settings:
    """``language`` (``en``, ``zh_CN``, ``both``) is for shared cards; ``teams`` is the allow-list of workspaces,
    empty for just the one the bot token belongs to; ``api_url`` says whose response addresses may be answered.
    """

    escalation_channel: str
    oncall_channel: str
    timezone: ZoneInfo
    language: str = "zh_CN"
    leads: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    oncall_usergroup: str | None = None
    api_url: str = "https://slack.com/api/"
