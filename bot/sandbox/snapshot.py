"""The workspace as one JSON file and back: channels, people, messages, files, tokens, the clock.

Open modals are not kept.
"""

import base64
import json
from dataclasses import asdict
from pathlib import Path

from bot.sandbox.conversation import Conversation
from bot.sandbox.ids import IdSequence
from bot.sandbox.json_types import Json
from bot.sandbox.local_slack import Credentials, LocalSlack
from bot.sandbox.people import SandboxUser, SandboxUserGroup
from bot.sandbox.stored_file import StoredFile
from bot.sandbox.workspace import Workspace

FORMAT = 1


def taken(slack: LocalSlack) -> Json:
    """Return everything worth keeping."""
    workspace = slack.workspace
    return {
        "format": FORMAT,
        "ids": {"last": workspace.ids.last, "last_ts": workspace.ids.last_ts},
        "offset": slack.clock.offset,
        "credentials": asdict(slack.credentials),
        "people": [asdict(person) for person in workspace.people.values()],
        "groups": [asdict(group) for group in workspace.groups.values()],
        "conversations": [_kept(place) for place in workspace.conversations.values()],
        "files": [_packed(file) for file in workspace.files.values()],
        "bookmarks": workspace.bookmarks,
        "homes": slack.surfaces.homes,
        "responses": slack.responses,
    }


def workspace_from(raw: Json) -> Workspace:
    """Return the workspace of a snapshot. Raises ValueError when another version wrote it."""
    if raw.get("format") != FORMAT:
        raise ValueError(f"this state file has format {raw.get('format')}, this sandbox reads {FORMAT}")
    workspace = Workspace(IdSequence(**raw["ids"]))
    workspace.people = {entry["id"]: SandboxUser(**entry) for entry in raw["people"]}
    workspace.groups = {entry["id"]: SandboxUserGroup(**entry) for entry in raw["groups"]}
    workspace.files = {entry["id"]: _unpacked(entry) for entry in raw["files"]}
    workspace.bookmarks = raw["bookmarks"]
    for entry in raw["conversations"]:
        place = Conversation(**{**entry, "members": set(entry["members"])})
        workspace.conversations[place.id] = place
    return workspace


def restore_rest(slack: LocalSlack, raw: Json) -> None:
    """Restore what is outside the workspace: App Homes, response_urls, the clock."""
    slack.surfaces.homes = raw["homes"]
    slack.responses = raw["responses"]
    slack.clock.move(raw["offset"])


def credentials_from(raw: Json) -> Credentials:
    """Return the credentials of a snapshot."""
    return Credentials(**raw["credentials"])


def read(file: Path) -> Json | None:
    """Return the snapshot in a file; None when there is none yet."""
    if not file.exists():
        return None
    raw: Json = json.loads(file.read_text(encoding="utf-8"))
    return raw


def write(file: Path, text: str) -> None:
    """Replace the file in one step: a crash leaves the old or the new one, never half."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(file.name + ".new")
    fresh.touch(mode=0o600)
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(file)


def as_text(slack: LocalSlack) -> str:
    """Return the snapshot as text."""
    return json.dumps(taken(slack), ensure_ascii=False)


def _kept(place: Conversation) -> Json:
    return {**vars(place), "members": sorted(place.members)}


def _packed(file: StoredFile) -> Json:
    return {**vars(file), "content": base64.b64encode(file.content).decode()}


def _unpacked(raw: Json) -> StoredFile:
    return StoredFile(**{**raw, "content": base64.b64decode(raw["content"])})
