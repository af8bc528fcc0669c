"""Looking things up: help, lists, one escalation, its history, search. Private and paged."""

import json
import re
from collections.abc import Callable
from typing import Any

from handlers import ids, press_origin
from handlers.blocks import block_kit, command_answers, raise_form, vendor_text
from handlers.context import House, Slack, Visitor
from handlers.i18n.subcommands import NAME, Typed
from handlers.payloads import team_of, user_of
from models.escalations.queries import Page
from models.rules.errors import refuse
from models.rules.escalations.escalation import Escalation

Respond = Callable[..., Any]
NUMBER = re.compile(r"\d{1,9}")


class Look:
    """The answers of the command, and their buttons."""

    def __init__(self, house: House) -> None:
        self._house = house

    def show(self, body: dict[str, Any], client: Slack, respond: Respond) -> None:
        """A “Show” button of a list, or of the Home tab."""
        visitor = self._house.admit(user_of(body), team_of(body))
        escalation = self.escalation(ids.subject_of(body["actions"][0]["value"]).number, visitor)
        self._answer(self.modal(escalation, visitor), body, client, respond)

    def turn(self, body: dict[str, Any], client: Slack, respond: Respond) -> None:
        """A page-turning button: the answer is replaced in place."""
        visitor = self._house.admit(user_of(body), team_of(body))
        what, query, offset = _page(body["actions"][0]["value"])
        name = f"CSP-{query}" if what == "history" else visitor.words("Escalations to 21Vianet")
        view = self._modal(name, self._page(what, query, offset, visitor), visitor)
        self._answer(view, body, client, respond, replace_original=True)

    def from_card(
        self, choice: str, subject: ids.Subject, visitor: Visitor, body: dict[str, Any], client: Slack, respond: Respond
    ) -> None:
        """History or text for 21Vianet, asked for on a card."""
        escalation = self.escalation(subject.number, visitor)
        if choice == ids.HISTORY:
            blocks = self._history(escalation, 0, visitor)
        else:
            policy, zone = self._house.policy, self._house.settings.timezone
            text, way = vendor_text.text(escalation, policy, zone), vendor_text.way(escalation, visitor.words, policy)
            blocks = raise_form.paste(text, way, visitor.words)
        view = self._modal(escalation.name, blocks, visitor)
        self._answer(view, body, client, respond, replace_original=False)

    def escalation(self, number: int, visitor: Visitor) -> Escalation:
        """An escalation of the visitor's workspace. Raises Refused when there is none."""
        found = self._house.board.escalation(number, visitor.actor.team_id)
        if found is None:
            raise refuse("no_such_escalation", number=number)
        return found

    def answer(self, typed: Typed, visitor: Visitor) -> list[block_kit.Block]:
        """What was asked for with the command. Raises Refused."""
        verb, rest = typed.verb, typed.rest
        if verb in {"list", "mine"} and not rest:
            return self._page(verb, "", 0, visitor)
        if verb == "search" and rest:
            return self._page(verb, rest, 0, visitor)
        if verb in {"show", "history"} and (name := NAME.fullmatch(rest)):
            escalation = self.escalation(int(name[1]), visitor)
            return self.card(escalation, visitor) if verb == "show" else self._history(escalation, 0, visitor)
        if verb == "search":
            raise refuse("which_words")
        if verb in {"show", "history"}:
            raise refuse("which_escalation", command=verb)
        return command_answers.help_(visitor.words) if verb == "help" else command_answers.unknown(typed, visitor.words)

    def _page(self, what: str, query: str, offset: int, visitor: Visitor) -> list[block_kit.Block]:
        words = visitor.words
        if what == "history":
            return self._history(self.escalation(int(query), visitor), offset, visitor)
        title = {
            "list": words("Open escalations"),
            "mine": words("Yours"),
            "search": words("Found for “{query}”", query=block_kit.clip(query, 100)),
        }[what]
        return command_answers.page(
            title, self._found(what, query, offset, visitor), what, query, words, self._house.now()
        )

    def _found(self, what: str, query: str, offset: int, visitor: Visitor) -> Page:
        board, actor, size = self._house.board, visitor.actor, command_answers.PAGE_SIZE
        if what == "list":
            return board.open_page(actor.team_id, size, offset)
        if what == "mine":
            return board.page_of(actor.id, actor.team_id, size, offset)
        return board.search_page(query, actor.team_id, size, offset)

    def card(self, escalation: Escalation, visitor: Visitor) -> list[block_kit.Block]:
        """One escalation as on its card."""
        raiser = self._house.board.name_of(escalation.raised_by)
        return command_answers.one(escalation, visitor.words, self._house.policy, raiser, self._house.now())

    def modal(self, escalation: Escalation, visitor: Visitor) -> block_kit.Block:
        """The same as a modal."""
        return self._modal(escalation.name, self.card(escalation, visitor), visitor)

    def _modal(self, title: str, blocks: list[block_kit.Block], visitor: Visitor) -> block_kit.Block:
        return block_kit.modal(ids.DONE, title, blocks, visitor.words("Done"))

    def _history(self, escalation: Escalation, offset: int, visitor: Visitor) -> list[block_kit.Block]:
        size = command_answers.HISTORY_SIZE
        entries = self._house.board.history(escalation.number, size + 1, offset)
        more = len(entries) > size
        return command_answers.history(escalation, entries[:size], offset, more, visitor.words, self._house.policy)

    def _answer(
        self, view: block_kit.Block, body: dict[str, Any], client: Slack, respond: Respond, **more: Any
    ) -> None:
        """Privately beside a message; in an open modal in place of what it shows; on the Home tab as a modal."""
        if body.get("response_url"):
            blocks = view["blocks"]
            respond(text=block_kit.spoken(blocks), blocks=blocks, response_type="ephemeral", **more)
        elif press_origin.in_modal(body):
            client.views_update(view_id=body["view"]["id"], view=view)
        else:
            client.views_open(trigger_id=body["trigger_id"], view=view)


def _page(value: str) -> tuple[str, str, int]:
    """Read a page button's value. Raises Refused when somebody tampered with it."""
    try:
        data = json.loads(value)
        what, query, offset = str(data["what"]), str(data["query"]), int(data["offset"])
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise refuse("unreadable") from error
    known = what in {"list", "mine", "search"} or (what == "history" and NUMBER.fullmatch(query))
    if not known or not 0 <= offset <= 10**6:
        raise refuse("unreadable")
    return what, query, offset
