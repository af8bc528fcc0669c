"""The system of a duty desk that receives moves, on this machine: keeps what arrives, and answers as a test wants."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

TAKEN = b"HTTP/1.1 204 No Content\r\n\r\n"


class Desk:
    """What arrived, oldest first, and what is answered next; without an answer a move is taken."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[bytes] = []

    @property
    def moves(self) -> list[tuple[str, str]]:
        """The case and the move of each request."""
        bodies = [json.loads(body) for _, _, body in self.requests]
        return [(body["case"], body["move"]) for body in bodies]


@contextmanager
def receiving(desk: Desk, port: int = 0) -> Iterator[int]:
    """Listen while the block runs; its value is the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            desk.requests.append((self.path, headers, body))
            self.wfile.write(desk.answers.pop(0) if desk.answers else TAKEN)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
