"""Each delivery reaches one listener: the first that matches.

Bolt tries the next match when the first did not acknowledge within three seconds. Then somebody would read of a failure
while their press is being stored.
"""

from collections.abc import Callable
from typing import Any

from slack_bolt import App, BoltContext

from handlers.payloads import is_typed_line

Listener = Callable[..., Any]
_TAKEN = "taken"


class Listeners:
    """The routing table of an app. Each method is Bolt's of the same name."""

    def __init__(self, app: App) -> None:
        self._app = app

    def action(self, name: Any) -> Callable[[Listener], Any]:
        """Register a listener for buttons, menus, and fields that report each change."""
        return self._app.action(name, [_is_free], [_take])

    def view(self, name: Any) -> Callable[[Listener], Any]:
        """Register a listener for submitted forms."""
        return self._app.view(name, [_is_free], [_take])

    def view_closed(self, name: Any) -> Callable[[Listener], Any]:
        """Register a listener for forms that were closed."""
        return self._app.view_closed(name, [_is_free], [_take])

    def command(self, name: Any) -> Callable[[Listener], Any]:
        """Register a listener for slash commands."""
        return self._app.command(name, [_is_free], [_take])

    def shortcut(self, name: Any) -> Callable[[Listener], Any]:
        """Register a listener for global and message shortcuts."""
        return self._app.shortcut(name, [_is_free], [_take])

    def options(self, name: Any) -> Callable[[Listener], Any]:
        """Register a listener for keystrokes in a typeahead."""
        return self._app.options(name, [_is_free], [_take])

    def event(self, name: Any) -> Callable[[Listener], Any]:
        """Register a listener for events."""
        return self._app.event(name, [_is_free], [_take])

    def direct_message(self, store: Listener, show: Listener) -> None:
        """Register what stores, and then shows, a line typed to the bot in its direct message (``message.im``)."""
        self._app.event("message", [_is_free, is_typed_line], [_take, store])(show)


def _is_free(context: BoltContext) -> bool:
    return not context.get(_TAKEN)


def _take(context: BoltContext, next: Callable[[], Any]) -> None:  # noqa: A002  # Bolt's name
    context[_TAKEN] = True
    next()
