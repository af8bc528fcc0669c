"""The whole routing table on one screen: what is heard, and which journey hears it."""

import re
from collections.abc import Callable
from typing import Any

from slack_bolt import App

from handlers import ids
from handlers.blocks.override_form import COVER, INTEND, LEAVE
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
from handlers.presses import pressed
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
    openings = {kind: changing.opening(kind) for kind in (COVER, LEAVE, INTEND)}
    look = EscalationViews(services)
    card = CardActions(services, look, home.redraw)
    verbs = OnCallCommands(seeing, WorkloadViews(services), picturing, {**openings, "swap": offering.opened})
    commands = Commands(services, escalate, card, look, verbs)

    app.use(AdmissionMiddleware(services).check)
    app.error(failures.answer)
    hear = Listeners(app)

    hear.command(ids.COMMAND)(commands.heard)
    _raise(hear, escalate)

    hear.action(ids.CARD_MORE)(pressed(card.menu))
    hear.action(_starts(ids.CARD))(pressed(card.click))
    hear.view(_starts(ids.SHEET))(card.submit)

    hear.action(ids.SHOW)(pressed(look.show))
    hear.action(_starts(ids.PAGE))(pressed(look.turn))
    hear.event("app_home_opened")(home.opened)
    hear.event("user_change")(lambda event: services.people.changed(event["user"]))

    hear.action(ids.ROTA_PICTURE)(pressed(picturing.click))
    _rota(hear, seeing, changing)
    _offers(hear, offering)
    _weeks(hear, AvailabilityActions(services))
    _edit(hear, RotaEditing(services, services.rota_editor))
    watching = ShiftActions(services, seeing, changing, home.redraw)
    _watch(hear, watching)
    _join(hear, services, watching, offering)

    _otherwise(hear, commands)


def _otherwise(hear: Listeners, commands: Commands) -> None:
    """Nothing is left without an answer: Slack would deliver it again, or show the person an error."""
    hear.event(ANYTHING)(_heard)
    hear.action(ANYTHING)(pressed(_unexpected))
    hear.shortcut(ANYTHING)(pressed(_unexpected))
    hear.view(ANYTHING)(_unreadable)
    hear.view_closed(ANYTHING)(_heard)
    hear.options(ANYTHING)(_no_options)
    hear.command(ANYTHING)(commands.heard)


def _raise(hear: Listeners, escalate: RaiseForm) -> None:
    """What is heard of raising an escalation, besides the command."""
    hear.shortcut(ids.GLOBAL_SHORTCUT)(pressed(escalate.shortcut))
    hear.shortcut(ids.MESSAGE_SHORTCUT)(escalate.from_message)
    hear.action(ids.HOME_NEW)(pressed(escalate.shortcut))
    hear.options(ids.CUSTOMER)(escalate.suggest)
    hear.action(_starts(ids.FORM_FIELD))(escalate.changed)
    hear.view(ids.FORM)(escalate.submit)


def _rota(hear: Listeners, seeing: ScheduleViews, changing: OverrideActions) -> None:
    """What is heard of the rota."""
    hear.action(_starts(ids.ROTA_PAGE))(pressed(seeing.turn))
    for form in (ids.ROTA_COVER, ids.ROTA_LEAVE, ids.ROTA_INTEND):
        hear.action(form)(pressed(changing.click))
    for form in (ids.ROTA_COVER, ids.ROTA_LEAVE, ids.ROTA_INTEND, ids.ROTA_TAKE):
        hear.view(form)(changing.submit)
    hear.action(ids.ROTA_STAY)(pressed(changing.click))
    hear.view(ids.ROTA_STAY)(changing.stay)
    hear.action(ids.ROTA_UNDO)(pressed(changing.undo))
    hear.action(ids.ROTA_BACK)(pressed(changing.back))
    hear.view(ids.ROTA_SAVE)(changing.save)


def _offers(hear: Listeners, offering: SwapActions) -> None:
    """What is heard of offers."""
    hear.action(ids.ROTA_SWAP)(pressed(offering.click))
    hear.action(f"{ids.ROTA_SWAP}.ask")(pressed(offering.changed))
    hear.action(f"{ids.ROTA_SWAP}.whose")(pressed(offering.changed))
    hear.view(ids.ROTA_SWAP)(offering.submit)
    hear.action(ids.OFFER_TAKE)(pressed(offering.take))
    hear.view(ids.OFFER_SAVE)(offering.save)
    hear.action(ids.OFFER_DECLINE)(pressed(offering.decline))
    hear.action(ids.OFFER_WITHDRAW)(pressed(offering.withdraw))


def _weeks(hear: Listeners, volunteering: AvailabilityActions) -> None:
    """What is heard of holiday weeks."""
    hear.action(ids.WEEK_CAN)(pressed(volunteering.can))
    hear.action(ids.WEEK_CANNOT)(pressed(volunteering.cannot))


def _edit(hear: Listeners, editing: RotaEditing) -> None:
    """What is heard of describing the rota."""
    hear.action(f"{ids.ROTA_EDIT}.open")(pressed(editing.open))
    hear.action(_starts(f"{ids.ROTA_EDIT}.pick"))(pressed(editing.pick))
    hear.action(f"{ids.ROTA_EDIT}.file")(pressed(editing.file))
    hear.action(f"{ids.ROTA_EDIT}.again")(pressed(editing.again))
    hear.view(f"{ids.ROTA_EDIT}.item")(editing.submit)
    hear.view(f"{ids.ROTA_EDIT}.save")(editing.save)


def _watch(hear: Listeners, watching: ShiftActions) -> None:
    """What is heard of gaps, shifts and handovers."""
    hear.action(ids.ROTA_TAKE_SPAN)(pressed(watching.take_listed))
    hear.action(ids.ROTA_TAKE)(pressed(watching.take))
    hear.action(ids.ROTA_TAKE_PART)(pressed(watching.take_part))
    hear.action(ids.ROTA_WATCH)(pressed(watching.confirm))
    hear.action(ids.ROTA_RELIEF)(pressed(watching.cannot_stay))
    hear.action(ids.ROTA_CONFIRM_ALL)(pressed(watching.confirm_all))
    hear.action(ids.ROTA_STEP_IN)(pressed(watching.step_in))
    hear.action(ids.ROTA_HAND_OVER)(pressed(watching.hand_over))
    hear.action(ids.ROTA_TAKE_OVER)(pressed(watching.take_over))
    hear.action(ids.ROTA_NOTE)(pressed(watching.ask_note))
    hear.view(ids.ROTA_NOTE)(watching.note)
    hear.action(ids.ROTA_REMIND)(pressed(watching.ask_reminders))
    hear.view(ids.ROTA_REMIND)(watching.remind)


def _join(hear: Listeners, services: Services, watching: ShiftActions, offering: SwapActions) -> None:
    """What is heard of leads who put themselves on the rota."""
    takes = {
        ids.ROTA_TAKE: watching.take, ids.ROTA_TAKE_SPAN: watching.take_listed, ids.ROTA_STEP_IN: watching.step_in,
        ids.OFFER_TAKE: offering.take,
    }  # fmt: skip
    joining = AddMember(services, takes)
    for taking in takes:
        hear.action(f"{ids.ROTA_JOIN}{taking}")(pressed(joining.join))


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
