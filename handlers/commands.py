"""The slash command: what was typed is read, and the journey it belongs to carries it out and answers."""

from collections.abc import Callable
from functools import partial
from typing import Any

from handlers.blocks import block_kit
from handlers.context import CurrentUser, Services, SlackResponder
from handlers.escalations.card_actions import CardActions
from handlers.escalations.raise_form import RaiseForm
from handlers.escalations.views import EscalationViews
from handlers.i18n.subcommands import MOVES, NAME, TypedCommand, parse_command
from handlers.oncall.commands import OnCallCommands
from handlers.payloads import team_of, user_of
from handlers.presses import make_listener
from models.rules.errors import refuse

Respond = Callable[..., Any]


class Commands:
    """``/csp-escalate [word …]``: without a word the form opens; what is not understood is answered, never silence."""

    def __init__(
        self, services: Services, escalate: RaiseForm, card: CardActions, look: EscalationViews, verbs: OnCallCommands
    ) -> None:
        self._services = services
        self._escalate, self._card, self._look, self._verbs = escalate, card, look, verbs

    def heard(self, ack: Callable[..., Any], body: dict[str, Any], client: SlackResponder, respond: Respond) -> None:
        """Carry out one command."""
        typed = parse_command(block_kit.unescape(str(body.get("text") or "")))
        if not (typed.verb in MOVES or self._verbs.stores(typed.verb, typed.rest)):
            ack()  # a crash can lose nothing of it, and whoever is new must first be asked for at Slack
        make_listener(partial(self._carry_out, typed))(ack, body, client, respond)

    def _carry_out(self, typed: TypedCommand, body: dict[str, Any], client: SlackResponder, respond: Respond) -> None:
        if typed.verb in {"", "new"}:
            self._escalate.open(body, client)
            return
        current_user = self._services.admit(user_of(body), team_of(body))
        blocks = self._answered(typed, current_user, body, client)
        if blocks is not None:
            respond(text=block_kit.fallback_text(blocks), blocks=blocks, response_type="ephemeral")

    def _answered(
        self, typed: TypedCommand, current_user: CurrentUser, body: dict[str, Any], client: SlackResponder
    ) -> list[block_kit.Block] | None:
        """The private answer; None when a form was opened instead. Raises Refused."""
        if typed.verb in MOVES:
            return self._moved(typed, current_user, body, client)
        if self._verbs.knows(typed.verb):
            return self._verbs.heard(typed.verb, typed.rest, current_user, body, client)
        return self._look.answer(typed, current_user)

    def _moved(
        self, typed: TypedCommand, current_user: CurrentUser, body: dict[str, Any], client: SlackResponder
    ) -> list[block_kit.Block] | None:
        """A move of the escalation that is named, and its card; a move that needs words opens its form."""
        name = NAME.fullmatch(typed.rest)
        if name is None:
            raise refuse("which_escalation", command=typed.verb)
        moved = self._card.typed(MOVES[typed.verb], int(name[1]), current_user, body, client)
        return None if moved is None else self._look.card(moved, current_user)
