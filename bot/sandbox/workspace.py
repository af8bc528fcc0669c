"""The state of the local workspace: people, conversations, groups, files, App Home. No I/O, no rules."""

from dataclasses import dataclass, field

from bot.sandbox.conversation import Conversation
from bot.sandbox.ids import IdSequence
from bot.sandbox.json_types import Json
from bot.sandbox.people import APP_ID, BOT_ID, BOT_USER, HOME_TEAM, SandboxUser, SandboxUserGroup, the_four
from bot.sandbox.stored_file import StoredFile


@dataclass
class Workspace:
    """A workspace."""

    ids: IdSequence
    team_id: str = HOME_TEAM
    team_name: str = "CSP Sandbox"
    team_domain: str = "csp-sandbox"
    app_id: str = APP_ID
    bot_user: str = BOT_USER
    bot_id: str = BOT_ID
    bot_name: str = "CSP Escalate"
    people: dict[str, SandboxUser] = field(default_factory=dict)
    conversations: dict[str, Conversation] = field(default_factory=dict)
    groups: dict[str, SandboxUserGroup] = field(default_factory=dict)
    files: dict[str, StoredFile] = field(default_factory=dict)
    bookmarks: dict[str, list[Json]] = field(default_factory=dict)

    def add_person(self, person: SandboxUser) -> None:
        """Add or change a person. Everybody has a direct message with the app from the start."""
        self.people[person.id] = person
        if person.id != self.bot_user:
            self.dm(person.id)

    def dm(self, user: str) -> Conversation:
        """Return the app's direct message with ``user``."""
        id_ = f"D{user[1:]}"
        if id_ not in self.conversations:
            self.conversations[id_] = Conversation(id_, "directmessage", members={user, self.bot_user}, dm_with=user)
        return self.conversations[id_]

    def place(self, channel: str) -> Conversation | None:
        """Return the conversation of a Web API call: by its id, or by a person's id for their direct message."""
        if channel in self.people and channel != self.bot_user:
            return self.dm(channel)
        return self.conversations.get(channel)

    def shares(self, file: str) -> dict[str, list[Json]]:
        """Return where a file was shared: the messages that carry it, by conversation."""
        messages: dict[str, list[Json]] = {}
        for place in self.conversations.values():
            carrying = [m for m in place.messages.values() if any(f["id"] == file for f in m.get("files", ()))]
            if carrying:
                messages[place.id] = carrying
        return messages

    def can_be_seen(self, file: StoredFile, user: str) -> bool:
        """Whether a person or the app has a file: their own, or one shared where they are."""
        return file.owner == user or any(user in self.conversations[id_].members for id_ in self.shares(file.id))

    def next_ts(self, now: float) -> str:
        """Return the next message timestamp."""
        return self.ids.ts(now)

    def person_by_email(self, email: str) -> SandboxUser | None:
        """Return a person by e-mail address; None when nobody has it."""
        return next((person for person in self.people.values() if person.email == email), None)


def fresh_workspace(ids: IdSequence) -> Workspace:
    """Return a new workspace: four people, two channels with the bot in them, one user group."""
    workspace = Workspace(ids)
    bot = SandboxUser(workspace.bot_user, "csp_escalate", workspace.bot_name, workspace.bot_name, is_bot=True, tz="UTC")
    for person in [bot, *the_four()]:
        workspace.add_person(person)
    team = {"U0LINA", "U0WANG", "U0EMMA", workspace.bot_user}
    for channel in (
        Conversation("C0ESCAL", "csp-escalations", "呈报 · Escalations to 21Vianet", {*team, "U0TOM"}),
        Conversation("C0ONCALL", "csp-oncall", "值班 · On call", set(team)),
    ):
        workspace.conversations[channel.id] = channel
    workspace.groups["S0ONCALL"] = SandboxUserGroup("S0ONCALL", "csp-oncall", "CSP on call", ["U0WANG"])
    return workspace
