"""Settings: the environment and a .env file become one frozen value. The only reader of os.environ.

Everything that is missing or malformed is collected and reported at once. No message repeats a value, because a
mistyped secret is still a secret. A file that a setting names is no reason not to start: see ``bot.setting_files``.
"""

import os
import re
import sys
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from dotenv import dotenv_values
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bot import setting_fixes
from bot.config import (
    Config,
    ConfigProblem,
    InvalidConfig,
    Requirement,
    Secret,
    SlackCredentials,
    WebhookSettings,
    is_loopback,
    is_safe,
)
from bot.operator_language import LANGUAGES
from bot.setting_files import REACH, REMINDERS, read_reach, read_reminder_times
from handlers.i18n.rota_labels import NEAREST
from handlers.i18n.words import COMMAND, N_
from handlers.settings import Settings
from models.outbox.retention import KEPT_AT_LEAST
from models.rules.policy import reader
from models.rules.times import find_zone
from models.rules.toml.similar_names import find_nearest

SLACK_API = "https://slack.com/api/"
DEFAULT_DATABASE = "sqlite:///csp-escalate.db"
KEYS = {
    "CSP_ESCALATION_CHANNEL", "CSP_ONCALL_CHANNEL", "CSP_ONCALL_USERGROUP", "CSP_LEADS", "CSP_TEAM_ID", "CSP_LANGUAGE",
    "CSP_TIMEZONE", "CSP_REMINDERS_FILE", "CSP_REACH_FILE", "CSP_PUBLIC_URL", "CSP_DEADMAN_URL",
    "CSP_CLOCK_OFFSET_FILE", "CSP_CONTACTS_IN_THREADS", "CSP_LOG", "CSP_LOG_LEVEL", "CSP_KEEP_DAYS", "CSP_COMMAND",
    "CSP_WEBHOOK_URL", "CSP_WEBHOOK_SECRET", "CSP_WEBHOOK_PRIVATE",
}  # fmt: skip
"""The names of all settings of this program."""
GONE = {
    "CSP_POLICY_FILE": N_("Import the file once, then remove the setting: csp-escalate policy import FILE"),
    "CSP_NAGGING_FILE": N_("It is called CSP_REMINDERS_FILE now. Until you rename it, the packaged times hold."),
}
"""Settings of earlier versions, and what replaces them."""
KEEP_DAYS = "90"
LOG_LEVELS = ("info", "debug", "warning", "error")
_SCHEMES = {"sqlite", "sqlite+pysqlite", "postgresql", "postgres", "postgresql+psycopg"}
_CHANNEL, _GROUP, _TEAM = r"[CG][A-Z0-9]{2,20}", r"S[A-Z0-9]{2,20}", r"[TE][A-Z0-9]{2,20}"
_WEBHOOK_KEY = r"whsec_(?:[A-Za-z0-9+/]{4}){8,21}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"
"""A key of 24 to 65 bytes in base64, as Standard Webhooks has it."""
_PERSON = r"[UW][A-Z0-9]{2,20}"
_SLASH_COMMAND = r"/[a-z0-9][a-z0-9_-]{0,30}"  # Slack allows 32 characters


def read(needs: Requirement, env_file: Path | None = None, environ: Mapping[str, str] | None = None) -> Config:
    """Read the settings; the real environment wins over the file. Raises :class:`InvalidConfig`.

    ``env_file`` must exist when it is named; without it ``.env`` in the working directory is used if it is there.
    """
    config, problems = survey(needs, env_file, environ)
    if problems:
        raise InvalidConfig([*problems, *config.unknown])
    return config


def survey(
    needs: Requirement, env_file: Path | None = None, environ: Mapping[str, str] | None = None
) -> tuple[Config, list[ConfigProblem]]:
    """Read the settings as :func:`read` does, and return what is wrong with them instead of raising it.

    What is wrong has a harmless value. Raises InvalidConfig only for a settings file that can't be read.
    """
    values = _values(env_file, os.environ if environ is None else environ)
    reader, unknown = _Reader(values), _unknown(values)
    config = replace(reader.config(needs), env_file=env_file or Path(".env"), unknown=tuple(unknown))
    return config, reader.problems


def wants_json_log(env_file: Path | None = None) -> bool:
    """Return whether the log is asked for as JSON, whatever is wrong with other settings."""
    try:
        return _values(env_file, os.environ).get("CSP_LOG", "").lower() == "json"
    except InvalidConfig:
        return False


def read_command(env_file: Path | None = None) -> str:
    """Return the slash command alone, for what needs no other setting. Raises :class:`InvalidConfig`."""
    reader = _Reader(_values(env_file, os.environ))
    command = reader.command()
    if reader.problems:
        raise InvalidConfig(reader.problems)
    return command


def is_command(text: str) -> bool:
    """Return whether a text can be the name of a slash command of Slack's."""
    return re.fullmatch(_SLASH_COMMAND, text) is not None


def disarm_oauth(environ: MutableMapping[str, str] | None = None) -> None:
    """Forget SLACK_CLIENT_ID and its secret: Bolt would see them, turn on OAuth and ignore our token."""
    env = os.environ if environ is None else environ
    for key in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"):
        env.pop(key, None)


def has_screen(environ: Mapping[str, str] | None = None) -> bool:
    """Return whether a browser window can open; on a bare terminal a text browser would take over."""
    env = os.environ if environ is None else environ
    return sys.platform in {"darwin", "win32"} or bool(env.get("DISPLAY") or env.get("WAYLAND_DISPLAY"))


def _values(env_file: Path | None, environ: Mapping[str, str]) -> dict[str, str]:
    path = env_file or Path(".env")
    try:
        present = path.is_file()
        # Without interpolation: a "$" in a password is a "$".
        from_file = dotenv_values(path, interpolate=False) if present else {}
    except (OSError, UnicodeDecodeError):
        raise InvalidConfig([ConfigProblem(str(path), N_("cannot be read"), N_("Save it as UTF-8 text."))]) from None
    if env_file is not None and path.is_dir():
        raise InvalidConfig([ConfigProblem(str(path), N_("is a folder"), N_("Name a file with KEY=value lines."))])
    if env_file is not None and not present:
        raise InvalidConfig([ConfigProblem(str(path), N_("does not exist"), N_("Name a file with KEY=value lines."))])
    merged = {k: v.strip() for k, v in from_file.items() if v}
    return merged | {k: v.strip() for k, v in environ.items() if v.strip()}


def _unknown(values: Mapping[str, str]) -> list[ConfigProblem]:
    """Return settings that are probably misspelt: their names resemble one of ours. Others may be another program's."""
    gone = [ConfigProblem(key, N_("is not a setting any more"), fix) for key, fix in GONE.items() if key in values]
    near = {key: find_nearest(key, KEYS) for key in values if key.startswith("CSP_") and key not in KEYS | GONE.keys()}
    unknown = [ConfigProblem(key, N_("is not a setting"), NEAREST, name) for key, name in near.items() if name]
    return gone + unknown


class _Reader:
    """Takes one key after another and notes what is wrong with it."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self.problems: list[ConfigProblem] = []

    def config(self, needs: Requirement) -> Config:
        timezone = self._timezone()
        access = self._access(needs) if Requirement.SLACK in needs else None
        times, reach = read_reminder_times(self._values.get(REMINDERS)), read_reach(self._values.get(REACH), timezone)
        return Config(
            database_url=self._database(),
            access=access,
            settings=self._settings(timezone) if Requirement.SLACK in needs else None,
            timezone=timezone,
            pages=replace(reader.load_packaged(), reminder_times=times.content),
            clock_offset_file=self._offset_file(),
            command=self.command(),
            deadman_url=self._deadman_url() if Requirement.SLACK in needs else None,
            public_url=(
                self._text("CSP_PUBLIC_URL", False, r"https?://[\w.:\[\]-]+(/[\w./~-]*)?", setting_fixes.PUBLIC) or ""
            ).rstrip("/"),
            reach=reach.content,
            reach_file=reach.path,
            unused_files=tuple(file.unused for file in (reach, times) if file.unused),
            webhook=self._webhook(),
            keep_days=self._keep_days(),
            log_level=self._one_of("CSP_LOG_LEVEL", LOG_LEVELS, setting_fixes.LOG_LEVEL).upper(),
            log_as_json=self._one_of("CSP_LOG", ("text", "json"), setting_fixes.LOG) == "json",
            oncall_channel=self._channel() if Requirement.CHANNEL in needs else "",
            leads=self._leads() if Requirement.LEADS in needs else frozenset(),
        )

    def command(self) -> str:
        """Return the slash command."""
        return self._text("CSP_COMMAND", False, _SLASH_COMMAND, setting_fixes.COMMAND) or COMMAND

    def _channel(self) -> str:
        return self._text("CSP_ONCALL_CHANNEL", False, _CHANNEL, setting_fixes.CHANNEL_ID) or ""

    def _leads(self) -> frozenset[str]:
        return self._ids("CSP_LEADS", _PERSON, setting_fixes.LEADS)

    def _access(self, needs: Requirement) -> SlackCredentials:
        bot = self._secret("SLACK_BOT_TOKEN", True, r"xoxb-[\w.-]{4,}", setting_fixes.BOT_TOKEN)
        app = self._secret("SLACK_APP_TOKEN", Requirement.SOCKET in needs, r"xapp-[\w.-]{4,}", setting_fixes.APP_TOKEN)
        signing = self._secret("SLACK_SIGNING_SECRET", Requirement.HTTP in needs, r"\S{16,}", setting_fixes.SIGNING)
        self._check_api_url()
        return SlackCredentials(bot or Secret(""), app, signing, self._api_url())

    def _settings(self, timezone: ZoneInfo) -> Settings:
        return Settings(
            escalation_channel=self._text("CSP_ESCALATION_CHANNEL", True, _CHANNEL, setting_fixes.CHANNEL_ID) or "",
            oncall_channel=self._text("CSP_ONCALL_CHANNEL", True, _CHANNEL, setting_fixes.CHANNEL_ID) or "",
            oncall_usergroup=self._text("CSP_ONCALL_USERGROUP", False, _GROUP, setting_fixes.GROUP_ID),
            leads=self._leads(),
            teams=self._ids("CSP_TEAM_ID", _TEAM, setting_fixes.TEAM_ID),
            language=self._language(),
            timezone=timezone,
            contacts_in_threads=self._text("CSP_CONTACTS_IN_THREADS", False, "yes|no", setting_fixes.YES_NO) == "yes",
            api_url=self._api_url(),
        )

    def _text(self, key: str, required: bool, pattern: str, fix: str) -> str | None:
        value = self._values.get(key)
        if value is None:
            if required:
                self._wrong(key, N_("is missing"), fix)
            return None
        if not re.fullmatch(pattern, value):
            self._wrong(key, N_("does not look right"), fix)
            return None
        return value

    def _keep_days(self) -> int:
        value = self._values.get("CSP_KEEP_DAYS", KEEP_DAYS)
        days = int(value) if re.fullmatch(r"[0-9]{1,5}", value, re.ASCII) else -1
        if days != 0 and days < KEPT_AT_LEAST.days:
            self._wrong("CSP_KEEP_DAYS", N_("does not look right"), setting_fixes.KEEP)
        return max(0, days)

    def _one_of(self, key: str, allowed: Sequence[str], fix: str) -> str:
        """Return a choice, in lower case; the first one where it is not set."""
        value = self._values.get(key, allowed[0]).lower()
        if value not in allowed:
            self._wrong(key, N_("does not look right"), fix)
            return allowed[0]
        return value

    def _secret(self, key: str, required: bool, pattern: str, fix: str) -> Secret | None:
        value = self._text(key, required, pattern, fix)
        return Secret(value) if value else None

    def _api_url(self) -> str:
        url = self._values.get("SLACK_API_URL", SLACK_API)
        return url if url.endswith("/") else url + "/"

    def _check_api_url(self) -> None:
        url = self._values.get("SLACK_API_URL", SLACK_API)
        if not is_safe(url):
            self._wrong("SLACK_API_URL", N_("is not a safe address"), setting_fixes.API_URL)

    def _deadman_url(self) -> Secret | None:
        url = self._values.get("CSP_DEADMAN_URL")
        if url is None:
            return None
        if not is_safe(url):
            self._wrong("CSP_DEADMAN_URL", N_("is not a safe address"), setting_fixes.DEADMAN)
        return Secret(url)

    def _webhook(self) -> WebhookSettings | None:
        url = self._values.get("CSP_WEBHOOK_URL")
        private = self._text("CSP_WEBHOOK_PRIVATE", False, "yes|no", setting_fixes.YES_NO) == "yes"
        pattern = rf"{_WEBHOOK_KEY}( {_WEBHOOK_KEY})?"
        secrets = self._text("CSP_WEBHOOK_SECRET", url is not None, pattern, setting_fixes.WEBHOOK_SECRET)
        if url is None:
            return None
        if not is_safe(url):
            self._wrong("CSP_WEBHOOK_URL", N_("is not a safe address"), setting_fixes.WEBHOOK)
            return None
        return WebhookSettings(Secret(url), tuple(map(Secret, (secrets or "").split())), private)

    def _database(self) -> Secret:
        url = self._values.get("DATABASE_URL", DEFAULT_DATABASE)
        if not _usable_database(url):
            self._wrong("DATABASE_URL", N_("is not a database this program supports"), setting_fixes.DATABASE)
        return Secret(url)

    def _ids(self, key: str, pattern: str, fix: str) -> frozenset[str]:
        ids = [part.strip() for part in self._values.get(key, "").split(",")]
        if any(part and not re.fullmatch(pattern, part) for part in ids):
            self._wrong(key, N_("does not look right"), fix)
        return frozenset(part for part in ids if part)

    def _language(self) -> str:
        language = LANGUAGES.get(self._values.get("CSP_LANGUAGE", "zh_CN").lower())
        if language is None:
            self._wrong("CSP_LANGUAGE", N_("is not a supported language"), setting_fixes.LANGUAGE)
        return language or "zh_CN"

    def _timezone(self) -> ZoneInfo:
        zone = find_zone(self._values.get("CSP_TIMEZONE", "Asia/Shanghai"))
        if zone is None:
            self._wrong("CSP_TIMEZONE", N_("is not a known time zone"), setting_fixes.TIMEZONE)
        return zone or ZoneInfo("UTC")

    def _offset_file(self) -> Path | None:
        path = self._values.get("CSP_CLOCK_OFFSET_FILE")
        if path is None:
            return None
        if not is_loopback(self._values.get("SLACK_API_URL", SLACK_API)):
            self._wrong("CSP_CLOCK_OFFSET_FILE", N_("is for the sandbox only"), setting_fixes.OFFSET)
        return Path(path)

    def _wrong(self, key: str, wrong: str, fix: str) -> None:
        self.problems.append(ConfigProblem(key, wrong, fix))


def _usable_database(url: str) -> bool:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return False
    # A database in memory would forget every escalation at the first restart.
    lasting = parsed.get_backend_name() != "sqlite" or parsed.database not in (None, "", ":memory:")
    return parsed.drivername in _SCHEMES and lasting
