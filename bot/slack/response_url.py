"""Answers through a response_url, in place of Bolt's: to Slack's own host only, no retry, no redirect, 3 s."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from slack_bolt import BoltResponse, Respond
from slack_sdk.errors import SlackRequestError
from slack_sdk.models.attachments import Attachment
from slack_sdk.models.blocks import Block
from slack_sdk.webhook import WebhookResponse

from bot.config import is_loopback
from bot.http_client.transport import Transport

_HOSTS = {"slack.com": "hooks.slack.com", "slack-gov.com": "hooks.slack-gov.com"}
_TIMEOUT = 3.0


class SafeRespond(Respond):
    """Bolt's ``respond``, sent by our transport.

    Raises ``SlackClientError`` when it cannot be sent. ``stamp`` marks what is sent.
    """

    def __init__(
        self,
        response_url: str | None,
        transport: Transport,
        api_url: str,
        stamp: Callable[[Any], Any] = lambda sent: sent,
    ) -> None:
        super().__init__(response_url=response_url)
        self._transport = transport
        self._api_url = api_url
        self._stamp = stamp

    def __call__(  # noqa: PLR0913, PLR0917 - Bolt's own signature
        self,
        text: str | dict[str, Any] = "",
        blocks: Sequence[dict[str, Any] | Block] | None = None,
        attachments: Sequence[dict[str, Any] | Attachment] | None = None,
        response_type: str | None = None,
        replace_original: bool | None = None,
        delete_original: bool | None = None,
        unfurl_links: bool | None = None,
        unfurl_media: bool | None = None,
        thread_ts: str | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> WebhookResponse:
        """Send one answer; the arguments are Bolt's."""
        given: dict[str, Any] = {
            "blocks": [block if isinstance(block, dict) else block.to_dict() for block in blocks or ()] or None,
            "attachments": [
                attachment if isinstance(attachment, dict) else attachment.to_dict() for attachment in attachments or ()
            ]
            or None,
            "response_type": response_type,
            "replace_original": replace_original,
            "delete_original": delete_original,
            "unfurl_links": unfurl_links,
            "unfurl_media": unfurl_media,
            "thread_ts": thread_ts,
            "metadata": metadata,
        }
        message = text if isinstance(text, dict) else {"text": text}
        return self._send(message | {key: value for key, value in given.items() if value is not None})

    def _send(self, message: Mapping[str, Any]) -> WebhookResponse:
        if not self.response_url or not may_answer_to(self.response_url, self._api_url):
            raise SlackRequestError("this response_url is none of Slack's")
        headers = {"Content-Type": "application/json;charset=utf-8"}
        reply = self._transport.post(self.response_url, json.dumps(self._stamp(message)).encode(), headers, _TIMEOUT)
        return WebhookResponse(
            url=self.response_url,
            status_code=reply.status,
            body=reply.body.decode("utf-8", "replace"),
            headers=dict(reply.headers),
        )


def may_answer_to(response_url: str, api_url: str) -> bool:
    """Return whether a host belongs to the Slack we talk to. The address is a signed value, and still only a value."""
    url, api = urlsplit(response_url), urlsplit(api_url)
    if is_loopback(api_url):
        return (url.scheme, url.netloc) == (api.scheme, api.netloc)
    return url.scheme == "https" and url.netloc == _HOSTS.get(api.netloc.removeprefix("www."), _HOSTS["slack.com"])


def stamped_answer(response: BoltResponse, stamp: Callable[[Any], Any]) -> BoltResponse:
    """Return what an acknowledgement shows, a form or a message, marked as well."""
    body = response.body or ""
    if body.startswith("{"):
        response.body = json.dumps(stamp(json.loads(body)))
    return response
