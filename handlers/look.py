"""Looking things up with the command: help, lists, one escalation, its history, search. Private and paged."""

import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any

from handlers import ids
from handlers.blocks import filing, form, kit, lists
from handlers.escalate import Escalate
from handlers.house import House, Slack, Visitor
from handlers.payloads import team_of, user_of
from handlers.presses import pressed
from handlers.rota.verbs import Verbs
from handlers.words import Words
from models.board import Page
from models.escalation import Escalation
from models.refusal import refuse

Respond = Callable[..., Any]
NUMBER = re.compile(r"\d{1,9}")
NAME = re.compile(rf"(?:csp-?)?\s*({NUMBER.pattern})", re.IGNORECASE)


class Look:
    """The command and the buttons of its answers."""

    def __init__(self, house: House, escalate: Escalate, verbs: Verbs) -> None:
        self._house = house
        self._escalate = escalate
        self._verbs = verbs

    def command(self, ack: Callable[..., Any], body: dict[str, Any], client: Slack, respond: Respond) -> None:
        """``/csp-escalate [word …]``: without a word the form opens, an unknown word gets help, never silence."""
        verb, rest = _understood(kit.unescape(str(body.get("text") or "")))
        if not self._verbs.stores(verb.lower(), rest):
            ack()  # a crash can lose nothing of it, and whoever is new must first be asked for at Slack
        pressed(partial(self._heard, verb, rest))(ack, body, client, respond)

    def _heard(self, verb: str, rest: str, body: dict[str, Any], client: Slack, respond: Respond) -> None:
        if verb.lower() in {"", "new"}:
            self._escalate.open(body, client)
            return
        visitor = self._house.admit(user_of(body), team_of(body))
        if self._verbs.knows(verb.lower()):
            blocks = self._verbs.heard(verb.lower(), rest, visitor, body, client)
            if blocks is not None:
                respond(text=visitor.words("Rota"), blocks=blocks, response_type="ephemeral")
            return
        self._answer(self._blocks(verb.lower(), rest, visitor), visitor.words, respond)

    def show(self, body: dict[str, Any], client: Slack, respond: Respond) -> None:
        """A “Show” button of a list, or of the Home tab, which can only be answered with a modal."""
        visitor = self._house.admit(user_of(body), team_of(body))
        escalation = self.escalation(ids.subject_of(body["actions"][0]["value"]).number, visitor)
        blocks = self._card(escalation, visitor)
        if body.get("response_url"):
            self._answer(blocks, visitor.words, respond)
        else:
            view = kit.modal(ids.DONE, escalation.name, blocks, visitor.words("Done"))
            client.views_open(trigger_id=body["trigger_id"], view=view)

    def turn(self, body: dict[str, Any], respond: Respond) -> None:
        """A page-turning button: the answer is replaced in place."""
        visitor = self._house.admit(user_of(body), team_of(body))
        what, query, offset = _page(body["actions"][0]["value"])
        blocks = self._page(what, query, offset, visitor)
        self._answer(blocks, visitor.words, respond, replace_original=True)

    def from_card(self, choice: str, subject: ids.Subject, visitor: Visitor, respond: Respond) -> None:
        """History or text for 21Vianet, asked for on a card."""
        escalation = self.escalation(subject.number, visitor)
        if choice == ids.HISTORY:
            blocks = self._history(escalation, 0, visitor)
        else:
            policy, zone = self._house.policy, self._house.settings.timezone
            text, steps = filing.text(escalation, policy, zone), filing.steps(escalation, visitor.words, policy)
            blocks = form.paste(text, steps, visitor.words)
        self._answer(blocks, visitor.words, respond, replace_original=False)

    def escalation(self, number: int, visitor: Visitor) -> Escalation:
        """An escalation of the visitor's workspace. Raises Refused when there is none."""
        found = self._house.board.escalation(number, visitor.actor.team_id)
        if found is None:
            raise refuse("no_such_escalation", number=number)
        return found

    def _blocks(self, verb: str, rest: str, visitor: Visitor) -> list[kit.Block]:
        words = visitor.words
        if verb in {"list", "mine"} and not rest:
            return self._page(verb, "", 0, visitor)
        if verb == "search" and rest:
            return self._page(verb, rest, 0, visitor)
        if verb in {"show", "history"} and (name := NAME.fullmatch(rest)):
            escalation = self.escalation(int(name[1]), visitor)
            if verb == "show":
                return self._card(escalation, visitor)
            return self._history(escalation, 0, visitor)
        if verb == "search":
            raise refuse("which_words")
        if verb in {"show", "history"}:
            raise refuse("which_escalation", command=verb)
        return lists.help_(words, "" if verb == "help" else f"{verb} {rest}".strip())

    def _page(self, what: str, query: str, offset: int, visitor: Visitor) -> list[kit.Block]:
        words = visitor.words
        if what == "history":
            return self._history(self.escalation(int(query), visitor), offset, visitor)
        title = {
            "list": words("Open escalations"),
            "mine": words("Yours"),
            "search": words("Found for “{query}”", query=kit.clip(query, 100)),
        }[what]
        return lists.page(title, self._found(what, query, offset, visitor), what, query, words, self._house.now())

    def _found(self, what: str, query: str, offset: int, visitor: Visitor) -> Page:
        board, actor, size = self._house.board, visitor.actor, lists.PAGE_SIZE
        if what == "list":
            return board.open_page(actor.team_id, size, offset)
        if what == "mine":
            return board.page_of(actor.id, actor.team_id, size, offset)
        return board.search_page(query, actor.team_id, size, offset)

    def _card(self, escalation: Escalation, visitor: Visitor) -> list[kit.Block]:
        raiser = self._house.board.name_of(escalation.raised_by)
        return lists.one(escalation, visitor.words, self._house.policy, raiser, self._house.now())

    def _history(self, escalation: Escalation, offset: int, visitor: Visitor) -> list[kit.Block]:
        size = lists.HISTORY_SIZE
        entries = self._house.board.history(escalation.number, size + 1, offset)
        return lists.history(escalation, entries[:size], offset, len(entries) > size, visitor.words)

    def _answer(self, blocks: list[kit.Block], words: Words, respond: Respond, **more: Any) -> None:
        respond(text=words("Escalations to 21Vianet"), blocks=blocks, response_type="ephemeral", **more)


def _understood(typed: str) -> tuple[str, str]:
    """The subcommand and what follows it. Chinese is often typed without a space: “查看CSP-1”."""
    verb, rest = (*typed.split(maxsplit=1), "", "")[:2]
    if verb in lists.VERBS:
        return lists.VERBS[verb], rest.strip()
    for chinese in lists.WITH_WORDS:
        if verb.startswith(chinese):
            return lists.VERBS[chinese], typed.strip().removeprefix(chinese).strip()
    return verb, rest.strip()


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
