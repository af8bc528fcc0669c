"""What people type to the bot in its direct message: lines about a case, also as a reply to a reminder.

A line that does not name its case means the case of the message it replies to. What is not certain is asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from handlers.blocks import action_forms, block_kit, command_answers, informed, line_answers
from handlers.context import CurrentUser, Services, SlackResponder
from handlers.escalations import source_message
from handlers.escalations.card_actions import CardActions
from handlers.escalations.views import EscalationViews
from handlers.i18n.case_lines import CaseLine, parse_case_line
from handlers.i18n.subcommands import MOVES, NAME, parse_command
from handlers.payloads import Body, line_key, team_of, user_of
from models.rules.errors import Refused
from models.rules.escalations.escalation import Escalation, Move


@dataclass(frozen=True)
class TypedLine:
    """What was typed, by whom, and the cases of the message it replies to."""

    text: str
    key: str  # of the delivery, which counts once
    cases: Sequence[Escalation] = ()


class TypedLines:
    """Carries out lines about cases."""

    def __init__(self, services: Services, card_actions: CardActions, views: EscalationViews) -> None:
        self._services, self._card_actions, self._views = services, card_actions, views

    def handle(self, body: dict[str, Any], client: SlackResponder) -> None:
        """Carry out what was typed, or show it back, in the thread it was typed in. It is answered once."""
        key = line_key(body)
        try:
            blocks = self._answer(key, body)
        except Refused:
            if self._services.commands.claim_answer(key, self._services.now()):
                raise
            return
        if self._services.commands.claim_answer(key, self._services.now()):
            event = body["event"]
            thread = str(event.get("thread_ts") or event["ts"])
            text = block_kit.fallback_text(blocks)
            client.chat_postMessage(channel=str(event["channel"]), text=text, blocks=blocks, thread_ts=thread)

    def carry_out(self, line: CaseLine, current_user: CurrentUser, key: str) -> list[block_kit.Block]:
        """Carry out one line that says all, and return the case as it is afterwards, with hints. Raises Refused."""
        moved = self._card_actions.typed_line(line, current_user, key)
        others = self._others_with_number(line, current_user)
        hints = command_answers.number_used_twice(others, moved, current_user.words)
        if line.move is Move.TELL:
            hints += informed.ask_how(moved, current_user.words)
        return [*self._views.card(moved, current_user), *hints]

    def _answer(self, key: str, body: Body) -> list[block_kit.Block]:
        current_user = self._services.admit(user_of(body), team_of(body))
        event = body["event"]
        text = source_message.read_text({"message": event}).strip()
        thread = event.get("thread_ts")
        cases = self._services.queries.cases_at(str(event["channel"]), str(thread), team_of(body)) if thread else []
        return self._read(TypedLine(text, key, cases), current_user)

    def _read(self, typed: TypedLine, current_user: CurrentUser) -> list[block_kit.Block]:
        """Find the case that is meant: the one named, else the one of the message that was replied to."""
        if line := parse_case_line(typed.text) or _move_first(typed.text):
            return self._answer_line(line, typed.text, typed.key, current_user)
        command = parse_command(typed.text)
        # Digits alone in a reply may be a service request number.
        if command.verb == "show" and not (typed.cases and typed.text.isdecimal()):
            return self._views.answer(command, current_user)
        if command.verb == "help":
            return command_answers.list_commands(current_user.words)
        if len(typed.cases) == 1:
            text = f"{typed.cases[0].name} {typed.text}"
            if line := parse_case_line(text):
                return self._answer_line(line, text, typed.key, current_user)
        return self._ask_which(typed, current_user)

    def _answer_line(self, line: CaseLine, text: str, key: str, current_user: CurrentUser) -> list[block_kit.Block]:
        case = self._views.escalation(line.number, current_user)
        if line.move is None:
            return command_answers.unknown_line(text, line, current_user.words)
        if form := self._card_actions.find_form(line, current_user):
            return line_answers.ask_for_form(case, form, current_user.words)
        return self.carry_out(line, current_user, key)

    def _others_with_number(self, line: CaseLine, current_user: CurrentUser) -> list[str]:
        """Return the hint that the number in a line is recorded for other escalations too; empty when it is not."""
        if line.move is not Move.RECORD or not line.text:
            return []
        others = self._services.queries.others_with_request_number(
            line.text.strip(), current_user.actor.team_id, line.number
        )
        return action_forms.number_used_twice(others, current_user.words)

    def _ask_which(self, typed: TypedLine, current_user: CurrentUser) -> list[block_kit.Block]:
        """Ask which case is meant: one of those the message lists, else one of the person's own open ones."""
        actor, words = current_user.actor, current_user.words
        line = parse_case_line(f"CSP-0 {typed.text}")
        if line is None or line.move is None:
            return line_answers.unknown(typed.text, words)
        most = line_answers.MOST_CASES
        cases = typed.cases or self._services.queries.own_page(actor.id, actor.team_id, most).escalations
        return line_answers.which_case(typed.text, cases[:most], words)


def _move_first(text: str) -> CaseLine | None:
    """Read a subcommand that names its case last, such as “ack CSP-7”."""
    command = parse_command(text)
    name = NAME.fullmatch(command.rest) if command.verb in MOVES else None
    return parse_case_line(f"CSP-{name[1]} {command.verb}") if name else None
