"""The app's manifest: scopes, commands, shortcuts, events, switches. It is read once."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.sandbox.json_types import Json


@dataclass(frozen=True)
class Manifest:
    """What the local Slack needs of a manifest."""

    scopes: frozenset[str] = frozenset()
    commands: tuple[Json, ...] = ()
    shortcuts: tuple[Json, ...] = ()
    events: frozenset[str] = frozenset()
    name: str = "CSP Escalate"
    home_tab: bool = False
    messages_tab: bool = False
    messages_tab_read_only: bool = True
    interactivity: bool = False
    socket_mode: bool = False
    raw: Json = field(default_factory=dict, compare=False)

    def command(self, name: str) -> Json | None:
        """Return a slash command by its name; None when the manifest has none."""
        return next((command for command in self.commands if command["command"] == name), None)

    def shortcut(self, callback_id: str, kind: str) -> Json | None:
        """Return a shortcut by its callback_id; None when the manifest has none."""
        return next(
            (
                shortcut
                for shortcut in self.shortcuts
                if (shortcut["callback_id"], shortcut["type"]) == (callback_id, kind)
            ),
            None,
        )


def read_manifest(source: Path | Json) -> Manifest:
    """Read a manifest.yml or its contents. A missing file raises FileNotFoundError with its path."""
    raw = source if isinstance(source, dict) else yaml.safe_load(source.read_text(encoding="utf-8"))
    features, settings = raw.get("features", {}), raw.get("settings", {})
    home = features.get("app_home", {})
    return Manifest(
        scopes=frozenset(_at(raw, "oauth_config", "scopes").get("bot", ())),
        commands=tuple(features.get("slash_commands", ())),
        shortcuts=tuple(features.get("shortcuts", ())),
        events=frozenset(_at(settings, "event_subscriptions").get("bot_events", ())),
        name=_at(features, "bot_user").get("display_name", raw["display_information"]["name"]),
        home_tab=bool(home.get("home_tab_enabled", False)),
        messages_tab=bool(home.get("messages_tab_enabled", True)),
        messages_tab_read_only=bool(home.get("messages_tab_read_only_enabled", False)),
        interactivity=bool(_at(settings, "interactivity").get("is_enabled", False)),
        socket_mode=bool(settings.get("socket_mode_enabled", False)),
        raw=raw,
    )


def _at(raw: Json, *path: str) -> dict[str, Any]:
    for key in path:
        raw = raw.get(key) or {}
    return raw
