"""The routing table on one screen: what arrives, and which handler gets it."""

import re
from collections.abc import Callable
from typing import Any

from slack_bolt import App

from handlers import ids
from handlers.blocks.override_form import ACCEPT_GAP, COVER, LEAVE
from handlers.commands import Commands
from handlers.context import Services
from handlers.dispatch import ANYTHING, Listeners
from handlers.errors import ErrorAnswers
from handlers.escalations.article_actions import ArticleActions
from handlers.escalations.attach_button import AttachButton
from handlers.escalations.attached_messages import AttachedMessages
from handlers.escalations.card_actions import CardActions
from handlers.escalations.case_exports import CaseExports
from handlers.escalations.customers_to_inform import CustomersToInform
from handlers.escalations.draft_buttons import DraftButtons
from handlers.escalations.drafts import Drafts
from handlers.escalations.incident_actions import IncidentActions
from handlers.escalations.raise_form import RaiseForm
from handlers.escalations.similar_case_buttons import SimilarCaseButtons
from handlers.escalations.typed_lines import TypedLines
from handlers.escalations.views import EscalationViews
from handlers.home import Home
from handlers.i18n.words import Words
from handlers.middleware import AdmissionMiddleware
from handlers.oncall.add_member import AddMember
from handlers.oncall.availability import AvailabilityActions
from handlers.oncall.chart_request import ChartRequest
from handlers.oncall.commands import OnCallCommands
from handlers.oncall.gap_actions import GapActions
from handlers.oncall.overrides import OverrideActions
from handlers.oncall.rota_editor import RotaEditorActions
from handlers.oncall.schedule_views import ScheduleViews
from handlers.oncall.shift_actions import ShiftActions
from handlers.oncall.swaps import SwapActions
from handlers.oncall.workload import WorkloadViews
from handlers.store_then_ack import make_event_steps, make_listener
from models.rules.errors import refuse


def register(app: App, services: Services) -> None:
    """Connect an app: what checks a delivery first, every handler, and what answers errors."""
    app.use(AdmissionMiddleware(services).check)
    app.error(ErrorAnswers(services).answer)
    connect(Listeners(app, services.words_for), services)


def connect(listen: Listeners, services: Services) -> None:
    """Connect every delivery that Slack may send with its handler; the last ones catch the unexpected."""
    drafts = Drafts(services)
    raise_form, schedule_views, chart_request = (
        RaiseForm(services, drafts),
        ScheduleViews(services),
        ChartRequest(services),
    )
    home, swap_actions = Home(services, schedule_views, drafts.lines), SwapActions(services, schedule_views)
    override_actions, views = OverrideActions(services, home.redraw), EscalationViews(services)
    openers = {kind: override_actions.make_opener(kind) for kind in (COVER, LEAVE, ACCEPT_GAP)}
    card_actions = CardActions(services, views, home.redraw)
    oncall_commands = OnCallCommands(
        schedule_views, WorkloadViews(services), chart_request, {**openers, "swap": swap_actions.open}
    )
    typed_lines = TypedLines(services, card_actions, views)
    commands = Commands(services, raise_form, drafts, card_actions, views, oncall_commands, typed_lines)

    _raise(listen, raise_form, SimilarCaseButtons(services, views, raise_form))
    _articles(listen, views.article_actions)
    _drafts(listen, drafts, DraftButtons(services, drafts, raise_form, home.redraw))
    _incidents(listen, views.incident_actions, AttachButton(services, views, raise_form))
    _cards(listen, card_actions, AttachedMessages(services))
    _look(listen, commands, views, typed_lines, CaseExports(services, views))
    _home(listen, home)
    listen.event("user_change")(lambda event: services.people.changed(event["user"]))

    listen.action(ids.ROTA_CHART)(make_listener(chart_request.click))
    _rota(listen, schedule_views, override_actions)
    _offers(listen, swap_actions)
    _weeks(listen, AvailabilityActions(services))
    _edit(listen, RotaEditorActions(services, services.rota_editor))
    gap_actions = GapActions(services, schedule_views, override_actions, home.redraw)
    shift_actions = ShiftActions(services, schedule_views, override_actions, gap_actions)
    _gaps(listen, gap_actions)
    _watch(listen, shift_actions)
    _join(listen, services, gap_actions, shift_actions, swap_actions)

    _otherwise(listen, commands)


def _otherwise(listen: Listeners, commands: Commands) -> None:
    """Answer everything else: Slack would deliver it again, or show the person an error."""
    listen.event(ANYTHING)(_acknowledge)
    listen.action(ANYTHING)(make_listener(_unexpected))
    listen.shortcut(ANYTHING)(make_listener(_unexpected))
    listen.view(ANYTHING)(_unreadable)
    listen.view_closed(ANYTHING)(_acknowledge)
    listen.options(ANYTHING)(_no_options)
    listen.command(ANYTHING)(commands.handle)


def _raise(listen: Listeners, raise_form: RaiseForm, similar_cases: SimilarCaseButtons) -> None:
    """Route the other ways to raise an escalation than the command."""
    listen.shortcut(ids.GLOBAL_SHORTCUT)(make_listener(raise_form.shortcut))
    listen.shortcut(ids.MESSAGE_SHORTCUT)(raise_form.from_message)
    listen.action(ids.HOME_NEW)(make_listener(raise_form.shortcut))
    listen.action(ids.HOME_QUICK)(make_listener(raise_form.quick_shortcut))
    listen.options(ids.CUSTOMER)(raise_form.suggest)
    listen.action(_starts(ids.FORM_FIELD))(raise_form.changed)
    listen.action(ids.SIMILAR_SOLVED)(make_listener(similar_cases.solve))
    listen.action(ids.SIMILAR_SHOW)(make_listener(similar_cases.show))
    listen.view(ids.FORM)(raise_form.submit)


def _incidents(listen: Listeners, incidents: IncidentActions, attach: AttachButton) -> None:
    """Route the customers of one incident."""
    listen.action(ids.ATTACH_TO)(make_listener(attach.press))
    listen.action(ids.INFORM_CHILDREN)(make_listener(incidents.press))
    listen.view(ids.INFORM_CHILDREN)(incidents.inform)
    listen.view(ids.RESOLVE_CHILDREN)(incidents.resolve)


def _articles(listen: Listeners, articles: ArticleActions) -> None:
    """Route knowledge articles."""
    listen.action(ids.ARTICLE_SHOW)(make_listener(articles.show))
    listen.action(ids.ARTICLE_CONFIRM)(make_listener(articles.confirm))
    listen.action(ids.ARTICLE_EDIT)(make_listener(articles.ask_to_edit))
    listen.action(ids.ARTICLE_RETIRE)(make_listener(articles.retire))
    listen.view(ids.ARTICLE_FORM)(articles.submit)


def _drafts(listen: Listeners, drafts: Drafts, draft_buttons: DraftButtons) -> None:
    """Route forms that were closed, and what is done with the drafts they left."""
    listen.view_closed(ids.FORM)(drafts.closed)
    listen.action(ids.DRAFT_CONTINUE)(make_listener(draft_buttons.resume))
    listen.action(ids.DRAFT_DELETE)(make_listener(draft_buttons.delete))


def _home(listen: Listeners, home: Home) -> None:
    """Route the Home tab."""
    listen.event("app_home_opened")(home.open)
    listen.action(_starts(ids.HOME_PAGE))(make_listener(home.turn))


def _look(
    listen: Listeners, commands: Commands, views: EscalationViews, typed_lines: TypedLines, exports: CaseExports
) -> None:
    """Route the command, typed lines, and the buttons of their answers: show, turn a page, do what was meant."""
    listen.command(Words.command)(commands.handle)
    listen.direct_message(*make_event_steps(typed_lines.handle))
    listen.action(ids.LINE)(make_listener(commands.press_line))
    listen.action(ids.SHOW)(make_listener(views.show))
    listen.action(_starts(ids.PAGE))(make_listener(views.turn))
    listen.action(_starts(ids.EXPORT))(make_listener(exports.click))
    listen.action(_starts(ids.REMEDIATION))(make_listener(views.remediation_actions.click))
    for form in (ids.REMEDIATION_RECORD, ids.REMEDIATION_ACTION):
        listen.view(form)(views.remediation_actions.submit)
    listen.action(ids.REPORT_SHOW)(make_listener(views.report_views.show))
    listen.action(_starts(ids.REPORT_FILE))(make_listener(views.report_views.send))
    listen.action(ids.CUSTOMER_SHOW)(make_listener(views.customer_views.show))
    _inform(listen, views.customers_to_inform)


def _inform(listen: Listeners, customers_to_inform: CustomersToInform) -> None:
    """Route the list of customers who must be informed, and the form that records that they were."""
    listen.action(_starts(ids.INFORM_PAGE))(make_listener(customers_to_inform.turn))
    listen.action(ids.INFORM_TEXT)(make_listener(customers_to_inform.copy))
    listen.action(ids.INFORM_MISTAKE)(make_listener(customers_to_inform.correct))
    listen.action(ids.INFORM_TOLD)(make_listener(customers_to_inform.ask))
    listen.view(ids.INFORM_TOLD)(customers_to_inform.submit)


def _cards(listen: Listeners, card_actions: CardActions, attached_messages: AttachedMessages) -> None:
    """Route the buttons of escalation cards and their forms, and messages that are attached to a case."""
    listen.action(ids.CARD_MORE)(make_listener(card_actions.menu))
    listen.action(_starts(ids.CARD))(make_listener(card_actions.click))
    listen.view(_starts(ids.MOVE_FORM))(card_actions.submit)
    listen.shortcut(ids.ATTACH_SHORTCUT)(make_listener(attached_messages.attach))
    listen.view(ids.ATTACH_SHORTCUT)(attached_messages.submit)


def _rota(listen: Listeners, schedule_views: ScheduleViews, override_actions: OverrideActions) -> None:
    """Route views and overrides of the rota."""
    listen.action(_starts(ids.ROTA_PAGE))(make_listener(schedule_views.turn))
    for form in (ids.ROTA_COVER, ids.ROTA_LEAVE, ids.ROTA_ACCEPT_GAP):
        listen.action(form)(make_listener(override_actions.click))
    for form in (ids.ROTA_COVER, ids.ROTA_LEAVE, ids.ROTA_ACCEPT_GAP, ids.ROTA_TAKE):
        listen.view(form)(override_actions.submit)
    listen.action(ids.ROTA_STAY)(make_listener(override_actions.click))
    listen.view(ids.ROTA_STAY)(override_actions.stay)
    listen.action(ids.ROTA_UNDO)(make_listener(override_actions.undo))
    listen.action(ids.ROTA_BACK)(make_listener(override_actions.back))
    listen.view(ids.ROTA_SAVE)(override_actions.save)


def _offers(listen: Listeners, swap_actions: SwapActions) -> None:
    """Route swap offers."""
    listen.action(ids.ROTA_SWAP)(make_listener(swap_actions.click))
    listen.action(f"{ids.ROTA_SWAP}.ask")(make_listener(swap_actions.changed))
    listen.action(f"{ids.ROTA_SWAP}.whose")(make_listener(swap_actions.changed))
    listen.view(ids.ROTA_SWAP)(swap_actions.submit)
    listen.action(ids.OFFER_TAKE)(make_listener(swap_actions.take))
    listen.view(ids.OFFER_SAVE)(swap_actions.save)
    listen.action(ids.OFFER_DECLINE)(make_listener(swap_actions.decline))
    listen.action(ids.OFFER_WITHDRAW)(make_listener(swap_actions.withdraw))


def _weeks(listen: Listeners, availability: AvailabilityActions) -> None:
    """Route the buttons of holiday weeks."""
    listen.action(ids.WEEK_CAN)(make_listener(availability.can))
    listen.action(ids.WEEK_CANNOT)(make_listener(availability.cannot))


def _edit(listen: Listeners, rota_editor: RotaEditorActions) -> None:
    """Route the rota editor."""
    listen.action(f"{ids.ROTA_EDIT}.open")(make_listener(rota_editor.open))
    listen.action(_starts(f"{ids.ROTA_EDIT}.pick"))(make_listener(rota_editor.pick))
    listen.action(f"{ids.ROTA_EDIT}.file")(make_listener(rota_editor.file))
    listen.action(f"{ids.ROTA_EDIT}.again")(make_listener(rota_editor.again))
    listen.view(f"{ids.ROTA_EDIT}.item")(rota_editor.submit)
    listen.view(f"{ids.ROTA_EDIT}.save")(rota_editor.save)


def _gaps(listen: Listeners, gap_actions: GapActions) -> None:
    """Route the buttons of gaps."""
    listen.action(ids.ROTA_TAKE_LISTED)(make_listener(gap_actions.take_listed))
    listen.action(ids.ROTA_TAKE)(make_listener(gap_actions.take))
    listen.action(ids.ROTA_TAKE_PART)(make_listener(gap_actions.take_part))


def _watch(listen: Listeners, shift_actions: ShiftActions) -> None:
    """Route the buttons of shifts and handovers."""
    listen.action(ids.ROTA_CONFIRM)(make_listener(shift_actions.confirm))
    listen.action(ids.ROTA_CANNOT_STAY)(make_listener(shift_actions.cannot_stay))
    listen.action(ids.ROTA_CONFIRM_ALL)(make_listener(shift_actions.confirm_all))
    listen.action(ids.ROTA_STEP_IN)(make_listener(shift_actions.step_in))
    listen.action(ids.ROTA_HAND_OVER)(make_listener(shift_actions.hand_over))
    listen.action(ids.ROTA_TAKE_OVER)(make_listener(shift_actions.take_over))
    listen.action(ids.ROTA_NOTE)(make_listener(shift_actions.ask_note))
    listen.view(ids.ROTA_NOTE)(shift_actions.note)
    listen.action(ids.ROTA_REMIND)(make_listener(shift_actions.ask_reminders))
    listen.view(ids.ROTA_REMIND)(shift_actions.remind)


def _join(
    listen: Listeners,
    services: Services,
    gap_actions: GapActions,
    shift_actions: ShiftActions,
    swap_actions: SwapActions,
) -> None:
    """Route leads who add themselves to the rota."""
    takes = {
        ids.ROTA_TAKE: gap_actions.take,
        ids.ROTA_TAKE_LISTED: gap_actions.take_listed,
        ids.ROTA_STEP_IN: shift_actions.step_in,
        ids.OFFER_TAKE: swap_actions.take,
    }
    add_member = AddMember(services, takes)
    for taking in takes:
        listen.action(f"{ids.ROTA_JOIN}{taking}")(make_listener(add_member.join))


def _starts(prefix: str) -> re.Pattern[str]:
    return re.compile(rf"^{re.escape(prefix)}")


def _acknowledge(ack: Callable[..., Any]) -> None:
    ack()


def _unexpected() -> None:
    """Refuse a button of an old version; the answer says to open things again."""
    raise refuse("unreadable")


def _unreadable() -> None:
    """Refuse an unknown form: it stays open and says so, with all that was typed."""
    raise refuse("unreadable")


def _no_options(ack: Callable[..., Any]) -> None:
    ack(options=[])
