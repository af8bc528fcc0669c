"""A TCP proxy that can stop forwarding while its connections stay open, as a firewall or a broken proxy does."""

import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import URL, make_url

_POLL = 0.05
"""Seconds until a thread sees that the proxy was told something."""


class TcpProxy:
    """Forwards every connection to one server, until it is told to stop."""

    def __init__(self, server: str | tuple[str, int]) -> None:
        """``server`` is a socket file or host and port."""
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._forwards, self._closing = threading.Event(), threading.Event()
        self._forwards.set()
        self._threads: list[threading.Thread] = []
        self._begin(self._serve)

    def hang(self) -> None:
        """Take new connections and all that is sent, and pass nothing on."""
        self._forwards.clear()

    def go_on(self) -> None:
        """Pass on what was sent meanwhile, and all that follows."""
        self._forwards.set()

    def _serve(self) -> None:
        self._listener.settimeout(_POLL)
        while not self._closing.is_set():
            with suppress(TimeoutError):
                client, _ = self._listener.accept()
                self._begin(self._forward, client)

    def close(self) -> None:
        """End all connections."""
        self._closing.set()
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _begin(self, work: Callable[..., None], *arguments: socket.socket) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _forward(self, client: socket.socket) -> None:
        with client, self._connect() as server:
            pairs = {client: server, server: client}
            while not self._closing.is_set():
                if not self._forwards.wait(_POLL):
                    continue
                for ready in select.select(list(pairs), [], [], _POLL)[0]:
                    try:
                        data = ready.recv(65536)
                        pairs[ready].sendall(data)
                    except OSError:
                        return
                    if not data:
                        return

    def _connect(self) -> socket.socket:
        if isinstance(self._server, str):
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._server)
            return server
        return socket.create_connection(self._server)


@contextmanager
def proxied(url: str) -> Iterator[tuple[TcpProxy, str]]:
    """A proxy before the PostgreSQL of an address, and the address that leads through it."""
    direct = make_url(url)
    proxy = TcpProxy(_find_server(direct))
    through = direct.set(host="127.0.0.1", port=proxy.port).difference_update_query(["host"])
    try:
        yield proxy, through.render_as_string(hide_password=False)
    finally:
        proxy.go_on()
        proxy.close()


def _find_server(url: URL) -> str | tuple[str, int]:
    host = str(url.query.get("host") or url.host or "127.0.0.1")
    port = url.port or 5432
    return str(Path(host) / f".s.PGSQL.{port}") if host.startswith("/") else (host, port)
