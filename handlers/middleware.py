"""The first check of every delivery: a workspace we serve, this database, and an answer that goes to Slack.

Socket Mode deliveries are not signed, and a signed one may still come from another installation's workspace. Which app
it is for needs no check: Slack gives a click to the app that posted the message. So several apps in one workspace never
meet.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from slack_bolt import BoltResponse

from handlers import epoch_stamps
from handlers.context import Services
from handlers.errors import wrong_workspace
from handlers.payloads import team_of
from models.rules.errors import refuse

SLACK_HOOKS = frozenset({"hooks.slack.com", "hooks.slack-gov.com"})


class AdmissionMiddleware:
    """A Bolt middleware; what it refuses reaches no handler."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def check(
        self,
        body: dict[str, Any],
        respond: Callable[..., Any],
        next: Callable[[], BoltResponse],  # noqa: A002  # Bolt's name
    ) -> BoltResponse:
        """Let a delivery pass, or answer it here.

        Raises Unreachable while our own workspace is not known yet. Raises Refused for a button or form of
        another database.
        """
        if not self._answerable(str(body.get("response_url") or "")):
            return BoltResponse(status=200, body="")
        if not self._services.is_home(team_of(body)):
            return wrong_workspace(body, respond)
        if not all(self._services.epoch.is_ours(epoch) for epoch in epoch_stamps.strip(body)):
            raise refuse("other_record")
        return next()

    def _answerable(self, url: str) -> bool:
        """Return whether answers go to Slack, and not to an address that somebody put into a payload."""
        if not url:
            return True
        parts, api = urlsplit(url), urlsplit(self._services.settings.api_url)
        if parts.scheme == "https" and parts.hostname in SLACK_HOOKS:
            return True
        return api.hostname != "slack.com" and (parts.scheme, parts.netloc) == (api.scheme, api.netloc)
