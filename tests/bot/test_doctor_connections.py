"""The doctor tells of connections that are not the bot's, as the running bot knows them, and opens none itself."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot import environment
from bot.clock import Clock
from bot.config import Requirement
from bot.database_checks import Finding
from bot.doctor import Doctor
from handlers.i18n.words import Words
from tests.bot.test_doctor_pages import ENVIRONMENT
from tests.http_stub import HttpAnswer, http_server


@contextmanager
def answering(body: bytes, status: int = 200) -> Iterator[str]:
    """The address of something that answers so at /healthz."""
    with http_server(lambda _method, path, _body: HttpAnswer(status if path == "/healthz" else 404, body)) as port:
        yield f"127.0.0.1:{port}"


def findings(folder: Path, running: str = "", language: str = "en", **more: str) -> dict[str, Finding]:
    given = {**ENVIRONMENT, "DATABASE_URL": f"sqlite:///{folder / 'csp.db'}", **more}
    doctor = Doctor(environment.read(Requirement.SLACK, None, given), Words.of(language), Clock(None), running)
    return {finding.what: finding for finding in doctor.findings()}


def finding(folder: Path, running: str = "", language: str = "en", **more: str) -> Finding:
    return findings(folder, running, language, **more)["其他连接" if language == "zh_CN" else "Other connections"]


def health(**line: object) -> bytes:
    return json.dumps({"ok": False, "line": {"ok": True, **line}}).encode()


@pytest.mark.parametrize(("language", "said"), [("en", "Slack counts 2 connections"), ("zh_CN", "另有 2 个连接")])
def test_connections_that_are_not_the_bots_are_told(tmp_path: Path, language: str, said: str) -> None:
    with answering(health(other_connections=2), 503) as place:
        found = finding(tmp_path, f"http://{place}", language)
    assert found.fine is None
    assert said in found.says


def test_no_other_connection_is_fine_also_at_the_public_address(tmp_path: Path) -> None:
    with answering(health(other_connections=0)) as place:
        assert finding(tmp_path, CSP_PUBLIC_URL=f"http://{place}/") == Finding(
            "Other connections", True, "There are none."
        )


def test_a_bot_that_runs_without_a_connection_to_slack_is_no_healthy_one(tmp_path: Path) -> None:
    with answering(health(ok=False, other_connections=0), 503) as place:
        found = findings(tmp_path, f"http://{place}")
    assert (found["Running bot"].fine, found["Other connections"].fine) == (False, None)
    assert "not connected to Slack" in found["Running bot"].says


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"line": 7}'])
def test_what_is_not_the_running_bot_tells_nothing(tmp_path: Path, body: bytes) -> None:
    with answering(body) as place:
        found = finding(tmp_path, f"http://{place}")
    assert (found.fine, found.says) == (None, f"http://{place}/healthz does not answer as the running bot does.")


@pytest.mark.parametrize("running", ["http://127.0.0.1:9", "http://127.0.0.1:x", "http://"])
def test_a_bot_that_does_not_run_tells_nothing(tmp_path: Path, running: str) -> None:
    assert "does not answer" in finding(tmp_path, running).says


def test_without_an_address_the_doctor_says_that_it_can_not_tell(tmp_path: Path) -> None:
    found = finding(tmp_path)
    assert (found.fine, "--health HOST:PORT" in found.says) == (None, True)


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "Slack can't be reached: the connection was refused. Check the network, the firewall and HTTPS_PROXY."),
        ("zh_CN", "无法连接 Slack：连接被拒绝。请检查网络、防火墙和 HTTPS_PROXY。"),
    ],
)
def test_an_unreachable_slack_is_told_with_what_to_check(tmp_path: Path, language: str, says: str) -> None:
    given = {**ENVIRONMENT, "DATABASE_URL": f"sqlite:///{tmp_path / 'csp.db'}"}
    doctor = Doctor(environment.read(Requirement.SLACK, None, given), Words.of(language), Clock(None))

    assert says in [finding.says for finding in doctor.findings()]
