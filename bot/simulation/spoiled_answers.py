"""What a planned fault makes of a call that no network carries: an answer of its kind, or the error of its line."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from bot.http_client.transport import HttpResponse, NoResponse, RequestNotSent
from bot.sandbox.faults import InjectedFault

_ERROR_STATUSES = {"ratelimited": 429, "http_500": 500, "http_503": 503, "http_504": 504}


def spoil(fault: InjectedFault, work: Callable[[], HttpResponse]) -> HttpResponse:
    """Return or raise what a fault makes of a call."""
    if fault.mode in _ERROR_STATUSES:
        if fault.accepted:
            work()
        wait = fault.details.get("retry_after", 30) if fault.mode == "ratelimited" else None
        return respond({"ok": False}, _ERROR_STATUSES[fault.mode], {"Retry-After": str(wait)} if wait else {})
    if fault.mode == "away":
        raise RequestNotSent("ConnectionRefusedError")
    if fault.mode in {"drop_after", "truncated"} or fault.accepted:
        work()
    raise NoResponse("TimeoutError" if fault.mode == "hang" else "ConnectionResetError")


def respond(answer: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Return an answer of JSON."""
    return HttpResponse(status, dict(headers or {}), json.dumps(answer).encode())
