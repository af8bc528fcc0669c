"""The whole routing table on one screen: what is heard, and which journey hears it."""

import re
from collections.abc import Callable
from typing import Any

from slack_bolt import App

from handlers import ids
from handlers.blocks.override_form import ACCEPT_GAP, COVER, LEAVE
from handlers.commands import Commands
from handlers.context import Services
from handlers.errors import ErrorAnswers
from handlers.escalations.card_actions import CardActions
from handlers.escalations.raise_form import RaiseForm
from handlers.escalations.views import EscalationViews
from handlers.home import Home
from handlers.listeners import Listeners
from handlers.middleware import AdmissionMiddleware
from handlers.oncall.add_member import AddMember
from handlers.oncall.availability import AvailabilityActions
from handlers.oncall.chart_request import ChartRequest
from handlers.oncall.commands import OnCallCommands
from handlers.oncall.overrides import OverrideActions
from handlers.oncall.rota_editor import RotaEditing
from handlers.oncall.schedule_views import ScheduleViews
from handlers.oncall.shift_actions import ShiftActions
from handlers.oncall.swaps import SwapActions
from handlers.oncall.workload import WorkloadViews
from handlers.presses import make_listener
from models.rules.errors import refuse

ANYTHING = re.compile(".*")


def register(app: App, services: Services) -> None:
    """Connect every delivery Slack may send with its journey; the last ones catch what nobody expected."""
    escalate, failures, seeing, picturing = (
        RaiseForm(services),
        ErrorAnswers(services),
        ScheduleViews(services),
        ChartRequest(services),
    )
    home, offering = Home(services, seeing), SwapActions(services, seeing)
    changing = OverrideActions(services, home.redraw)
    openings = {kind: changing.opening(kind) for kind in (COVER, LEAVE, ACCEPT_GAP)}
    look = EscalationViews(services)
    card = CardActions(services, look, home.redraw)
    verbs = OnCallCommands(seeing, WorkloadViews(services), picturing, {**openings, "swap": offering.opened})
    commands = Commands(services, escalate, card, look, verbs)

    app.use(AdmissionMiddleware(services).check)
    app.error(failures.answer)
    listen = Listeners(app)

    listen.command(ids.COMMAND)(commands.heard)
    _raise(listen, escalate)

    listen.action(ids.CARD_MORE)(make_listener(card.menu))
    listen.action(_starts(ids.CARD))(make_listener(card.click))
    listen.view(_starts(ids.MOVE_FORM))(card.submit)

    listen.action(ids.SHOW)(make_listener(look.show))
    listen.action(_starts(ids.PAGE))(make_listener(look.turn))
    listen.event("app_home_opened")(home.opened)
    listen.event("user_change")(lambda event: services.people.changed(event["user"]))

    listen.action(ids.ROTA_CHART)(make_listener(picturing.click))
    _rota(listen, seeing, changing)
    _offers(listen, offering)
    _weeks(listen, AvailabilityActions(services))
    _edit(listen, RotaEditing(services, services.rota_editor))
    watching = ShiftActions(services, seeing, changing, home.redraw)
    _watch(listen, watching)
    _join(listen, services, watching, offering)

    _otherwise(listen, commands)


def _otherwise(listen: Listeners, commands: Commands) -> None:
    """Nothing is left without an answer: Slack would deliver it again, or show the person an error."""
    listen.event(ANYTHING)(_heard)
    listen.action(ANYTHING)(make_listener(_unexpected))
    listen.shortcut(ANYTHING)(make_listener(_unexpected))
    listen.view(ANYTHING)(_unreadable)
    listen.view_closed(ANYTHING)(_heard)
    listen.options(ANYTHING)(_no_options)
    listen.command(ANYTHING)(commands.heard)


def _raise(listen: Listeners, escalate: RaiseForm) -> None:
    """What is heard of raising an escalation, besides the command."""
    listen.shortcut(ids.GLOBAL_SHORTCUT)(make_listener(escalate.shortcut))
    listen.shortcut(ids.MESSAGE_SHORTCUT)(escalate.from_message)
    listen.action(ids.HOME_NEW)(make_listener(escalate.shortcut))
    listen.options(ids.CUSTOMER)(escalate.suggest)
    listen.action(_starts(ids.FORM_FIELD))(escalate.changed)
    listen.view(ids.FORM)(escalate.submit)


def _rota(listen: Listeners, seeing: ScheduleViews, changing: OverrideActions) -> None:
    """What is heard of the rota."""
    listen.action(_starts(ids.ROTA_PAGE))(make_listener(seeing.turn))
    for form in (ids.ROTA_COVER, ids.ROTA_LEAVE, ids.ROTA_ACCEPT_GAP):
        listen.action(form)(make_listener(changing.click))
    for form in (ids.ROTA_COVER, ids.ROTA_LEAVE, ids.ROTA_ACCEPT_GAP, ids.ROTA_TAKE):
        listen.view(form)(changing.submit)
    listen.action(ids.ROTA_STAY)(make_listener(changing.click))
    listen.view(ids.ROTA_STAY)(changing.stay)
    listen.action(ids.ROTA_UNDO)(make_listener(changing.undo))
    listen.action(ids.ROTA_BACK)(make_listener(changing.back))
    listen.view(ids.ROTA_SAVE)(changing.save)


def _offers(listen: Listeners, offering: SwapActions) -> None:
    """What is heard of offers."""
    listen.action(ids.ROTA_SWAP)(make_listener(offering.click))
    listen.action(f"{ids.ROTA_SWAP}.ask")(make_listener(offering.changed))
    listen.action(f"{ids.ROTA_SWAP}.whose")(make_listener(offering.changed))
    listen.view(ids.ROTA_SWAP)(offering.submit)
    listen.action(ids.OFFER_TAKE)(make_listener(offering.take))
    listen.view(ids.OFFER_SAVE)(offering.save)
    listen.action(ids.OFFER_DECLINE)(make_listener(offering.decline))
    listen.action(ids.OFFER_WITHDRAW)(make_listener(offering.withdraw))


def _weeks(listen: Listeners, volunteering: AvailabilityActions) -> None:
    """What is heard of holiday weeks."""
    listen.action(ids.WEEK_CAN)(make_listener(volunteering.can))
    listen.action(ids.WEEK_CANNOT)(make_listener(volunteering.cannot))


def _edit(listen: Listeners, editing: RotaEditing) -> None:
    """What is heard of describing the rota."""
    listen.action(f"{ids.ROTA_EDIT}.open")(make_listener(editing.open))
    listen.action(_starts(f"{ids.ROTA_EDIT}.pick"))(make_listener(editing.pick))
    listen.action(f"{ids.ROTA_EDIT}.file")(make_listener(editing.file))
    listen.action(f"{ids.ROTA_EDIT}.again")(make_listener(editing.again))
    listen.view(f"{ids.ROTA_EDIT}.item")(editing.submit)
    listen.view(f"{ids.ROTA_EDIT}.save")(editing.save)


def _watch(listen: Listeners, watching: ShiftActions) -> None:
    """What is heard of gaps, shifts and handovers."""
    listen.action(ids.ROTA_TAKE_LISTED)(make_listener(watching.take_listed))
    listen.action(ids.ROTA_TAKE)(make_listener(watching.take))
    listen.action(ids.ROTA_TAKE_PART)(make_listener(watching.take_part))
    listen.action(ids.ROTA_CONFIRM)(make_listener(watching.confirm))
    listen.action(ids.ROTA_CANNOT_STAY)(make_listener(watching.cannot_stay))
    listen.action(ids.ROTA_CONFIRM_ALL)(make_listener(watching.confirm_all))
    listen.action(ids.ROTA_STEP_IN)(make_listener(watching.step_in))
    listen.action(ids.ROTA_HAND_OVER)(make_listener(watching.hand_over))
    listen.action(ids.ROTA_TAKE_OVER)(make_listener(watching.take_over))
    listen.action(ids.ROTA_NOTE)(make_listener(watching.ask_note))
    listen.view(ids.ROTA_NOTE)(watching.note)
    listen.action(ids.ROTA_REMIND)(make_listener(watching.ask_reminders))
    listen.view(ids.ROTA_REMIND)(watching.remind)


def _join(listen: Listeners, services: Services, watching: ShiftActions, offering: SwapActions) -> None:
    """What is heard of leads who put themselves on the rota."""
    takes = {
        ids.ROTA_TAKE: watching.take, ids.ROTA_TAKE_LISTED: watching.take_listed, ids.ROTA_STEP_IN: watching.step_in,
        ids.OFFER_TAKE: offering.take,
    }  # fmt: skip
    joining = AddMember(services, takes)
    for taking in takes:
        listen.action(f"{ids.ROTA_JOIN}{taking}")(make_listener(joining.join))


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
