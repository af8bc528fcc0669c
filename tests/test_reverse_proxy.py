"""The example of a reverse proxy: nginx itself lets the pages for people through, and nothing else."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.bot.stubs import until
from tests.http_stub import HttpAnswer, http_server
from tests.ports import find_free_ports
from tests.programs import find_program

CONFIG = Path(__file__).parents[1] / "deploy" / "nginx.conf"
AROUND = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; access_log {folder}/access.log;
    include {folder}/csp-escalate.conf;
}}
"""
SECRET = "aVerySecretToken"


@dataclass
class Proxy:
    """nginx on a port of this machine, in front of a bot that notes what it is asked for."""

    port: int
    folder: Path
    asked: list[str] = field(default_factory=list)

    def ask(self, method: str, path: str) -> tuple[int, str]:
        """Send one request and return the status and the body."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, "number=123" if method == "POST" else None)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    nginx, folder, port = find_program("nginx"), tmp_path_factory.mktemp("nginx"), find_free_ports(1)[0]
    running = Proxy(port, folder)

    def answer(method: str, path: str, _body: bytes) -> HttpAnswer:
        running.asked.append(f"{method} {path}")
        return HttpAnswer(body=b"the bot")

    with http_server(answer) as bot:
        _write(folder, f"127.0.0.1:{bot}", f"listen 127.0.0.1:{port};")
        with _started(nginx, running):
            yield running


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"/act/{SECRET}"), ("POST", f"/act/{SECRET}"), ("GET", "/act"), ("GET", "/act/"),
        ("GET", f"/sheet/{SECRET}"), ("GET", f"/rota/{SECRET}.ics"),
    ],
)  # fmt: skip
def test_the_pages_for_people_are_let_through(proxy: Proxy, method: str, path: str) -> None:
    assert proxy.ask(method, path) == (200, "the bot")
    assert proxy.asked[-1] == f"{method} {path}"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"), ("GET", "/metrics"), ("GET", "/healthz"), ("GET", "/livez"), ("GET", "/readyz"),
        ("POST", "/slack/events"), ("GET", "/actx"), ("GET", "/act/../metrics"), ("GET", "/act/%2e%2e/metrics"),
        ("GET", "//metrics"), ("GET", "/sheet/..%2fmetrics"), ("POST", f"/sheet/{SECRET}"),
        ("DELETE", f"/rota/{SECRET}.ics"),
    ],
)  # fmt: skip
def test_nothing_else_is_let_through(proxy: Proxy, method: str, path: str) -> None:
    before = list(proxy.asked)

    assert proxy.ask(method, path)[0] in {400, 403, 404}
    assert proxy.asked == before


def test_no_log_holds_the_address_of_a_page(proxy: Proxy) -> None:
    proxy.ask("GET", f"/act/{SECRET}")

    written = "".join(path.read_text() for path in proxy.folder.glob("*.log"))
    assert SECRET not in written


def test_a_bot_that_is_away_is_told_in_both_languages_and_in_no_log(tmp_path: Path) -> None:
    nginx, running = find_program("nginx"), Proxy(find_free_ports(1)[0], tmp_path)
    _write(tmp_path, f"127.0.0.1:{find_free_ports(1)[0]}", f"listen 127.0.0.1:{running.port};")

    with _started(nginx, running):
        status, body = running.ask("GET", f"/act/{SECRET}")

    assert status == 503
    assert "try again" in body
    assert "请一分钟后再试" in body
    assert SECRET not in "".join(path.read_text() for path in tmp_path.glob("*.log"))


def _write(folder: Path, bot: str, listen: str) -> None:
    """Write the example with these addresses, without TLS."""
    lines = CONFIG.read_text(encoding="utf-8").replace("127.0.0.1:8080", bot).replace("listen 443 ssl;", listen)
    kept = [line for line in lines.splitlines() if "ssl" not in line]
    (folder / "csp-escalate.conf").write_text("\n".join(kept), encoding="utf-8")
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder), encoding="utf-8")


@contextmanager
def _started(nginx: str, proxy: Proxy) -> Iterator[None]:
    command = [nginx, "-p", str(proxy.folder), "-c", str(proxy.folder / "nginx.conf")]
    with (proxy.folder / "stderr.log").open("w") as log, subprocess.Popen(command, stderr=log) as process:
        try:
            until(lambda: _answers(proxy) or process.poll() is not None)
            assert process.poll() is None, (proxy.folder / "stderr.log").read_text()
            yield
        finally:
            process.terminate()


def _answers(proxy: Proxy) -> bool:
    try:
        return proxy.ask("GET", "/")[0] == 404
    except OSError:
        return False
