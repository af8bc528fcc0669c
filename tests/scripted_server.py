"""An HTTP server for the tests that does to each request what it is told, and a proxy that only carries connections."""

import socket
import ssl
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

TLS = Path(__file__).parent / "data" / "tls"
AUTHORITY = TLS / "authority.pem"
"""Who signed the certificate of the server: for slack.test, localhost and 127.0.0.1, until the year 2126."""
RESET = struct.pack("ii", 1, 0)
ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{"ok":true}'


@dataclass
class ScriptedServer:
    """Answers every request, unless ``script`` says otherwise for the next ones.

    ``close`` and ``reset``: the answer, and then the end of the connection; ``silent close`` and ``silent reset``: its
    end without an answer; ``chunked`` and ``cut``: an answer in chunks, or half of one.
    """

    port: int
    script: deque[str] = field(default_factory=deque)
    requests: list[tuple[int, str]] = field(default_factory=list)
    """Each request that was read whole: the number of its connection, and its first line."""
    heads: list[str] = field(default_factory=list)
    connections: int = 0
    ended: threading.Event = field(default_factory=threading.Event)
    """Set when the server has ended a connection."""

    def serve(self, connection: socket.socket) -> None:
        """Serve one connection to its end."""
        self.connections += 1
        number = self.connections
        with connection, connection.makefile("rb") as stream:
            while head := _read_head(stream.readline):
                length = next(
                    (int(line.split(":")[1]) for line in head if line.lower().startswith("content-length")), 0
                )
                stream.read(length)
                self.requests.append((number, head[0]))
                self.heads.append("\n".join(head))
                if not self._answer(connection, self.script.popleft() if self.script else "answer"):
                    break
        self.ended.set()

    @staticmethod
    def _answer(connection: socket.socket, how: str) -> bool:
        """Do as the script says; return whether the connection goes on."""
        if how == "chunked":
            connection.sendall(
                b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{"ok\r\n7\r\n":true}\r\n0\r\n\r\n'
            )
        elif how == "cut":
            connection.sendall(ANSWER[:-4])
        elif not how.startswith("silent"):
            connection.sendall(ANSWER)
        if how.endswith("reset"):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        return how in {"answer", "chunked"}


@contextmanager
def scripted_server(*, tls: bool = False) -> Iterator[ScriptedServer]:
    """A server on a port of this machine."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "server.pem")
    with _listening() as (listener, port):
        server = ScriptedServer(port)

        def serve(connection: socket.socket) -> None:
            with suppress(OSError):  # the other end may be gone at any moment
                server.serve(context.wrap_socket(connection, server_side=True) if tls else connection)

        with _accepting(listener, serve):
            yield server


@dataclass
class Proxy:
    """A web proxy: ``heads`` is what it was asked; with ``refuses`` it connects nobody."""

    port: int
    target: int
    refuses: bool = False
    heads: list[str] = field(default_factory=list)

    def serve(self, connection: socket.socket) -> None:
        """Connect a caller with the target, whatever name it asks for."""
        with connection, connection.makefile("rb", buffering=0) as stream:
            self.heads.append("\n".join(_read_head(stream.readline)))
            if self.refuses:
                connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
                return
            with socket.create_connection(("127.0.0.1", self.target)) as other:
                connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=_carry, args=(other, connection))
                back.start()
                _carry(connection, other)
                back.join()


@contextmanager
def proxy_to(target: int) -> Iterator[Proxy]:
    """A proxy on a port of this machine that leads to another port of it."""
    with _listening() as (listener, port):
        proxy = Proxy(port, target)

        def serve(connection: socket.socket) -> None:
            with suppress(OSError):
                proxy.serve(connection)

        with _accepting(listener, serve):
            yield proxy


@contextmanager
def _listening() -> Iterator[tuple[socket.socket, int]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener, listener.getsockname()[1]


@contextmanager
def _accepting(listener: socket.socket, serve: Callable[[socket.socket], None]) -> Iterator[None]:
    threads: list[threading.Thread] = []
    accepted: list[socket.socket] = []

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            accepted.append(connection)
            threads.append(threading.Thread(target=serve, args=(connection,)))
            threads[-1].start()

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        accepting.join()
        for connection in accepted:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join()


def _read_head(read_line: Callable[[], bytes]) -> list[str]:
    lines: list[str] = []
    with suppress(OSError):
        while line := read_line().decode("latin-1").rstrip("\r\n"):
            lines.append(line)
    return lines


def _carry(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while content := source.recv(65536):
            target.sendall(content)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
