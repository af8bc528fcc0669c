"""The order of every press: store the change, tell Slack ok, and only then show the effect.

A handler of a press therefore gets no ``ack``. Its calls to Slack are kept until the change is stored and acknowledged.
So no button can show, or acknowledge, what a crash would lose.
"""

import inspect
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from slack_bolt import BoltContext
from slack_sdk.errors import SlackApiError

from handlers.context import SlackResponder
from handlers.log_context import about, describe_press
from handlers.payloads import Body

Act = Callable[..., None]
"""Handles a press. It takes what it needs of ``body``, ``client`` and ``respond`` by name, as Bolt's listeners do."""
Respond = Callable[..., Any]
log = logging.getLogger(__name__)
OVER = frozenset({"exchanged_trigger_id", "not_found", "hash_conflict"})
"""Slack's error codes for a screen that needs nothing any more.

The press was delivered before and opened its form, the screen was closed, or a newer press has drawn it.
"""


LATER = "later"
"""Where the calls of an event are kept in its context until it is acknowledged."""


class DeferredResponses:
    """Slack as a handler sees it: every screen and answer is kept until :meth:`show`."""

    def __init__(self, client: SlackResponder, respond: Respond) -> None:
        self._calls: list[Callable[[], Any]] = []
        self.respond = self._kept(respond)
        self.views_open = self._kept(client.views_open)
        self.views_push = self._kept(client.views_push)
        self.views_update = self._kept(client.views_update)
        self.views_publish = self._kept(client.views_publish)
        self.chat_postMessage = self._kept(client.chat_postMessage)
        self.chat_getPermalink = client.chat_getPermalink  # a question: it shows nothing

    def show(self) -> None:
        """Send the kept calls in order; raise Slack's error unless the view is out of date."""
        for call in self._calls:
            try:
                call()
            except SlackApiError as error:
                if error.response.get("error") not in OVER:
                    raise
                log.info("a modal was not updated: %s", error.response.get("error"))

    def _kept(self, call: Callable[..., Any]) -> Callable[..., None]:
        def keep(**arguments: Any) -> None:
            self._calls.append(partial(call, **arguments))

        return keep


def make_listener(act: Act) -> Callable[..., None]:
    """Make a Bolt listener of a button's handler."""

    def listener(ack: Callable[..., Any], body: Body, client: SlackResponder, respond: Respond) -> None:
        later = DeferredResponses(client, respond)
        given = {"body": body, "client": later, "respond": later.respond}
        try:
            act(**{name: given[name] for name in inspect.signature(act).parameters})
        finally:
            # Also when it was refused or not saved: the person is told so, and Slack need not deliver it again.
            ack()
        later.show()

    return listener


def make_event_steps(act: Act) -> tuple[Callable[..., None], Callable[..., None]]:
    """Split the handler of an event that stores something into a middleware of its listener and the listener itself.

    Bolt acknowledges an event before its listener runs, but after the middleware: so that is where it is stored.
    """

    def store(
        body: Body,
        client: SlackResponder,
        respond: Respond,
        context: BoltContext,
        next: Callable[[], Any],  # noqa: A002  # Bolt's name
    ) -> None:
        later = DeferredResponses(client, respond)
        with about(**describe_press(body)):
            act(body=body, client=later)
        context[LATER] = later
        next()

    def show(context: BoltContext) -> None:
        later: DeferredResponses = context[LATER]
        later.show()

    return store, show
