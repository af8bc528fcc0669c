"""Spoil an answer on the wire, with one function for each kind of fault. Nothing is decided here."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from email.utils import formatdate

from aiohttp import web

from bot.sandbox.faults import InjectedFault

Work = Callable[[], web.Response]
FOR_EVER = 600.0
RESET = struct.pack("ii", 1, 0)


async def ratelimited(fault: InjectedFault, request: web.Request, work: Work) -> web.StreamResponse:  # noqa: ARG001
    """Answer HTTP 429 with the Retry-After of the fault: seconds, nothing, a date, or nonsense."""
    wanted = fault.details.get("retry_after", 30)
    headers = {} if wanted in (None, "missing") else {"Retry-After": _retry_after(wanted)}
    return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)


async def server_error(fault: InjectedFault, request: web.Request, work: Work) -> web.StreamResponse:  # noqa: ARG001
    """Answer with a status of 500 or more, perhaps after the work was done."""
    _perhaps(fault, work)
    return web.Response(
        status=int(fault.mode.removeprefix("http_")), text="<html>error</html>", content_type="text/html"
    )


async def drop_before(fault: InjectedFault, request: web.Request, work: Work) -> web.StreamResponse:  # noqa: ARG001
    """End the connection before the work is done."""
    return _dropped(fault, request)


async def drop_after(fault: InjectedFault, request: web.Request, work: Work) -> web.StreamResponse:
    """Do the work and end the connection without an answer."""
    work()
    return _dropped(fault, request)


async def hang(fault: InjectedFault, request: web.Request, work: Work) -> web.StreamResponse:
    """Keep the caller waiting for longer than it is likely to wait."""
    answer = work() if fault.accepted else None
    await _wait(request, fault.seconds(FOR_EVER))
    return answer or work()


async def delay(fault: InjectedFault, request: web.Request, work: Work) -> web.StreamResponse:
    """Give the true answer after some seconds."""
    await _wait(request, fault.seconds(1.0))
    return work()


async def ok_false(fault: InjectedFault, request: web.Request, work: Work) -> web.StreamResponse:  # noqa: ARG001
    """Answer HTTP 200 with an error of the Web API."""
    _perhaps(fault, work)
    return web.json_response({"ok": False, "error": fault.details.get("error", "internal_error")})


async def truncated(fault: InjectedFault, request: web.Request, work: Work) -> web.StreamResponse:
    """Send half of the true answer and end the connection."""
    whole = work()
    body = whole.body if isinstance(whole.body, bytes) else b"{}"
    answer = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(body))})
    await answer.prepare(request)
    await answer.write(body[: len(body) // 2])
    return _dropped(fault, request)


async def redirect(fault: InjectedFault, request: web.Request, work: Work) -> web.StreamResponse:  # noqa: ARG001
    """Redirect the caller to another address."""
    location = str(fault.details.get("location") or f"http://{request.host}/elsewhere")
    return web.Response(status=302, headers={"Location": location})


async def html(fault: InjectedFault, request: web.Request, work: Work) -> web.StreamResponse:  # noqa: ARG001
    """Answer with a page of HTML, as a proxy does."""
    _perhaps(fault, work)
    return web.Response(text="<!doctype html><title>Slack</title>", content_type="text/html")


async def empty(fault: InjectedFault, request: web.Request, work: Work) -> web.StreamResponse:  # noqa: ARG001
    """Answer HTTP 200 without a body."""
    _perhaps(fault, work)
    return web.Response()


async def drip(fault: InjectedFault, request: web.Request, work: Work) -> web.StreamResponse:
    """Send the true answer one byte at a time."""
    whole = work()
    body = whole.body if isinstance(whole.body, bytes) else b"{}"
    answer = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(body))})
    await answer.prepare(request)
    for index in range(len(body)):
        await answer.write(body[index : index + 1])
        await _wait(request, fault.seconds(0.5))
    return answer


BREAK: dict[str, Callable[[InjectedFault, web.Request, Work], Awaitable[web.StreamResponse]]] = {
    "ratelimited": ratelimited,
    "http_500": server_error,
    "http_503": server_error,
    "http_504": server_error,
    "drop_before": drop_before,
    "drop_after": drop_after,
    "late_commit": drop_before,  # the work is done later, by the test that planned it
    "hang": hang,
    "delay": delay,
    "ok_false": ok_false,
    "truncated": truncated,
    "redirect": redirect,
    "html": html,
    "empty": empty,
    "drip": drip,
}


def _perhaps(fault: InjectedFault, work: Work) -> None:
    if fault.accepted:
        work()


def _retry_after(wanted: object) -> str:
    return formatdate(usegmt=True) if wanted == "date" else str(wanted)


def _dropped(fault: InjectedFault, request: web.Request) -> web.StreamResponse:
    """End the connection without an answer, by FIN or by RST."""
    transport = request.transport
    if transport is not None:
        if fault.details.get("reset"):
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        transport.abort()
    return web.Response()


async def _wait(request: web.Request, seconds: float) -> None:
    """Wait until the time is over or the caller is gone. A sandbox that stops cancels the wait."""
    for _ in range(max(1, int(seconds / 0.05))):
        if request.transport is None or request.transport.is_closing():
            return
        await asyncio.sleep(min(0.05, seconds))
