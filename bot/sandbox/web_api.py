"""The entrance of the Web API: check who calls, their scopes and the pace, run the method, answer as Slack does."""

from typing import Any

from bot.sandbox.api.blocks import BLOCKS
from bot.sandbox.api.bookmarks_and_reactions import THINGS
from bot.sandbox.api.call import ApiCall, ApiMethod
from bot.sandbox.api.chat import CHAT
from bot.sandbox.api.conversations import CONVERSATIONS
from bot.sandbox.api.files import FILES
from bot.sandbox.api.users import PEOPLE
from bot.sandbox.api.views import VIEWS
from bot.sandbox.errors import SlackError
from bot.sandbox.json_types import Json
from bot.sandbox.local_slack import LocalSlack

PREFIX_OF_KIND = {"channel": "channels", "group": "groups", "im": "im"}
WRITE_TOPIC = {
    "channel": ("channels:manage", "channels:write.topic"),
    "group": ("groups:write", "groups:write.topic"),
    "im": ("im:write", "im:write.topic"),
}
# What slack_sdk adds to every call by itself.
ALWAYS_TAKEN = {"token", "team_id", "pretty"}


def connections_open(call: ApiCall) -> Json:
    """Return a one-time websocket address, for the app-level token only."""
    if not call.slack.manifest.socket_mode:
        raise SlackError("forbidden_team", detail="Socket Mode is off in the manifest")
    socket_url = call.slack.base_url.replace("http", "ws", 1)
    return {"ok": True, "url": f"{socket_url}/socket/{call.slack.delivery.socket.ticket()}"}


METHODS: dict[str, ApiMethod] = {
    # Slack's pages say tier 3, its Java SDK tier 1; a bot that reconnects in a loop meets either.
    "apps.connections.open": ApiMethod(connections_open, "tier3", "", app_token=True),
    **BLOCKS,
    **CHAT,
    **VIEWS,
    **PEOPLE,
    **CONVERSATIONS,
    **THINGS,
    **FILES,
}


class WebApi:
    """The Web API of one local Slack."""

    def __init__(self, slack: LocalSlack) -> None:
        self.slack = slack

    def answer(self, name: str, args: Json, token: str) -> Json:
        """Carry out one call. Raises :class:`SlackError` for every refusal, and :class:`RateLimited` for HTTP 429."""
        method = METHODS.get(name)
        if method is None:
            self.slack.notices.surprise("unknown_method", name)
            raise SlackError("unknown_method", req_method=name)
        call = ApiCall(self.slack, name, dict(args))
        self._check_token(method, token)
        self._check_scopes(method, call)
        self._note_unknown(method, call)
        self.slack.pacing.method(name, self._tier(name, method), self.slack.settings.rate_scale)
        return method.run(call)

    def needed(self, name: str) -> str:
        """Return the scopes Slack names in ``x-accepted-oauth-scopes``."""
        method = METHODS.get(name)
        if method is None:
            return ""
        families = [scope for kind in PREFIX_OF_KIND for scope in _family(method, kind)]
        return ",".join([*method.scopes, *families])

    def _check_token(self, method: ApiMethod, token: str) -> None:
        credentials = self.slack.credentials
        if not token:
            raise SlackError("not_authed")
        if self.slack.settings.token_revoked and token == credentials.bot_token:
            raise SlackError("token_revoked")
        wanted, other = credentials.bot_token, credentials.app_token
        if method.app_token:
            wanted, other = other, wanted
        if token == other:
            raise SlackError("not_allowed_token_type")
        if token != wanted:
            self.slack.notices.surprise("bad_token", f"a token of {len(token)} characters nobody issued")
            raise SlackError("invalid_auth")

    def _check_scopes(self, method: ApiMethod, call: ApiCall) -> None:
        """Check that one of the method's scopes is granted. Which, may depend on the kind of conversation."""
        wanted = self._wanted_scopes(method, call)
        granted = self.slack.scopes()
        if wanted and not granted.intersection(wanted):
            raise SlackError("missing_scope", needed=wanted[0], provided=",".join(sorted(granted)))

    def _wanted_scopes(self, method: ApiMethod, call: ApiCall) -> list[str]:
        if not method.family:
            return list(method.scopes)
        place = self.slack.workspace.place(call.text("channel"))
        kinds = [place.kind] if place else list(PREFIX_OF_KIND)
        return [scope for kind in kinds for scope in _family(method, kind)]

    def _note_unknown(self, method: ApiMethod, call: ApiCall) -> None:
        """Report unknown arguments: Slack ignores them, but here a mistake should be seen."""
        parameters = ALWAYS_TAKEN.union(method.takes.split())
        unknown: list[Any] = sorted(set(call.args) - parameters)
        if unknown:
            self.slack.notices.surprise("unknown_argument", f"{call.method}: {', '.join(unknown)}")

    def _tier(self, name: str, method: ApiMethod) -> str:
        slowed = self.slack.settings.commercial and name in {"conversations.history", "conversations.replies"}
        return "tier1" if slowed else method.tier


def _family(method: ApiMethod, kind: str) -> tuple[str, ...]:
    """Return the scopes of a method for one kind of conversation."""
    if method.family == "topic":
        return WRITE_TOPIC[kind]
    return (f"{PREFIX_OF_KIND[kind]}:{method.family}",) if method.family else ()
