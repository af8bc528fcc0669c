"""A signed request to a gateway of the operator's: phone calls, short messages, anything else.

The signature is HMAC-SHA256 of ``timestamp.body`` with the secret of the address, in hexadecimal.
"""

import hashlib
import hmac
import json

from bot.clock import Clock
from bot.reach.channel import PageText
from bot.reach.json_request import JsonRequests, read_status
from models.rules.reach.page import PageAnswer, PageStatus
from models.rules.reach.reach_plan import ReachAddress

TIMESTAMP_HEADER, SIGNATURE_HEADER = "X-CSP-Timestamp", "X-CSP-Signature"
UNKNOWN_END = "unknown_end"
"""The code of an answer whose end is not one of ours: a gateway that took the message may have another word for it."""
_STATUSES = {"accepted": PageStatus.ACCEPTED, "delivered": PageStatus.DELIVERED, "refused": PageStatus.REFUSED}


class SignedHook:
    """Calls the gateway. Its answer may name the status of the page: ``{"end": "delivered"}``."""

    def __init__(self, requests: JsonRequests, clock: Clock) -> None:
        self._requests, self._clock = requests, clock

    def send(self, address: ReachAddress, page: PageText) -> PageAnswer:
        """Send a page once."""
        content = {
            "id": page.id, "to": address.fields.get("to", ""), "title": page.title, "text": page.text,
            "speech": page.speech, "urgent": page.is_urgent,
        }  # fmt: skip
        body = json.dumps(content, ensure_ascii=False).encode()
        stamp = str(int(self._clock.now().timestamp()))
        headers = {TIMESTAMP_HEADER: stamp, SIGNATURE_HEADER: sign(address.fields["secret"], stamp, body)}
        response = self._requests.post_bytes(address.fields["url"], body, headers)
        if isinstance(response, PageAnswer):
            return response
        if failure := read_status(response):
            return failure
        status = _read_status(response.body)
        return PageAnswer(status, UNKNOWN_END if status is PageStatus.UNKNOWN else str(response.status))


def sign(secret: str, stamp: str, body: bytes) -> str:
    """Return the signature of a body."""
    return f"v1={hmac.new(secret.encode(), stamp.encode() + b'.' + body, hashlib.sha256).hexdigest()}"


def _read_status(body: bytes) -> PageStatus:
    """Return the status that a gateway names: accepted where it names none, unknown where it is not one of ours."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return PageStatus.ACCEPTED
    if not isinstance(content, dict) or "end" not in content:
        return PageStatus.ACCEPTED
    return _STATUSES.get(str(content["end"]), PageStatus.UNKNOWN)
