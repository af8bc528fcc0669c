"""What a sandbox is started with, and the settings that may be changed while it runs."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from bot.sandbox.errors import InvalidAction
from bot.sandbox.json_types import Json
from bot.sandbox.triggers import LIFETIME

MANIFEST = Path(__file__).parents[1] / "manifest.yml"
"""The manifest that comes with the program."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass
class SandboxSettings:
    """The settings of ``/control/settings``, in seconds.

    ``rate_scale`` is a factor: 1 for Slack's limits, 10 for ten times as many calls, 0 for no limit.
    """

    latency: float = 0.0
    rate_scale: float = 1.0
    ack_seconds: float = 3.0
    trigger_seconds: float = LIFETIME  # how long a press may open a form
    history_lag: float = 0.0
    dedupe_client_msg_id: bool = False
    file_seconds: float = 1.0  # an upload's work at Slack goes on after its answer; blocks can show it only then
    commercial: bool = False  # history at 1 call a minute, 15 objects: apps sold outside the Marketplace
    token_revoked: bool = False
    slack_off: bool = False  # Slack answers nobody: the app by no address and no socket, and people in no window
    closed_groups: bool = False  # the workspace lets only its owners edit user groups
    scopes: list[str] | None = None  # granted scopes; None = what the manifest asks for

    def change(self, wanted: Json) -> None:
        """Set what is named. Raises :class:`InvalidAction` for an unknown name or a wrong type."""
        for name, value in wanted.items():
            is_field = name in {field.name for field in fields(self)}
            if not is_field or not self._fits(name, value):
                raise InvalidAction("unknown_setting", {name: value})
        for name, value in wanted.items():
            setattr(self, name, value)

    def described(self) -> Json:
        """Return the settings as JSON."""
        return asdict(self)

    def _fits(self, name: str, value: object) -> bool:
        now = getattr(self, name)
        if name == "scopes":
            return value is None or isinstance(value, list)
        if isinstance(now, bool):
            return isinstance(value, bool)
        return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


@dataclass(frozen=True)
class SandboxOptions:
    """How to start a sandbox.

    `manifest` is the app's manifest.yml or its contents. Without `state_file` nothing is kept. `port` 0 = any free
    one. `http_url` is the bot's request URL for signed HTTP; without it the bot connects by Socket Mode.
    `bot_argv` makes the sandbox start and supervise the bot, with `bot_env` added to its environment.
    `retry_seconds` are the waits before each redelivery of an event. `refresh_seconds` asks the bot to reconnect
    that often, as Slack does every few hours.
    """

    manifest: Path | Json = MANIFEST
    host: str = "127.0.0.1"
    port: int = 0
    state_file: Path | None = None
    clock_file: Path | None = None
    http_url: str | None = None
    settings: SandboxSettings = field(default_factory=SandboxSettings)
    retry_seconds: tuple[float, ...] = (0.0, 60.0, 300.0)
    refresh_seconds: float | None = None
    bot_argv: tuple[str, ...] | None = None
    bot_env: Mapping[str, str] = field(default_factory=dict)
    bot_log: Path | None = None
    echo: bool = False

    def __post_init__(self) -> None:
        if self.host not in LOOPBACK:
            raise ValueError(f"the sandbox serves this machine only: {self.host} is not a loopback address")
