"""The on-call user group: filled with everybody who can be in it, and why each other can't.

Slack takes only whole lists, and refuses one with anybody in it who can't be a member.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.slack.client import SlackClient, error_of
from bot.slack.error_codes import TARGET

_INVALID_MEMBER = frozenset({
    "invalid_users", "invalid_user", "failed_for_some_users", "single_channel_guests_cannot_be_added", "user_not_found",
    "users_not_found",
})  # fmt: skip
"""Slack's errors for a list with somebody in it who can't be a member."""


@dataclass(frozen=True)
class GroupMembers:
    """Who is in the group now, and why others are not.

    The reasons are ``left``, ``unknown``, ``bot``, ``guest``, ``stranger``, or Slack's error.
    """

    members: tuple[str, ...]
    left_out: Mapping[str, str]


class UserGroup:
    """Calls Slack about one user group. Raises what the client raises."""

    def __init__(self, client: SlackClient, group: str) -> None:
        self._client, self._group = client, group
        self._facts: dict[str, Mapping[str, Any] | None] = {}

    def members(self) -> tuple[str, ...]:
        """Return the Slack ids of its members."""
        response = self._client.api_call("usergroups.users.list", params={"usergroup": self._group})
        return tuple(str(user) for user in response["users"])

    def edited_by(self) -> str:
        """Return the Slack id of who changed it last; empty where Slack does not say."""
        groups = self._client.usergroups_list(include_disabled=True)["usergroups"]
        return next((str(group.get("updated_by") or "") for group in groups if group["id"] == self._group), "")

    def fill(self, users: Sequence[str]) -> GroupMembers:
        """Make these people its members, as far as they can be. Nothing is sent when they are already."""
        if set(self.members()) == set(users):
            return GroupMembers(tuple(users), {})
        return self._set(tuple(users))

    def _set(self, users: tuple[str, ...]) -> GroupMembers:
        try:
            self._update(users)
        except SlackApiError as refusal:
            if error_of(refusal) not in _INVALID_MEMBER:
                raise
            excluded = self._find_excluded(users)
            included = tuple(user for user in users if user not in excluded)
            if not included:
                raise
            rest = self._set(included) if excluded else self._add_one_by_one(included)
            return GroupMembers(rest.members, {**excluded, **rest.left_out})
        return GroupMembers(users, {})

    def _add_one_by_one(self, users: Sequence[str]) -> GroupMembers:
        """Add people one at a time, after Slack refused the list and nothing shows why."""
        members: tuple[str, ...] = ()
        left_out: dict[str, str] = {}
        for user in users:
            try:
                self._update((*members, user))
                members = (*members, user)
            except SlackApiError as refusal:
                left_out[user] = error_of(refusal)
                if error_of(refusal) not in _INVALID_MEMBER or len(left_out) == len(users):
                    raise
        return GroupMembers(members, left_out)

    def _update(self, users: Sequence[str]) -> None:
        wanted = {"usergroup": self._group, "users": ",".join(users)}
        self._client.api_call("usergroups.users.update", json=wanted)

    def _find_excluded(self, users: Sequence[str]) -> Mapping[str, str]:
        """Return who can't be a member, and why.

        Guests of several channels usually can; they are named only when nothing else explains the refusal.
        """
        certain = {user: why for user in users if (why := _find_reason(self._look_up(user)))}
        if certain:
            return certain
        return {user: "guest" for user in users if (self._look_up(user) or {}).get("is_restricted")}

    def _look_up(self, user: str) -> Mapping[str, Any] | None:
        """Ask Slack about somebody; None when it knows nobody by this id."""
        if user not in self._facts:
            try:
                self._facts[user] = self._client.users_info(user=user)["user"]
            except SlackApiError as refusal:
                if error_of(refusal) not in TARGET:
                    raise
                self._facts[user] = None
        return self._facts[user]


def _find_reason(user: Mapping[str, Any] | None) -> str:
    """Return why somebody can't be in a user group; empty when nothing is known against it."""
    if user is None:
        return "unknown"
    reasons = {"left": "deleted", "bot": "is_bot", "stranger": "is_stranger", "guest": "is_ultra_restricted"}
    return next((why for why, fact in reasons.items() if user.get(fact)), "")
