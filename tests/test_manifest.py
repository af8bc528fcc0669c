"""manifest.yml against Slack's own schema, and against the ids, events and Web API methods in the code."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from bot import app_manifest, doctor
from handlers import ids
from handlers.i18n.words import COMMAND

ROOT = Path(__file__).parents[1]
SCHEMA = json.loads((ROOT / "tests/data/manifest.schema.json").read_text(encoding="utf-8"))
MANIFEST: dict[str, Any] = yaml.safe_load((ROOT / "manifest.yml").read_text(encoding="utf-8"))

# What a bot token needs for each method we call, for the kinds of conversation we call it on: public and private
# channels, and direct messages with one person. Each line is from docs.slack.dev/reference/methods/<method>.
SCOPES: dict[str, set[str]] = {
    "apps.connections.open": set(),  # an app-level token's, with connections:write
    "auth.test": set(),
    "chat.delete": {"chat:write"},
    "chat.getPermalink": set(),
    "chat.postMessage": {"chat:write"},
    "chat.update": {"chat:write"},
    "conversations.history": {"channels:history", "groups:history", "im:history"},
    "conversations.info": {"channels:read", "groups:read"},
    "conversations.open": {"im:write"},
    "conversations.replies": {"channels:history", "groups:history", "im:history"},
    "conversations.setTopic": {"channels:write.topic", "groups:write.topic"},
    "files.completeUploadExternal": {"files:write"},
    "files.getUploadURLExternal": {"files:write"},
    "files.info": {"files:read"},
    "usergroups.list": {"usergroups:read"},
    "usergroups.users.list": {"usergroups:read"},
    "usergroups.users.update": {"usergroups:write"},
    "users.info": {"users:read"},
    "views.open": set(),
    "views.publish": set(),
    "views.push": set(),
    "views.update": set(),
}
FAMILIES = "|".join(sorted({method.split(".")[0] for method in SCOPES} | {"files", "reactions", "pins", "bookmarks"}))
NAMED = re.compile(rf"({FAMILIES})\.[A-Za-z.]+")
CALLED = re.compile(rf"({FAMILIES})_[A-Za-z_]+")


def _sources() -> Iterator[ast.Module]:
    """The program without its sandbox, which plays Slack and so names every method."""
    for package in ("bot", "handlers", "models"):
        for path in sorted((ROOT / package).rglob("*.py")):
            if "sandbox" not in path.parts:
                yield ast.parse(path.read_text(encoding="utf-8"))


def _methods() -> set[str]:
    """Every Web API method that the code names as text or calls on a client."""
    found = set()
    for node in (node for module in _sources() for node in ast.walk(module)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and NAMED.fullmatch(node.value):
            found.add(node.value)
        elif isinstance(node, ast.Attribute) and CALLED.fullmatch(node.attr):
            found.add(node.attr.replace("_", ".", 1))
    return found


def _listens_to(kind: str) -> set[str]:
    """The names that the routing table listens to with ``app.<kind>("...")``."""
    routes = ast.parse((ROOT / "handlers/routes.py").read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(routes) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    first = [call.args[0] for call in calls if getattr(call.func, "attr", "") == kind and call.args]
    return {str(one.value) for one in first if isinstance(one, ast.Constant)}


def test_the_manifest_is_what_slacks_schema_wants() -> None:
    assert [error.message for error in Draft7Validator(SCHEMA).iter_errors(MANIFEST)] == []


def test_the_schema_needs_no_network() -> None:
    references = re.findall(r'"\$ref": "([^"]+)"', json.dumps(SCHEMA))
    assert references
    assert [reference for reference in references if not reference.startswith("#")] == []


@pytest.mark.parametrize("broken", [{"display_information": {}}, {"settings": {"socket_mode_enabled": "yes"}}])
def test_the_schema_would_notice_a_broken_manifest(broken: dict[str, Any]) -> None:
    assert list(Draft7Validator(SCHEMA).iter_errors({**MANIFEST, **broken}))


def test_every_method_the_code_calls_has_its_line_in_the_table_and_no_other_has() -> None:
    assert _methods() == set(SCOPES)


def test_the_scopes_are_exactly_what_the_methods_and_the_commands_need() -> None:
    needed = set().union(*SCOPES.values()) | {"commands"}
    assert set(MANIFEST["oauth_config"]["scopes"]["bot"]) == needed
    assert "user" not in MANIFEST["oauth_config"]["scopes"]


def test_the_doctor_asks_for_the_same_scopes() -> None:
    assert sorted(doctor.SCOPES) == sorted(MANIFEST["oauth_config"]["scopes"]["bot"])


def test_the_command_is_the_one_the_code_listens_to() -> None:
    (command,) = MANIFEST["features"]["slash_commands"]
    assert command["command"] == COMMAND
    assert command["should_escape"] is False  # names that are typed stay as they were typed


def test_the_shortcuts_are_the_ones_the_code_listens_to() -> None:
    shortcuts = {(one["type"], one["callback_id"]) for one in MANIFEST["features"]["shortcuts"]}
    assert shortcuts == {
        ("global", ids.GLOBAL_SHORTCUT), ("message", ids.MESSAGE_SHORTCUT), ("message", ids.ATTACH_SHORTCUT),
    }  # fmt: skip


def test_every_event_subscribed_to_is_listened_to_and_none_else() -> None:
    direct = {"message.im"} if "listen.direct_message(" in (ROOT / "handlers/routes.py").read_text("utf-8") else set()
    assert set(MANIFEST["settings"]["event_subscriptions"]["bot_events"]) == _listens_to("event") | direct


def test_home_tab_socket_mode_and_interactivity_are_on() -> None:
    assert MANIFEST["features"]["app_home"]["home_tab_enabled"] is True
    assert MANIFEST["settings"]["socket_mode_enabled"] is True
    assert MANIFEST["settings"]["interactivity"]["is_enabled"] is True


def test_people_can_type_to_the_bot_in_its_direct_message() -> None:
    assert MANIFEST["features"]["app_home"]["messages_tab_enabled"] is True
    assert MANIFEST["features"]["app_home"]["messages_tab_read_only_enabled"] is False


def test_a_second_app_has_a_name_and_a_command_of_its_own_and_all_else_alike() -> None:
    second = yaml.safe_load(app_manifest.write("/csp-escalate-b", "CSP: “B” #2"))

    assert [error.message for error in Draft7Validator(SCHEMA).iter_errors(second)] == []
    assert second["features"]["slash_commands"][0].pop("command") == "/csp-escalate-b"
    assert second["display_information"].pop("name") == "CSP: “B” #2"
    assert second["features"]["bot_user"].pop("display_name") == "CSP: “B” #2"
    packaged = yaml.safe_load(app_manifest.write())
    assert packaged == MANIFEST
    del packaged["features"]["slash_commands"][0]["command"], packaged["display_information"]["name"]
    del packaged["features"]["bot_user"]["display_name"]
    assert second == packaged


def test_for_signed_http_slack_calls_one_address_and_socket_mode_is_off() -> None:
    url = "https://bot.example.cn/slack/events"
    http = yaml.safe_load(app_manifest.write(url=url))

    assert [error.message for error in Draft7Validator(SCHEMA).iter_errors(http)] == []
    assert http["settings"]["socket_mode_enabled"] is False
    assert http["settings"]["interactivity"]["request_url"] == url
    assert http["settings"]["event_subscriptions"]["request_url"] == url
    assert http["features"]["slash_commands"][0]["url"] == url
