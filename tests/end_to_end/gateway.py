"""A gateway of the operator's on loopback: it takes signed requests for calls, and refuses what other channels send."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from bot.reach.signed_hook import SIGNATURE_HEADER, TIMESTAMP_HEADER, sign

SECRET = "PLANTED-hook-9f31"


class Gateway:
    """What it was asked to call out."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.calls: list[dict[str, Any]] = []

    def texts(self, to: str) -> list[str]:
        """The texts for one number, oldest first."""
        return [str(call["text"]) for call in self.calls if call["to"] == to]


@contextmanager
def gateway() -> Iterator[Gateway]:
    """Run one."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def __getattr__(self, name: str) -> Any:
            return self._serve if name.startswith("do_") else super().__getattribute__(name)

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, content = 200, {"errcode": 4711, "errmsg": f"{self.path} {body.decode()}"}
            if self.path == "/call":
                is_genuine = sign(SECRET, self.headers[TIMESTAMP_HEADER], body) == self.headers[SIGNATURE_HEADER]
                status, content = (200, {"end": "delivered"}) if is_genuine else (401, {})
                running.calls += [json.loads(body)] if is_genuine else []
            written = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(written)))
            self.end_headers()
            self.wfile.write(written)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running = Gateway(f"http://127.0.0.1:{server.server_port}")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
