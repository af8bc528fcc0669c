"""``webhook secret``, ``test`` and ``receive``: begin with a webhook, and see what arrives."""

import json
import sys
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer

from bot.clock import Clock
from bot.commands.output import print_out
from bot.commands.session import CommandError, Session, why
from bot.config import Requirement, WebhookSettings
from bot.webhook.receiver import WebhookReceiver
from bot.webhook.signature import is_genuine, new_secret
from handlers.i18n.webhook_labels import explain
from handlers.i18n.words import N_

TEST = {"id": 0, "case": None, "move": "test"}
"""What ``webhook test`` sends: no move has the id 0."""
MOST_BYTES = 4 * 1024 * 1024
UNAUTHORIZED = 401


def secret() -> None:
    """Print a new random secret."""
    print_out(f"{new_secret()}\n")


def test(session: Session) -> None:
    """Send a signed test once. Raises CommandError with code 1 where it was not taken."""
    words, settings = session.words, _settings(session)
    receiver = WebhookReceiver(settings, Clock())
    reply = receiver.send(str(uuid.uuid4()), json.dumps(TEST).encode())
    if not reply.is_taken:
        says = N_("{host} did not take the test ({code}). {advice}")
        raise CommandError(words(says, host=receiver.host, code=reply.code, advice=explain(reply.code, words)))
    says = N_("{host} took the test ({code}).")
    session.out.print_lines(words(says, host=receiver.host, code=reply.code))


def receive(session: Session, port: int, answer: int) -> None:
    """Print each genuine move as a line of JSON until Ctrl-C; a request that is not genuine is refused with 401."""
    words, keys = session.words, [key.reveal() for key in _settings(session).secrets]
    refused = words(N_("Refused: the signature is wrong."))
    try:
        server = make_receiver(keys, port, answer, lambda: session.err.print_lines(refused))
    except OSError as error:
        says = N_("Nothing can listen on port {port}: {why}.")
        raise CommandError(words(says, port=port, why=why(error, words)), code=2) from None
    place = f"http://127.0.0.1:{port}/"
    session.err.print_lines(words(N_("Moves are received at {place} until Ctrl-C."), place=place))
    with server, suppress(KeyboardInterrupt):
        server.serve_forever()


def make_receiver(keys: Sequence[str], port: int, answer: int, refuse: Callable[[], None]) -> HTTPServer:
    """Return a server that prints what was signed with one of the keys, and answers so. Raises OSError."""
    clock = Clock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Check a request and print it."""
            length = self.headers.get("content-length", "")
            body = self.rfile.read(min(MOST_BYTES, int(length) if length.isdigit() else 0))
            headers, now = dict(self.headers.items()), clock.now().timestamp()
            genuine = any(is_genuine(key, headers, body, now) for key in keys)
            if genuine:
                print_out(body.decode(errors="replace") + "\n")
                sys.stdout.flush()
            else:
                refuse()
            self.send_response(answer if genuine else UNAUTHORIZED)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
            """Say nothing of each request."""

    return HTTPServer(("127.0.0.1", port), Handler)


def _settings(session: Session) -> WebhookSettings:
    settings = session.config(Requirement.DATABASE).webhook
    if settings is None:
        says = N_("There is no webhook: set CSP_WEBHOOK_URL and CSP_WEBHOOK_SECRET.")
        raise CommandError(session.words(says), code=2)
    return settings
