"""The sandbox is for this machine and its own page only, and what it tells is what happened."""

import http.client
import json
import sys
from pathlib import Path

import pytest
from slack_sdk import WebClient

from bot.sandbox import Sandbox, SandboxOptions
from tests.bot.sandbox.conftest import MANIFEST
from tests.slack_driver import Refused, SlackDriver


def ask(sandbox: Sandbox, path: str, verb: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(sandbox.base_url.removeprefix("http://"), timeout=30)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(verb, path, "{}" if verb == "POST" else None, named)
        response = connection.getresponse()
        return response.status, dict(response.headers), response.read()
    finally:
        connection.close()


@pytest.mark.parametrize("path", ["/", "/control/state", "/api/auth.test", "/page/app.js"])
def test_a_rebound_name_gets_nothing(path: str, sandbox: Sandbox) -> None:
    assert ask(sandbox, path, Host="evil.example")[0] == 403
    assert ask(sandbox, path, Host="127.0.0.1.evil.example:80")[0] == 403


def test_another_sites_page_can_do_nothing(sandbox: Sandbox) -> None:
    port = sandbox.base_url.rpartition(":")[2]
    json_, plain = "application/json", "text/plain"

    assert ask(sandbox, "/control/clock", "POST", Origin="http://evil.example", Content_Type=json_)[0] == 403
    assert ask(sandbox, "/control/clock", "POST", Origin=f"http://localhost:{port}", Content_Type=json_)[0] == 403
    assert ask(sandbox, "/control/clock", "POST", Content_Type=plain)[0] == 415
    assert ask(sandbox, "/control/clock", "POST", Origin=sandbox.base_url, Content_Type=json_)[0] == 200


def test_the_page_runs_only_its_own_scripts(sandbox: Sandbox) -> None:
    status, headers, body = ask(sandbox, "/")

    assert status == 200
    assert b"<script" in body
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path", ["/page/../server.py", "/page/%2e%2e/server.py", "/page/..%2fserver.py", "/page/nothing.js"]
)
def test_only_the_pages_own_files_are_served(path: str, sandbox: Sandbox) -> None:
    assert ask(sandbox, path)[0] == 404


def test_other_machines_are_refused() -> None:
    with pytest.raises(ValueError, match="loopback"):
        SandboxOptions(manifest=MANIFEST, host="0.0.0.0")  # noqa: S104 - that is the point


def test_a_port_that_is_taken_is_an_error_at_start(sandbox: Sandbox) -> None:
    taken = int(sandbox.base_url.rpartition(":")[2])

    with pytest.raises(OSError, match="in use"):
        Sandbox(SandboxOptions(manifest=MANIFEST, port=taken)).start()


def test_nothing_is_left_behind(sandbox: Sandbox) -> None:
    with Sandbox(SandboxOptions(manifest=MANIFEST)) as other:
        assert other.clock_file.exists()

    assert not other.clock_file.parent.exists()
    assert sandbox.clock_file.exists()


def test_a_missing_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere\.yml"):
        Sandbox(SandboxOptions(manifest=tmp_path / "nowhere.yml"))


def test_a_permalink_leads_to_the_message_on_the_page(sandbox: Sandbox, client: WebClient) -> None:
    parent = client.chat_postMessage(channel="C0ESCAL", text="parent")["ts"]
    reply = client.chat_postMessage(channel="C0ESCAL", text="reply", thread_ts=str(parent))["ts"]

    link = str(client.chat_getPermalink(channel="C0ESCAL", message_ts=str(reply))["permalink"])

    status, headers, _ = ask(sandbox, link.removeprefix(sandbox.base_url))
    assert (status, headers["Location"]) == (302, f"/#C0ESCAL/{parent}/{reply}")


def test_watchers_hear_of_changes_traffic_and_toasts(sandbox: Sandbox, slack: SlackDriver) -> None:
    connection = http.client.HTTPConnection(sandbox.base_url.removeprefix("http://"), timeout=30)
    connection.request("GET", "/control/events")
    with connection.getresponse() as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        told = [_event(stream)]
        slack.as_user("U0EMMA").command("/small")
        while {"toast", "traffic"} - {str(one["type"]) for one in told}:
            told.append(_event(stream))
    connection.close()

    assert told[0]["type"] == "changed"
    toast = next(one for one in told if one["type"] == "toast")
    assert (toast["user"], toast["text"]) == ("U0EMMA", "/small failed because the app did not respond.")


def _event(stream: http.client.HTTPResponse) -> dict[str, object]:
    while not (line := stream.readline()).startswith(b"data: "):
        assert line
    event: dict[str, object] = json.loads(line.removeprefix(b"data: "))
    return event


def test_tokens_are_in_no_traffic_and_no_state(sandbox: Sandbox, client: WebClient, slack: SlackDriver) -> None:
    WebClient(sandbox.bot_token, base_url=sandbox.api_url).api_call("auth.test", data={"token": sandbox.bot_token})
    client.apps_connections_open(app_token=sandbox.app_token)
    seen = json.dumps([slack.state(), slack.traffic()])

    assert not any(secret in seen for secret in (sandbox.bot_token, sandbox.app_token, sandbox.signing_secret))


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("act", {"user": "U0NONE", "do": "home"}),
        ("act", {"user": "U0EMMA", "do": "dance"}),
        ("clock", {"advance": "soon"}),
        ("clock", {"to": 1_000_000_000}),
        ("clock", {"advance": 100 * 366 * 86400}),
        ("clock", {"offset": -100 * 366 * 86400}),
        ("settings", {"gravity": 1}),
        ("settings", {"latency": "much"}),
        ("socket", {"do": "tickle"}),
        ("deliver", {"type": "pigeon", "payload": {}}),
        ("person", {"id": "U1", "shoe_size": 44}),
        ("fault", {"mode": "http_500", "times": "many"}),
    ],
)
def test_senseless_control_requests_are_refused(name: str, body: dict[str, object], slack: SlackDriver) -> None:
    with pytest.raises(Refused) as refusal:
        slack.post(name, **body)

    assert 400 <= int(str(refusal.value).split()[0]) < 500


def test_the_clock_and_its_file_move_together(sandbox: Sandbox, slack: SlackDriver) -> None:
    before = slack.state("clock")["clock"]["now"]
    slack.advance_clock(3600)
    slack.advance_clock(60)

    assert float(sandbox.clock_file.read_text()) == 3660
    assert slack.state("clock")["clock"]["now"] >= before + 3660
    slack.set_clock(0)
    assert float(sandbox.clock_file.read_text()) == 0


def test_a_restarted_sandbox_shows_the_same(tmp_path: Path) -> None:
    options = SandboxOptions(manifest=MANIFEST, state_file=tmp_path / "state.json", clock_file=tmp_path / "clock")
    with Sandbox(options) as first:
        slack = SlackDriver(first.page_url)
        client = WebClient(first.bot_token, base_url=first.api_url)
        ts = str(client.chat_postMessage(channel="C0ESCAL", text="card")["ts"])
        client.chat_postMessage(channel="C0ESCAL", text="reply", thread_ts=ts)
        slack.as_user("U0EMMA").post("see", files=[{"name": "a.txt", "content": "aGk="}])
        slack.advance_clock(100)
        slack.person("U0NEW", real_name="新人", locale="zh-CN")
        before = slack.state()
        slack.close()
    with Sandbox(options) as second:
        slack = SlackDriver(second.page_url)
        after = slack.state()
        client = WebClient(second.bot_token, base_url=second.api_url)
        later = str(client.chat_postMessage(channel="C0ESCAL", text="again")["ts"])
        slack.close()

    kept = ("messages", "people", "channels", "usergroups", "dms", "homes")
    assert {key: after[key] for key in kept} == {key: before[key] for key in kept}
    assert after["clock"]["offset"] == 100
    assert (first.bot_token, first.signing_secret) == (second.bot_token, second.signing_secret)
    assert later > max(one["ts"] for one in after["messages"]["C0ESCAL"])
    assert (tmp_path / "state.json").stat().st_mode & 0o077 == 0


def test_a_state_file_of_another_version_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_text('{"format": 99}')

    with pytest.raises(ValueError, match="format 99"):
        Sandbox(SandboxOptions(manifest=MANIFEST, state_file=file))


BOT = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print("bye", flush=True), sys.exit(0)))
print("hello", os.environ["SLACK_API_URL"], os.environ["EXTRA"], flush=True)
time.sleep(60)
"""


def test_a_supervised_bot_is_killed_started_and_ended(tmp_path: Path) -> None:
    log = tmp_path / "bot.log"
    options = SandboxOptions(
        manifest=MANIFEST, bot_argv=(sys.executable, "-c", BOT), bot_env={"EXTRA": "x"}, bot_log=log
    )
    with Sandbox(options) as sandbox:
        slack = SlackDriver(sandbox.page_url)
        greeting = f"hello {sandbox.api_url} x\n"
        slack.wait_for(lambda: log.exists() and log.read_text() == greeting, what="the bot's greeting")
        first = slack.state("bot")["bot"]
        assert first["running"]
        assert slack.app("kill") == {"ok": True, "pid": None, "exit_code": -9}
        assert not slack.state("bot")["bot"]["running"]
        slack.app("start")
        slack.wait_for(lambda: log.read_text() == greeting * 2, what="the second greeting")
        assert slack.state("bot")["bot"]["pid"] not in (None, first["pid"])
        slack.close()

    assert log.read_text() == greeting * 2 + "bye\n"


def test_a_sandbox_without_a_bot_has_none_to_kill(slack: SlackDriver) -> None:
    with pytest.raises(Refused, match="no_bot_here"):
        slack.app("kill")


def test_the_environment_is_all_a_bot_needs(sandbox: Sandbox) -> None:
    assert sandbox.env["SLACK_API_URL"] == sandbox.api_url
    assert {"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "CSP_CLOCK_OFFSET_FILE"} <= set(sandbox.env)
