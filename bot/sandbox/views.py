"""What each person has open: a stack of up to three modals, and their App Home. State only."""

from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.block_kit import with_ids
from bot.sandbox.errors import SlackError
from bot.sandbox.ids import IdSequence
from bot.sandbox.json_types import Json
from bot.sandbox.view_state import retained, starting_state

DEEPEST = 3
KEPT = ("title", "submit", "close", "blocks", "private_metadata", "callback_id", "external_id")
FLAGS = ("clear_on_close", "notify_on_close", "submit_disabled")


@dataclass
class Views:
    """The open views. ``stacks`` hold the modals of each person, the visible one last; ``homes`` their App Home."""

    ids: IdSequence
    identity: Json  # team_id, app_id, bot_id: the same for every view
    stacks: dict[str, list[Json]] = field(default_factory=dict)
    homes: dict[str, Json] = field(default_factory=dict)

    def top(self, user: str) -> Json | None:
        """Return the visible modal of a person; None when none is open."""
        stack = self.stacks.get(user)
        return stack[-1] if stack else None

    def owner_of(self, view_id: str) -> str | None:
        """Return who has this modal open; None when it was closed."""
        for user, stack in self.stacks.items():
            if any(view["id"] == view_id for view in stack):
                return user
        return None

    def find(self, view_id: str = "", external_id: str = "") -> tuple[str, Json]:
        """Return (owner, view) of an open modal or a Home. Raises ``not_found`` after a person closed it."""
        for user, stack in self.stacks.items():
            for view in stack:
                if (view_id and view["id"] == view_id) or (external_id and view["external_id"] == external_id):
                    return user, view
        for user, home in self.homes.items():
            if view_id and home["id"] == view_id:
                return user, home
        raise SlackError("not_found")

    def open(self, user: str, wanted: Json) -> Json:
        """Show a new modal in the place of all others."""
        self._unique(wanted, None)
        view = self._fresh(wanted, root=None, previous=None)
        self.stacks[user] = [view]
        return view

    def push(self, user: str, wanted: Json) -> Json:
        """Show a new modal above the others. Raises at the fourth."""
        stack = self.stacks.get(user)
        if not stack:
            raise SlackError("not_found")
        if len(stack) >= DEEPEST:
            raise SlackError("push_limit_reached")
        self._unique(wanted, None)
        view = self._fresh(wanted, root=stack[0]["id"], previous=stack[-1]["id"])
        stack.append(view)
        return view

    def update(self, view: Json, wanted: Json, known_hash: str | None) -> Json:
        """Replace the contents of an open view. Typed values survive under unchanged ids."""
        if known_hash is not None and known_hash != view["hash"]:
            raise SlackError("hash_conflict")
        self._unique(wanted, view["id"])
        values = view["state"]["values"]
        view.update(_contents(wanted, self.ids))
        view["state"] = {"values": retained(values, view["blocks"])}
        view["hash"] = self._hash()
        return view

    def publish(self, user: str, wanted: Json, known_hash: str | None) -> Json:
        """Replace the App Home of a person."""
        home = self.homes.get(user)
        if home is None:
            self.homes[user] = self._fresh(wanted, root=None, previous=None)
            return self.homes[user]
        return self.update(home, wanted, known_hash)

    def close(self, user: str, view_id: str, *, everything: bool = False) -> list[Json]:
        """Close a view (or all) of a person with all above it, and return the closed ones, top first."""
        stack = self.stacks.get(user, [])
        at = next((index for index, view in enumerate(stack) if view["id"] == view_id), None)
        if at is None:
            return []
        at = 0 if everything else at
        closed = stack[at:][::-1]
        del stack[at:]
        if not stack:
            del self.stacks[user]
        return closed

    def _fresh(self, wanted: Json, root: str | None, previous: str | None) -> Json:
        id_ = self.ids.next("V")
        contents = _contents(wanted, self.ids)
        return {
            "id": id_,
            "type": wanted["type"],
            **self.identity,
            **contents,
            "state": {"values": starting_state(contents["blocks"])},
            "hash": self._hash(),
            "root_view_id": root or id_,
            "previous_view_id": previous,
        }

    def _hash(self) -> str:
        return f"{self.ids.next('')}.sandbox"

    def _unique(self, wanted: Json, own: str | None) -> None:
        external = wanted.get("external_id")
        open_views = [view for stack in self.stacks.values() for view in stack]
        if external and any(view["external_id"] == external and view["id"] != own for view in open_views):
            raise SlackError("duplicate_external_id")


def _contents(wanted: Json, ids: IdSequence) -> Json:
    """Return what the app decides of a view, with Slack's defaults for what it left out."""
    texts: dict[str, Any] = {key: wanted.get(key) for key in KEPT}
    flags = {key: wanted.get(key, False) for key in FLAGS}
    return {
        **texts,
        **flags,
        "private_metadata": wanted.get("private_metadata", ""),
        "callback_id": wanted.get("callback_id", ""),
        "external_id": wanted.get("external_id", ""),
        "blocks": with_ids(wanted["blocks"], ids),
    }
