"""The whole routing table on one screen: what is heard, and which journey hears it."""

import re
from collections.abc import Callable
from typing import Any

from slack_bolt import App

from handlers import ids
from handlers.blocks.rota_change import COVER, INTEND, LEAVE
from handlers.card import Card
from handlers.commands import Commands
from handlers.escalate import Escalate
from handlers.failures import Failures
from handlers.guard import Guard
from handlers.home import Home
from handlers.house import House
from handlers.look import Look
from handlers.presses import pressed
from handlers.rota.changing import Changing
from handlers.rota.editing import Editing
from handlers.rota.informing import Informing
from handlers.rota.offering import Offering
from handlers.rota.picturing import Picturing
from handlers.rota.seeing import Seeing
from handlers.rota.verbs import Verbs
from handlers.rota.volunteering import Volunteering
from handlers.rota.watching import Watching
from models.refusal import refuse

ANYTHING = re.compile(".*")


def register(app: App, house: House) -> None:
    """Connect every delivery Slack may send with its journey; the last ones catch what nobody expected."""
    escalate, failures, seeing = Escalate(house), Failures(house), Seeing(house)
    picturing = Picturing(house)
    home, changing, offering = Home(house, seeing), Changing(house), Offering(house, seeing)
    openings = {kind: changing.opening(kind) for kind in (COVER, LEAVE, INTEND)}
    look = Look(house)
    card = Card(house, look, home.redraw)
    verbs = Verbs(seeing, Informing(house), picturing, {**openings, "swap": offering.opened})
    commands = Commands(house, escalate, card, look, verbs)

    app.use(Guard(house).check)
    app.error(failures.answer)

    app.command(ids.COMMAND)(commands.heard)
    _raise(app, escalate)

    app.action(ids.CARD_MORE)(pressed(card.menu))
    app.action(_starts(ids.CARD))(pressed(card.click))
    app.view(_starts(ids.SHEET))(card.submit)

    app.action(ids.SHOW)(pressed(look.show))
    app.action(_starts(ids.PAGE))(pressed(look.turn))
    app.event("app_home_opened")(home.opened)
    app.event("user_change")(lambda event: house.people.changed(event["user"]))

    app.action(ids.ROTA_PICTURE)(pressed(picturing.click))
    _rota(app, seeing, changing)
    _offers(app, offering)
    _weeks(app, Volunteering(house))
    _edit(app, Editing(house, house.revising))
    _watch(app, Watching(house, seeing, changing, home.redraw))

    _otherwise(app, commands)


def _otherwise(app: App, commands: Commands) -> None:
    """Nothing is left without an answer: Slack would deliver it again, or show the person an error."""
    app.event(ANYTHING)(_heard)
    app.action(ANYTHING)(pressed(_unexpected))
    app.shortcut(ANYTHING)(pressed(_unexpected))
    app.view_submission(ANYTHING)(_unreadable)
    app.view_closed(ANYTHING)(_heard)
    app.options(ANYTHING)(_no_options)
    app.command(ANYTHING)(commands.heard)


def _raise(app: App, escalate: Escalate) -> None:
    """What is heard of raising an escalation, besides the command."""
    app.shortcut(ids.GLOBAL_SHORTCUT)(pressed(escalate.shortcut))
    app.shortcut(ids.MESSAGE_SHORTCUT)(escalate.from_message)
    app.action(ids.HOME_NEW)(pressed(escalate.shortcut))
    app.options(ids.CUSTOMER)(escalate.suggest)
    app.action(_starts(ids.FORM_FIELD))(escalate.changed)
    app.view(ids.FORM)(escalate.submit)


def _rota(app: App, seeing: Seeing, changing: Changing) -> None:
    """What is heard of the rota."""
    app.action(_starts(ids.ROTA_PAGE))(pressed(seeing.turn))
    for form in (ids.ROTA_COVER, ids.ROTA_LEAVE, ids.ROTA_INTEND):
        app.action(form)(pressed(changing.click))
    for form in (ids.ROTA_COVER, ids.ROTA_LEAVE, ids.ROTA_INTEND, ids.ROTA_TAKE):
        app.view(form)(changing.submit)
    app.action(ids.ROTA_STAY)(pressed(changing.click))
    app.view(ids.ROTA_STAY)(changing.stay)
    app.action(ids.ROTA_UNDO)(pressed(changing.undo))
    app.action(ids.ROTA_BACK)(pressed(changing.back))
    app.view(ids.ROTA_SAVE)(changing.save)


def _offers(app: App, offering: Offering) -> None:
    """What is heard of offers."""
    app.action(ids.ROTA_SWAP)(pressed(offering.click))
    app.action(f"{ids.ROTA_SWAP}.ask")(pressed(offering.changed))
    app.action(f"{ids.ROTA_SWAP}.whose")(pressed(offering.changed))
    app.view(ids.ROTA_SWAP)(offering.submit)
    app.action(ids.OFFER_TAKE)(pressed(offering.take))
    app.view(ids.OFFER_SAVE)(offering.save)
    app.action(ids.OFFER_DECLINE)(pressed(offering.decline))
    app.action(ids.OFFER_WITHDRAW)(pressed(offering.withdraw))


def _weeks(app: App, volunteering: Volunteering) -> None:
    """What is heard of holiday weeks."""
    app.action(ids.WEEK_CAN)(pressed(volunteering.can))
    app.action(ids.WEEK_CANNOT)(pressed(volunteering.cannot))


def _edit(app: App, editing: Editing) -> None:
    """What is heard of describing the rota."""
    app.action(f"{ids.ROTA_EDIT}.open")(pressed(editing.open))
    app.action(_starts(f"{ids.ROTA_EDIT}.pick"))(pressed(editing.pick))
    app.action(f"{ids.ROTA_EDIT}.file")(pressed(editing.file))
    app.action(f"{ids.ROTA_EDIT}.again")(pressed(editing.again))
    app.view(f"{ids.ROTA_EDIT}.item")(editing.submit)
    app.view(f"{ids.ROTA_EDIT}.save")(editing.save)


def _watch(app: App, watching: Watching) -> None:
    """What is heard of gaps, shifts and handovers."""
    app.action(ids.ROTA_TAKE_SPAN)(pressed(watching.take_listed))
    app.action(ids.ROTA_TAKE)(pressed(watching.take))
    app.action(ids.ROTA_TAKE_PART)(pressed(watching.take_part))
    app.action(ids.ROTA_WATCH)(pressed(watching.confirm))
    app.action(ids.ROTA_RELIEF)(pressed(watching.cannot_stay))
    app.action(ids.ROTA_CONFIRM_ALL)(pressed(watching.confirm_all))
    app.action(ids.ROTA_STEP_IN)(pressed(watching.step_in))
    app.action(ids.ROTA_HAND_OVER)(pressed(watching.hand_over))
    app.action(ids.ROTA_TAKE_OVER)(pressed(watching.take_over))
    app.action(ids.ROTA_NOTE)(pressed(watching.ask_note))
    app.view(ids.ROTA_NOTE)(watching.note)
    app.action(ids.ROTA_REMIND)(pressed(watching.ask_reminders))
    app.view(ids.ROTA_REMIND)(watching.remind)


def _starts(prefix: str) -> re.Pattern[str]:
    return re.compile(rf"^{re.escape(prefix)}")


def _heard(ack: Callable[..., Any]) -> None:
    ack()


def _unexpected() -> None:
    """A button of a version long gone: its person is told to open things anew."""
    raise refuse("unreadable")


def _unreadable() -> None:
    """A form nobody knows stays open and says so, with all that was typed."""
    raise refuse("unreadable")


def _no_options(ack: Callable[..., Any]) -> None:
    ack(options=[])
