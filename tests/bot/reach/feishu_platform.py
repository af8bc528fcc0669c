"""A small Feishu for tests: tokens, messages that are sent once for each uuid, and calls out of a quota."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

SECRET, PERSON = "app-secret", "ou_lina"
QUOTA_GONE, NOT_VISIBLE, BAD_TOKEN, TOO_FAST = 230024, 230013, 99991663, 99991400


@dataclass
class FeishuPlatform:
    """What the platform knows. ``codes`` are answered next, in order, instead of doing what is asked."""

    url: str = ""
    tokens: list[str] = field(default_factory=list)
    messages: dict[str, str] = field(default_factory=dict)
    rung: list[str] = field(default_factory=list)
    quota: int = 10
    codes: list[int] = field(default_factory=list)

    def answer(self, method: str, path: str, body: Any, token: str) -> tuple[int, dict[str, Any]]:
        if path.endswith("/tenant_access_token/internal"):
            return 200, self._issue_token(body)
        if not self.tokens or token != self.tokens[-1]:
            return 400, {"code": BAD_TOKEN, "msg": "Invalid access token"}
        if self.codes:
            return 400, {"code": self.codes.pop(0)}
        if method == "POST" and path == "/open-apis/im/v1/messages?receive_id_type=open_id":
            return self._write(body)
        return self._ring(path) if method == "PATCH" and path.endswith("?user_id_type=open_id") else (404, {})

    def _issue_token(self, body: Any) -> dict[str, Any]:
        if body.get("app_secret") != SECRET:
            return {"code": 10014, "msg": "app secret invalid"}
        self.tokens.append(f"t-{len(self.tokens)}")
        return {"code": 0, "tenant_access_token": self.tokens[-1], "expire": 7200}

    def _write(self, body: Any) -> tuple[int, dict[str, Any]]:
        if body["receive_id"] != PERSON:
            return 400, {"code": NOT_VISIBLE}
        self.messages.setdefault(body["uuid"], json.loads(body["content"])["text"])
        return 200, {"code": 0, "data": {"message_id": f"om_{list(self.messages).index(body['uuid'])}"}}

    def _ring(self, path: str) -> tuple[int, dict[str, Any]]:
        self.quota -= 1
        if self.quota < 0:
            return 400, {"code": QUOTA_GONE}
        self.rung.append(path.rsplit("/", maxsplit=1)[-1].split("?", maxsplit=1)[0])
        return 200, {"code": 0, "data": {"invalid_user_id_list": []}}


@contextmanager
def feishu_platform() -> Iterator[FeishuPlatform]:
    """Run one on loopback."""
    platform = FeishuPlatform()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def _serve(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            token = str(self.headers.get("Authorization", "")).removeprefix("Bearer ")
            status, content = platform.answer(self.command, self.path, body, token)
            written = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(written)))
            self.end_headers()
            self.wfile.write(written)

        def __getattr__(self, name: str) -> Any:
            return self._serve if name.startswith("do_") else super().__getattribute__(name)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    platform.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield platform
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
