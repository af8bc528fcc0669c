"""A Bolt app behind plain HTTP, as Slack's request URL sees it. Small enough to start for each test."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast

from slack_bolt import App, BoltRequest


class _Server(ThreadingHTTPServer):
    app: App


class _Door(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        answer = cast(_Server, self.server).app.dispatch(BoltRequest(body=body, headers=dict(self.headers)))
        self.send_response(answer.status)
        for name, value in answer.first_headers().items():
            self.send_header(name, value)
        with suppress(ConnectionError):  # Slack did not wait that long
            self.end_headers()
            self.wfile.write(answer.body.encode())

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def serving(app: App) -> Iterator[str]:
    """The request URL of the app, while the context lasts."""
    server = _Server(("127.0.0.1", 0), _Door)
    server.app = app
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/slack/events"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
