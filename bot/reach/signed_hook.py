"""A signed request to a gateway of the operator's: phone calls, short messages, anything else.

The signature is HMAC-SHA256 of ``timestamp.body`` with the secret of the address, in hexadecimal.
"""

import hashlib
import hmac
import json

from bot.clock import Clock
from bot.reach.channel import PageText
from bot.reach.json_request import JsonRequests, read_status
from models.rules.reach.page import PageAnswer, PageEnd
from models.rules.reach.reach_plan import ReachAddress

TIMESTAMP_HEADER, SIGNATURE_HEADER = "X-CSP-Timestamp", "X-CSP-Signature"
_ENDS = {"accepted": PageEnd.ACCEPTED, "delivered": PageEnd.DELIVERED, "refused": PageEnd.REFUSED}


class SignedHook:
    """Calls the gateway. Its answer may name an end: ``{"end": "delivered"}``."""

    def __init__(self, requests: JsonRequests, clock: Clock) -> None:
        self._requests, self._clock = requests, clock

    def send(self, address: ReachAddress, page: PageText) -> PageAnswer:
        """Send a page once."""
        content = {"id": page.id, "to": address.fields.get("to", ""), "title": page.title, "text": page.text}
        body = json.dumps({**content, "urgent": page.is_urgent}, ensure_ascii=False).encode()
        stamp = str(int(self._clock.now().timestamp()))
        headers = {TIMESTAMP_HEADER: stamp, SIGNATURE_HEADER: sign(address.fields["secret"], stamp, body)}
        response = self._requests.post_bytes(address.fields["url"], body, headers)
        if isinstance(response, PageAnswer):
            return response
        return read_status(response) or PageAnswer(_find_end(response.body), str(response.status))


def sign(secret: str, stamp: str, body: bytes) -> str:
    """Return the signature of a body."""
    return f"v1={hmac.new(secret.encode(), stamp.encode() + b'.' + body, hashlib.sha256).hexdigest()}"


def _find_end(body: bytes) -> PageEnd:
    """Return the end that a gateway names. One that names none has accepted; one that is not known is unknown."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return PageEnd.ACCEPTED
    if not isinstance(content, dict) or "end" not in content:
        return PageEnd.ACCEPTED
    return _ENDS.get(str(content["end"]), PageEnd.UNKNOWN)
