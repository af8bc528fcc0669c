"""“Attach to a case” on a message: its text and its address are kept in the history of a case.

The case is found by what the text names. When it names none or several, a small form asks.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from slack_bolt import Respond

from handlers import ids
from handlers.blocks import attached_message, block_kit
from handlers.context import AT_SUBMIT, CurrentUser, Services, SlackResponder
from handlers.escalations import source_message
from handlers.i18n.subcommands import NAME
from handlers.payloads import Body, team_of, typed, user_of
from models.rules.errors import refuse
from models.rules.escalations.escalation import Escalation, Move
from models.rules.escalations.moves import MoveRequest
from models.rules.escalations.request import TEXT_LIMIT, clean, is_blank
from models.rules.escalations.transitions import list_moves_of

ADDRESS = re.compile(r"https?://[^\s/<>|]+/archives/[A-Z0-9]+/p[0-9]+(?:\?[\w=&.-]*)?")


@dataclass(frozen=True)
class Source:
    """The message that is attached."""

    key: str  # the same for a message until it is edited
    link: str  # its address; empty when Slack gave none
    answer_at: str  # where the person is answered privately

    def metadata(self) -> str:
        """Return it for the form that asks for the case."""
        return json.dumps({"key": self.key, "link": self.link, "answer_at": self.answer_at})


class AttachedMessages:
    """Keeps messages in the histories of cases."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def attach(self, body: dict[str, Any], client: SlackResponder, respond: Callable[..., Any]) -> None:
        """Keep the message in the history of the one case that it names, or ask for the case."""
        current_user = self._services.admit(user_of(body), team_of(body))
        text = source_message.read_text(body)
        source = _source_of(body, source_message.find_permalink(client, body))
        kept = block_kit.clip(clean(text), TEXT_LIMIT)
        cases = self._services.queries.named_in(text, current_user.actor.team_id)
        if len(cases) == 1 and not is_blank(kept):
            self._answer(self._keep(cases[0].number, kept, source, current_user), current_user, respond)
        else:
            view = self._form(cases, kept, source, current_user)
            client.views_open(trigger_id=body["trigger_id"], view=view)

    def submit(self, ack: Callable[..., Any], body: dict[str, Any], respond: Respond) -> None:
        """Keep the message in the history of the chosen case, then close the form and answer beside the message."""
        current_user = self._services.admit(user_of(body), team_of(body), AT_SUBMIT)
        answers, source = typed(body["view"]), _read_source(str(body["view"]["private_metadata"]))
        number = self._read_number(answers, current_user)
        moved = self._keep(number, str(answers.get("note") or ""), source, current_user)
        ack()
        if source.answer_at:
            respond.response_url = source.answer_at
            self._answer(moved, current_user, respond)

    def _keep(self, number: int, text: str, source: Source, current_user: CurrentUser) -> Escalation:
        """Store the text and the address as a note. The same message is kept once for each case. Raises Refused."""
        step = MoveRequest(Move.NOTE, current_user.actor, self._services.now(), text, link=source.link)
        return self._services.commands.move(number, step, f"{source.key}:{number}")

    def _answer(self, moved: Escalation, current_user: CurrentUser, respond: Callable[..., Any]) -> None:
        """Say privately where the message is kept, and offer what it may mean: our turn, or the first response."""
        actor, now = current_user.actor, self._services.now()
        possible = list_moves_of(moved, actor, self._services.is_on_duty(actor.id, now))
        blocks = attached_message.kept(moved, possible, current_user.words)
        respond(text=block_kit.fallback_text(blocks), blocks=blocks, response_type="ephemeral", replace_original=False)

    def _form(self, named: list[Escalation], text: str, source: Source, current_user: CurrentUser) -> block_kit.Block:
        """Return the form that asks for the case: those that the text names, else the person's own open ones."""
        actor = current_user.actor
        own = self._services.queries.own_page(actor.id, actor.team_id, attached_message.MOST_CASES).escalations
        return attached_message.form(named or own, text, source.metadata(), current_user.words, is_named=bool(named))

    def _read_number(self, answers: Mapping[str, Any], current_user: CurrentUser) -> int:
        """Return the number of the chosen case; a typed one counts before one of the list. Raises Refused."""
        if name := str(answers.get("case_name") or "").strip():
            return self._find_typed(name, current_user)
        if chosen := answers.get("case"):
            return ids.subject_of(str(chosen)).number
        raise refuse("missing", "case_name")

    def _find_typed(self, name: str, current_user: CurrentUser) -> int:
        team = current_user.actor.team_id
        cases = self._services.queries.named_in(name, team)
        if not cases and (match := NAME.fullmatch(name)):
            case = self._services.queries.escalation(int(match[1]), team)
            cases = [case] if case else []
        if not cases:
            raise refuse("names_no_case", "case_name")
        if len(cases) > 1:
            names = current_user.words.join_items(case.name for case in cases)
            raise refuse("names_several_cases", "case_name", names=names)
        return cases[0].number


def _source_of(body: Body, link: str) -> Source:
    message = body.get("message") or {}
    edited = (message.get("edited") or {}).get("ts", "")
    channel = (body.get("channel") or {}).get("id", "")
    key = f"attach:{team_of(body)}:{channel}:{message.get('ts', '')}:{edited}"
    return Source(key, link, str(body.get("response_url") or ""))


def _read_source(metadata: str) -> Source:
    """Read a form's metadata. Raises Refused when somebody tampered with it."""
    try:
        data = json.loads(metadata)
        source = Source(str(data["key"]), str(data["link"]), str(data["answer_at"]))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise refuse("unreadable") from error
    if source.link and not ADDRESS.fullmatch(source.link):
        raise refuse("unreadable")
    return source
