"""The manifest of the Slack app: the file of the package, with another command, another name, or for signed HTTP."""

import json
import re
from pathlib import Path

from handlers.i18n.words import COMMAND

PACKAGED = Path(__file__).with_name("manifest.yml")
NAME = "CSP Escalate"
LONGEST_NAME = 35
"""Of ``display_information.name``, by Slack's schema of manifests."""


def write(command: str = COMMAND, name: str = NAME, url: str = "") -> str:
    """Return the manifest with its comments; for signed HTTP at ``url``, or for Socket Mode where that is empty."""
    text = PACKAGED.read_text(encoding="utf-8")
    text = _set_value(text, "- command", COMMAND, command)
    text = _set_value(text, "(?:display_)?name", NAME, _quote(name))
    return _for_http(text, url) if url else text


def _set_value(text: str, key: str, packaged: str, value: str) -> str:
    """Return the manifest with another value at a key, wherever the packaged one stands."""
    return re.sub(rf"^( *{key}: ){packaged}$", lambda match: match[1] + value, text, flags=re.MULTILINE)


def _for_http(text: str, url: str) -> str:
    """Return a manifest by which Slack calls an address instead of waiting for the bot's connection."""
    text = text.replace("socket_mode_enabled: true", "socket_mode_enabled: false")
    text = re.sub(r"^( *)- command: .+$", rf"\g<0>\n\1  url: {url}", text, flags=re.MULTILINE)
    called = r"^( *)(?:interactivity|event_subscriptions):$"
    return re.sub(called, rf"\g<0>\n\1  request_url: {url}", text, flags=re.MULTILINE)


def _quote(name: str) -> str:
    """Return a name as YAML: bare where nothing in it can be read otherwise, else as JSON, which is YAML too."""
    return name if re.fullmatch(r"[A-Za-z][\w ]*\w", name) else json.dumps(name, ensure_ascii=False)
