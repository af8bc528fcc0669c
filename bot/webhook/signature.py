"""Signatures of requests to the webhook, as Standard Webhooks defines them.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
"""The headers."""
PREFIX, VERSION = "whsec_", "v1,"
KEY_BYTES = 32
"""How long a new key is; the standard allows 24 to 64 bytes."""
TOLERANCE = 300
"""Seconds by which the time of a request may differ from the receiver's clock."""


def new_secret() -> str:
    """Return a new random secret."""
    return PREFIX + base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def read_key(secret: str) -> bytes:
    """Return the key of a secret. Raises ValueError."""
    return base64.b64decode(secret.removeprefix(PREFIX), validate=True)


def sign(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    """Return the signature of a request by one secret."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return VERSION + base64.b64encode(hmac.new(read_key(secret), signed, hashlib.sha256).digest()).decode()


def make_headers(secrets_used: Iterable[str], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the headers of a request. While a secret is replaced there are two, and a signature by each."""
    signatures = " ".join(sign(secret, message_id, str(timestamp), body) for secret in secrets_used)
    return {ID: message_id, TIMESTAMP: str(timestamp), SIGNATURE: signatures}


def is_genuine(secret: str, headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """Return whether a request was signed with a secret, at most :data:`TOLERANCE` seconds before or after ``now``."""
    given = {name.lower(): value for name, value in headers.items()}
    stamp = given.get(TIMESTAMP, "")
    if not (stamp.isascii() and stamp.isdigit()) or abs(now - int(stamp)) > TOLERANCE:
        return False
    expected = sign(secret, given.get(ID, ""), stamp, body).encode()
    return any(hmac.compare_digest(expected, signature.encode()) for signature in given.get(SIGNATURE, "").split(" "))
