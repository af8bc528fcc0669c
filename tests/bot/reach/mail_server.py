"""A small mail server on loopback, which answers as a test wants."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from socket import SHUT_RDWR
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread


@dataclass
class MailServer:
    """What it took, and what it says to a command instead of 250; an empty answer closes the connection."""

    address: str = ""
    letters: list[str] = field(default_factory=list)
    says: dict[str, str] = field(default_factory=dict)


class _Listening(ThreadingTCPServer):
    running: MailServer


class _Conversation(StreamRequestHandler):
    server: _Listening

    def handle(self) -> None:
        self._say("220 mail.example.cn")
        for line in self.rfile:
            command = line.decode().strip().partition(" ")[0].upper()
            if command == "EHLO":
                self._say("250-mail.example.cn\r\n250 AUTH PLAIN")
            elif (answer := self.server.running.says.get(command)) is not None:
                if not answer:
                    return
                self._say(answer)
            elif command == "DATA":
                self._say("354 go on")
                self._take()
            else:
                self._say({"AUTH": "235 hello", "QUIT": "221 bye"}.get(command, "250 ok"))

    def _take(self) -> None:
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line.decode())
        if (answer := self.server.running.says.get(".", "250 taken")) == "250 taken":
            self.server.running.letters.append("".join(lines))
        if answer:
            self._say(answer)
        else:
            self.connection.shutdown(SHUT_RDWR)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Run one."""
    server = _Listening(("127.0.0.1", 0), _Conversation)
    server.running = running = MailServer(f"127.0.0.1:{server.server_address[1]}")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
