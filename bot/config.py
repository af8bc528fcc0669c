"""The settings of one run, as values; ``bot.environment`` reads them."""

from dataclasses import dataclass
from enum import Flag, auto
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from handlers.i18n.words import COMMAND
from handlers.settings import Settings
from models.rules.policy.vendor import VendorPolicy
from models.rules.reach.reach_plan import NOBODY_REACHED, ReachPlan
from models.rules.toml.tables import FileFault


class Requirement(Flag):
    """The settings that a command needs."""

    DATABASE = auto()
    SLACK = auto()
    SOCKET = auto()
    HTTP = auto()
    CHANNEL = auto()
    LEADS = auto()


@dataclass(frozen=True)
class Secret:
    """A value that is never printed."""

    _value: str

    def reveal(self) -> str:
        """Return the value itself; only for the call that needs it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret()"

    __str__ = __repr__


@dataclass(frozen=True)
class ConfigProblem:
    """One thing that is wrong with the settings."""

    key: str  # the name of the setting
    wrong: str  # a message of the catalogue: what is wrong
    fix: str  # a message of the catalogue: what to do
    nearest: str = ""  # the setting that was probably meant
    fault: FileFault | None = None  # what is wrong in a file, instead of ``wrong``
    example: str = ""
    """The command that prints such a file without faults."""


@dataclass(frozen=True)
class UnusedFile:
    """A file that is not used because of its faults. The bot runs without it."""

    key: str  # the setting that names it
    problems: tuple[ConfigProblem, ...]
    effect: str  # a message of the catalogue: what that means until it is corrected


class InvalidConfig(Exception):
    """The settings cannot be used. Holds every problem at once."""

    def __init__(self, problems: list[ConfigProblem]) -> None:
        super().__init__(", ".join(problem.key for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class SlackCredentials:
    """The credentials of the Slack app."""

    bot_token: Secret
    app_token: Secret | None  # for Socket Mode
    signing_secret: Secret | None  # for signed HTTP
    api_url: str


@dataclass(frozen=True)
class WebhookSettings:
    """Where moves go besides Slack."""

    url: Secret
    secrets: tuple[Secret, ...]  # one, or two while it is replaced
    allows_private: bool = False  # whether its name may lead to a private address


@dataclass(frozen=True)
class Config:
    """All settings of one run."""

    database_url: Secret
    access: SlackCredentials | None  # None for commands that need the database only
    settings: Settings | None  # None for commands that need the database only
    timezone: ZoneInfo
    pages: VendorPolicy  # the packaged ones, with the reminder times of this installation
    clock_offset_file: Path | None  # sandbox and tests only
    deadman_url: Secret | None = None  # the dead man's switch that is called every minute
    public_url: str = ""
    command: str = COMMAND
    env_file: Path | None = None
    reach: ReachPlan = NOBODY_REACHED  # other ways to people than Slack
    reach_file: Path | None = None
    webhook: WebhookSettings | None = None
    oncall_channel: str = ""  # for commands that change the rota; may be empty
    leads: frozenset[str] = frozenset()  # Slack ids, for commands that need the database only; may be empty
    keep_days: int = 0  # how long messages and keys are kept; 0 keeps them for ever
    log_level: str = "INFO"
    log_as_json: bool = False
    unknown: tuple[ConfigProblem, ...] = ()  # misspelt settings: the bot runs, and logs them
    unused_files: tuple[UnusedFile, ...] = ()

    def secrets(self) -> list[str]:
        """Return every secret value, for the logs to hide."""
        secrets = [self.database_url] if "@" in self.database_url.reveal() else []
        if self.webhook:
            secrets += [self.webhook.url, *self.webhook.secrets]
        if self.access:
            secrets += [self.deadman_url] if self.deadman_url else []
            secrets += [s for s in (self.access.bot_token, self.access.app_token, self.access.signing_secret) if s]
        hidden = (
            address.fields[name]
            for address in self.reach.addresses.values()
            for name in address.description.secret
            if name in address.fields
        )
        return [*(secret.reveal() for secret in secrets), *hidden]


def is_loopback(url: str) -> bool:
    """Return whether an address is this machine's."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def is_safe(url: str) -> bool:
    """Return whether nobody can read along when an address is called: https, or http on this machine."""
    try:
        parts = urlsplit(url)
        callable_ = bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc  # .port raises beyond 65535
    except ValueError:
        return False
    plain = url.isascii() and url.isprintable() and " " not in url
    return callable_ and plain and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(url)))
