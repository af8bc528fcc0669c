"""The whole routing table on one screen: what is heard, and which journey hears it."""

import re
from collections.abc import Callable
from typing import Any

from slack_bolt import App

from handlers import ids
from handlers.card import Card
from handlers.escalate import Escalate
from handlers.failures import Failures
from handlers.guard import Guard
from handlers.home import Home
from handlers.house import House
from handlers.look import Look
from handlers.rota.seeing import Seeing
from handlers.rota.verbs import Verbs
from models.refusal import refuse

ANYTHING = re.compile(".*")


def register(app: App, house: House) -> None:
    """Connect every delivery Slack may send with its journey; the last ones catch what nobody expected."""
    escalate, home, failures = Escalate(house), Home(house), Failures(house)
    seeing = Seeing(house)
    look = Look(house, escalate, Verbs(seeing, {}))
    card = Card(house, look)

    app.use(Guard(house).check)
    app.error(failures.answer)

    app.command(ids.COMMAND)(look.command)
    app.shortcut(ids.GLOBAL_SHORTCUT)(escalate.shortcut)
    app.shortcut(ids.MESSAGE_SHORTCUT)(escalate.from_message)
    app.action(ids.HOME_NEW)(escalate.shortcut)

    app.options(ids.CUSTOMER)(escalate.suggest)
    app.action(_starts(ids.FORM_FIELD))(escalate.changed)
    app.view(ids.FORM)(escalate.submit)

    app.action(ids.CARD_MORE)(card.menu)
    app.action(_starts(ids.CARD))(card.click)
    app.view(_starts(ids.SHEET))(card.submit)

    app.action(ids.SHOW)(look.show)
    app.action(_starts(ids.PAGE))(look.turn)
    app.event("app_home_opened")(home.opened)

    app.action(_starts(ids.ROTA_PAGE))(seeing.turn)

    # Nothing is left without an answer: Slack would deliver it again, or show the person an error.
    app.event(ANYTHING)(_heard)
    app.action(ANYTHING)(_unexpected)
    app.shortcut(ANYTHING)(_unexpected)
    app.view_submission(ANYTHING)(_unreadable)
    app.view_closed(ANYTHING)(_heard)
    app.options(ANYTHING)(_no_options)
    app.command(ANYTHING)(look.command)


def _starts(prefix: str) -> re.Pattern[str]:
    return re.compile(rf"^{re.escape(prefix)}")


def _heard(ack: Callable[..., Any]) -> None:
    ack()


def _unexpected(ack: Callable[..., Any]) -> None:
    """A button of a version long gone: its person is told to open things anew."""
    ack()
    raise refuse("unreadable")


def _unreadable() -> None:
    """A form nobody knows stays open and says so, with all that was typed."""
    raise refuse("unreadable")


def _no_options(ack: Callable[..., Any]) -> None:
    ack(options=[])
