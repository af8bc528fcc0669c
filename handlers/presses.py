"""The order of every press: what it changes is stored, Slack is told ok, and only then its effect is shown.

A press therefore gets no ``ack``. What it asks of Slack is kept until it is stored and acknowledged: whoever adds a
button can't show, or say ok to, what a crash would lose.
"""

import inspect
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from slack_sdk.errors import SlackApiError

from handlers.context import SlackResponder
from handlers.payloads import Body

Act = Callable[..., None]
"""What a button does. Of ``body``, ``client`` and ``respond`` it takes those it needs, by name, as Bolt's listeners."""
Respond = Callable[..., Any]
log = logging.getLogger(__name__)
OVER = frozenset({"exchanged_trigger_id", "not_found", "hash_conflict"})
"""Slack's errors for a screen that needs nothing any more: the same press was delivered before and opened its form
then, the screen was closed, or a newer press has drawn it."""


class DeferredResponses:
    """Slack, as a press sees it: every screen and every answer is kept until :meth:`show`."""

    def __init__(self, client: SlackResponder, respond: Respond) -> None:
        self._calls: list[Callable[[], Any]] = []
        self.respond = self._kept(respond)
        self.views_open = self._kept(client.views_open)
        self.views_update = self._kept(client.views_update)
        self.views_publish = self._kept(client.views_publish)
        self.chat_getPermalink = client.chat_getPermalink  # a question: it shows nothing

    def show(self) -> None:
        """Send what was kept, in order. Raises what Slack's client raises."""
        for call in self._calls:
            try:
                call()
            except SlackApiError as error:
                if error.response.get("error") not in OVER:
                    raise
                log.info("a screen was not drawn: %s", error.response.get("error"))

    def _kept(self, call: Callable[..., Any]) -> Callable[..., None]:
        def keep(**arguments: Any) -> None:
            self._calls.append(partial(call, **arguments))

        return keep


def make_listener(act: Act) -> Callable[..., None]:
    """Make a listener of Bolt's out of what a button does."""
    wanted = inspect.signature(act).parameters

    def listener(ack: Callable[..., Any], body: Body, client: SlackResponder, respond: Respond) -> None:
        later = DeferredResponses(client, respond)
        given = {"body": body, "client": later, "respond": later.respond}
        try:
            act(**{name: given[name] for name in wanted})
        finally:
            # Also when it was refused or not saved: the person is told so, and Slack need not deliver it again.
            ack()
        later.show()

    return listener
