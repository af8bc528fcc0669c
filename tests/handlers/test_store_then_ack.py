"""Every press is stored before Slack is told ok, and shows its effect only then."""

import re
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

from handlers import ids, routes
from handlers.store_then_ack import make_listener
from models.rules.errors import Refused, refuse
from tests.handlers.harness import AtOnce, PlayedSlack, Stage
from tests.handlers.member import Member

WITHOUT_STORING = {"^" + re.escape(ids.FORM_FIELD)}
"""Answers in the open form: each draws it anew and stores nothing, so it is acknowledged first."""


class Listener:
    """Stands for the routing table, and keeps which function hears which action."""

    def __init__(self) -> None:
        self.actions: dict[str, Callable[..., Any]] = {}

    def action(self, name: Any) -> Callable[[Callable[..., Any]], None]:
        return lambda heard: self.actions.update({getattr(name, "pattern", name): heard})

    def __getattr__(self, _kind: str) -> Callable[..., Any]:
        return lambda *_about: lambda _heard: None


def test_every_button_and_every_menu_is_a_press(stage: Stage) -> None:
    table = Listener()

    routes.connect(table, stage.services)  # type: ignore[arg-type]  # stands for it

    others = {name for name, heard in table.actions.items() if heard.__module__ != make_listener.__module__}
    assert others == WITHOUT_STORING
    assert len(table.actions) > 30


class Slow(AtOnce):
    """Begins with what it is given only when it is told to, as on a machine that is very busy."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], Any]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.waiting.append(partial(fn, *args, **kwargs))
        return Future()


def test_a_press_that_takes_longer_than_slack_waits_reaches_nobody_else(stage: Stage, emma: Member) -> None:
    emma.raise_one()
    slow = Slow()
    busy = Stage(stage.store, executor=slow)

    heard = Member(busy, "U0EMMA").press("acknowledge")
    for begin in slow.waiting:
        begin()

    assert len(slow.waiting) == 1
    assert heard.told == []
    assert stage.escalation().owner == "U0EMMA"


def _order(act: Callable[..., None]) -> list[str]:
    """What happens when it is pressed, in order."""
    order: list[str] = []

    def show(**_said: Any) -> None:
        order.append("shown")

    slack = PlayedSlack()
    slack.views_open = show  # type: ignore[method-assign, assignment]  # only the order counts
    try:
        make_listener(act)(lambda: order.append("ok"), {"stored": order}, slack, show)
    except Refused:
        order.append("refused")
    return order


def test_what_a_press_shows_waits_until_it_is_stored_and_acknowledged() -> None:
    def act(respond: Callable[..., None], body: dict[str, list[str]], client: Any) -> None:
        respond(text="Done")
        client.views_open(trigger_id="t", view={})
        body["stored"].append("stored")

    assert _order(act) == ["stored", "ok", "shown", "shown"]


def test_a_refused_press_is_acknowledged_and_shows_nothing_of_what_it_had_begun() -> None:
    def act(respond: Callable[..., None]) -> None:
        respond(text="Done")
        raise refuse("unreadable")

    assert _order(act) == ["ok", "refused"]
