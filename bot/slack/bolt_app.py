"""Clients of Slack and the Bolt app: they share the bot token, the transport and the stamp of this database."""

import logging
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

from slack_bolt import App, BoltContext
from slack_bolt.authorization import AuthorizeResult

from bot.config import SlackCredentials
from bot.http_client.transport import Transport
from bot.slack.client import SlackClient
from bot.slack.response_url import SafeRespond
from handlers import epoch_stamps
from models.store.epoch_cache import StoreEpoch

INTERACTIVE_TIMEOUT = 3  # seconds, while a person waits
OUTBOX_TIMEOUT = 10  # seconds, for the outbox
LOOKUP_TIMEOUT = 2  # seconds, for one question about a person


class SlackAccess:
    """Makes what talks to Slack. ``epoch`` marks all that is sent with the database it comes from."""

    def __init__(self, credentials: SlackCredentials, transport: Transport, epoch: StoreEpoch) -> None:
        self._credentials, self._transport, self._epoch = credentials, transport, epoch

    def client(self, timeout: int) -> SlackClient:
        """Return a client of the Web API with this time-out in seconds."""
        token, url = self._credentials.bot_token.reveal(), self._credentials.api_url
        return SlackClient(token, url, self._transport, timeout, self.stamp)

    def stamp(self, payload: Any) -> Any:
        """Return a payload marked with the epoch of the database."""
        return epoch_stamps.stamp(payload, self._epoch.epoch)

    def open_socket_url(self) -> str:
        """Ask Slack for an address to connect to. Raises ``SlackClientError``."""
        token = self._credentials.app_token
        assert token is not None  # noqa: S101 - the settings of Socket Mode require it
        params = {"token": token.reveal()}
        return str(self.client(INTERACTIVE_TIMEOUT).api_call("apps.connections.open", params=params)["url"])

    def bolt_app(self, listeners: Executor) -> App:
        """Return a Bolt app without listeners; they will run in ``listeners``."""
        bolt_log = logging.getLogger("bolt")
        bolt_log.setLevel(logging.ERROR)  # its warnings quote whole requests
        client = self.client(INTERACTIVE_TIMEOUT)
        return App(
            name="csp-escalate",
            logger=bolt_log,
            client=client,
            authorize=self._authorize_with(client),
            request_verification_enabled=False,  # bot.slack.event_routes does it, before anything is parsed
            ssl_check_enabled=False,
            attaching_function_token_enabled=False,
            listener_executor=listeners,
        )

    def _authorize_with(self, client: SlackClient) -> Callable[..., AuthorizeResult]:
        """Return a function: Bolt gives arguments by their names, and would give ``self`` to a method."""

        def authorize(context: BoltContext, enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
            # Bolt would make a stock client for each request: with retries, redirects and 30 s of patience.
            context["client"] = client
            url = self._credentials.api_url
            context["respond"] = SafeRespond(context.response_url, self._transport, url, self.stamp)
            return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=client.token)

        return authorize
