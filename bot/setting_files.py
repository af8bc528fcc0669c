"""The files that settings name: who is reached beside Slack, and when people are reminded.

A file with a fault is no reason not to start. At night a bot that stopped tells nobody anything, while one without the
file still speaks in Slack. So the file is left out whole, and log, on-call channel and ``doctor`` say so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from bot import setting_fixes
from bot.config import ConfigProblem, UnusedFile
from handlers.i18n.words import N_
from models.rules.policy import reminders
from models.rules.policy.reminders import ReminderTimes
from models.rules.reach.reach_plan import NOBODY_REACHED, ReachPlan
from models.rules.reach.reader import parse_reach
from models.rules.toml import document
from models.rules.toml.tables import InvalidFile

REACH, REMINDERS = "CSP_REACH_FILE", "CSP_REMINDERS_FILE"
"""The settings that name a file."""
NOBODY_OUTSIDE = N_("Until this is corrected and the bot restarted, nobody is reached outside Slack.")
USUAL_TIMES = N_("Until this is corrected and the bot restarted, the packaged reminder times apply.")
_SYSTEM: dict[type[Exception], str] = {
    FileNotFoundError: N_("names a file that does not exist"),
    IsADirectoryError: N_("names a folder"),
}

T = TypeVar("T")


@dataclass(frozen=True)
class SettingFile(Generic[T]):
    """What a file says, or what applies without it."""

    content: T
    path: Path | None = None
    unused: UnusedFile | None = None


def read_reach(path: str | None, zone: ZoneInfo) -> SettingFile[ReachPlan]:
    """Return who is reached how beside Slack. A fault repeats no value: the values are secrets."""
    kind = _Kind(REACH, setting_fixes.REACH, setting_fixes.REACH_EXAMPLE, NOBODY_OUTSIDE)
    return _read(path, kind, lambda text: parse_reach(text, zone), NOBODY_REACHED)


def read_reminder_times(path: str | None) -> SettingFile[ReminderTimes]:
    """Return the operator's times of reminders, or the packaged ones."""
    kind = _Kind(REMINDERS, setting_fixes.REMINDERS, setting_fixes.REMINDERS_EXAMPLE, USUAL_TIMES)
    return _read(path, kind, reminders.parse_reminder_times, reminders.load_packaged())


@dataclass(frozen=True)
class _Kind:
    """What is told about the file of a setting: what to do, which command prints an example, what a fault means."""

    key: str
    fix: str
    example: str
    effect: str


def _read(path: str | None, kind: _Kind, parse: Callable[[str], T], otherwise: T) -> SettingFile[T]:
    """Return what a file says, or what applies otherwise."""
    if path is None:
        return SettingFile(otherwise)
    try:
        return SettingFile(parse(document.decode(Path(path).read_bytes())), Path(path))
    except InvalidFile as bad:
        key = f"{kind.key} ({Path(path).name})"
        problems = [ConfigProblem(key, "", kind.fix, fault=fault, example=kind.example) for fault in bad.faults]
    except (OSError, ValueError) as error:
        problems = [_describe_unreadable(kind.key, path, error, kind.fix)]
    return SettingFile(otherwise, Path(path), UnusedFile(kind.key, tuple(problems), kind.effect))


def _describe_unreadable(key: str, path: str, error: Exception, fix: str) -> ConfigProblem:
    """Return the problem of an unreadable file; it is named only where it ends in .toml: it may be a secret."""
    named = f"{key} ({path})" if path.endswith(".toml") else key
    return ConfigProblem(named, _SYSTEM.get(type(error), N_("can't be read")), fix)
