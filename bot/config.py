"""The settings of one run, as values; ``bot.environment`` reads them."""

from dataclasses import dataclass
from enum import Flag, auto
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from handlers.settings import Settings
from models.rules.policy import VendorPolicy


class Requirement(Flag):
    """What a command cannot do without."""

    DATABASE = auto()
    SLACK = auto()
    SOCKET = auto()
    HTTP = auto()
    CHANNEL = auto()


@dataclass(frozen=True)
class Secret:
    """A value that prints as nothing."""

    _value: str

    def reveal(self) -> str:
        """The value itself; only for the call that needs it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret()"

    __str__ = __repr__


@dataclass(frozen=True)
class ConfigProblem:
    """One thing that is wrong with the settings. ``wrong`` and ``mend`` are sentences of the catalogue; ``nearest`` is
    the setting that was probably meant, if any.
    """

    key: str
    wrong: str
    fix: str
    nearest: str = ""


class InvalidConfig(Exception):
    """The settings cannot be used. Carries every problem at once."""

    def __init__(self, problems: list[ConfigProblem]) -> None:
        super().__init__(", ".join(problem.key for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class SlackCredentials:
    """What it takes to talk to Slack. ``app_token`` serves Socket Mode, ``signing_secret`` signed HTTP."""

    bot_token: Secret
    app_token: Secret | None
    signing_secret: Secret | None
    api_url: str


@dataclass(frozen=True)
class Config:
    """All settings of one run. ``access`` and ``settings`` are None for commands that need the database only;
    those that change the rota ask for ``oncall_channel``, which may be empty.
    """

    database_url: Secret
    access: SlackCredentials | None
    settings: Settings | None
    timezone: ZoneInfo
    pages: VendorPolicy
    clock_offset_file: Path | None
    deadman_url: Secret | None = None
    public_url: str = ""
    env_file: Path | None = None
    oncall_channel: str = ""
    unknown: tuple[ConfigProblem, ...] = ()
    """Settings that are misspelt: the bot runs, and tells of them."""

    def secrets(self) -> list[str]:
        """Every secret value, for the logs to hide."""
        kept = [self.database_url] if "@" in self.database_url.reveal() else []
        if self.access:
            kept += [self.deadman_url] if self.deadman_url else []
            kept += [s for s in (self.access.bot_token, self.access.app_token, self.access.signing_secret) if s]
        return [secret.reveal() for secret in kept]


def is_loopback(url: str) -> bool:
    """True when the address names this machine."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def is_safe(url: str) -> bool:
    """True for an address that can be called without anybody reading along: https, or http on this machine."""
    try:
        parts = urlsplit(url)
        callable_ = bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc  # .port raises beyond 65535
    except ValueError:
        return False
    plain = url.isascii() and url.isprintable() and " " not in url
    return callable_ and plain and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(url)))
