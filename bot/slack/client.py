"""Calls to Slack: the SDK's client over our transport. Never retries."""

import json as jsonlib
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.http_client.transport import NoResponse, Transport


class SlackClient(WebClient):
    """The SDK's client over our transport.

    Its calls raise only ``slack_sdk.errors.SlackClientError``: ``SlackApiError`` when Slack refuses, ``RequestNotSent``
    or ``NoResponse`` when it could not be asked. ``stamp`` marks what is sent as JSON.
    """

    def __init__(
        self,
        token: str,
        base_url: str,
        transport: Transport,
        timeout: int,
        stamp: Callable[[Any], Any] = lambda sent: sent,
    ) -> None:
        super().__init__(token=token, base_url=base_url, timeout=timeout, retry_handlers=[])
        self._transport = transport
        self._stamp = stamp
        self.time: str | None = None
        """Slack's own time at its last answer, as one of its timestamps; None before the first."""

    def api_call(  # noqa: PLR0913 - the SDK's own signature
        self,
        api_method: str,
        *,
        http_verb: str = "POST",  # noqa: ARG002 - Slack takes POST for every method
        files: object = None,  # noqa: ARG002 - we upload nothing
        data: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        json: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: object = None,  # noqa: ARG002 - no OAuth flow here
    ) -> SlackResponse:
        """Call a method of the Web API; see the class for what it raises."""
        url = self.base_url + api_method
        values = dict(json if json is not None else {**(data or {}), **(params or {})})
        token = values.pop("token", None) or self.token
        kind, body = _json_body(self._stamp(values)) if json is not None else _form_body(values)
        sent = {**self.headers, **(headers or {}), "Content-Type": kind, "Authorization": f"Bearer {token}"}
        reply = self._transport.post(url, body, sent, float(self.timeout))
        if reply.status == 200:  # any other may come from somebody between us and Slack
            self.time = _timestamp(reply.headers) or self.time
        response = SlackResponse(
            client=self,
            http_verb="POST",
            api_url=url,
            req_args={},
            data=_parsed(reply.body, reply.status),
            headers=dict(reply.headers),
            status_code=reply.status,
        )
        response.validate()  # type: ignore[no-untyped-call]
        return response

    def upload_bytes(self, url: str, content: bytes) -> None:
        """Send the bytes of a file to the address that Slack named for them, without the token. Raises like a call."""
        kind = {"Content-Type": "application/octet-stream"}
        reply = self._transport.post(url, content, kind, float(self.timeout))
        if reply.status != 200:
            error = {"ok": False, "error": f"http_{reply.status}"}
            said = SlackResponse(
                client=self, http_verb="POST", api_url="upload", req_args={}, data=error, headers=dict(reply.headers),
                status_code=reply.status,
            )  # fmt: skip
            raise SlackApiError("the upload was refused", said)  # type: ignore[no-untyped-call]


def _json_body(values: Mapping[str, Any]) -> tuple[str, bytes]:
    return "application/json;charset=utf-8", jsonlib.dumps(values).encode()


def _form_body(values: Mapping[str, Any]) -> tuple[str, bytes]:
    flat = {k: int(v) if isinstance(v, bool) else v for k, v in values.items() if v is not None}
    return "application/x-www-form-urlencoded", urlencode(flat).encode()


def _parsed(body: bytes, status: int) -> dict[str, Any]:
    try:
        answer = jsonlib.loads(body)
    except (ValueError, RecursionError):
        answer = None
    if isinstance(answer, dict):
        return answer
    if status == 200:
        raise NoResponse("the answer is not what Slack sends")
    return {"ok": False, "error": f"http_{status}"}


def error_of(failure: SlackApiError) -> str:
    """Return Slack's error code, or ``http_<status>`` when the answer was none of Slack's."""
    return str(failure.response.get("error") or f"http_{failure.response.status_code}")


def header_of(response: SlackResponse, name: str) -> str | None:
    """Return a header of an answer, whatever its case."""
    return next((str(v) for k, v in response.headers.items() if k.lower() == name.lower()), None)


def _timestamp(headers: Mapping[str, str]) -> str | None:
    """Return the Date of an answer, written like the timestamp of a message."""
    said = next((value for name, value in headers.items() if name.lower() == "date"), None)
    try:
        return f"{parsedate_to_datetime(said).timestamp():.6f}" if said else None
    except ValueError:
        return None
