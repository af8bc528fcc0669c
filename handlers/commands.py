"""The slash command: parse what was typed, and let the handler it belongs to answer."""

from collections.abc import Callable
from functools import partial
from typing import Any

from handlers import press_origin
from handlers.blocks import block_kit, command_answers
from handlers.context import CurrentUser, Services, SlackResponder
from handlers.escalations.card_actions import CardActions
from handlers.escalations.drafts import Drafts
from handlers.escalations.raise_form import RaiseForm
from handlers.escalations.typed_lines import TypedLines
from handlers.escalations.views import EscalationViews
from handlers.i18n.case_lines import CaseLine, parse_case_line
from handlers.i18n.subcommands import MOVES, NAME, TypedCommand, parse_command
from handlers.oncall.commands import OnCallCommands
from handlers.payloads import button_value, team_of, user_of
from handlers.store_then_ack import make_listener
from models.rules.errors import refuse

Respond = Callable[..., Any]


class Commands:
    """``/csp-escalate [word …]``: without a word the form opens; what is not understood gets an answer too."""

    def __init__(
        self,
        services: Services,
        raise_form: RaiseForm,
        drafts: Drafts,
        card_actions: CardActions,
        views: EscalationViews,
        oncall_commands: OnCallCommands,
        typed_lines: TypedLines,
    ) -> None:
        self._services, self._drafts, self._typed_lines = services, drafts, typed_lines
        self._raise_form, self._card_actions, self._views, self._oncall_commands = (
            raise_form,
            card_actions,
            views,
            oncall_commands,
        )

    def handle(self, ack: Callable[..., Any], body: dict[str, Any], client: SlackResponder, respond: Respond) -> None:
        """Carry out one command."""
        text = block_kit.unescape(str(body.get("text") or ""))
        if line := parse_case_line(text):
            make_listener(partial(self._carry_out_line, line, text))(ack, body, client, respond)
            return
        typed = parse_command(text)
        if not (typed.verb in MOVES or self._oncall_commands.stores(typed.verb, typed.rest)):
            ack()  # nothing is stored that a crash could lose, and a new person is first looked up at Slack
        make_listener(partial(self._carry_out, typed))(ack, body, client, respond)

    def _carry_out(self, typed: TypedCommand, body: dict[str, Any], client: SlackResponder, respond: Respond) -> None:
        if typed.verb in {"", "new"}:
            self._raise_form.open(body, client)
            return
        if typed.verb == "quick":
            self._raise_form.open_quick(body, client, typed.rest)
            return
        current_user = self._services.admit(user_of(body), team_of(body))
        blocks = self._answer(typed, current_user, body, client)
        if blocks is not None:
            respond(text=block_kit.fallback_text(blocks), blocks=blocks, response_type="ephemeral")

    def press_line(self, body: dict[str, Any], client: SlackResponder, respond: Respond) -> None:
        """Carry out the line of a “Did you mean” button. Raises Refused when somebody tampered with it."""
        text = button_value(body)
        line = parse_case_line(text)
        if line is None:
            raise refuse("unreadable")
        self._carry_out_line(line, text, body, client, respond)

    def _carry_out_line(
        self, line: CaseLine, text: str, body: dict[str, Any], client: SlackResponder, respond: Respond
    ) -> None:
        """Carry out one line about a case, or show it back with what was probably meant."""
        current_user = self._services.admit(user_of(body), team_of(body))
        if line.move is None:
            blocks = command_answers.unknown_line(text, line, current_user.words)
        elif self._card_actions.find_form(line, current_user):
            self._card_actions.ask_for_line(line, current_user, body, client)
            return
        else:
            key = f"{current_user.actor.team_id}:{current_user.actor.id}:{body['trigger_id']}"
            blocks = self._typed_lines.carry_out(line, current_user, key)
        in_place = press_origin.is_direct(body)  # the question was answered by the press
        shown = block_kit.fallback_text(blocks)
        respond(text=shown, blocks=blocks, response_type="ephemeral", replace_original=in_place)

    def _answer(
        self, typed: TypedCommand, current_user: CurrentUser, body: dict[str, Any], client: SlackResponder
    ) -> list[block_kit.Block] | None:
        """Return the private answer; None when a form was opened instead. Raises Refused."""
        if typed.verb in MOVES:
            return self._move(typed, current_user, body, client)
        if self._oncall_commands.handles(typed.verb):
            return self._oncall_commands.answer(typed.verb, typed.rest, current_user, body, client)
        if typed.verb == "drafts" and not typed.rest:
            return self._drafts.answer(current_user, body)
        return self._views.answer(typed, current_user)

    def _move(
        self, typed: TypedCommand, current_user: CurrentUser, body: dict[str, Any], client: SlackResponder
    ) -> list[block_kit.Block] | None:
        """Carry out a move and return its card; a move that needs words opens its form."""
        name = NAME.fullmatch(typed.rest)
        if name is None:
            raise refuse("which_escalation", command=typed.verb)
        moved = self._card_actions.typed(MOVES[typed.verb], int(name[1]), current_user, body, client)
        return None if moved is None else self._views.card(moved, current_user)
