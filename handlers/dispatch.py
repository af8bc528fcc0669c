"""Each delivery reaches one listener, found by its id.

Bolt gets one listener for each kind of delivery. Of many it would ask one after the other, and try the next match when
the first did not acknowledge within three seconds: somebody would read of a failure while their press is being stored.
"""

import inspect
import re
from collections.abc import Callable
from functools import cached_property
from typing import Any

from slack_bolt import App, Args

from handlers.i18n.erased_words import localize
from handlers.i18n.words import Words
from handlers.log_context import about, describe_press
from handlers.payloads import Body, is_typed_line, user_of

Listener = Callable[..., Any]
WordsFor = Callable[[str], Words]
ANSWERING = ("ack", "respond", "client")
"""The arguments of a listener that show something to the person."""
ANYTHING = re.compile(".*")


class Listeners:
    """The routing table of an app. Each method is Bolt's of the same name; a name is an id or a pattern of ids.

    ``words_for`` returns the language of a person (a Slack id), in which answers name what was erased.
    """

    def __init__(self, app: App, words_for: WordsFor) -> None:
        self._app, self._words_for = app, words_for
        self.action = _Table(app.action, words_for, lambda body: body["actions"][0]["action_id"]).add
        self.view = _Table(app.view, words_for, _callback_id).add
        self.view_closed = _Table(app.view_closed, words_for, _callback_id).add
        self.command = _Table(app.command, words_for, lambda body: body["command"]).add
        self.shortcut = _Table(app.shortcut, words_for, lambda body: body["callback_id"]).add
        self.options = _Table(app.options, words_for, lambda body: body["action_id"]).add
        self.event = _Table(app.event, words_for, lambda body: body["event"]["type"], _is_other_event).add

    def direct_message(self, store: Listener, show: Listener) -> None:
        """Register what stores, and then shows, a line typed to the bot in its direct message (``message.im``)."""
        call = _Call(store)

        def keep(args: Args) -> None:
            call.answer(args, self._words_for)

        self._app.event("message", [is_typed_line], [keep])(show)


class _Table:
    """The listeners of one kind of delivery: those of one id, then those of patterns, in their order."""

    def __init__(
        self, register: Callable[..., Any], words_for: WordsFor, read_id: Callable[[Body], str], *matchers: Listener
    ) -> None:
        self._words_for, self._read_id = words_for, read_id
        self._by_id: dict[str, _Call] = {}
        self._by_pattern: list[tuple[re.Pattern[str], _Call]] = []
        register(ANYTHING, list(matchers))(self._answer)

    def add(self, name: str | re.Pattern[str]) -> Callable[[Listener], Listener]:
        """Register a listener for an id, or for all ids of a pattern that have none of their own."""

        def add(listener: Listener) -> Listener:
            call = _Call(listener)
            if isinstance(name, str):
                self._by_id.setdefault(name, call)
            else:
                self._by_pattern.append((name, call))
            return listener

        return add

    def _answer(self, args: Args) -> None:
        with about(**describe_press(args.body)):
            self._find(self._read_id(args.body)).answer(args, self._words_for)

    def _find(self, name: str) -> "_Call":
        exact = self._by_id.get(name)
        return exact or next(call for pattern, call in self._by_pattern if pattern.search(name))


class _Call:
    """A listener, and the names of what it takes of a delivery."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    @cached_property
    def _names(self) -> tuple[str, ...]:
        """Read when the first delivery comes: an app has hundreds of listeners."""
        return tuple(inspect.signature(self._listener).parameters)

    def answer(self, args: Args, words_for: WordsFor) -> None:
        given = {name: getattr(args, name) for name in self._names}
        if answers := [name for name in ANSWERING if name in given]:
            user = user_of(args.body)
            given |= {name: InWords(given[name], lambda: words_for(user)) for name in answers}
        self._listener(**given)


class InWords:
    """What answers a person (``ack``, ``respond`` or the client of Slack): erased words are named in their language.

    The language is asked for when it answers: a person whom nobody has met is met meanwhile.
    """

    def __init__(self, answer: Any, words: Callable[[], Words]) -> None:
        vars(self).update(_answer=answer, _words=words)

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Answer, or call what is a part of it."""
        words = self._words()
        return self._answer(*localize(args, words), **localize(named, words))

    def __getattr__(self, name: str) -> Any:
        part = getattr(self._answer, name)
        return InWords(part, self._words) if callable(part) else part

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._answer, name, value)


def _callback_id(body: Body) -> str:
    return str(body["view"]["callback_id"])


def _is_other_event(body: Body) -> bool:
    return not is_typed_line(body)
